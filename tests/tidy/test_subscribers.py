"""Every fact is heard by somebody, or it is said that nobody needs to hear it."""

import importlib
import importlib.util
from collections.abc import Iterator, Mapping, Sequence

import pytest

from oms.kernel.events import Event, wire_name
from tests.tidy.project import PRODUCT, expect_none, sources


def test_every_event_has_a_name_on_the_wire_of_its_own() -> None:
    names: dict[str, str] = {}
    twice = []
    for event in event_types():
        name = wire_name(event)
        if names.setdefault(name, event.__qualname__) != event.__qualname__:
            twice.append(f"{name}: {names[name]} and {event.__qualname__}")
    expect_none(twice, "Give one of them another tag:")


def test_every_event_is_heard_or_said_to_be_unheard() -> None:
    subscribers, unheard = _wiring()
    expect_none(
        (
            f"{event.__module__}.{event.__qualname__}"
            for event in event_types()
            if event not in subscribers and event not in unheard
        ),
        "Add it to SUBSCRIBERS in oms/bootstrap.py, or to UNHEARD there with the reason:",
    )


def test_no_event_is_both_heard_and_said_to_be_unheard() -> None:
    subscribers, unheard = _wiring()
    expect_none(
        (event.__qualname__ for event in unheard if subscribers.get(event)),
        "Remove it from UNHEARD in oms/bootstrap.py:",
    )


def event_types() -> list[type[Event]]:
    """Every kind of event that an `events` module of the product declares."""
    for source in sources(PRODUCT):
        if source.path.stem == "events":
            importlib.import_module(source.module)
    found = {event for event in _below(Event) if event.__module__.split(".")[0] in PRODUCT}
    return sorted(found, key=lambda event: (event.__module__, event.__qualname__))


def _below(kind: type[Event]) -> Iterator[type[Event]]:
    """The kinds under this one that are themselves facts, not families of facts."""
    for each in kind.__subclasses__():
        if each.__subclasses__():
            yield from _below(each)
        else:
            yield each


def _wiring() -> tuple[Mapping[type[Event], Sequence[object]], frozenset[type[Event]]]:
    if importlib.util.find_spec("oms.bootstrap") is None:
        pytest.skip("oms/bootstrap.py, where subscribers are listed, does not exist yet")
    bootstrap = importlib.import_module("oms.bootstrap")
    return bootstrap.SUBSCRIBERS, bootstrap.UNHEARD
