"""What this process counts about itself, in Prometheus' words. Knows no business and keeps nothing.

Every process counts for itself; what is in the database (the outbox) any of them can tell.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_COMMANDS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)

_registry: Final = CollectorRegistry()
ProcessCollector(registry=_registry)

# fmt: off
_gate_commands = Histogram("oms_gate_batch_commands", "Commands written in one transaction", buckets=_COMMANDS, registry=_registry)  # noqa: E501
_gate_waiting = Gauge("oms_gate_waiting_commands", "Commands that waited when the last batch was taken", registry=_registry)  # noqa: E501
_command_seconds = Histogram("oms_command_seconds", "From submission to answer", ["command", "outcome"], buckets=_SECONDS, registry=_registry)  # noqa: E501
_http_seconds = Histogram("oms_http_request_seconds", "From the first byte in to the last byte out", ["method", "route", "status"], buckets=_SECONDS, registry=_registry)  # noqa: E501
_reactions = Counter("oms_reaction_events", "Events that a reaction has handled", ["subscriber", "outcome"], registry=_registry)  # noqa: E501
_effects = Counter("oms_effect_events", "Events that an effect has tried", ["subscriber", "outcome"], registry=_registry)  # noqa: E501
_jobs = Counter("oms_job_runs", "Runs of periodic jobs", ["job", "outcome"], registry=_registry)
_outbox_rows = Gauge("oms_outbox_rows", "Events waiting for a subscriber", ["subscriber"], registry=_registry)  # noqa: E501
_outbox_lag = Gauge("oms_outbox_lag_seconds", "Age of the oldest event waiting for a subscriber", ["subscriber"], registry=_registry)  # noqa: E501
_outbox_aside = Gauge("oms_outbox_set_aside_rows", "Events set aside for a person", ["subscriber"], registry=_registry)  # noqa: E501
# fmt: on


class Depth(msgspec.Struct, frozen=True):
    """How far one subscriber is behind."""

    subscriber: str
    waiting: int
    set_aside: int
    lag_ms: int


def gate_batch(commands: int, still_waiting: int) -> None:
    _gate_commands.observe(commands)
    _gate_waiting.set(still_waiting)


def command(name: str, outcome: str, seconds: float) -> None:
    """One command answered; `outcome` is `done`, the code of the refusal, or `bug`."""
    _command_child(name, outcome).observe(seconds)


def http_request(method: str, route: str, status: int, seconds: float) -> None:
    """One request answered; `route` is the template, so that ids do not become labels."""
    _http_child(method, route, status).observe(seconds)


def reaction(subscriber: str, outcome: str, events: int) -> None:
    _reactions.labels(subscriber, outcome).inc(events)


def effect(subscriber: str, outcome: str) -> None:
    _effects.labels(subscriber, outcome).inc()


def job(name: str, outcome: str) -> None:
    _jobs.labels(name, outcome).inc()


def outbox(depths: Sequence[Depth]) -> None:
    """Show what the database says about the outbox; a subscriber not named has nothing."""
    for gauge in (_outbox_rows, _outbox_lag, _outbox_aside):
        gauge.clear()
    for depth in depths:
        _outbox_rows.labels(depth.subscriber).set(depth.waiting)
        _outbox_lag.labels(depth.subscriber).set(depth.lag_ms / 1000)
        _outbox_aside.labels(depth.subscriber).set(depth.set_aside)


def render() -> bytes:
    """All figures in the text form that Prometheus scrapes (`CONTENT_TYPE`)."""
    return generate_latest(_registry)


# Looking a child up by its labels takes a lock and three times as long as observing.
@cache
def _command_child(name: str, outcome: str) -> Histogram:
    return _command_seconds.labels(name, outcome)


@cache
def _http_child(method: str, route: str, status: int) -> Histogram:
    return _http_seconds.labels(method, route, str(status))
