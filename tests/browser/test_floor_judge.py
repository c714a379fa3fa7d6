"""A scan is judged in the page by a pure function: every verdict, every way a code is written."""

from typing import Any, Final

import pytest

from tests.browser.conftest import Visit

STOPS: Final = [
    {
        "key": "f1/a",
        "fulfilment": "f1",
        "tote": "FO-1",
        "item": "a",
        "sku": "A-1",
        "name": "Apple",
        "place": "",
        "wanted": 2,
        "done": 0,
        "codes": [
            {"code": "04006381333931", "units": 1},
            {"code": "14006381333938", "units": 12},
        ],
    },
    {
        "key": "f1/b",
        "fulfilment": "f1",
        "tote": "FO-1",
        "item": "b",
        "sku": "B-1",
        "name": "Bean",
        "place": "",
        "wanted": 1,
        "done": 0,
        "codes": [{"code": "SHELF 9", "units": 1}],
    },
]
APPLE: Final = "4006381333931"
CASE: Final = "14006381333938"
JUDGE: Final = """async ([url, state, scans]) => {
  const { judge } = await import(url);
  return scans.map(([code, at]) => judge(state, code, at));
}"""


@pytest.fixture
def judged(visit: Visit) -> Any:
    page = visit("/sign-in")
    build = page.locator("html").get_attribute("data-build")

    def judge(code: str, at: int = 10_000, **state: Any) -> Any:
        whole = {"stops": STOPS, "times": 1, "last": None, "known": {}, "serials": []} | state
        url = f"/static/{build}/js/floor/judge.js"
        return page.evaluate(JUDGE, [url, whole, [[code, at]]])[0]

    return judge


def test_every_scan_has_one_verdict(judged: Any) -> None:
    def done(apples: int, beans: int) -> list[dict[str, Any]]:
        return [{**STOPS[0], "done": apples}, {**STOPS[1], "done": beans}]

    assert judged(APPLE)["verdict"] == "right"
    assert judged(APPLE, stops=done(1, 0))["verdict"] == "stop"
    assert judged(APPLE, stops=done(1, 1))["verdict"] == "all"
    assert judged(APPLE, stops=done(2, 0))["verdict"] == "over"
    assert judged("shelf 9")["isElsewhere"] is True
    assert judged("B-1")["stop"]["item"] == "b"
    assert judged("12345678")["verdict"] == "unknown"
    assert judged("  ")["verdict"] == "unknown"


def test_a_wrong_item_is_named_beside_the_right_one(judged: Any) -> None:
    found = judged("5901234123457", known={"05901234123457": {"sku": "C-1", "name": "Cake"}})

    assert found["verdict"] == "wrong"
    assert (found["item"]["name"], found["needs"]["name"]) == ("Cake", "Apple")


def test_a_bounce_is_no_second_unit(judged: Any) -> None:
    last = {"raw": APPLE, "at": 10_000}

    assert judged(APPLE, 10_249, last=last)["verdict"] == "bounce"
    assert judged(APPLE, 10_250, last=last)["verdict"] == "right"
    assert judged("SHELF 9", 10_100, last=last)["verdict"] == "stop"


def test_several_at_once_and_cases_count_all_their_units(judged: Any) -> None:
    assert judged(APPLE, times=2)["units"] == 2
    assert judged(APPLE, times=2)["verdict"] == "stop"
    assert judged(APPLE, times=3)["verdict"] == "over"
    assert (judged(CASE)["verdict"], judged(CASE)["units"]) == ("over", 12)


@pytest.mark.parametrize(
    "written",
    [
        *(APPLE, f"0{APPLE}", f" {APPLE} ", f"(01)0{APPLE}(21)XY7", f"]C1010{APPLE}21XY7"),
        *(
            f"010{APPLE}21XY7",
            f"]d2010{APPLE}10L5\u001d21XY7",
            f"https://id.example/01/0{APPLE}/21/XY7",
        ),
    ],
)
def test_one_item_is_known_however_its_code_is_written(judged: Any, written: str) -> None:
    found = judged(written)

    assert found["verdict"] == "right"
    assert found["stop"]["item"] == "a"


def test_the_same_serial_twice_and_a_day_that_is_over_are_refused(judged: Any) -> None:
    seen = [f"0{APPLE}/XY7"]

    assert judged(f"(01)0{APPLE}(21)XY7", serials=seen)["verdict"] == "repeat"
    assert judged(f"(01)0{APPLE}(21)XY8", serials=seen)["verdict"] == "right"
    assert judged(f"(01)0{APPLE}(17)250131", today="261122")["verdict"] == "expired"
    assert judged(f"(01)0{APPLE}(17)270131", today="261122")["verdict"] == "right"
