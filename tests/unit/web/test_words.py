"""Every word of the pages is there in every language, says the same, and is used."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from oms.platform.security.roles import ROLES
from oms.web.translations import FOLDER, LOCALES, SOURCE_LANGUAGE

WEB = FOLDER.parent
PRODUCT = ("connectors", "fulfillment", "oms", "returns", "routing")
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "N_", "gettext", "t")),
    "ngettext": (1, 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")
LANGUAGES = [language for language in LOCALES if language != SOURCE_LANGUAGE]

Id = str | tuple[str, ...]


@cache
def said() -> Mapping[Id, str]:
    """Everything pages say, with where they say it."""
    found: dict[Id, str] = {}
    options = {"**.html": {"extensions": "jinja2.ext.do", "silent": "false"}}
    for file, line, words, *_ in extract_from_dir(WEB, METHODS, options, keywords=KEYWORDS):
        found.setdefault(words, f"{file}:{line}")
    return found | {role.label: "config/roles.toml" for role in ROLES.values()}


def translated(language: str) -> Iterator[tuple[str, Id, str]]:
    """File, words, and their translations as one text."""
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    strings = message.string or ""
                    texts = strings if isinstance(strings, str) else "".join(strings)
                    id_ = message.id if isinstance(message.id, str) else tuple(message.id)
                    yield path.name, id_, texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english(language: str) -> None:
    known = {words for _, words, text in translated(language) if text}

    missing = sorted(f"{where}: {words!r}" for words, where in said().items() if words not in known)

    assert not missing, f"Without words in '{language}':\n" + "\n".join(missing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_lies_unused_or_is_there_twice(language: str) -> None:
    seen: dict[Id, str] = {}
    twice = []
    for file, words, _ in translated(language):
        if words in seen:
            twice.append(f"{file}: {words!r} stands in {seen[words]} already")
        seen[words] = file
    unused = {words: file for words, file in seen.items() if words not in said()}

    assert not twice, "\n".join(twice)
    told = _texts_of_the_product({words for words in unused if isinstance(words, str)})
    left = sorted(f"{file}: {words!r}" for words, file in unused.items() if words not in told)
    assert not left, "Nobody says this any more:\n" + "\n".join(left)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_the_same_in_every_language(language: str) -> None:
    wrong = []
    for file, words, text in translated(language):
        asked = set(PLACEHOLDER.findall(words if isinstance(words, str) else words[-1]))
        if text and set(PLACEHOLDER.findall(text)) != asked:
            wrong.append(f"{file}: {words!r} → {text!r}")

    assert not wrong, "\n".join(wrong)


def _texts_of_the_product(wanted: set[str]) -> set[str]:
    """Those of these texts that stand in our code: failures say their sentences in any package."""
    found: set[str] = set()
    beginnings = {words[:16] for words in wanted}
    for path in (file for name in PRODUCT for file in (WEB.parent.parent / name).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if any(beginning in text for beginning in beginnings):
            found |= wanted & _texts(path)
    return found


def _texts(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
