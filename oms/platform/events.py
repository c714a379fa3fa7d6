"""Facts about the system itself: keys, users, and what a person decided about failed work."""

from oms.kernel.events import Event


class KeyIssued(Event, frozen=True, kw_only=True, tag="key.issued"):
    """A program was given access. The secret itself is nowhere."""

    name: str
    roles: tuple[str, ...]


class KeyRevoked(Event, frozen=True, kw_only=True, tag="key.revoked"):
    """A program's access ended."""


class UserPut(Event, frozen=True, kw_only=True, tag="user.put"):
    """A person was given access, or their roles or reach changed."""

    roles: tuple[str, ...]
    active: bool


class PasswordSet(Event, frozen=True, kw_only=True, tag="user.password_set"):
    """A person's password changed."""


class WorkRetried(Event, frozen=True, kw_only=True, tag="outbox.retried"):
    """A person put an event back in line that a subscriber had failed to take."""

    subscriber: str
    event_number: int


class WorkDismissed(Event, frozen=True, kw_only=True, tag="outbox.dismissed"):
    """A person decided that a subscriber need not take an event any more."""

    subscriber: str
    event_number: int
