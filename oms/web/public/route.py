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

Point = tuple[float, float]


class End(msgspec.Struct, frozen=True):
    """A city at an end of the way; `is_now` where the parcel was last seen."""

    name: str
    at: Coordinates
    is_now: bool = False


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
    is_there = _is_there(facts, box, facts.order.ship_to.city)
    is_now = box.state is ParcelState.SHIPPED
    replace = msgspec.structs.replace
    shapes = [
        element("use", href=f"{ground_url}#land", class_="land"),
        _way(frame.place(here.at), frame.place(there.at), "behind" if is_there else "ahead"),
        *_spot(frame, replace(here, is_now=is_now and not is_there), "from"),
        *_spot(frame, replace(there, is_now=is_now and is_there), "to"),
    ]
    return Route(words=words, drawn=picture((WIDTH, frame.height), words, shapes, "route"))


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


def _is_there(facts: Facts, box: Parcel, goal: str) -> bool:
    """Whether a scan named the city it goes to, or it was delivered.

    Carriers do not say where a van is, so nothing is ever drawn between cities.
    """
    return box.state is ParcelState.DELIVERED or any(
        scan.status == TrackingStatus.OUT_FOR_DELIVERY or scan.place.casefold() == goal.casefold()
        for scan in facts.scans.get(box.id, ())
    )


def _way(here: Point, there: Point, class_: str) -> Markup:
    """A bow from end to end."""
    (x1, y1), (x2, y2) = here, there
    bend = BEND if x2 >= x1 else -BEND  # always upwards
    middle = ((x1 + x2) / 2 + (y2 - y1) * bend, (y1 + y2) / 2 - (x2 - x1) * bend)
    return element("path", d=_bow(here, middle, there), class_=class_)


def _spot(frame: Frame, end: End, class_: str) -> list[Markup]:
    x, y = frame.place(end.at)
    inside = min(max(x, 70.0), WIDTH - 70.0)
    name = label(end.name, inside, y + 46, "middle")
    halo = [element("circle", cx=x, cy=y, r=24, class_="halo")] if end.is_now else []
    return [*halo, element("circle", cx=x, cy=y, r=11, class_=class_), name]


def _bow(start: Point, middle: Point, end: Point) -> str:
    (x1, y1), (mx, my), (x2, y2) = start, middle, end
    return f"M{x1:.0f} {y1:.0f}Q{mx:.0f} {my:.0f} {x2:.0f} {y2:.0f}"


def _city(at: Coordinates) -> Coordinates:
    """A point about as exact as a city: where a house stands is nobody's business."""
    return Coordinates(round(at.latitude, 1), round(at.longitude, 1))
