"""Ids that people can point at: a prefix that says what it is, then time, then chance."""

import os
import threading
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
_PAIRS: Final = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_RANDOM_POOL_BYTES: Final = 4096  # one system call serves 409 ids

_pool = threading.local()


def new_id(prefix: str, at_ms: int) -> str:
    """Make an id such as ``ord_01jd8k…``: 26 characters after the prefix, sorted by `at_ms`."""
    number = (at_ms << 80) | int.from_bytes(_random_bytes(10), "big")
    pairs = _PAIRS
    digits = [pairs[(number >> shift) & 1023] for shift in range(120, -1, -10)]
    return prefix + "_" + "".join(digits)


def expect_prefix(text: str, prefix: str) -> str:
    """Return `text` if it is an id of that kind; else `NotFound` that says which kind was meant."""
    if not text.startswith(prefix + "_"):
        raise NotFound(
            "id.wrong_kind",
            f"'{text}' is not an id of this kind: they start with '{prefix}_'.",
            f"Give an id that starts with '{prefix}_'.",
        )
    return text


def _random_bytes(count: int) -> bytes:
    pool: bytes = getattr(_pool, "bytes", b"")
    if len(pool) < count:
        pool = os.urandom(_RANDOM_POOL_BYTES)
    _pool.bytes = pool[count:]
    return pool[:count]
