"""Check digits catch what people and scanners get wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.kernel import barcodes
from oms.kernel.errors import Invalid


@pytest.mark.parametrize("code", ["96385074", "036000291452", "4006381333931", "10614141543219"])
def test_a_gtin_of_any_length_is_known_by_its_check_digit(code: str) -> None:
    assert barcodes.is_gtin(code)
    assert barcodes.gtin(code) == code.rjust(14, "0")


def test_the_same_article_in_short_and_long_form_is_one_gtin() -> None:
    assert barcodes.gtin("036000291452") == barcodes.gtin("0036000291452")


def test_a_mistyped_gtin_is_refused_with_the_digit_that_was_expected() -> None:
    with pytest.raises(Invalid) as refusal:
        barcodes.gtin("4006381333932")

    assert refusal.value.code == "barcode.gtin_check_digit"
    assert "should be 1" in refusal.value.sentence


@pytest.mark.parametrize("text", ["", "85123A", "12345", "40063813339311234", "-"])
def test_what_is_no_gtin_is_told_so(text: str) -> None:
    assert not barcodes.is_gtin(text)
    with pytest.raises(Invalid) as refusal:
        barcodes.gtin(text)
    assert refusal.value.code == "barcode.gtin_not_a_number"


def test_an_sscc_is_made_as_the_gs1_specification_shows() -> None:
    assert barcodes.make_sscc(1, "0614141", 123456789) == "106141411234567897"


@given(
    extension=st.integers(0, 9),
    prefix=st.from_regex(r"[0-9]{4,12}", fullmatch=True),
    chance=st.integers(0, 10**12),
)
def test_every_sscc_made_is_an_sscc_and_none_with_one_digit_changed_is(
    extension: int, prefix: str, chance: int
) -> None:
    made = barcodes.make_sscc(extension, prefix, chance % 10 ** (16 - len(prefix)))
    place = chance % 18
    changed = made[:place] + str((int(made[place]) + 1) % 10) + made[place + 1 :]

    assert len(made) == 18
    assert made.startswith(f"{extension}{prefix}")
    assert barcodes.is_sscc(made)
    assert not barcodes.is_sscc(changed)


@pytest.mark.parametrize(
    "scanned",
    ["106141411234567897", "00106141411234567897", "(00) 1 0614141 123456789 7"],
)
def test_an_sscc_is_read_bare_and_with_its_identifier(scanned: str) -> None:
    assert barcodes.sscc(scanned) == "106141411234567897"


@pytest.mark.parametrize("text", ["", "(00)", "10614141123456789", "1061414112345678XX"])
def test_what_is_no_sscc_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        barcodes.sscc(text)
    assert refusal.value.code == "barcode.sscc_not_a_number"


@pytest.mark.parametrize(
    ("extension", "prefix", "serial"),
    [(10, "0614141", 1), (-1, "0614141", 1), (0, "0614141", 10**9), (0, "0614141", -1)],
)
def test_an_sscc_that_does_not_fit_is_not_made(extension: int, prefix: str, serial: int) -> None:
    with pytest.raises(Invalid) as refusal:
        barcodes.make_sscc(extension, prefix, serial)
    assert refusal.value.code == "barcode.sscc_out_of_range"


@pytest.mark.parametrize("prefix", ["", "123", "1234567890123", "12a4567", "١٢٣٤٥٦٧"])
def test_what_is_no_company_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(Invalid) as refusal:
        barcodes.make_sscc(0, prefix, 1)
    assert refusal.value.code == "barcode.company_prefix"
