"""Coming in, staying in, and what happens to work when a session or the server ends."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Shop, Visit, running_shop, sign_in

FREE_FAILURES = 5
FEW_ORDERS = 30


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "id"])
def test_the_door_is_accessible_in_every_state(visit: Visit, language: str, theme: str) -> None:
    page = visit("/sign-in", width=390, language=language, theme=theme)
    expect_accessible(page)
    expect_fits(page)

    _fill(page, "nobody@serambi.example", "not this")
    refusal = {"en": "do not belong together", "id": "tidak cocok"}[language]
    expect(page.locator(".banner")).to_contain_text(refusal)
    expect(page.locator("#f-email")).to_have_value("nobody@serambi.example")
    expect_accessible(page)


def test_the_door_is_light(visit: Visit) -> None:
    expect_light(visit("/sign-in"), "/sign-in")


def test_who_signs_in_goes_on_to_where_they_wanted(visit: Visit, shop: Shop) -> None:
    page = visit("/orders?view=late")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

    _fill(page, *shop.logins["merchant"])

    expect(page).to_have_url(f"{shop.url}/orders?view=late")


def test_nobody_is_led_to_another_site(visit: Visit, shop: Shop) -> None:
    page = visit("/sign-in?to=//elsewhere.example/orders")

    _fill(page, *shop.logins["merchant"])

    expect(page).to_have_url(f"{shop.url}/orders")


def test_too_many_tries_are_asked_to_wait(visit: Visit, shop: Shop) -> None:
    email, password = shop.logins["integration"]
    page = visit("/sign-in")
    for _ in range(FREE_FAILURES + 2):
        _fill(page, email, "not this")
        expect(page.locator(".banner")).to_be_visible()

    _fill(page, email, password)

    expect(page.locator(".banner")).to_contain_text("Too many wrong passwords for this address.")
    expect(page.locator(".banner")).to_contain_text("then try again")
    expect_accessible(page)


def test_a_role_does_not_open_another_ones_pages(visit: Visit) -> None:
    page = visit("/orders/ord_of_nobody", "merchant")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")

    page = visit("/customers", "floor")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("This is not for you to do")
    expect_accessible(page)
    page.get_by_role("link", name="To where my work is").click()
    expect(heading).not_to_have_text("This is not for you to do")


def test_a_session_that_ended_is_renewed_in_place_and_nothing_is_lost(
    visit: Visit, shop: Shop
) -> None:
    page = visit("/orders?view=to-release", "merchant")
    rows = page.locator("[data-row]")
    before = rows.count()
    page.keyboard.press("j")
    page.keyboard.press("x")

    page.context.clear_cookies()
    page.keyboard.press("r")

    dialog = page.get_by_role("dialog", name="Sign in to go on")
    expect(dialog).to_be_visible()
    expect_accessible(page)
    email, password = shop.logins["merchant"]
    expect(dialog.get_by_label("E-mail address")).to_have_value(email)
    dialog.get_by_label("Password").fill("not this one")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_contain_text("do not belong together")
    dialog.get_by_label("Password").fill(password)
    dialog.get_by_role("button", name="Sign in").click()

    expect(dialog).not_to_be_visible()
    expect(page.locator(".toast")).to_contain_text("1 released to picking")
    expect(rows).to_have_count(before - 1)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(before)


def test_who_signs_out_is_out(visit: Visit) -> None:
    page = visit("/account", "accountant", width=390)
    expect_accessible(page)
    expect_fits(page)

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

    page.goto("/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_chosen_language_stays(visit: Visit) -> None:
    page = visit("/account", "agent")
    page.get_by_label("Language").select_option("id")
    page.get_by_role("button", name="Use it").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Akun")
    again = visit("/account", "agent")
    expect(again.locator("html")).to_have_attribute("lang", "id")
    again.get_by_label("Bahasa").select_option("en")
    again.get_by_role("button", name="Pakai").click()
    expect(again.get_by_role("heading", level=1)).to_have_text("Account")


def test_two_tabs_with_the_same_list_do_it_once(visit: Visit) -> None:
    page = visit("/orders?view=to-release", "merchant")
    other = page.context.new_page()
    other.goto("/orders?view=to-release")
    for tab in (page, other):
        tab.keyboard.press("j")
        tab.keyboard.press("x")

    page.keyboard.press("r")
    expect(page.locator(".toast")).to_contain_text("1 released to picking")
    other.keyboard.press("r")

    told = other.locator(".toast")
    expect(told).to_contain_text("1 not released")
    expect(told).to_contain_text("They stay selected.")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast").last).to_contain_text("1 taken back from picking")


def test_a_form_sent_twice_is_carried_out_once(visit: Visit) -> None:
    page = visit("/orders?view=to-release", "merchant")
    page.locator("a.main-link").first.click()
    path = page.url
    page.get_by_role("button", name="Hold").first.click()
    key = page.locator('#hold-order [name="_key"]').get_attribute("value") or ""
    form: dict[str, str | float | bool] = {
        "_key": key,
        "stage": "release",
        "reason": "Sent by two hands",
        "note": "",
    }

    for _ in range(2):
        answer = page.request.post(
            f"{path}/hold", form=form, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert answer.ok, answer.text()

    page.reload()
    expect(page.locator(".banner", has_text="Sent by two hands")).to_have_count(1)
    page.get_by_role("button", name="Release the hold").click()
    expect(page.locator(".banner")).to_have_count(0)


def test_a_server_that_goes_away_is_told_and_work_goes_on_when_it_is_back(
    browser: Browser, tmp_path: Path
) -> None:
    port = 9_000 + os.getpid() % 500
    with running_shop(tmp_path, port, FEW_ORDERS) as shop:
        context = browser.new_context(base_url=shop.url, locale="en-GB", reduced_motion="reduce")
        page = context.new_page()
        sign_in(page, shop, "merchant")
        page.goto("/orders?view=all")
        live = page.locator("#live")
        expect(live).to_have_text("Live")
    expect(live).to_have_text("Not connected", timeout=15_000)
    page.locator("[data-list-search]").fill("somebody")
    expect(page.locator(".toast")).to_contain_text("No answer from the server.")
    expect(page.locator(".toast")).to_contain_text("Nothing was changed.")
    expect(page.locator("[data-list-search]")).to_have_value("somebody")

    with running_shop(tmp_path, port, FEW_ORDERS):
        expect(live).to_have_text("Live", timeout=30_000)
        page.locator("[data-list-search]").fill("nobody is called this")
        expect(page.locator("#results")).to_contain_text("No order here matches")
        context.close()


def _fill(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail address").or_(page.get_by_label("Alamat email")).fill(email)
    page.get_by_label("Password").or_(page.get_by_label("Kata sandi")).fill(password)
    page.locator("main button.main").click()
