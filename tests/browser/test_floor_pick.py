"""The pick screen with a scanner: focus lost, wrong items, no connection, two pickers, one hand."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Shop, Visit
from tests.browser.floor_work import Floor, Tote, scan, screen, stand_at, walk


@pytest.fixture(scope="module")
def floor(shop: Shop) -> Iterator[Floor]:
    with closing(Floor(shop)) as opened:
        yield opened


def place(page: Page) -> Any:
    return page.locator("#place")


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("id", "dark"), ("en", "dark")])
def test_every_state_is_accessible(visit: Visit, floor: Floor, language: str, theme: str) -> None:
    tote = floor.released(BTK_001=2, BTK_002=1)
    page = visit("/pick", "floor", width=390, language=language, theme=theme)
    expect_accessible(page)  # where is this device?
    screen(page, "/pick")
    expect(page.locator("#start")).to_be_visible()
    expect_accessible(page)

    walk(page, tote)
    expect(place(page)).to_have_text("BTK-001")
    expect_accessible(page)
    scan(page, floor.barcode("BTK-001"))
    expect(page.locator("#done")).to_have_text("1")
    expect_accessible(page)
    scan(page, floor.barcode("KOP-001"))
    expect(page.locator("#said p")).to_contain_text("KOP-001")
    expect_accessible(page)
    page.locator("[data-open=short]").click()
    expect_accessible(page)
    page.keyboard.press("Escape")
    page.locator("#quantity").click()
    expect_accessible(page)
    page.keyboard.press("Escape")
    expect_fits(page)
    page.set_viewport_size({"width": 390, "height": 800})
    scan(page, floor.barcode("BTK-001"))
    scan(page, floor.barcode("BTK-002"))
    expect(page.locator("#finished h2")).to_be_visible()
    expect_accessible(page)


def test_picking_is_light(visit: Visit) -> None:
    page = visit("/pick", "floor", width=390)
    stand_at(page)
    expect_light(page, "/pick")


def test_one_scan_a_unit_wherever_the_focus_is(visit: Visit, floor: Floor) -> None:
    tote = floor.released(BTK_003=2, BTK_004=1)
    page = visit("/pick", "floor", width=390)
    walk(page, tote)
    expect(page.locator("#tote")).to_have_text(tote.number)

    page.locator("#sound").focus()
    scan(page, floor.barcode("BTK-003"))
    expect(page.locator("#done")).to_have_text("1")
    expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    before = page.locator("#then").bounding_box()

    scan(page, floor.barcode("BTK-003") + "9")
    expect(page.locator("#said b")).to_have_text("Not on your list, put it back")
    expect(page.locator("#said p")).to_contain_text(floor.barcode("BTK-003") + "9")
    scan(page, floor.barcode("KOP-002"))
    expect(page.locator("#said b")).to_have_text("Wrong item, put it back")
    expect(page.locator("#said p")).to_contain_text(floor.name("KOP-002"))
    expect(page.locator("#said p")).to_contain_text(floor.name("BTK-003"))
    assert page.locator("body").get_attribute("data-tone") == "wrong"
    assert page.locator("#then").bounding_box() == before, "nothing may move under the eye"

    scan(page, floor.barcode("BTK-004"))  # another stop first
    expect(page.locator("#said p")).to_contain_text("Counted for another stop")
    scan(page, floor.barcode("BTK-004"))
    page.wait_for_timeout(260)
    scan(page, floor.barcode("BTK-004"))
    expect(page.locator("#said b")).to_have_text("One too many, put it back")
    scan(page, floor.barcode("BTK-003"))
    expect(page.locator("#finished h2")).to_have_text("All picked")
    expect(page.locator("#net")).to_have_text("Saved")
    assert floor.states(tote) == {"picked": 3}


def test_a_bounce_is_ignored_and_undo_puts_back(visit: Visit, floor: Floor) -> None:
    tote = floor.released(BTK_005=3)
    page = visit("/pick", "floor", width=390)
    walk(page, tote)
    code = floor.barcode("BTK-005")
    page.evaluate(
        """code => {
          for (let twice = 0; twice < 2; twice += 1) for (const key of [...code, "Enter"]) {
            const typed = new KeyboardEvent("keydown", { key, bubbles: true });
            document.activeElement.dispatchEvent(typed);
          }
        }""",
        code,
    )
    expect(page.locator("#done")).to_have_text("1")

    page.locator("#undo").click()
    expect(page.locator("#done")).to_have_text("0")
    expect(page.locator("#net")).to_have_text("Saved")
    assert floor.states(tote) == {"released": 3}

    page.locator("#quantity").click()
    page.locator("[data-digit='3']").click()
    page.locator("#many button.main").click()
    scan(page, code)
    expect(page.locator("#finished h2")).to_be_visible()
    expect(page.locator("#net")).to_have_text("Saved")
    assert floor.states(tote) == {"picked": 3}


def test_scans_without_a_connection_survive_a_reload(visit: Visit, floor: Floor) -> None:
    tote = floor.released(BTK_007=2, BTK_008=2)
    page = visit("/pick", "floor", width=390)
    walk(page, tote)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(
        "caches.match('/pick').then(kept => Boolean(kept) && caches.match(document.querySelector"
        "('script[type=module]').src)).then(Boolean)"
    )
    page.reload()
    page.locator("#begin").click()
    scan(page, floor.barcode("BTK-007"))
    expect(page.locator("#net")).to_have_text("Saved")

    page.context.set_offline(True)
    scan(page, floor.barcode("BTK-007"))
    expect(place(page)).to_have_text("BTK-008")
    scan(page, floor.barcode("BTK-008"))
    expect(page.locator("#net")).to_have_text("Offline · 2 kept")
    expect(page.locator("#offline")).to_be_visible()

    page.reload()
    page.locator("#begin").click()
    expect(place(page)).to_have_text("BTK-008")
    expect(page.locator("#done")).to_have_text("1")
    scan(page, floor.barcode("BTK-008"))
    assert floor.states(tote) == {"picked": 1, "released": 3}

    page.context.set_offline(False)
    expect(page.locator("#finished h2")).to_be_visible()
    expect(page.locator("#net")).to_have_text("Saved")
    assert floor.states(tote) == {"picked": 4}


def test_what_is_not_there_is_short_in_two_taps(visit: Visit, floor: Floor) -> None:
    tote = floor.released(BTK_009=2, BTK_010=1)
    page = visit("/pick", "floor", width=390)
    walk(page, tote)
    scan(page, floor.barcode("BTK-009"))

    page.get_by_role("button", name="Short").click()
    page.get_by_role("button", name="Place is empty").click()

    expect(place(page)).to_have_text("BTK-010")
    expect(page.locator("#said b")).to_contain_text("reported short")
    scan(page, floor.barcode("BTK-010"))
    expect(page.locator("#told")).to_contain_text("1 short")
    expect(page.locator("#net")).to_have_text("Saved")
    states = floor.states(tote)
    assert states["picked"] == 2
    assert "released" not in states


def test_two_pickers_on_one_order_are_told(visit: Visit, floor: Floor) -> None:
    tote = floor.released(BTK_011=1, BTK_012=1)
    page = visit("/pick", "floor", width=390)
    walk(page, tote)
    page.context.set_offline(True)
    scan(page, floor.barcode("BTK-011"))
    other = visit("/pick", "merchant", width=390)
    walk(other, tote)
    scan(other, floor.barcode("BTK-011"))
    expect(other.locator("#net")).to_have_text("Saved")

    page.context.set_offline(False)

    expect(page.locator("#said b")).to_contain_text("Order desk (demo) picked it meanwhile")
    expect(place(page)).to_have_text("BTK-012")
    assert floor.states(tote) == {"picked": 1, "released": 1}


def test_an_ended_session_keeps_the_scans_and_is_renewed_in_place(
    visit: Visit, floor: Floor, shop: Shop
) -> None:
    tote = floor.released(DPR_007=2)
    page = visit("/pick", "floor", width=390)
    walk(page, tote)
    expect(page.locator("#net")).to_have_text("Saved")
    page.context.clear_cookies(name="oms_session")

    scan(page, floor.barcode("DPR-007"))
    expect(page.locator("#session")).to_be_visible()
    expect_accessible(page)
    email, password = shop.logins["floor"]
    page.locator("#session-email").fill(email)
    page.locator("#session-password").fill(password)
    page.locator("#session-form button").click()

    expect(page.locator("#session")).to_be_hidden()
    expect(page.locator("#net")).to_have_text("Saved")
    assert floor.states(tote) == {"picked": 1, "released": 1}


def test_the_same_event_twice_counts_once(visit: Visit, floor: Floor) -> None:
    tote = floor.released(DPR_010=3)
    page = visit("/pick", "floor", width=390)
    event = {
        "id": "b1f0a6de-0000-4000-8000-000000000001",
        "kind": "scan",
        "count": 1,
        "fulfilment": tote.id,
        "code": floor.barcode("DPR-010"),
        "at": 1,
    }
    answers = [_sent(page, [event], tote) for _ in range(2)]

    assert [each["told"][0]["code"] for each in answers] == ["", ""]
    assert answers[1]["lists"][0]["stops"][0]["done"] == 1
    many = [{**event, "id": f"b1f0a6de-0000-4000-8000-00000000001{n}"} for n in range(4)]
    assert [each["code"] for each in _sent(page, many, tote)["told"]] == [
        *("", ""),
        *("scan.too_many", "scan.too_many"),
    ]
    unknown = {**event, "id": "b1f0a6de-0000-4000-8000-000000000099", "fulfilment": "ful_nobody"}
    assert _sent(page, [unknown], tote)["told"][0]["code"]


def test_a_walk_is_finished_by_keys_alone(visit: Visit, floor: Floor) -> None:
    tote = floor.released(DPR_012=1)
    page = visit("/pick", "floor", width=390)
    walk(page, tote)
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type("dpr-012")
    page.keyboard.press("Enter")
    expect(page.locator("#finished")).to_contain_text("1 of 1 units")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/pack$"))
    assert floor.states(tote) == {"picked": 1}


def _sent(page: Page, events: list[dict[str, Any]], tote: Tote) -> Any:
    answer = page.request.post(
        "/pick/events",
        data=json.dumps({"events": events, "walk": [tote.id]}),
        headers={"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status == 200, answer.text()
    return answer.json()
