"""Facts in the past tense. Each package declares its own; this says what every fact has."""

from typing import Final, Generic, TypeVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """A fact about one entity.

    `entity` is the id of what it happened to, and the stream in which order is kept. The `tag` of
    a subclass (``order.placed``) is its wire name and never changes.
    """

    entity: str


class Cause(msgspec.Struct, frozen=True):
    """Who asked for a change, in which request, because of which event: kept with each event."""

    actor: str = "system"
    request_id: str = ""
    event_number: int | None = None


SYSTEM: Final = Cause()

E = TypeVar("E", bound=Event)


class Recorded(msgspec.Struct, Generic[E], frozen=True, kw_only=True):
    """An event as kept: `number` grows in commit order, `sequence` counts within the entity."""

    number: int
    sequence: int
    at_ms: int
    cause: Cause
    event: E


def wire_name(event_type: type[Event]) -> str:
    """The stable name of an event type, such as ``order.placed``."""
    tag = event_type.__struct_config__.tag
    if not isinstance(tag, str) or "." not in tag:
        raise TypeError(f"{event_type.__name__} needs tag='noun.verb' in its class line")
    return tag
