"""E1: each node has its queue of what is to be picked, and each picker walks a part of it."""

import pytest
from playwright.sync_api import expect

from tests.acceptance.screens import browser, floor, shop
from tests.browser.conftest import Visit, visit
from tests.browser.floor_work import NODE, Floor, scan, screen, stand_at, walk

__all__ = ["browser", "floor", "shop", "visit"]

pytestmark = [pytest.mark.pages, pytest.mark.xdist_group("browser")]


def test_a_device_shows_the_queue_of_its_node_oldest_first(visit: Visit, floor: Floor) -> None:
    first, second = floor.released(BTK_001=2), floor.released(KOP_001=1)
    page = visit("/pick", "floor", width=390)
    expect(page.get_by_role("heading", level=2)).to_have_text("Where is this device?")

    page.get_by_label("This device works at").select_option(NODE)
    page.get_by_role("button", name="Work here").click()

    numbers = [each["number"] for each in screen(page, "/pick")["lists"]]
    assert numbers == sorted(numbers)
    assert [each for each in numbers if each in (first.number, second.number)] == [
        first.number,
        second.number,
    ]
    stand_at(page, "nod_upg")
    page.goto("/pick")
    expect(page.locator("body")).not_to_contain_text(first.number)


def test_what_one_picker_took_is_not_asked_of_another(visit: Visit, floor: Floor) -> None:
    tote = floor.released(BTK_002=1, BTK_003=1)
    mine = visit("/pick", "floor", width=390)
    walk(mine, tote)
    scan(mine, floor.barcode("BTK-002"))
    expect(mine.locator("#net")).to_have_text("Saved")

    theirs = visit("/pick", "owner", width=390)
    walk(theirs, tote)
    expect(theirs.locator("#progress")).to_have_text("1 of 2 units")
    expect(theirs.locator("#place")).to_have_text("BTK-003")
    scan(theirs, floor.barcode("BTK-003"))

    expect(theirs.locator("#finished h2")).to_have_text("All picked")
    expect(mine.locator("#finished h2")).to_have_text("All picked")
    assert floor.states(tote) == {"picked": 2}
    numbers = [each["number"] for each in screen(mine, "/pick")["lists"]]
    assert tote.number not in numbers
