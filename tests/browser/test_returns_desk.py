"""Goods coming back: a parcel opened by one scan, graded by one key a piece, done by one key."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Visit
from tests.browser.goods_back import OPEN, delivered_order, make_return, scan

PATIENCE_MS = 15_000  # for what follows by itself, on a machine with other work
HOSTILE = "<b>rusak</b><script>alert(1)</script> \u202eعكس\u202c 😀"


def test_a_parcel_is_done_by_one_scan_one_key_a_piece_and_one_key(visit: Visit) -> None:
    page = visit("/returns", "returns")
    number = make_return(page, lines=2)
    page.goto("/returns")

    scan(page, number)
    page.wait_for_url(OPEN)
    page.keyboard.press("a")
    page.keyboard.press("c")

    happens = page.locator(".effects")
    expect(happens).to_contain_text("back on the shelf at")
    expect(happens).to_contain_text("into quarantine at")
    expect(happens).to_contain_text("Credit note over")
    expect(happens).to_contain_text("The return is closed")
    promised = page.locator("[data-credit]").inner_text()
    assert promised != "Rp 0"

    page.keyboard.press("Enter")
    expect(page.locator(".head .pill")).to_have_text("Closed")
    expect(page.locator("#settled")).to_contain_text("Credit note", timeout=PATIENCE_MS)
    expect(page.locator("#settled")).to_contain_text(promised)
    expect(page.locator("[data-scan-field]")).to_be_focused()


def test_money_follows_every_grade_before_anything_is_done(visit: Visit) -> None:
    page = visit("/returns", "returns")
    make_return(page)
    credit = page.locator("[data-credit]")
    expect(credit).to_have_text("Rp 0")

    page.keyboard.press("a")
    expect(credit).not_to_have_text("Rp 0")
    page.keyboard.press("d")
    expect(credit).to_have_text("Rp 0")
    expect(page.locator(".effects")).to_contain_text("refused: waits here")

    page.reload()
    expect(page.locator("[data-sum]:visible")).to_contain_text("D · Refuse, no credit")
    expect(page.locator(".head .pill")).to_have_text("Expected")


def test_refused_goods_are_looked_at_again_and_accepted(visit: Visit) -> None:
    page = visit("/returns", "returns")
    make_return(page)
    page.keyboard.press("d")
    expect(page.locator(".effects")).to_contain_text("refused")
    page.keyboard.press("Enter")
    expect(page.locator(".head .pill")).to_have_text("Refused goods here")
    expect_accessible(page)

    page.get_by_role("button", name="Look at it again").click()
    expect(page.locator(".head .pill")).to_have_text("Arrived, inspect")
    page.keyboard.press("b")
    expect(page.locator("[data-finish]")).to_contain_text("Finish: give")
    page.keyboard.press("Enter")
    expect(page.locator(".head .pill")).to_have_text("Closed")

    page.get_by_label("Goes to").select_option("restock")
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_text("Set aside here")).to_have_count(0)


def test_what_did_not_come_is_told_and_can_be_given_up(visit: Visit) -> None:
    page = visit("/returns", "returns")
    make_return(page, lines=2)
    page.locator("input[name='quantity.1']").fill("0")
    page.locator("[data-scan-field]").focus()
    page.keyboard.press("a")

    expect(page.locator(".effects")).to_contain_text("did not come: the return stays open")
    page.get_by_label("What is missing will not come any more").check()
    expect(page.locator(".effects")).to_contain_text("stays with the customer, no credit")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".head .pill")).to_have_text("Closed")


def test_a_piece_nobody_announced_and_an_unknown_code_are_told(visit: Visit) -> None:
    page = visit("/returns", "returns")
    make_return(page)
    own = page.locator("[data-part]").first.get_attribute("data-codes") or ""
    other = "TLS-003" if "TLS-003" not in own else "MND-001"

    scan(page, other)
    expect(page.locator(".said")).to_contain_text("Nobody announced")
    expect(page.locator("[data-part].here")).to_contain_text(other)

    scan(page, "NO-SUCH-THING-1")
    expect(page.locator(".said")).to_contain_text("Nothing is called “NO-SUCH-THING-1”")
    expect(page.locator("[data-part]")).to_have_count(2)
    expect_accessible(page)


def test_an_unannounced_parcel_finds_its_order_and_gets_a_return_in_place(visit: Visit) -> None:
    page = visit("/returns", "returns")
    delivered_order(page)
    sku = page.locator("form[action='/returns/new'] td small.mono").first.inner_text()
    page.goto("/returns")

    scan(page, sku)
    expect(page.get_by_role("heading", level=1)).to_have_text("Whose parcel is this?")
    expect_accessible(page)
    page.get_by_role("button", name="Make a return").first.click()
    page.wait_for_url(OPEN)
    expect(page.locator("[data-part]")).to_have_count(1)


def test_a_scan_is_taken_wherever_the_focus_is(visit: Visit) -> None:
    page = visit("/returns", "returns")
    number = make_return(page)
    page.goto("/returns?view=all")
    page.locator("a.main-link").last.focus()

    scan(page, number)

    expect(page.get_by_role("heading", level=1)).to_have_text(number)


def test_hostile_text_is_only_text(visit: Visit) -> None:
    page = visit("/returns", "returns")
    make_return(page, reason=HOSTILE)
    expect(page.locator("[data-part]")).to_contain_text("<b>rusak</b><script>")
    page.keyboard.press("n")
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    page.keyboard.insert_text(HOSTILE + "x" * (10_000 - len(HOSTILE)))
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator("[data-finish]")).to_contain_text("Finish")
    expect_fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("Control+Enter")
    expect(page.locator(".head .pill")).to_have_text("Refused goods here")
    expect(page.locator("#happened")).to_contain_text("Refused: 1. <b>rusak</b>")
    expect_fits(page)


def test_a_form_sent_twice_is_done_once(visit: Visit) -> None:
    page = visit("/returns", "returns")
    make_return(page)
    page.keyboard.press("a")
    expect(page.locator("[data-finish]")).to_contain_text("Finish: give")
    form = page.evaluate("Object.fromEntries(new FormData(document.getElementById('judge')))")
    path = page.url.partition("?")[0] + "/finish"

    answers = [
        page.request.post(path, form=form, headers={"Sec-Fetch-Site": "same-origin"})
        for _ in range(2)
    ]
    second = page.request.post(
        path, form=form | {"_key": "another"}, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert [answer.status for answer in answers] == [200, 200]
    assert second.status in {409, 412}
    page.reload()
    counts = page.locator("table tbody tr").first.locator("td.end")
    assert counts.all_inner_texts() == ["1", "1", "1", "0"]


def test_a_role_without_permission_is_told_so(visit: Visit) -> None:
    page = visit("/returns", "floor")
    expect(page.get_by_role("heading", level=1)).to_have_text("This is not for you to do")
    reader = visit("/returns?view=all", "accountant")
    reader.locator("a.main-link").first.click()
    expect(reader.locator("[data-finish]")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("en", "light", 1440), ("id", "dark", 1440), ("id", "light", 390)],
)
def test_every_state_is_accessible_and_fits(
    visit: Visit, language: str, theme: str, width: int
) -> None:
    page = visit("/returns?view=all", "returns", width=width, language=language, theme=theme)
    expect_accessible(page)
    page.locator("a.main-link").last.click()
    expect(page.locator(".head .pill")).to_be_visible()
    expect_accessible(page)

    page.goto("/returns?q=nobody-is-called-this&view=all")
    expect_accessible(page)
    expect_fits(page)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_desk_with_goods_on_it_is_accessible_and_fits(visit: Visit, width: int) -> None:
    page = visit("/returns", "returns", width=width)
    order_id = delivered_order(page)
    expect_accessible(page)
    assert order_id
    make_return(page, lines=2)
    expect_accessible(page)
    page.locator("[data-part].here label:has(input[value=B])").click()
    expect(page.locator("[data-credit]")).not_to_have_text("Rp 0")
    expect_accessible(page)
    expect_fits(page)


def test_the_list_and_the_desk_are_light(visit: Visit) -> None:
    page = visit("/returns?view=all", "returns")
    expect_light(page, "/returns?view=all")
    _open_first(page)
    expect_light(page, page.url)


def _open_first(page: Page) -> None:
    page.locator("a.main-link").first.click()
    page.wait_for_url(OPEN)
