"""The pretend gateway's own words: what can be asked, what can go wrong, how things are named."""

import re
from enum import StrEnum
from hashlib import sha256
from typing import Final

import msgspec

_REFERENCE: Final = re.compile(r"(test_(?:auth|capture|refund))_[0-9a-f]{20}_([0-9]{1,16})")
_COMMAND: Final = re.compile(r"(authorise|capture|void|refund)=([a-z0-9_]+)")


class Operation(StrEnum):
    """What the gateway is asked to do."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class Fault(StrEnum):
    """How a call goes wrong when that was commanded."""

    DECLINE = "decline"  # the bank says no: an answer, no money moves
    TIMEOUT = "timeout"  # the work is done and the answer is lost
    SERVER_ERROR = "5xx"  # nothing is done, the answer is an error
    DUPLICATE = "duplicate"  # the network delivers the call twice
    PARTIAL = "partial"  # only a part of the amount is done
    PENDING = "pending"  # the work is done, but for now the answer is "ask again"
    REJECT = "reject"  # the gateway refuses the request itself


class Name(StrEnum):
    """The kinds of references the gateway hands out."""

    AUTHORISATION = "test_auth"
    CAPTURE = "test_capture"
    REFUND = "test_refund"


class Moved(msgspec.Struct, frozen=True, gc=False):
    """Money that moved (or was claimed or released) for good: what tests count."""

    operation: Operation
    reference: str
    amount_minor: int
    currency: str


def reference(name: Name, account: str, key: str, amount_minor: int) -> str:
    """A name that depends on its request alone, so that a restarted gateway gives it again."""
    digest = sha256(f"{account}\0{key}".encode()).hexdigest()[:20]
    return f"{name}_{digest}_{amount_minor}"


def amount_in(text: str, name: Name) -> int | None:
    """The amount of a reference of this kind; None if it is not one of ours."""
    found = _REFERENCE.fullmatch(text)
    return int(found[2]) if found and found[1] == name else None


def commands_in(token: str) -> dict[Operation, Fault]:
    """Faults a token asks for: ``test:capture=decline,refund=timeout``; none in any other token."""
    pairs = _COMMAND.findall(token) if token.startswith("test:") else []
    return {Operation(name): Fault(fault) for name, fault in pairs if fault in _FAULTS}


_FAULTS: Final = frozenset(str(fault) for fault in Fault)
