"""Small enough to read at one go."""

from collections.abc import Iterable

from tests.tidy.project import PRODUCT, Source, expect_none, functions, sources

FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 400
GENERATED = "oms/platform/migrations/versions/"  # one statement a table, written by Alembic


def by_hand(found: Iterable[Source]) -> Iterable[Source]:
    return (source for source in found if not str(source.path).startswith(GENERATED))


def test_no_function_is_longer_than_a_screen() -> None:
    expect_none(
        (
            f"{source.path}:{function.lineno} {function.name} has {lines} lines"
            for source in by_hand(sources((*PRODUCT, "tools", "benchmarks")))
            for function in functions(source)
            if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES_MAX
        ),
        f"Take a step out of it and name that step (at most {FUNCTION_LINES_MAX} lines):",
    )


def test_no_file_is_longer_than_one_subject() -> None:
    expect_none(
        (
            f"{source.path} has {lines} lines"
            for source in by_hand(sources())
            if (lines := source.text.count("\n")) > FILE_LINES_MAX
        ),
        f"Split it by subject (at most {FILE_LINES_MAX} lines):",
    )
