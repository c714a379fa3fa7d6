"""The base map: coast lines within a frame, as a file of its own that browsers keep.

An equirectangular projection that is true in the middle of its frame; nothing beyond latitude 85.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from math import ceil, cos, floor, radians
from typing import Final

import msgspec
from markupsafe import Markup

from oms.kernel.address import Coordinates
from oms.web.assets import FOLDER

LAND: Final = FOLDER / "vendor" / "land.json"
WIDTH: Final = 1_000  # of the picture; paths count in halves of these
ASPECT_MIN, ASPECT_MAX = 1.6, 2.4
SPAN_MIN: Final = 4  # degrees; less would show nothing but a blur
MARGIN: Final = 0.07
POLE: Final = 85
APART: Final = 3  # half units; points nearer to each other are one
AREA_MIN: Final = 10  # square half units; smaller islands are dust

Point = tuple[float, float]
"""Longitude and latitude in degrees."""


class Frame(msgspec.Struct, frozen=True):
    """A part of the world in whole degrees."""

    south: int
    west: int
    north: int
    east: int

    @property
    def height(self) -> int:
        return round((self.north - self.south) * self._scale)

    @property
    def name(self) -> str:
        return f"{self.south},{self.west},{self.north},{self.east}"

    def place(self, at: Coordinates) -> tuple[float, float]:
        """Where a point stands in the picture."""
        return self.xy(at.longitude, at.latitude)

    def xy(self, longitude: float, latitude: float) -> tuple[float, float]:
        squeeze = cos(radians((self.south + self.north) / 2))
        x = (longitude - self.west) * squeeze * self._scale
        return x, (self.north - latitude) * self._scale

    @property
    def _scale(self) -> float:
        """Units of the picture in a degree of latitude."""
        return WIDTH / ((self.east - self.west) * cos(radians((self.south + self.north) / 2)))


def frame_around(places: Iterable[Coordinates]) -> Frame | None:
    """A frame with some room around all of these; None when there are none."""
    found = [each for each in places if abs(each.latitude) < POLE]
    if not found:
        return None
    south, north = _apart(min(p.latitude for p in found), max(p.latitude for p in found))
    west, east = _apart(min(p.longitude for p in found), max(p.longitude for p in found))
    squeeze = cos(radians((south + north) / 2))
    wide, high = (east - west) * squeeze, north - south
    if wide / high < ASPECT_MIN:
        west, east = _grown(west, east, (high * ASPECT_MIN - wide) / squeeze)
    elif wide / high > ASPECT_MAX:
        south, north = _grown(south, north, wide / ASPECT_MAX - high)
    return framed(floor(south), floor(west), ceil(north), ceil(east))


def framed(south: int, west: int, north: int, east: int) -> Frame | None:
    """The frame, kept on the map; None for one that shows nothing."""
    south, north = max(-POLE, south), min(POLE, north)
    west, east = max(-180, west), min(180, east)
    if north - south < 2 or east - west < 2:
        return None
    frame = Frame(south, west, north, east)
    return frame if frame.height <= 3 * WIDTH else None


@lru_cache(maxsize=64)
def ground(frame: Frame) -> str:
    """The SVG file: one path with the id `land`."""
    path = "".join(_path(ring, frame) for ring in _land())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {frame.height}">'
        f'<path id="land" transform="scale(.5)" d="{path or "M0 0"}"/></svg>'
    )


def as_file(frame: Frame) -> Markup:
    """The same as it is sent."""
    return Markup(f'<?xml version="1.0" encoding="UTF-8"?>{ground(frame)}')  # noqa: S704 - numbers


@cache
def _land() -> list[list[int]]:
    return msgspec.json.decode(LAND.read_bytes(), type=list[list[int]])


def _path(ring: Sequence[int], frame: Frame) -> str:
    lons, lats = ring[::2], ring[1::2]
    if max(lons) < frame.west * 100 or min(lons) > frame.east * 100:
        return ""
    if max(lats) < frame.south * 100 or min(lats) > frame.north * 100:
        return ""
    degrees = [(lon / 100, lat / 100) for lon, lat in zip(lons, lats, strict=True)]
    corners = list(_thinned(frame.xy(*point) for point in clipped(degrees, frame)))
    if len(corners) < 3 or _area(corners) < AREA_MIN:
        return ""
    steps = [f"{x2 - x1} {y2 - y1}" for (x1, y1), (x2, y2) in pairwise(corners)]
    x, y = corners[0]
    return f"M{x} {y}l{' '.join(steps)}z".replace(" -", "-")


def clipped(ring: Sequence[Point], frame: Frame) -> list[Point]:
    """The part of a ring inside of the frame (Sutherland and Hodgman)."""
    found = list(ring)
    for axis, bound, is_least in (
        (0, frame.west, True),
        (0, frame.east, False),
        (1, frame.south, True),
        (1, frame.north, False),
    ):
        found = _cut(found, axis, bound, -1 if is_least else 1)
    return found


def _cut(ring: Sequence[Point], axis: int, bound: int, sign: int) -> list[Point]:
    kept: list[Point] = []
    for index, end in enumerate(ring):
        start = ring[index - 1]
        was_in, is_in = sign * (start[axis] - bound) <= 0, sign * (end[axis] - bound) <= 0
        if was_in != is_in:
            part = (bound - start[axis]) / (end[axis] - start[axis])
            crossing = [
                start[0] + part * (end[0] - start[0]),
                start[1] + part * (end[1] - start[1]),
            ]
            crossing[axis] = bound
            kept.append((crossing[0], crossing[1]))
        if is_in:
            kept.append(end)
    return kept


def _thinned(points: Iterable[tuple[float, float]]) -> Iterator[tuple[int, int]]:
    """Points in whole half units, those too near to the one before left out."""
    last: tuple[int, int] | None = None
    for x, y in points:
        here = (round(x * 2), round(y * 2))
        if last is None or abs(here[0] - last[0]) + abs(here[1] - last[1]) >= APART:
            yield here
            last = here


def _area(points: Sequence[tuple[int, int]]) -> float:
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def _apart(least: float, most: float) -> tuple[float, float]:
    """The two with room beyond them, and at least so far apart that there is something to see."""
    room = max((most - least) * MARGIN, (SPAN_MIN - (most - least)) / 2, 0.4)
    return least - room, most + room


def _grown(least: float, most: float, by: float) -> tuple[float, float]:
    return least - by / 2, most + by / 2
