"""Columns as PostgreSQL reads them: every text comes out as it went in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.platform.rows import array_literal


@pytest.mark.parametrize(
    ("values", "literal"),
    [
        ([], "{}"),
        (["a", ""], '{"a",""}'),
        (["NULL", None], '{"NULL",NULL}'),
        (['say "no"', "back\\slash", "{,}"], '{"say \\"no\\"","back\\\\slash","{,}"}'),
        (["\x1f", "b"], '{"\x1f","b"}'),
        ([1, -2, None], "{1,-2,NULL}"),
        ([True, False], "{True,False}"),
        ([1.5], "{1.5}"),
    ],
)
def test_a_column_is_written_as_an_array(values: list[object], literal: str) -> None:
    assert array_literal(values) == literal


def test_what_is_neither_text_nor_number_is_left_to_the_driver() -> None:
    assert array_literal([b"\x00"]) == [b"\x00"]


@given(st.lists(st.none() | st.text(st.characters(exclude_characters="\x00"))))
def test_every_element_stands_between_its_own_quotes(values: list[str | None]) -> None:
    assert _read(array_literal(values)) == values


def _read(literal: str) -> list[str | None]:
    """A reader of array literals written apart from the writer: one character after the other."""
    found: list[str | None] = []
    text, quoted, escaped = "", False, False
    was_quoted = False
    for sign in literal[1:-1] + ",":
        if escaped:
            text, escaped = text + sign, False
        elif quoted and sign == "\\":
            escaped = True
        elif sign == '"':
            quoted, was_quoted = not quoted, True
        elif sign == "," and not quoted:
            if text or was_quoted:
                found.append(text if was_quoted or text != "NULL" else None)
            text, was_quoted = "", False
        else:
            text += sign
    return found
