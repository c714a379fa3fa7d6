"""The way of a parcel from city to city, drawn on the base map: nothing finer than a city. Pure."""

from typing import Final

import msgspec
from markupsafe import Markup

from connectors.contract.parcels import TrackingStatus
from fulfillment.machine import ParcelState
from fulfillment.model import Parcel
from oms.kernel.address import Coordinates, distance_km
from oms.web.pictures.ground import WIDTH, Frame, frame_around
from oms.web.pictures.svg import element, label, picture, shortened
from oms.web.public.facts import Facts
from oms.web.public.reading import Reading
from oms.web.translations import N_

KM_MIN: Final = 40  # a way within a city is no picture
CITY_MAX: Final = 24
BEND: Final = 0.14
HALF, NEAR = 0.5, 0.86  # of the way, between the cities

Point = tuple[float, float]


class End(msgspec.Struct, frozen=True):
    """A city at an end of the way."""

    name: str
    at: Coordinates


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Between which cities, in words, and the picture of it."""

    words: str
    drawn: Markup


def route_of(facts: Facts, reading: Reading, ground_url: str) -> Route | None:
    """The way of the newest box that is away; None where its ends are not known or too near."""
    ends = _ends(facts)
    if ends is None:
        return None
    box, here, there = ends
    frame = frame_around((here.at, there.at))
    if frame is None:
        return None
    words = reading.say(N_("From %(here)s to %(there)s"), here=here.name, there=there.name)
    ground = element("use", href=f"{ground_url}#land", class_="land")
    way = _way(frame.place(here.at), frame.place(there.at), _part(facts, box, there.name))
    spots = (*_spot(frame, here, "from"), *_spot(frame, there, "to"))
    return Route(
        words=words, drawn=picture((WIDTH, frame.height), words, (ground, *way, *spots), "route")
    )


def frame_of(facts: Facts) -> Frame | None:
    """The part of the world that the picture shows."""
    ends = _ends(facts)
    return frame_around((ends[1].at, ends[2].at)) if ends else None


def _ends(facts: Facts) -> tuple[Parcel, End, End] | None:
    away = (ParcelState.SHIPPED, ParcelState.DELIVERED)
    boxes = [each for each in facts.left if each.state in away]
    node = facts.nodes.get(boxes[-1].node_id) if boxes else None
    to = facts.order.ship_to
    if node is None or node.address.at is None or to.at is None:
        return None
    here = End(shortened(node.address.city or node.name, CITY_MAX), _city(node.address.at))
    there = End(shortened(to.city, CITY_MAX), _city(to.at))
    return (boxes[-1], here, there) if distance_km(here.at, there.at) >= KM_MIN else None


def _part(facts: Facts, box: Parcel, goal: str) -> float:
    """How much of the way is behind it, as far as a scan named a city: nothing, or all but the end.

    Carriers do not say where a van is, so nothing is drawn between cities.
    """
    if box.state is ParcelState.DELIVERED:
        return 1.0
    scans = facts.scans.get(box.id, ())
    is_near = any(
        scan.status == TrackingStatus.OUT_FOR_DELIVERY or scan.place.casefold() == goal.casefold()
        for scan in scans
    )
    return NEAR if is_near else HALF if scans else 0.0


def _way(here: Point, there: Point, part: float) -> list[Markup]:
    """A bow from end to end: whole as far as it came, dashed where it is still to go."""
    (x1, y1), (x2, y2) = here, there
    bend = BEND if x2 >= x1 else -BEND  # always upwards
    middle = ((x1 + x2) / 2 + (y2 - y1) * bend, (y1 + y2) / 2 - (x2 - x1) * bend)
    shapes = [element("path", d=_bow(here, middle, there), class_="ahead")]
    if part:
        until = _on_bow(here, middle, there, part)
        turn = (x1 + (middle[0] - x1) * part, y1 + (middle[1] - y1) * part)
        shapes.append(element("path", d=_bow(here, turn, until), class_="behind"))
        if part < 1:
            x, y = until
            shapes += [
                element("circle", cx=x, cy=y, r=20, class_="halo"),
                element("circle", cx=x, cy=y, r=10, class_="now"),
            ]
    return shapes


def _spot(frame: Frame, end: End, class_: str) -> tuple[Markup, Markup]:
    x, y = frame.place(end.at)
    inside = min(max(x, 70.0), WIDTH - 70.0)
    name = label(end.name, inside, y + 44, "middle")
    return element("circle", cx=x, cy=y, r=10, class_=class_), name


def _bow(start: Point, middle: Point, end: Point) -> str:
    (x1, y1), (mx, my), (x2, y2) = start, middle, end
    return f"M{x1:.0f} {y1:.0f}Q{mx:.0f} {my:.0f} {x2:.0f} {y2:.0f}"


def _on_bow(start: Point, middle: Point, end: Point, part: float) -> Point:
    rest = 1 - part
    weights = (rest * rest, 2 * rest * part, part * part)
    x, y = (
        sum(
            weight * point[axis]
            for weight, point in zip(weights, (start, middle, end), strict=True)
        )
        for axis in (0, 1)
    )
    return x, y


def _city(at: Coordinates) -> Coordinates:
    """A point about as exact as a city: where a house stands is nobody's business."""
    return Coordinates(round(at.latitude, 1), round(at.longitude, 1))
