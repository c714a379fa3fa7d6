"""Amounts by day as bars, with the line they should not fall below."""

from collections.abc import Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from oms.web.pictures.svg import element, label, picture

WIDTH: Final = 640
HEIGHT: Final = 240
_LEFT, _TOP, _BOTTOM = 46, 26, 26
_STEPS: Final = (1, 2, 5)


class Bar(msgspec.Struct, frozen=True):
    """A day: what there is then, its name for the axis ("": none), and what is added that day."""

    value: int
    label: str = ""
    arrives: str = ""


def bars(days: Sequence[Bar], floor: int, words: tuple[str, str]) -> Markup:
    """`floor`: what shall stay there (0: nothing); `words`: title, and the floor's name."""
    title, floor_name = words
    top = max([floor, 1, *(each.value for each in days)])
    height = HEIGHT - _TOP - _BOTTOM
    shapes = []
    for mark in ticks(top):
        y = _TOP + height * (1 - mark / top)
        shapes.append(element("line", x1=_LEFT, x2=WIDTH, y1=y, y2=y, class_="grid-line"))
        shapes.append(label(f"{mark:,}", _LEFT - 8, y + 4, "end", "soft"))
    step = (WIDTH - _LEFT) / max(1, len(days))
    for place, day in enumerate(days):
        tall = max(2.0, height * max(0, day.value) / top)
        x = _LEFT + place * step + step * 0.18
        tone = "bad" if day.value <= 0 else "warn" if day.value < floor else "info"
        y = _TOP + height - tall
        shape = element("rect", x=x, y=y, width=step * 0.64, height=tall, rx=2, class_=tone)
        shapes.append(shape)
        if day.arrives:
            shapes.append(label(day.arrives, x + step * 0.32, y - 8, "middle", "ok"))
        if day.label:
            shapes.append(label(day.label, x + step * 0.32, HEIGHT - 6, "middle", "soft"))
    if floor:
        y = _TOP + height * (1 - floor / top)
        shapes.append(element("line", x1=_LEFT, x2=WIDTH, y1=y, y2=y, class_="floor"))
        shapes.append(label(floor_name, WIDTH, max(12.0, y - 6), "end", "bad"))
    return picture((WIDTH, HEIGHT), title, shapes, "bars")


def ticks(top: int) -> list[int]:
    """Two to five round numbers from 0 up to `top`."""
    size = 1
    while True:
        for factor in _STEPS:
            if top // (step := factor * size) <= 4:
                return list(range(0, top + 1, step))
        size *= 10
