"""Numbers under barcodes: GTIN and SSCC with their check digits. Draws no bars."""

from typing import Final

from stdnum import ean
from stdnum.exceptions import InvalidChecksum, ValidationError

from oms.kernel.errors import Invalid

SSCC_DIGITS: Final = 18
GTIN_DIGITS: Final = 14
_SERIAL_AND_PREFIX_DIGITS: Final = 16  # between the extension digit and the check digit
_PREFIX_DIGITS: Final = range(4, 13)  # GS1 General Specifications 1.4.4


def gtin(text: str) -> str:
    """The GTIN in `text` (GTIN-8, -12, -13 or -14), padded to 14 digits so equal codes are equal.

    `Invalid` when the length or the check digit is wrong, saying which digit was expected.
    """
    try:
        return ean.validate(text).rjust(GTIN_DIGITS, "0")
    except InvalidChecksum:
        body = ean.compact(text)[:-1]
        raise _wrong_check_digit("barcode.gtin", text, ean.calc_check_digit(body)) from None
    except ValidationError:
        raise Invalid(
            "barcode.gtin_not_a_number",
            f"'{text[:40]}' is not a GTIN: that is 8, 12, 13 or 14 digits.",
            "Give the digits printed under the barcode, or leave the field empty.",
        ) from None


def is_gtin(text: str) -> bool:
    """Whether `text` is a GTIN of any length with the right check digit."""
    return ean.is_valid(text)


def make_sscc(extension_digit: int, company_prefix: str, serial: int) -> str:
    """The 18 digits that name one logistic unit for ever: extension, prefix, serial, check digit.

    `company_prefix` is the merchant's GS1 company prefix, `serial` counts up and must never come
    back within a year. `Invalid` when the three do not fit into 18 digits.
    """
    serial_digits = _SERIAL_AND_PREFIX_DIGITS - len(company_prefix)
    if not (_is_digits(company_prefix) and len(company_prefix) in _PREFIX_DIGITS):
        raise Invalid(
            "barcode.company_prefix",
            f"'{company_prefix[:40]}' is not a GS1 company prefix: that is 4 to 12 digits.",
            "Copy the prefix from the GS1 licence.",
        )
    if not 0 <= extension_digit <= 9 or not 0 <= serial < 10**serial_digits:
        raise Invalid(
            "barcode.sscc_out_of_range",
            f"No SSCC can be made of extension digit {extension_digit} and serial {serial}: "
            f"with this prefix the serial has at most {serial_digits} digits.",
            "Use another extension digit (0-9) and start the serial again.",
        )
    body = f"{extension_digit}{company_prefix}{serial:0{serial_digits}d}"
    return body + ean.calc_check_digit(body)


def sscc(text: str) -> str:
    """The SSCC in `text`, spaces and a leading ``(00)`` or ``00`` taken off; else `Invalid`."""
    digits = ean.compact(text).removeprefix("(00)")
    if len(digits) == SSCC_DIGITS + 2:
        digits = digits.removeprefix("00")
    if not (_is_digits(digits) and len(digits) == SSCC_DIGITS):
        raise Invalid(
            "barcode.sscc_not_a_number",
            f"'{text[:40]}' is not an SSCC: that is 18 digits.",
            "Scan the barcode that starts with (00).",
        )
    expected = ean.calc_check_digit(digits[:-1])
    if digits[-1] != expected:
        raise _wrong_check_digit("barcode.sscc", text, expected)
    return digits


def is_sscc(text: str) -> bool:
    """Whether `text` is an SSCC with the right check digit."""
    try:
        return bool(sscc(text))
    except Invalid:
        return False


def with_check_digit(digits: str) -> str:
    """`digits` and the GS1 check digit (modulo 10, weights 3 and 1) after them."""
    return digits + ean.calc_check_digit(digits)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _wrong_check_digit(code: str, text: str, expected: str) -> Invalid:
    return Invalid(
        f"{code}_check_digit",
        f"The last digit of '{text[:40]}' should be {expected}: a digit is wrong or two changed "
        "places.",
        "Scan it again or compare it with the print under the bars.",
    )
