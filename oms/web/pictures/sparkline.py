"""A line without axes: whether something goes up or down."""

from collections.abc import Sequence

from markupsafe import Markup

from oms.web.pictures.svg import element, picture

WIDTH, HEIGHT, EDGE = 112, 34, 4


def sparkline(values: Sequence[float | None], title: str) -> Markup:
    """The values from left to right; None is a gap. The last one has a dot."""
    known = [value for value in values if value is not None]
    least, most = min(known, default=0), max(known, default=0)
    span = (most - least) or 1
    step = (WIDTH - 2 * EDGE) / max(1, len(values) - 1)
    points = [
        (EDGE + place * step, HEIGHT - EDGE - (value - least) / span * (HEIGHT - 2 * EDGE))
        for place, value in enumerate(values)
        if value is not None
    ]
    shapes = []
    if len(points) > 1:
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        shapes.append(element("polyline", points=line))
    if points:
        shapes.append(element("circle", cx=points[-1][0], cy=points[-1][1], r=2.5))
    return picture((WIDTH, HEIGHT), title, shapes, "sparkline")
