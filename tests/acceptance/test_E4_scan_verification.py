"""E4: a wrong item, lot, serial or quantity is refused at once, with a sound and in words."""

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.screens import browser, floor, shop
from tests.browser.conftest import Visit, visit
from tests.browser.floor_work import Floor, scan, screen, walk

__all__ = ["browser", "floor", "shop", "visit"]

pytestmark = [pytest.mark.pages, pytest.mark.xdist_group("browser")]

LISTEN = """() => {
  window.heard = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) {
    window.heard.push(this.frequency.value);
    return start.call(this, at);
  };
}"""


def refused(page: Page, title: str, words: str) -> None:
    expect(page.locator("#said b")).to_have_text(title)
    expect(page.locator("#said p")).to_contain_text(words)
    expect(page.locator("body")).to_have_attribute("data-tone", "wrong")
    assert 196 in page.evaluate("window.heard.splice(0)")


def test_wrong_scans_at_the_shelf_are_refused_with_sound_and_words(
    visit: Visit, floor: Floor
) -> None:
    tote = floor.released(BTK_004=2, BTK_005=1)
    page = visit("/pick", "floor", width=390)
    walk(page, tote)
    page.evaluate(LISTEN)
    code = floor.barcode("BTK-004")

    scan(page, floor.barcode("KOP-005"))
    refused(page, "Wrong item, put it back", floor.name("KOP-005"))
    scan(page, f"(01)0{code}(17)200131(10)L7")
    refused(page, "Too old, put it back", "BTK-004")
    scan(page, f"(01)0{code}(10)L8(21)S1")
    expect(page.locator("#done")).to_have_text("1")
    assert 1320 in page.evaluate("window.heard.splice(0)")
    page.wait_for_timeout(300)
    scan(page, f"(01)0{code}(10)L8(21)S1")
    refused(page, "This one was counted already", "S1")
    scan(page, f"(01)0{code}(10)L8(21)S2")
    expect(page.locator("#place")).to_have_text("BTK-005")
    scan(page, f"(01)0{code}(10)L8(21)S3")
    refused(page, "One too many, put it back", "2 are picked")

    expect(page.locator("#net")).to_have_text("Saved")
    assert floor.states(tote) == {"picked": 2, "released": 1}


def test_wrong_scans_at_the_bench_are_refused_and_nothing_is_labelled(
    visit: Visit, floor: Floor
) -> None:
    tote = floor.picked(KBN_001=1, KBN_002=1)
    page = visit("/pack", "floor")
    screen(page, f"/pack/{tote.id}")
    page.evaluate(LISTEN)

    scan(page, floor.barcode("KOP-006"))
    refused(page, "Not in this order", floor.name("KOP-006"))
    scan(page, floor.barcode("KBN-001"))
    expect(page.locator("#verified")).to_have_text("1 of 2 verified")
    page.wait_for_timeout(300)
    page.evaluate("window.heard.splice(0)")
    scan(page, floor.barcode("KBN-001"))
    refused(page, "One too many, take it out", "1 are in the box")
    assert floor.boxes(tote) == []

    scan(page, floor.barcode("KBN-002"))
    expect(page.locator(".paper")).to_be_visible()
    assert floor.states(tote) == {"packed": 2}
