"""The demo's shop behind a real server, and a real browser in front of it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from oms.platform.security.keys import token
from tests.services.programs import NOT_RUN

ORDERS = 160
GROUPS = 2
START_S = 120
WAIT_MS = 8_000
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"),
    *("--no-first-run", "--disable-component-update", "--disable-sync"),
]
EXPECTED = re.compile(
    r"Failed to load resource: "
    r"(.* status of (401|403|404|409|410|422|429)|net::ERR_INTERNET_DISCONNECTED)"
)
"""What a browser itself says of an answer that a test asked for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests run in one process; two processes share the files, each with its own shop."""
    here = Path(__file__).parent
    files = sorted({item.path for item in items if here in item.path.parents})
    for item in items:
        if here in item.path.parents:
            number = files.index(item.path) % GROUPS
            item.add_marker(pytest.mark.xdist_group(f"browser-{number}"))
            item.add_marker(pytest.mark.pages)


class Shop(msgspec.Struct):
    """A running demo: where it is kept and served, logins and keys by role, a customer's page."""

    url: str
    folder: Path
    logins: dict[str, tuple[str, str]]
    keys: dict[str, str]
    customer_path: str
    process: Any


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("shop"), 8_400 + os.getpid() % 500) as opened:
        yield opened


@contextmanager
def running_shop(folder: Path, port: int, orders: int = ORDERS) -> Iterator[Shop]:
    """A demo in a folder: what was there before is there again."""
    said = folder / "said.txt"
    command = [sys.executable, "-m", "oms.cli", "demo", "--data", str(folder), "--no-traffic"]
    command += ["--orders", str(orders), "--port", str(port)]
    with said.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        words = _until_ready(said, process)
        access = json.loads((folder / "demo-access.json").read_text())
        yield Shop(
            url=words["Address"],
            folder=folder,
            keys={each["role"]: token(each["key_id"], each["key_secret"]) for each in access},
            logins={each["role"]: (each["email"], each["password"]) for each in access},
            customer_path=words["A customer's page"].removeprefix(words["Address"]),
            process=process,
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        pytest.skip(f"{NOT_RUN}Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(shop: Shop, browser: Browser) -> Iterator[Visit]:
    """Opens a page: `visit("/orders", role="merchant", width=390, language="id", theme="dark")`.

    A visit without a role is not signed in. Whatever goes wrong in the page itself, or is refused
    by its content security policy, fails the test in the end.
    """
    said: list[str] = []
    with ExitStack() as stack:

        def open_page(
            path: str,
            role: str = "",
            *,
            width: int = 1440,
            language: str = "en",
            theme: str = "light",
        ) -> Page:
            context = browser.new_context(
                base_url=shop.url,
                viewport={"width": width, "height": 900 if width > 720 else 800},
                locale={"en": "en-GB", "id": "id-ID"}[language],
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
            )
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(WAIT_MS)
            page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
            page.on(
                "console",
                lambda line: (
                    said.append(f"{page.url}: {line.text}")
                    if line.type == "error" and not EXPECTED.search(line.text)
                    else None
                ),
            )
            if role:
                sign_in(page, shop, role)
            page.goto(path)
            return page

        yield open_page
    assert not said, "\n".join(said)


def sign_in(page: Page, shop: Shop, role: str) -> None:
    """Through a form of the browser's own making: the sign-in page has tests of its own."""
    email, password = shop.logins[role]
    answer = page.request.post(
        "/sign-in",
        form={"email": email, "password": password},
        headers={"Sec-Fetch-Site": "same-origin"},
        max_redirects=0,
    )
    assert answer.status == 303, answer.text()


def _until_ready(said: Path, process: Any) -> dict[str, str]:
    """What the demo prints about how to come in, once it answers."""
    until_s = time.monotonic() + START_S
    while time.monotonic() < until_s:
        text = said.read_text()
        found = dict(
            re.findall(r"^  (Address|A customer's page) +(\S+)$", text, flags=re.MULTILINE)
        )
        if len(found) == 2 and _answers(f"{found['Address']}/ready"):
            return found
        assert process.poll() is None, text
        time.sleep(0.2)
    raise AssertionError(f"not ready after {START_S} s:\n{said.read_text()}")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
