"""A clock that fills until a moment is there."""

from math import cos, pi, sin

from markupsafe import Markup

from oms.web.pictures.svg import element, label, picture

SIZE, RADIUS = 128, 55
_CENTRE = SIZE / 2


def clock(part: float, words: tuple[str, str], title: str, tone: str) -> Markup:
    """`part` (0 to 1) of the time has passed; `words` stand inside, the larger ones first."""
    passed = min(1.0, max(0.0, part))
    shapes = [element("circle", cx=_CENTRE, cy=_CENTRE, r=RADIUS, class_="rest")]
    if passed >= 0.999:
        shapes.append(element("circle", cx=_CENTRE, cy=_CENTRE, r=RADIUS, class_=f"arc {tone}"))
    elif passed > 0.01:
        angle = 2 * pi * passed
        x, y = _CENTRE + RADIUS * sin(angle), _CENTRE - RADIUS * cos(angle)
        is_large = 1 if passed > 0.5 else 0
        start = f"M{_CENTRE:.0f} {_CENTRE - RADIUS:.0f}"
        path = f"{start}A{RADIUS} {RADIUS} 0 {is_large} 1 {x:.1f} {y:.1f}"
        shapes.append(element("path", d=path, class_=f"arc {tone}"))
    shapes.append(label(words[0], _CENTRE, _CENTRE + 2, "middle", "large"))
    shapes.append(label(words[1], _CENTRE, _CENTRE + 20, "middle", "soft"))
    return picture((SIZE, SIZE), title, shapes, "clock")
