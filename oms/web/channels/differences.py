"""A payload as people read it, and where its repair differs from what came. Pure."""

import difflib
from typing import Final

import msgspec

COMPARED_MAX: Final = 300_000  # characters; comparing more takes longer than reading it


class Line(msgspec.Struct, frozen=True):
    """A line of a comparison: `kind` is same, gone or new."""

    kind: str
    text: str


_KINDS: Final = {" ": "same", "-": "gone", "+": "new"}


def readable(payload: str) -> str:
    """JSON with a field a line; anything else as it is."""
    try:
        return msgspec.json.format(payload, indent=2) if payload.lstrip()[:1] in "{[" else payload
    except msgspec.DecodeError:
        return payload


def is_json(payload: str) -> bool:
    """Whether it can be tried again as it is: rows of a file cannot."""
    return payload.lstrip()[:1] == "{"


def differences(came: str, mended: str) -> list[Line]:
    """Both line by line; nothing when they are the same or too long to compare."""
    before, after = readable(came), readable(mended)
    if before == after or len(before) + len(after) > COMPARED_MAX:
        return []
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [Line(_KINDS[line[0]], line[2:]) for line in lines if line[0] in _KINDS]
