"""What the figures of a day are made of."""

import pytest
from msgspec.structs import replace

from fulfillment.figures.queries import Left
from oms.kernel.clock import DAY_MS, HOUR_MS
from oms.orders.figures.queries import Course, Due, Goal, Promise
from oms.web.formats import Formats
from oms.web.today import flows
from oms.web.today.board import timers
from oms.web.today.days import last_days
from oms.web.today.figures import punctuality
from oms.web.today.flows import NOWHERE, SEVERAL, Names, Outcome
from oms.web.translations import translations

NOW = 1_800_000_000_000
FMT = Formats("en_GB", "Asia/Jakarta", translations("en"), NOW)


USUAL = Course(
    id="ord_1",
    channel_id="chn_1",
    deadline_ms=NOW + HOUR_MS,
    goal=Goal("ID"),
    node_id="nod_1",
    nodes=1,
    in_house=2,
    waiting=0,
    cancelled=0,
    units=2,
    is_held=False,
)


def course(**facts: object) -> Course:
    return replace(USUAL, **facts)


@pytest.mark.parametrize(
    ("facts", "left_ms", "expected"),
    [
        ({}, None, Outcome.IN_TIME),
        ({"deadline_ms": None}, None, Outcome.IN_TIME),
        ({"deadline_ms": NOW - 1}, None, Outcome.LATE),
        ({"is_held": True}, None, Outcome.WAITING),
        ({"waiting": 1}, None, Outcome.WAITING),
        ({"waiting": 2, "node_id": "", "nodes": 0}, None, Outcome.WAITING),
        ({"in_house": 0}, NOW, Outcome.LEFT),
        ({"in_house": 0}, None, Outcome.LEFT),
        ({"in_house": 0}, NOW + 2 * HOUR_MS, Outcome.LATE),
        ({"in_house": 0, "cancelled": 2}, None, Outcome.CANCELLED),
    ],
)
def test_an_order_has_one_outcome(
    facts: dict[str, object], left_ms: int | None, expected: Outcome
) -> None:
    assert flows.outcome(course(**facts), left_ms, NOW) is expected


def test_every_order_is_counted_once_on_its_way() -> None:
    courses = [
        course(),
        course(nodes=2),
        course(node_id="", nodes=0, waiting=2),
        *(course(channel_id=f"chn_{n}", node_id=f"nod_{n}") for n in range(20)),
    ]
    names = Names({"chn_1": "Web"}, {"nod_1": "Main"})

    ways = flows.journeys(courses, {}, NOW)
    flow = flows.flow(ways, names, FMT, str)

    assert flow.total == len(courses)
    assert {node for _, node, _ in ways} >= {SEVERAL, NOWHERE}
    for side in ("c:", "n:"):
        assert sum(r.value for r in flow.ribbons if r.source.startswith(side)) == len(courses)
    assert all(len(column) <= flows.ROWS_MAX + 1 for column in flow.columns)


def test_a_day_of_a_clock_change_has_its_own_length() -> None:
    noon = 1_774_782_000_000  # 29 March 2026, 12:00 in London, where clocks went forward

    (before, day) = last_days(noon, "Europe/London", 2)

    assert day[1] - day[0] == 23 * HOUR_MS
    assert before[1] - before[0] == DAY_MS
    assert day[0] <= noon < day[1]


def test_shipments_are_judged_by_what_was_promised() -> None:
    left = [Left("a", "n", NOW), Left("b", "n", NOW), Left("c", "n", NOW), Left("gone", "n", NOW)]
    promises = {
        "a": Promise("a", "chn", NOW - 4 * HOUR_MS, NOW),
        "b": Promise("b", "chn", NOW - 2 * HOUR_MS, NOW - 1),
        "c": Promise("c", "chn", NOW - HOUR_MS, None),
    }

    told = punctuality(left, promises)

    assert (told.promised, told.on_time, told.median_ms) == (2, 1, 2 * HOUR_MS)
    assert punctuality([], {}).share is None


def test_what_is_missed_is_one_clock_and_the_next_moments_follow() -> None:
    due = [Due(NOW - 2 * HOUR_MS, 3), Due(NOW - HOUR_MS, 2)]
    due += [Due(NOW + hours * HOUR_MS, 1) for hours in range(1, 9)]

    first, *others = timers(due, NOW, FMT, str)

    assert (first.is_over, first.orders) == (True, 5)
    assert [each.is_over for each in others] == [False] * 3
    assert timers([], NOW, FMT, str) == []
