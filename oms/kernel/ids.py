"""Ids that people can point at: a prefix that says what it is, then time, then chance."""

import os
import threading
from functools import lru_cache
from typing import Final, NewType

from oms.kernel.errors import NotFound

OrderId = NewType("OrderId", str)
LineId = NewType("LineId", str)
ItemId = NewType("ItemId", str)
NodeId = NewType("NodeId", str)
ChannelId = NewType("ChannelId", str)
CustomerId = NewType("CustomerId", str)
FulfilmentId = NewType("FulfilmentId", str)
ParcelId = NewType("ParcelId", str)
ShipmentId = NewType("ShipmentId", str)
ReturnId = NewType("ReturnId", str)
InvoiceId = NewType("InvoiceId", str)
PaymentId = NewType("PaymentId", str)
RefundId = NewType("RefundId", str)
ReservationId = NewType("ReservationId", str)

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford: no i, l, o, u to misread
_LETTER_OF: Final = bytes(ord(_ALPHABET[byte & 31]) for byte in range(256))
_TIME_LETTERS: Final = 10  # 50 bits, of which milliseconds since 1970 need 48 until the year 10889
_CHANCE_LETTERS: Final = 16  # 80 bits
_POOL_LETTERS: Final = 256 * _CHANCE_LETTERS  # one system call serves 256 ids

_pool = threading.local()


def new_id(prefix: str, at_ms: int) -> str:
    """Make an id such as ``ord_01jd8k…``: 26 characters after the prefix, sorted by `at_ms`."""
    return f"{prefix}_{_time_letters(at_ms)}{_chance_letters()}"


def first_id(prefix: str, at_ms: int) -> str:
    """What sorts before every id of this kind made at `at_ms` or later: for spans of time."""
    return f"{prefix}_{_time_letters(max(0, at_ms))}"


def expect_prefix(text: str, prefix: str) -> str:
    """Return `text` if it is an id of that kind; else `NotFound` that says which kind was meant."""
    if not text.startswith(prefix + "_"):
        raise NotFound(
            "id.wrong_kind",
            f"'{text}' is not an id of this kind: they start with '{prefix}_'.",
            f"Give an id that starts with '{prefix}_'.",
        )
    return text


@lru_cache(maxsize=64)
def _time_letters(at_ms: int) -> str:
    places = range(5 * (_TIME_LETTERS - 1), -1, -5)
    return "".join([_ALPHABET[(at_ms >> place) & 31] for place in places])


def _chance_letters() -> str:
    letters: str = getattr(_pool, "letters", "")
    used: int = getattr(_pool, "used", 0)
    if used == len(letters):
        letters = os.urandom(_POOL_LETTERS).translate(_LETTER_OF).decode("ascii")
        _pool.letters, used = letters, 0
    _pool.used = used + _CHANCE_LETTERS
    return letters[used : used + _CHANCE_LETTERS]


def _forget_chance() -> None:
    _pool.__dict__.clear()


os.register_at_fork(after_in_child=_forget_chance)  # twins must not make the same ids
