"""What flows from where to where, as ribbons between columns (a Sankey diagram)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec
from markupsafe import Markup, escape

from oms.web.pictures.svg import element, picture, shortened

BAR: Final = 8
GAP: Final = 13
WIDE: Final = 1_000
NARROW: Final = 360
HEIGHT_MIN: Final = 120


class Stop(msgspec.Struct, frozen=True):
    """Something that flows come from or go to. `count` is `label`'s number as it is written."""

    id: str
    label: str
    count: str


class Ribbon(msgspec.Struct, frozen=True, kw_only=True):
    """`value` units go from a stop to one of the next column. `url`: a list of them."""

    source: str
    target: str
    value: int
    title: str
    tone: str
    url: str = ""


class _Bar(msgspec.Struct, frozen=True):
    x: float
    y: float
    height: float


def flow(
    columns: Sequence[Sequence[Stop]], ribbons: Sequence[Ribbon], title: str, width: int = WIDE
) -> Markup:
    """The columns from left to right. A narrow picture has its words on the ribbons."""
    seen = [each for each in ribbons if each.value > 0]
    through = _through(seen)
    shown = [[stop for stop in column if through.get(stop.id)] for column in columns]
    rows = max((len(column) for column in shown), default=0)
    height = max(HEIGHT_MIN, (44 if width == WIDE else 62) * rows)
    bars = _bars(shown, through, (width, height))
    order = {stop.id: place for column in shown for place, stop in enumerate(column)}
    shapes = _ribbons(seen, bars, order, _scale(shown, through, height))
    shapes += [
        element("rect", x=bar.x, y=bar.y, width=BAR, height=max(bar.height, 1.5), rx=2)
        for bar in bars.values()
    ]
    for place, column in enumerate(shown):
        side = _side(place, len(shown), width)
        shapes += [_words(stop, bars[stop.id], side, width) for stop in column]
    return picture((width, height), title, shapes, f"flow {'wide' if width == WIDE else 'narrow'}")


def _through(ribbons: Sequence[Ribbon]) -> dict[str, int]:
    """Units through each stop: what comes in or what goes out, whichever is more."""
    out: dict[str, int] = defaultdict(int)
    into: dict[str, int] = defaultdict(int)
    for each in ribbons:
        out[each.source] += each.value
        into[each.target] += each.value
    return {id_: max(out[id_], into[id_]) for id_ in {*out, *into}}


def _scale(columns: Sequence[Sequence[Stop]], through: dict[str, int], height: int) -> float:
    """Heights of one unit: what the fullest column leaves."""
    most = max((sum(through[stop.id] for stop in column) for column in columns), default=0)
    rows = max((len(column) for column in columns), default=0)
    return max(1.0, height - 8 - GAP * max(0, rows - 1)) / max(1, most)


def _bars(
    columns: Sequence[Sequence[Stop]], through: dict[str, int], size: tuple[int, int]
) -> dict[str, _Bar]:
    width, height = size
    scale = _scale(columns, through, height)
    edge = 186 if width == WIDE else 2
    step = (width - 2 * edge - BAR) / max(1, len(columns) - 1)
    bars = {}
    for place, column in enumerate(columns):
        taken = sum(through[stop.id] for stop in column) * scale + GAP * (len(column) - 1)
        y = max(4.0, (height - taken) / 2)
        for stop in column:
            bars[stop.id] = _Bar(edge + place * step, y, through[stop.id] * scale)
            y += through[stop.id] * scale + GAP
    return bars


def _ribbons(
    ribbons: Sequence[Ribbon], bars: dict[str, _Bar], order: dict[str, int], scale: float
) -> list[Markup]:
    """Each leaves and arrives in the order of its other end, so that few of them cross."""
    tops: dict[int, list[float]] = {id(each): [0.0, 0.0] for each in ribbons}
    for side, (own, other) in enumerate((("source", "target"), ("target", "source"))):
        used: dict[str, float] = defaultdict(float)
        for each in sorted(ribbons, key=lambda one: order[getattr(one, other)]):
            stop = getattr(each, own)
            tops[id(each)][side] = bars[stop].y + used[stop]
            used[stop] += each.value * scale
    return [_ribbon(each, bars, tops[id(each)], max(1.0, each.value * scale)) for each in ribbons]


def _ribbon(each: Ribbon, bars: dict[str, _Bar], tops: list[float], thick: float) -> Markup:
    left, right = bars[each.source].x + BAR, bars[each.target].x
    middle = (left + right) / 2
    path = (
        f"M{left:.0f} {tops[0]:.1f}C{middle:.0f} {tops[0]:.1f} {middle:.0f} {tops[1]:.1f} "
        f"{right:.0f} {tops[1]:.1f}v{thick:.1f}C{middle:.0f} {tops[1] + thick:.1f} {middle:.0f} "
        f"{tops[0] + thick:.1f} {left:.0f} {tops[0] + thick:.1f}z"
    )
    title = element("title", escape(each.title))
    given = {"data_href": each.url} if each.url else {}
    return element("path", title, d=path, class_=f"ribbon {each.tone}", **given)


def _side(place: int, columns: int, width: int) -> str:
    """Where words stand: outside of the outer bars, or on the ribbons where there is no outside."""
    if width == WIDE:
        return "left" if place == 0 else "right"
    return "left" if place == columns - 1 else "right"


def _words(stop: Stop, bar: _Bar, side: str, width: int) -> Markup:
    x = bar.x - 8 if side == "left" else bar.x + BAR + 8
    count = element("tspan", escape(f" {stop.count}"), class_="soft")
    name = escape(shortened(stop.label, 26 if width == WIDE else 12))
    anchor = "end" if side == "left" else "start"
    y = bar.y + bar.height / 2 + 4
    return element("text", name, count, x=x, y=y, text_anchor=anchor)
