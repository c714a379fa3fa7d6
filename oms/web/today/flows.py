"""Orders from their channel over their location to what became of them. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from oms.orders.figures.queries import Course
from oms.web.formats import Formats
from oms.web.orders.wishes import Wish
from oms.web.pictures.flow import Ribbon, Stop
from oms.web.translations import N_

Translate = Any
ROWS_MAX: Final = 8  # of a column; smaller ones are taken together
NOWHERE: Final = "node:"
SEVERAL: Final = "node:several"
_REST: Final = "rest"


class Outcome(StrEnum):
    """What became of a new order, the best first."""

    LEFT = "left"
    IN_TIME = "in_time"
    WAITING = "waiting"
    LATE = "late"
    CANCELLED = "cancelled"


# fmt: off
WORDS: Final = {
    Outcome.LEFT:      (N_("Left on time"),         "ok",      "all"),
    Outcome.IN_TIME:   (N_("In the house, in time"), "info",    "open"),
    Outcome.WAITING:   (N_("Waits or held"),        "warn",    "attention"),
    Outcome.LATE:      (N_("Late"),                 "bad",     "late"),
    Outcome.CANCELLED: (N_("Cancelled"),            "neutral", "all"),
}
# fmt: on
"""The word, the tone and the desk's view."""


class Names(msgspec.Struct, frozen=True):
    """What channels and nodes are called, by id."""

    channels: Mapping[str, str]
    nodes: Mapping[str, str]


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """Orders with the same channel, location and outcome."""

    channel_id: str
    node_id: str
    outcome: Outcome
    count: int


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """The three columns, the ribbons between them, and the rows of the table behind."""

    columns: tuple[tuple[Stop, ...], ...]
    ribbons: tuple[Ribbon, ...]
    total: int
    counts: dict[Outcome, int]


def outcome(course: Course, left_ms: int | None, now_ms: int) -> Outcome:
    """`left_ms`: when it left lately, None when it did not."""
    if course.units and course.cancelled == course.units:
        return Outcome.CANCELLED
    deadline_ms = course.deadline_ms
    if not course.in_house and course.waiting < course.units:
        is_late = deadline_ms is not None and left_ms is not None and left_ms > deadline_ms
        return Outcome.LATE if is_late else Outcome.LEFT
    if deadline_ms is not None and deadline_ms < now_ms:
        return Outcome.LATE
    return Outcome.WAITING if course.is_held or course.waiting else Outcome.IN_TIME


def journeys(
    courses: Sequence[Course], left: Mapping[str, int], now_ms: int
) -> dict[tuple[str, str, Outcome], int]:
    """How many orders went each way: channel, location (`SEVERAL`, `NOWHERE`), outcome."""
    return Counter(
        (each.channel_id, _location(each), outcome(each, left.get(each.id), now_ms))
        for each in courses
    )


def flow(
    ways: Mapping[tuple[str, str, Outcome], int], names: Names, fmt: Formats, translate: Translate
) -> Flow:
    """Columns in the order of their weight; what is small is taken together."""
    channels = _largest(ways, 0)
    nodes = _largest(ways, 1)
    first: Counter[tuple[str, str]] = Counter()
    second: Counter[tuple[str, Outcome]] = Counter()
    for (channel_id, node_id, end), count in ways.items():
        channel = channel_id if channel_id in channels else _REST
        node = node_id if node_id in nodes else _REST
        first[channel, node] += count
        second[node, end] += count
    write = _Writer(names, fmt, translate)
    ends = Counter(dict.fromkeys(Outcome, 0))
    for (_, end), count in second.items():
        ends[end] += count
    return Flow(
        columns=(
            tuple(write.stop("c", id_, _sum(first, 0, id_)) for id_ in (*channels, _REST)),
            tuple(write.stop("n", id_, _sum(first, 1, id_)) for id_ in (*nodes, _REST)),
            tuple(write.end(end, ends[end]) for end in Outcome),
        ),
        ribbons=(
            *(write.arriving(*pair, count) for pair, count in first.items()),
            *(write.leaving(*pair, count) for pair, count in second.items()),
        ),
        total=sum(ways.values()),
        counts=dict(ends),
    )


def _location(course: Course) -> str:
    if course.nodes > 1:
        return SEVERAL
    return course.node_id or NOWHERE


def _largest(ways: Mapping[tuple[str, str, Outcome], int], place: int) -> list[str]:
    weights: Counter[str] = Counter()
    for way, count in ways.items():
        weights[str(way[place])] += count
    return [id_ for id_, _ in weights.most_common(ROWS_MAX)]


def _sum(counts: Mapping[tuple[str, str], int], place: int, id_: str) -> int:
    return sum(count for pair, count in counts.items() if pair[place] == id_)


class _Writer:
    """Stops and ribbons with their words."""

    def __init__(self, names: Names, fmt: Formats, translate: Translate) -> None:
        self._names, self._fmt, self._translate = names, fmt, translate

    def stop(self, kind: str, id_: str, count: int) -> Stop:
        return Stop(f"{kind}:{id_}", self._name(kind, id_), self._fmt.number(count))

    def end(self, end: Outcome, count: int) -> Stop:
        return Stop(f"o:{end}", self._translate(WORDS[end][0]), self._fmt.number(count))

    def arriving(self, channel_id: str, node_id: str, count: int) -> Ribbon:
        wish = Wish(view="all", channel=_real(channel_id), node=_real(node_id))
        words = (self._name("c", channel_id), self._name("n", node_id))
        return Ribbon(
            source=f"c:{channel_id}",
            target=f"n:{node_id}",
            value=count,
            title=f"{words[0]} → {words[1]}: {self._fmt.number(count)}",
            tone="info",
            url=wish.url(),
        )

    def leaving(self, node_id: str, end: Outcome, count: int) -> Ribbon:
        word, tone, view = WORDS[end]
        return Ribbon(
            source=f"n:{node_id}",
            target=f"o:{end}",
            value=count,
            title=f"{self._name('n', node_id)} → {self._translate(word)}: "
            f"{self._fmt.number(count)}",
            tone=tone,
            url=Wish(view=view, node=_real(node_id)).url(),
        )

    def _name(self, kind: str, id_: str) -> str:
        if id_ == _REST:
            return str(self._translate(N_("Others")))
        if kind == "c":
            return self._names.channels.get(id_, id_)
        if id_ == SEVERAL:
            return str(self._translate(N_("Several locations")))
        if id_ == NOWHERE:
            return str(self._translate(N_("No location yet")))
        return self._names.nodes.get(id_, id_)


def _real(id_: str) -> str:
    return "" if id_ in (_REST, SEVERAL, NOWHERE) else id_
