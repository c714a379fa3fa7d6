"""Typesetting: a typst template and the facts for it go in, a PDF comes out. Knows no document."""

import re
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
import typst

from oms.kernel.errors import OMSError

TEXT_MAX: Final = 1_000  # a longer name or title is a mistake or an attack, and fills pages
PICTURES_MAX: Final = 10_000

# What no font draws or what would turn the text around it: control and private characters, lone
# surrogates, direction overrides, emoji. Arabic, Indic and Latin joiners stay.
_UNDRAWABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2060-\u206f\ue000-\uf8ff\ufe00-\ufe0f\ufeff"
    "\ufff0-\uffff\ud800-\udfff\U0001f000-\U0001faff\U000e0000-\U0010ffff]"
)


class DocumentFailed(OMSError):
    """The typesetter refused: a fault of ours in a template, never of the order."""

    status = 500


class Picture(msgspec.Struct, frozen=True):
    """An SVG and its natural width in its own units, so that a template can scale it exactly."""

    svg: str
    width: int


class Template:
    """A typst file that reads `sys.inputs.facts` (JSON) and `sys.inputs.pictures` (JSON by name).

    Keeps one compiler, so only the first document pays for fonts and parsing. Safe to share between
    threads; one of them typesets at a time. Fonts are those the typst package carries; the fonts of
    the machine serve only characters these lack (Chinese, Thai, Korean, ...). The same facts give
    the same bytes on the same machine, if the template sets no date.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._compiler: typst.Compiler | None = None

    def pdf(self, facts: object, pictures: Mapping[str, Picture] | None = None) -> bytes:
        """The document as PDF bytes, tagged for screen readers.

        `facts` is anything msgspec can write as JSON. `DocumentFailed` when the template refuses.
        """
        shown = pictures or {}
        if len(shown) > PICTURES_MAX:
            raise ValueError(f"{len(shown)} pictures in one document, at most {PICTURES_MAX}")
        inputs = {
            "facts": msgspec.json.encode(_drawable(msgspec.to_builtins(facts))).decode(),
            "pictures": msgspec.json.encode(shown).decode(),
        }
        try:
            with self._lock:
                return self._compile(inputs)
        except typst.TypstError as refusal:
            raise DocumentFailed(
                "document.not_typeset",
                f"The document could not be typeset with {self._path.name}: {refusal.message}.",
                "Nothing was printed. This is a fault of the template: report this sentence.",
            ) from refusal

    def _compile(self, inputs: dict[str, str]) -> bytes:
        if self._compiler is None:
            self._compiler = typst.Compiler(
                str(self._path), root=str(self._path.parent), font_paths=_fonts()
            )
        document = self._compiler.compile(format="pdf", sys_inputs=inputs)
        if not isinstance(document, bytes):  # only image formats come as one file a page
            raise TypeError("typst gave no single PDF")
        return document


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts()


def _drawable(value: object) -> object:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {key: _drawable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_drawable(inner) for inner in value]
    return value


def _text(text: str) -> str:
    if len(text) > TEXT_MAX:
        text = text[: TEXT_MAX - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return _UNDRAWABLE.sub("", text)
