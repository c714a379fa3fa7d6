"""What the page of today shows, made from its figures: words, pictures and links. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from markupsafe import Markup

from oms.inventory.model import Node
from oms.kernel.address import Address, Coordinates
from oms.kernel.clock import HOUR_MS, MINUTE_MS
from oms.orders.figures.queries import Course, Due, Goal
from oms.sourcing.geography import locate
from oms.web.formats import Formats
from oms.web.orders.rows import SOON_MS
from oms.web.orders.wishes import Wish
from oms.web.pictures.clock import clock
from oms.web.pictures.ground import Frame, frame_around
from oms.web.pictures.network import Route, Spot, network
from oms.web.pictures.sparkline import sparkline
from oms.web.today.figures import Figures
from oms.web.today.flows import Outcome, outcome
from oms.web.translations import N_

Translate = Any
CLOCKS: Final = 4
CLOCK_MS: Final = 12 * HOUR_MS  # an empty clock has this much time left
ROUTES_MAX: Final = 70
PLACES_MAX: Final = 2_000  # newest orders the map is drawn of


class Kpi(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with its line of days; `tone` of the words under it."""

    word: str
    value: str
    words: str
    tone: str
    line: Markup
    days: tuple[str, ...]


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """A moment orders must leave by; `words` are the time left and the moment."""

    picture: Markup
    words: tuple[str, str]
    orders: int
    is_over: bool
    url: str


class Workplace(msgspec.Struct, frozen=True, kw_only=True):
    """What a location has of the new orders."""

    id: str
    name: str
    orders: int
    left: int
    waiting: int
    late: int


class Map(msgspec.Struct, frozen=True, kw_only=True):
    """The network with its table: from, to, orders, late ones."""

    picture: Markup
    rows: tuple[tuple[str, str, int, int], ...]
    places: int
    late: int


def kpis(facts: Figures, fmt: Formats, translate: Translate) -> tuple[Kpi, ...]:
    """The four figures."""
    return (
        _placed(facts, fmt, translate),
        _on_time(facts, fmt, translate),
        _speed(facts, fmt, translate),
        _returned(facts, fmt, translate),
    )


def timers(due: Sequence[Due], now_ms: int, fmt: Formats, translate: Translate) -> list[Timer]:
    """What is missed as one clock, then the moments ahead that are next."""
    over = [each for each in due if each.first_ms < now_ms]
    ahead = [each for each in due if each.first_ms >= now_ms]
    found = [_ahead(each, now_ms, fmt, translate) for each in ahead[: CLOCKS - bool(over)]]
    if not over:
        return found
    missed = Due(over[0].first_ms, sum(each.orders for each in over))
    return [_missed(missed, now_ms, fmt, translate), *found]


def network_map(
    facts: Figures, nodes: Sequence[Node], now_ms: int, words: tuple[Translate, str]
) -> Map | None:
    """Where today's orders go; `words`: the translation, and what to end the map's address with."""
    translate, build = words
    courses = [each for each in facts.courses if each.node_id and each.nodes == 1][:PLACES_MAX]
    by_id = {node.id: node for node in nodes if node.at is not None}
    ways = _ways(courses, by_id, facts.left, now_ms)
    spots = [Spot(node.name, node.at) for node in by_id.values() if node.active and node.at]
    goals = [at for _, at, _ in ways]
    frame = frame_around([*(spot.at for spot in spots), *goals])
    if frame is None or not spots:
        return None
    found = sorted(ways.items(), key=lambda item: (-item[1][1], -item[1][0]))
    rows = tuple((by_id[id_].name, name, *counts) for (id_, _, name), counts in found)
    late = sum(row[3] for row in rows)
    sentence = translate(N_("%(nodes)s locations, %(places)s places new orders go to"))
    title = sentence % {"nodes": len(spots), "places": len(set(goals))}
    drawn = [_route(by_id[id_], at, name, counts) for (id_, at, name), counts in found[:ROUTES_MAX]]
    address = ground_url(frame, build)
    picture = network(frame, spots, drawn, (title, address))
    return Map(picture=picture, rows=rows[:ROUTES_MAX], places=len(set(goals)), late=late)


def workplaces(
    ways: Mapping[tuple[str, str, Outcome], int], nodes: Sequence[Node]
) -> list[Workplace]:
    """What each location has to do, the busiest first."""
    found = []
    for node in nodes:
        counts = Counter[Outcome]()
        for (_, node_id, end), count in ways.items():
            counts[end] += count if node_id == node.id else 0
        found.append(
            Workplace(
                id=node.id,
                name=node.name,
                orders=counts.total(),
                left=counts[Outcome.LEFT],
                waiting=counts[Outcome.WAITING] + counts[Outcome.IN_TIME],
                late=counts[Outcome.LATE],
            )
        )
    return sorted(found, key=lambda each: (-each.orders, each.name))


def ground_url(frame: Frame, build: str) -> str:
    """The base map's address; it is kept for ever, so another build has another one."""
    return f"/map/{build}/{frame.name}.svg"


Ways = Mapping[tuple[str, Coordinates, str], tuple[int, int]]
"""Orders, and late ones, by node, place and the place's name."""


def _ways(
    courses: Sequence[Course], nodes: Mapping[str, Node], left: Mapping[str, int], now_ms: int
) -> Ways:
    counts: dict[tuple[str, Coordinates, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in courses:
        at = _place(each.goal)
        if at is not None and each.node_id in nodes:
            found = counts[each.node_id, at, each.goal.city or each.goal.country]
            found[0] += 1
            found[1] += outcome(each, left.get(each.id), now_ms) is Outcome.LATE
    return {way: (count, late) for way, (count, late) in counts.items()}


def _place(goal: Goal) -> Coordinates | None:
    """The point to a tenth of a degree: a city's orders are one line."""
    at = goal.at or locate(Address(country=goal.country)).at
    return at and Coordinates(round(at.latitude, 1), round(at.longitude, 1))


def _route(node: Node, at: Coordinates, name: str, counts: tuple[int, int]) -> Route:
    count, late = counts
    source = node.at or at
    title = f"{node.name} → {name}: {count}"
    return Route(source=source, target=at, count=count, late=late, title=title)


def _placed(facts: Figures, fmt: Formats, translate: Translate) -> Kpi:
    now, then = facts.placed[-1], facts.placed_a_week_ago
    words, tone = translate(N_("nothing to compare with yet")), ""
    if then:
        change = round(100 * (now - then) / then)
        sign = "+" if change > 0 else "−" if change < 0 else "±"
        sentence = translate(N_("%(change)s against a week ago by this time"))
        words = sentence % {"change": f"{sign}{abs(change)}%"}
    days = tuple(fmt.number(count) for count in facts.placed)
    return _kpi(translate(N_("Orders in")), days[-1], (words, tone), (facts.placed, days))


def _on_time(facts: Figures, fmt: Formats, translate: Translate) -> Kpi:
    days = tuple("–" if p.share is None else fmt.percent(p.share) for p in facts.punctual)
    today = facts.punctual[-1]
    words, tone = translate(N_("nothing promised has left yet")), ""
    if today.promised:
        late = today.promised - today.on_time
        sentence = (
            translate(N_("%(late)s of %(all)s left late"))
            if late
            else translate(N_("all %(all)s in time"))
        )
        words = sentence % {"late": fmt.number(late), "all": fmt.number(today.promised)}
        tone = "bad" if late else "ok"
    values = [p.share for p in facts.punctual]
    return _kpi(translate(N_("Shipped on time")), days[-1], (words, tone), (values, days))


def _speed(facts: Figures, fmt: Formats, translate: Translate) -> Kpi:
    values = [p.median_ms for p in facts.punctual]
    days = tuple("–" if value is None else fmt.duration(round(value)) for value in values)
    words, tone = translate(N_("half of what leaves is faster")), ""
    if values[-1] is not None and values[-2] is not None:
        change = round(values[-1] - values[-2])
        if abs(change) >= MINUTE_MS:
            sentence = translate(N_("%(change)s against yesterday"))
            sign = "+" if change > 0 else "−"
            words = sentence % {"change": f"{sign}{fmt.duration(abs(change))}"}
            tone = "warn" if change > 0 else "ok"
    return _kpi(
        translate(N_("Order to departure, median")), days[-1], (words, tone), (values, days)
    )


def _returned(facts: Figures, fmt: Formats, translate: Translate) -> Kpi:
    values = facts.return_rates
    days = tuple("–" if value is None else fmt.percent(value) for value in values)
    words = translate(N_("returns asked for, of shipments"))
    return _kpi(translate(N_("Return rate, 30 days")), days[-1], (words, ""), (values, days))


def _kpi(
    word: str,
    value: str,
    told: tuple[str, str],
    line: tuple[Sequence[float | None], tuple[str, ...]],
) -> Kpi:
    values, days = line
    title = f"{word}: {', '.join(days)}"
    return Kpi(
        word=word,
        value=value,
        words=told[0],
        tone=told[1],
        line=sparkline(values, title),
        days=days,
    )


def _ahead(due: Due, now_ms: int, fmt: Formats, translate: Translate) -> Timer:
    left_ms = due.first_ms - now_ms
    left, at = fmt.duration(left_ms), _moment(due.first_ms, now_ms, fmt)
    sentence = translate(N_("%(left)s left until %(moment)s, %(n)s orders not packed"))
    title = sentence % {"left": left, "moment": at, "n": fmt.number(due.orders)}
    tone = "warn" if left_ms < SOON_MS else "info"
    picture = clock(1 - left_ms / CLOCK_MS, (left, at), title, tone)
    url = Wish(view="open").url()
    return Timer(picture=picture, words=(left, at), orders=due.orders, is_over=False, url=url)


def _missed(due: Due, now_ms: int, fmt: Formats, translate: Translate) -> Timer:
    past, at = f"−{fmt.duration(now_ms - due.first_ms)}", _moment(due.first_ms, now_ms, fmt)
    sentence = translate(N_("Missed since %(moment)s: %(n)s orders not packed"))
    title = sentence % {"moment": at, "n": fmt.number(due.orders)}
    picture = clock(1, (past, at), title, "bad")
    url = Wish(view="late").url()
    return Timer(picture=picture, words=(past, at), orders=due.orders, is_over=True, url=url)


def _moment(at_ms: int, now_ms: int, fmt: Formats) -> str:
    """The time, with the day where it is another one."""
    return fmt.time(at_ms) if fmt.day(at_ms) == fmt.day(now_ms) else fmt.when(at_ms)
