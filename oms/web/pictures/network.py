"""Nodes and where goods go from them, drawn over the base map."""

from collections.abc import Sequence
from math import hypot
from typing import Final

import msgspec
from markupsafe import Markup, escape

from oms.kernel.address import Coordinates
from oms.web.pictures.ground import WIDTH, Frame
from oms.web.pictures.svg import element, label, picture, shortened

BEND: Final = 0.16  # of a flow's length, so that there and back do not cover each other
_LETTER: Final = 9.8  # a letter's width in units, roughly
_NAME_MAX: Final = 26

Box = tuple[float, float, float, float]


class Spot(msgspec.Struct, frozen=True):
    """A node on the map."""

    name: str
    at: Coordinates


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Orders from a node to a place; `late` of them."""

    source: Coordinates
    target: Coordinates
    count: int
    late: int
    title: str


def network(
    frame: Frame, spots: Sequence[Spot], routes: Sequence[Route], words: tuple[str, str]
) -> Markup:
    """`words`: the picture's title, and the address of its base map."""
    title, ground_url = words
    most = max((each.count for each in routes), default=1)
    late_last = sorted(routes, key=lambda each: (each.late > 0, each.count))
    shapes = [element("use", href=f"{ground_url}#land", class_="land")]
    shapes += [_route(frame, each, most) for each in late_last]
    goals = {frame.place(each.target) for each in routes}
    shapes += [element("circle", cx=x, cy=y, r=4.5, class_="goal") for x, y in sorted(goals)]
    taken: list[Box] = []
    for each in spots:
        x, y = frame.place(each.at)
        taken.append((x - 9, y - 9, x + 9, y + 9))
        shapes.append(element("rect", x=x - 7, y=y - 7, width=14, height=14, rx=3, class_="node"))
    shapes += [_name(frame, each, taken) for each in spots]
    return picture((WIDTH, frame.height), title, shapes, "map")


def _route(frame: Frame, route: Route, most: int) -> Markup:
    (x1, y1), (x2, y2) = frame.place(route.source), frame.place(route.target)
    across = BEND if x2 >= x1 else -BEND  # always upwards
    x = (x1 + x2) / 2 + (y2 - y1) * across
    y = (y1 + y2) / 2 - (x2 - x1) * across
    wide = 2 + 4 * (route.count / max(1, most)) ** 0.5
    title = element("title", escape(route.title))
    path = f"M{x1:.0f} {y1:.0f}Q{x:.0f} {y:.0f} {x2:.0f} {y2:.0f}"
    if hypot(x2 - x1, y2 - y1) < 2:
        path = f"M{x1:.0f} {y1:.0f}h1"
    tone = "bad" if route.late else "info"
    return element("path", title, d=path, stroke_width=wide, class_=f"route {tone}")


def _name(frame: Frame, spot: Spot, taken: list[Box]) -> Markup:
    """The node's name beside it, where it covers as little as possible."""
    x, y = frame.place(spot.at)
    text = shortened(spot.name, _NAME_MAX)
    wide = len(text) * _LETTER
    choices = {
        "start": ((x + 15, y + 6), (x + 15, y - 10, x + 15 + wide, y + 10)),
        "end": ((x - 15, y + 6), (x - 15 - wide, y - 10, x - 15, y + 10)),
        "middle": ((x, y + 29), (x - wide / 2, y + 11, x + wide / 2, y + 34)),
        "middle ": ((x, y - 14), (x - wide / 2, y - 32, x + wide / 2, y - 10)),
    }
    best = min(choices, key=lambda way: _cost(choices[way][1], taken, frame))
    (at_x, at_y), box = choices[best]
    taken.append(box)
    return label(text, at_x, at_y, best.strip(), "name")


def _cost(box: Box, taken: Sequence[Box], frame: Frame) -> float:
    outside = max(0.0, -box[0]) + max(0.0, box[2] - WIDTH)
    outside += max(0.0, -box[1]) + max(0.0, box[3] - frame.height)
    return outside * 20 + sum(_shared(box, other) for other in taken)


def _shared(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0
