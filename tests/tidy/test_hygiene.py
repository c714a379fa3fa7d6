"""Nothing in the project belongs to one machine, and nothing is left for later without a word."""

import re

from tests.tidy.project import expect_none, sources, texts

# Put together from halves, so that this file does not find itself.
REGISTRIES = [
    "py" + "pi.org",
    "pythonhosted" + ".org",
    "npm" + "js.org",
    "npm" + "js.com",
    "deb." + "debian.org",
    "security." + "debian.org",
    "proxy." + "golang.org",
    "crates" + ".io",
    "--index" + "-url",
    "--find" + "-links",
]
MACHINE_PATHS = re.compile(r"(?<![\w.$}/])/(?:work|root|Users|home/(?!oms\b)\w+|opt/py\w+)/")
LEFT_FOR_LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
SILENCED_TYPES = re.compile(r"#\s*type:\s*" + "ignore")
# E501 alone needs no argument: a row of an aligned table may be long.
SILENCED_RULE = re.compile(
    r"#\s*no" + r"qa(?!: E501$)(?!: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)* [-\u2013] \w)"
)


def test_no_file_names_a_registry() -> None:
    expect_none(
        _lines_with(re.compile("|".join(map(re.escape, REGISTRIES)))),
        "Packages come from whatever the machine is set up for; name no place to get them from:",
    )


def test_no_file_names_a_place_on_one_machine() -> None:
    expect_none(
        _lines_with(MACHINE_PATHS),
        "Take the path from the settings, from the project's root or from a temporary folder:",
    )


def test_nothing_is_left_for_later() -> None:
    expect_none(
        (
            f"{source.path}:{line}"
            for source in sources()
            for line, text in enumerate(source.text.splitlines(), start=1)
            if LEFT_FOR_LATER.search(text)
        ),
        "Do it now, or say in docs/ what does not work yet:",
    )


def test_the_type_checker_is_never_silenced() -> None:
    expect_none(
        (
            f"{source.path}:{line}"
            for source in sources()
            for line, text in enumerate(source.text.splitlines(), start=1)
            if SILENCED_TYPES.search(text)
        ),
        "Give it the type it misses (a cast with its reason, a Protocol, a narrower argument):",
    )


def test_a_silenced_rule_says_why() -> None:
    expect_none(
        (
            f"{source.path}:{line} {text.strip()}"
            for source in sources()
            for line, text in enumerate(source.text.splitlines(), start=1)
            if SILENCED_RULE.search(text)
        ),
        "Write '# no" + "qa: CODE - the reason':",
    )


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number} {line.strip()[:80]}"
        for path, text in texts()
        if not path.name.startswith("LICENSE") and pattern.search(text)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
