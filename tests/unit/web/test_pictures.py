"""Every picture is well-formed, says what it shows, and stands also without anything to show."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from oms.kernel.address import Coordinates
from oms.web.pictures import bars, ground, network
from oms.web.pictures.bars import Bar
from oms.web.pictures.clock import clock
from oms.web.pictures.flow import Ribbon, Stop, flow
from oms.web.pictures.ground import Frame, clipped, frame_around, framed
from oms.web.pictures.network import Route, Spot
from oms.web.pictures.sparkline import sparkline

HOSTILE = '<script>alert(1)</script> & "quotes" مرحبا 🦜'
SVG = "{http://www.w3.org/2000/svg}"
JAKARTA, MEDAN = Coordinates(-6.2, 106.8), Coordinates(3.6, 98.7)
FRAME = Frame(-11, 95, 6, 141)

Draw = Callable[[], Markup]


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def ribbon(value: int, target: str = "t") -> Ribbon:
    return Ribbon(
        source="s", target=target, value=value, title=HOSTILE, tone="ok", url="/orders?a=1&b"
    )


STOPS = ((Stop("s", HOSTILE, "9"),), (Stop("t", "Node", "9"), Stop("u", "None", "0")))
ROUTE = Route(source=JAKARTA, target=MEDAN, count=3, late=1, title=HOSTILE)
HERE = Route(source=JAKARTA, target=JAKARTA, count=1, late=0, title="here")
PICTURES: dict[str, Draw] = {
    "a line": lambda: sparkline([1, None, 3.5, 2], HOSTILE),
    "a line of one value": lambda: sparkline([4], HOSTILE),
    "a line of nothing": lambda: sparkline([], HOSTILE),
    "a line of gaps": lambda: sparkline([None, None], HOSTILE),
    "a clock": lambda: clock(0.4, ("1 h", HOSTILE), HOSTILE, "info"),
    "a clock beyond its end": lambda: clock(7, ("−9 min", "09:00"), HOSTILE, "bad"),
    "a clock before its start": lambda: clock(-2, ("36 h", "09:00"), HOSTILE, "info"),
    "ribbons": lambda: flow(STOPS, [ribbon(9)], HOSTILE),
    "narrow ribbons": lambda: flow(STOPS, [ribbon(9)], HOSTILE, 360),
    "ribbons of which some are empty": lambda: flow(STOPS, [ribbon(9), ribbon(0, "u")], HOSTILE),
    "no ribbons": lambda: flow((), (), HOSTILE),
    "bars": lambda: bars.bars([Bar(9, "Mon", "+3"), Bar(0), Bar(-2)], 4, (HOSTILE, "floor")),
    "no bars": lambda: bars.bars([], 0, (HOSTILE, "")),
    "a network": lambda: network.network(
        FRAME, [Spot(HOSTILE, JAKARTA), Spot("B", JAKARTA)], [ROUTE, HERE], (HOSTILE, "/map/x.svg")
    ),
    "a network without flows": lambda: network.network(FRAME, [], [], (HOSTILE, "/map/x.svg")),
}


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES.keys())
def test_a_picture_parses_has_a_title_and_no_negative_size(draw: Draw) -> None:
    picture = parsed(draw())

    assert picture.get("role") == "img"
    assert picture.get("aria-label") == HOSTILE
    assert picture[0].tag == f"{SVG}title"
    assert picture[0].text == HOSTILE
    sizes = [
        float(each.get(name, "0"))
        for each in picture.iter()
        for name in ("width", "height", "r", "stroke-width")
    ]
    assert min(sizes) >= 0
    assert all(side > 0 for side in map(float, picture.get("viewBox", "").split()[2:]))
    assert not list(picture.iter(f"{SVG}script"))


def test_ribbons_lead_to_what_they_stand_for_and_say_it() -> None:
    picture = parsed(flow(STOPS, [ribbon(9)], "Flow"))

    (path,) = picture.findall(f"{SVG}path")

    assert path.get("data-href") == "/orders?a=1&b"
    assert path.findtext(f"{SVG}title") == HOSTILE


def test_ribbons_leave_no_more_and_no_less_than_what_arrives() -> None:
    columns = (
        (Stop("a", "A", "3"), Stop("b", "B", "5")),
        (Stop("n", "N", "8"),),
        (Stop("x", "X", "1"), Stop("y", "Y", "7")),
    )
    ways = [("a", "n", 3), ("b", "n", 5), ("n", "x", 1), ("n", "y", 7)]
    told = [Ribbon(source=s, target=t, value=value, title="", tone="ok") for s, t, value in ways]

    heights = [
        float(each.get("height", "0"))
        for each in parsed(flow(columns, told, "Flow")).findall(f"{SVG}rect")
    ]

    first, second, middle, *last = heights
    assert first + second == pytest.approx(middle, abs=0.2)
    assert sum(last) == pytest.approx(middle, abs=0.2)


@pytest.mark.parametrize(
    ("top", "expected"),
    [(1, [0, 1]), (4, [0, 1, 2, 3, 4]), (9, [0, 2, 4, 6, 8]), (300, [0, 100, 200, 300])],
)
def test_an_axis_has_few_round_numbers(top: int, expected: list[int]) -> None:
    assert bars.ticks(top) == expected


def test_a_frame_holds_every_place_with_room_around_it() -> None:
    frame = frame_around([JAKARTA, MEDAN])

    assert frame is not None
    for place in (JAKARTA, MEDAN):
        x, y = frame.place(place)
        assert 0 < x < ground.WIDTH
        assert 0 < y < frame.height
    assert frame_around([]) is None


@pytest.mark.parametrize(
    "place", [Coordinates(0, 180), Coordinates(84, -180), Coordinates(-84.9, 0), JAKARTA]
)
def test_a_frame_around_one_place_stays_on_the_map(place: Coordinates) -> None:
    frame = frame_around([place])

    assert frame is not None
    assert -180 <= frame.west < frame.east <= 180
    assert -85 <= frame.south < frame.north <= 85


def test_a_frame_that_shows_nothing_is_none() -> None:
    assert framed(5, 5, 5, 5) is None
    assert framed(10, 10, 0, 0) is None
    assert framed(-85, 0, 85, 3) is None


def test_land_is_cut_at_the_frame() -> None:
    around = [(90.0, -20.0), (150.0, -20.0), (150.0, 20.0), (90.0, 20.0)]

    inside = clipped(around, FRAME)

    assert {lon for lon, _ in inside} == {95, 141}
    assert {lat for _, lat in inside} == {-11, 6}
    assert clipped([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)], FRAME) == []


@pytest.mark.skipif(not ground.LAND.exists(), reason="python -m tools.assets was not run")
def test_the_base_map_is_small_and_has_land() -> None:
    picture = parsed(ground.as_file(FRAME))

    (land,) = picture.findall(f"{SVG}path")

    assert land.get("id") == "land"
    assert 2_000 < len(land.get("d", "")) < 60_000
