"""The bench: one field for every code, verified by scans, labelled by itself; and the dock."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Shop, Visit
from tests.browser.floor_work import Floor, scan, screen, stand_at
from tests.integration.documents.prints import scanned

OPENED = re.compile(r"/pack/ful_\w+$")


@pytest.fixture(scope="module")
def floor(shop: Shop) -> Iterator[Floor]:
    with closing(Floor(shop)) as opened:
        yield opened


@pytest.mark.parametrize(
    "reader",
    [("en", "light", 1440), ("id", "dark", 390)],
    ids=lambda each: "-".join(map(str, each)),
)
def test_every_state_of_the_bench_is_accessible(
    visit: Visit, floor: Floor, reader: tuple[str, str, int]
) -> None:
    language, theme, width = reader
    tote = floor.picked(KBN_001=1, KBN_002=1)
    page = visit("/pack", "floor", width=width, language=language, theme=theme)
    screen(page, "/pack")
    expect_accessible(page)
    expect_fits(page)
    page.set_viewport_size({"width": width, "height": 900})
    scan(page, "NOBODY")
    expect(page.locator("body")).to_have_attribute("data-tone", "wrong")
    expect_accessible(page)

    scan(page, tote.number)
    expect(page).to_have_url(OPENED)
    expect_accessible(page)
    scan(page, floor.barcode("KOP-003"))
    expect(page.locator("#said p")).to_contain_text("KOP-003")
    expect_accessible(page)
    scan(page, floor.barcode("KBN-001"))
    scan(page, floor.barcode("KBN-002"))
    expect(page.locator(".paper")).to_be_visible()
    expect_accessible(page)
    expect_fits(page)
    page.goto("/handover")
    expect(page.locator(".courier").first).to_be_visible()
    expect_accessible(page)
    expect_fits(page)


def test_the_bench_is_light(visit: Visit) -> None:
    page = visit("/pack", "floor")
    stand_at(page)
    expect_light(page, "/pack")


def test_a_tote_is_verified_and_labelled_without_a_click(
    visit: Visit, floor: Floor, tmp_path: Path
) -> None:
    tote = floor.picked(KBN_004=1, KBN_005=2)
    page = visit("/pack", "floor")
    screen(page, "/pack")
    scan(page, tote.number)
    expect(page).to_have_url(OPENED)

    scan(page, floor.barcode("KBN-004"))
    scan(page, floor.barcode("KOP-004"))
    expect(page.locator("#said b")).to_have_text("Not in this order")
    expect(page.locator("#said p")).to_contain_text(floor.name("KOP-004"))
    page.keyboard.press("Escape")
    expect(page.locator("#said")).to_have_text("")
    page.keyboard.press("3")
    expect(page.locator("[name=kind][value='2']")).to_be_checked()
    page.reload()
    expect(page.locator("#verified")).to_have_text("1 of 3 verified")
    expect(page.locator("[name=kind][value='2']")).to_be_checked()
    scan(page, floor.barcode("KBN-005"))
    page.wait_for_timeout(260)
    scan(page, floor.barcode("KBN-005"))

    expect(page.locator("#said b")).to_have_text("Label is there")
    [box] = floor.boxes(tote)
    assert floor.states(tote) == {"packed": 3}
    assert box["weightG"] == 15 + 2 * 20 + 320
    expect(page.locator(".paper")).to_contain_text(box["trackingNumber"])
    printed = page.request.get(page.locator("[data-printed]").get_attribute("data-printed") or "")
    assert scanned(printed.body(), tmp_path)[0] >= {box["trackingNumber"]}
    slip = page.request.get(f"/parcels/{box['id']}/slip.pdf")
    assert slip.body().startswith(b"%PDF")


def test_an_order_of_one_item_takes_one_scan(visit: Visit, floor: Floor) -> None:
    first, second = floor.picked(KBN_007=1), floor.picked(KBN_007=1)
    page = visit("/pack", "floor")
    screen(page, "/pack")
    scan(page, floor.barcode("KBN-007"))
    expect(page.locator(".paper")).to_be_visible()
    scan(page, floor.barcode("KBN-007"))
    expect(page.locator("h1")).to_contain_text(second.number)
    expect(page.locator(".paper")).to_be_visible()

    assert floor.states(first) == floor.states(second) == {"packed": 1}


def test_a_refused_label_is_bought_elsewhere_by_enter(visit: Visit, floor: Floor) -> None:
    tote = floor.picked(KBN_009=1)
    page = visit("/pack", "floor")
    screen(page, f"/pack/{tote.id}")
    expect(page.locator("#service option")).not_to_have_count(1)
    page.evaluate(  # heavier than when the services were asked for, and nobody asked again
        """() => { const services = document.querySelector("#service");
        services.append(new Option("", "nusantara/YES")); services.value = "nusantara/YES";
        document.querySelector("#weight").value = "25000"; }"""
    )
    page.locator("#code").focus()
    scan(page, floor.barcode("KBN-009"))

    expect(page.locator("#label")).to_contain_text("takes 20000 g a parcel, one has 25000 g")
    expect(page.locator("#label")).to_contain_text("Nothing was charged")
    expect(page.locator("#said b")).to_have_text("Box is right, label is not")
    best = page.locator("#label .choice.main")
    expect(best).to_be_focused()
    expect(best).to_contain_text("Rp")
    expect_accessible(page)
    [box] = floor.boxes(tote)
    assert (box["state"], box["trackingNumber"]) == ("packed", "")
    page.keyboard.press("Enter")

    expect(page.locator(".paper")).to_be_visible()
    [box] = floor.boxes(tote)
    assert box["service"] in ("REG", "KARGO")


def test_nothing_is_labelled_that_was_not_picked(visit: Visit, floor: Floor) -> None:
    tote = floor.released(KBN_011=1)
    page = visit("/pack", "floor")
    stand_at(page)
    item_id = floor.items["KBN-011"]["id"]

    answer = page.request.post(
        f"/pack/{tote.id}/close",
        form={"unit": f"{item_id}~1", "weight": "0", "service": ""},
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    assert answer.status == 409
    assert floor.boxes(tote) == []
    page.goto(f"/pack/{tote.id}")
    expect(page.locator(".banner")).to_contain_text("1 unit is not picked yet")


def test_scanned_boxes_leave_and_the_others_stay(visit: Visit, floor: Floor) -> None:
    boxes = [floor.labelled(DPR_003=1), floor.labelled(DPR_004=1), floor.labelled(DPR_005=1)]
    page = visit("/handover", "floor")
    screen(page, "/handover")

    scan(page, boxes[0]["trackingNumber"])
    scan(page, f"]C100{boxes[1]['sscc']}")
    scan(page, "JNR99999999999999")
    expect(page.locator("#said b")).to_have_text("Does not leave from here")
    expect(page.locator("#left")).to_contain_text("are not scanned and stay here")
    page.get_by_role("button", name="2 boxes leave").click()

    expect(page.locator(".banner")).to_contain_text("2 boxes have left")
    expect(page.locator(f"[data-codes*='{boxes[2]['sscc']}']")).to_be_visible()
    expect(page.locator(f"[data-codes*='{boxes[0]['sscc']}']")).to_have_count(0)
