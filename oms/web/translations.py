"""Words of pages in other languages: gettext catalogues, read from their .po files at the start."""

import gettext
import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER: Final = Path(__file__).parent / "locale"
SOURCE_LANGUAGE: Final = "en"
LOCALES: Final = {"en": "en_GB", "id": "id_ID"}
"""Languages pages can be read in, and how numbers and days are written in each."""

PLURAL_FORMS: Final = {"id": "nplurals=1; plural=0;"}
"""How many forms a language has for a number of things; Babel does not know it of Indonesian."""


def N_(words: str) -> str:  # noqa: N802 - gettext's own name for words that are translated later
    """Marks words in a table to be collected; they are translated where they are used."""
    return words


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; English is the language of the words themselves."""
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def catalogue(language: str) -> Catalog:
    """All files of a language as one: each area of the pages keeps its own."""
    whole = Catalog(locale=language)
    whole.mime_headers = [("Plural-Forms", PLURAL_FORMS[language])]
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    whole[message.id] = message
    return whole


def language_among(choices: Iterable[str]) -> str:
    """The first of these (`id-ID`, `en`) that there are words for, else English."""
    for choice in choices:
        language = choice.partition(";")[0].strip().lower().partition("-")[0]
        if language in LOCALES:
            return language
    return SOURCE_LANGUAGE
