"""Pictures of the pages for docs/screenshots, taken from a fresh demo in a real browser.

python -m tools.screenshots          all of them
python -m tools.screenshots pick     those whose name holds a word
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, WAIT_MS, Shop, running_shop, sign_in

FOLDER: Final = Path(__file__).parent.parent / "docs" / "screenshots"
PORT: Final = 8_390
SETTLES_MS: Final = 600  # until what is fetched after the first paint is there


class Shot(msgspec.Struct, frozen=True):
    """A picture: who looks at what, on which screen, and what they do before it is taken."""

    name: str
    role: str
    path: str
    width: int = 1440
    language: str = "en"
    theme: str = "light"
    act: Callable[[Page], None] | None = None


def _open_first(page: Page) -> None:
    page.locator("a.main-link").first.click()


def _choose_and_peek(page: Page) -> None:
    for key in ("j", "x", "j", "x", " "):
        page.keyboard.press(key)


def _press(*keys: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)

    return act


def _ask(words: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.keyboard.press("Control+k")
        page.keyboard.type(words)

    return act


def _work_here(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Work here|Bekerja di sini")).click()


PHONE: Final = 390
SHOTS: Final = (
    Shot("sign-in", "", "/sign-in"),
    Shot("sign-in-id-phone", "", "/sign-in", PHONE, "id"),
    Shot("orders", "merchant", "/orders"),
    Shot("orders-id-dark", "merchant", "/orders", language="id", theme="dark"),
    Shot("orders-phone", "merchant", "/orders", PHONE),
    Shot("orders-chosen-peek", "merchant", "/orders?view=to-release", act=_choose_and_peek),
    Shot("orders-empty", "merchant", "/orders?q=nobody+is+called+this"),
    Shot("orders-search", "merchant", "/orders", act=_ask("an")),
    Shot("orders-keys", "merchant", "/orders", act=_press("?")),
    Shot("order", "merchant", "/orders?view=open", act=_open_first),
    Shot("order-blocked", "merchant", "/orders?view=attention", act=_open_first),
    Shot("order-id-phone", "merchant", "/orders?view=open", PHONE, "id", act=_open_first),
    Shot("today", "merchant", "/today"),
    Shot("today-dark", "merchant", "/today", theme="dark"),
    Shot("today-id-phone", "merchant", "/today", PHONE, "id"),
    Shot("pick", "floor", "/pick", PHONE, act=_work_here),
    Shot("pick-id-dark", "floor", "/pick", PHONE, "id", "dark", act=_work_here),
    Shot("pack", "floor", "/pack", act=_work_here),
    Shot("handover", "floor", "/handover", act=_work_here),
    Shot("returns", "returns", "/returns"),
    Shot("returns-id", "returns", "/returns", language="id"),
    Shot("returns-desk", "returns", "/returns?view=all", act=_open_first),
    Shot("returns-desk-phone", "returns", "/returns?view=all", PHONE, act=_open_first),
    Shot("stock", "merchant", "/stock"),
    Shot("stock-item", "merchant", "/stock", act=_open_first),
    Shot("customers", "agent", "/customers"),
    Shot("customer", "agent", "/customers", act=_open_first),
    Shot("invoices", "accountant", "/invoices"),
    Shot("invoice", "accountant", "/invoices", act=_open_first),
    Shot("books", "accountant", "/invoices/books"),
    Shot("channels", "merchant", "/channels"),
    Shot("imports", "merchant", "/imports"),
    Shot("settings", "owner", "/settings"),
    Shot("settings-id", "owner", "/settings", language="id"),
    Shot("customer-page", "", "(customer)"),
    Shot("customer-page-phone", "", "(customer)", PHONE),
    Shot("customer-page-id-phone-dark", "", "(customer)?lang=id", PHONE, "id", "dark"),
    Shot("link-altered", "", "/track/ord_0.0.altered", PHONE),
    Shot("not-for-you", "accountant", "/settings"),
    Shot("account", "merchant", "/account"),
)


def main() -> int:
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        print("Chromium is needed: apt-get install chromium")
        return 1
    wanted = [shot for shot in SHOTS if all(word in shot.name for word in sys.argv[1:])]
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_shop(Path(folder), PORT) as shop,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        missed = [shot.name for shot in wanted if not take(browser, shop, shot)]
        browser.close()
    print(f"{len(wanted) - len(missed)} pictures in {FOLDER}")
    if missed:
        print(f"Not taken: {', '.join(missed)}")
    return 1 if missed else 0


def take(browser: Browser, shop: Shop, shot: Shot) -> bool:
    """Take one picture; False, with words, when the page is not there or the act fails."""
    context = browser.new_context(
        base_url=shop.url,
        viewport={"width": shot.width, "height": 900 if shot.width > PHONE else 844},
        locale={"en": "en-GB", "id": "id-ID"}[shot.language],
        color_scheme="dark" if shot.theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    try:
        if shot.role:
            sign_in(page, shop, shot.role)
        answer = page.goto(shot.path.replace("(customer)", shop.customer_path))
        if answer is None or answer.status >= 500:
            print(f"{shot.name}: {shot.path} answers {answer and answer.status}")
            return False
        if shot.act:
            shot.act(page)
        page.wait_for_timeout(SETTLES_MS)
        page.screenshot(path=FOLDER / f"{shot.name}.png", caret="initial")
    except Error as error:
        print(f"{shot.name}: {str(error).splitlines()[0]}")
        return False
    finally:
        context.close()
    return True


if __name__ == "__main__":
    sys.exit(main())
