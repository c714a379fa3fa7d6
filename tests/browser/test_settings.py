"""Settings: locations, buffers and people, by those who may."""

import pytest
from playwright.sync_api import expect

from tests.browser.checks import expect_accessible, expect_fits, expect_light
from tests.browser.conftest import Visit


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("id", 390)])
def test_settings_are_accessible(visit: Visit, language: str, width: int, theme: str) -> None:
    page = visit("/settings", "owner", width=width, language=language, theme=theme)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    expect_accessible(page)
    page.goto("/settings/nodes/new")
    expect_accessible(page)
    page.goto("/settings/people/new")
    expect_accessible(page)


def test_settings_fit_and_are_light(visit: Visit) -> None:
    page = visit("/settings", "owner")
    expect_fits(page)
    expect_light(page, "/settings")
    page.goto("/settings/nodes/new")
    expect_fits(page)
    page.goto("/settings/people/new")
    expect_fits(page)


def test_a_location_is_added_and_changed(visit: Visit) -> None:
    page = visit("/settings/nodes/new", "owner")
    for name, value in (("code", "TST"), ("name", "Gudang <Uji>"), ("country", "id")):
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=latitude]").fill("-6.9")
    page.locator("[name=longitude]").fill("107.6")
    page.locator("[name=currency]").fill("IDR")
    page.locator("[name=fixed]").fill("2500")
    page.locator("[name=active]").uncheck()
    page.get_by_role("button", name="Save").click()
    row = page.locator("#locations tr", has_text="Gudang <Uji>")
    expect(row).to_contain_text("Rp 2,500")
    expect(row).to_contain_text("closed")

    row.get_by_role("link").click()
    expect(page.locator("[name=fixed]")).to_have_value("2500.00")
    page.locator("[name=latitude]").fill("91")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("not a point on earth")).to_be_visible()
    expect(page.get_by_text("Nothing was changed.")).to_be_visible()


def test_a_buffer_is_kept(visit: Visit) -> None:
    page = visit("/settings", "merchant")
    first = page.locator("#channels li").first
    first.locator("[name=units]").fill("3")
    first.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator("#channels li").first.locator("[name=units]")).to_have_value("3")
    page.locator("#channels li").first.locator("[name=units]").fill("0")
    page.locator("#channels li").first.get_by_role("button", name="Save").click()


def test_somebody_is_invited_with_limits_and_loses_access(visit: Visit) -> None:
    page = visit("/settings/people/new", "owner")
    page.locator("#f-email").fill("new.hand@example.org")
    page.locator("[name=name]").fill("Nadia Baru")
    page.locator("[name=role][value=floor]").check()
    page.locator("[name=node]").first.check()
    page.get_by_role("button", name="Save").click()
    row = page.locator("#people tr", has_text="Nadia Baru")
    expect(row).to_contain_text("1 location")
    expect(row).to_contain_text("yes")

    row.get_by_role("link").click()
    page.locator("[name=active]").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#people tr", has_text="Nadia Baru")).to_contain_text("no")


def test_nobody_locks_themselves_out(visit: Visit) -> None:
    page = visit("/settings", "owner")
    page.locator("#people tr", has_text="owner@").get_by_role("link").click()
    page.locator("[name=active]").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("away from oneself")).to_be_visible()


def test_a_role_sees_only_its_part(visit: Visit) -> None:
    page = visit("/settings", "merchant")
    expect(page.locator("#people")).to_have_count(0)
    expect(page.get_by_role("link", name="Add a location")).to_have_count(0)
    assert page.request.get("/settings/people/new").status == 403
