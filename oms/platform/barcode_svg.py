"""Bars as pictures: Code 128 and GS1-128 as SVG one module wide a unit. Checks no numbers."""

from functools import lru_cache
from itertools import groupby

from barcode.codex import Code128, Gs1_128
from barcode.errors import BarcodeError

from oms.kernel.errors import Invalid
from oms.platform.pdf import Picture

CHARACTERS_MAX = 48  # GS1-128 allows no more, and no label is wide enough for it


@lru_cache(maxsize=1024)
def code128(text: str) -> Picture:
    """Code 128 of ASCII `text`; `Invalid` when a character has no bars."""
    return _picture(Code128, text)


@lru_cache(maxsize=1024)
def gs1_128(element_string: str) -> Picture:
    """GS1-128 of an element string without brackets: ``00`` and 18 digits for an SSCC."""
    return _picture(Gs1_128, element_string)


def _picture(symbology: type[Code128], text: str) -> Picture:
    if not 0 < len(text) <= CHARACTERS_MAX:
        raise _no_bars(text)
    try:
        modules: str = symbology(text).build()[0]
    except BarcodeError:
        raise _no_bars(text) from None
    return Picture(_svg(modules), len(modules))


def _svg(modules: str) -> str:
    """One path, so that the edges of all bars are drawn alike."""
    bars, at = [], 0
    for bit, run in groupby(modules):
        width = len(list(run))
        if bit == "1":
            bars.append(f"M{at} 0h{width}v1h-{width}z")
        at += width
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{at}" height="1" '
        f'viewBox="0 0 {at} 1"><path d="{"".join(bars)}"/></svg>'
    )


def _no_bars(text: str) -> Invalid:
    return Invalid(
        "barcode.cannot_carry",
        f"'{text[:CHARACTERS_MAX]}' cannot be printed as a barcode.",
        f"Use 1 to {CHARACTERS_MAX} letters, digits and signs without accents.",
    )
