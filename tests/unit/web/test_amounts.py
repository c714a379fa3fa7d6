"""Amounts as people type them."""

import pytest

from oms.kernel.errors import Invalid
from oms.web.stock.amounts import minor


@pytest.mark.parametrize(
    ("text", "currency", "expected"),
    [("12.50", "GBP", 1250), ("12,5", "EUR", 1250), ("", "IDR", 0), ("40", "JPY", 40)],
)
def test_an_amount_is_read_in_minor_units(text: str, currency: str, expected: int) -> None:
    assert minor(text, currency) == expected


@pytest.mark.parametrize("text", ["1.234,5", "-1", "NaN", "Infinity", "1e99", "0.001", "twelve"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        minor(text, "GBP")
