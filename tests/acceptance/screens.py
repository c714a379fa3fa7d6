"""A demo and a browser for one module of acceptance tests that are walked on the screens."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, Shop, running_shop
from tests.browser.floor_work import Floor
from tests.services.programs import NOT_RUN

ORDERS = 20


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("floor")
    with running_shop(folder, 9_100 + os.getpid() % 500, ORDERS) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: a process drives one at a time."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        pytest.skip(f"{NOT_RUN}Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def floor(shop: Shop) -> Iterator[Floor]:
    with closing(Floor(shop)) as opened:
        yield opened
