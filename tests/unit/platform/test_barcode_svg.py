"""Bars are drawn one module wide a unit, so that a printer can give each whole dots."""

import itertools
import re

import pytest

from oms.kernel.errors import Invalid
from oms.platform.barcode_svg import code128, gs1_128


def test_an_sscc_takes_156_modules() -> None:
    """Start, FNC1, ten pairs of digits, check: 13 symbols of 11 modules and a stop of 13."""
    assert gs1_128("00106141411234567897").width == 156


def test_bars_lie_inside_the_picture_and_do_not_touch() -> None:
    picture = code128("JNR-42")
    bars = [(int(at), int(wide)) for at, wide in re.findall(r"M(\d+) 0h(\d+)", picture.svg)]

    assert bars[0][0] == 0
    assert sum(bars[-1]) == picture.width
    assert all(at + wide < after for (at, wide), (after, _) in itertools.pairwise(bars))


@pytest.mark.parametrize("text", ["", "Jalan é", "x" * 49, "张伟"])
def test_what_bars_cannot_carry_is_refused_in_words(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        code128(text)
    assert refusal.value.code == "barcode.cannot_carry"
