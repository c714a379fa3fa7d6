"""What every page must pass, in every state: readable by everybody, light, nothing cut off."""

import sysconfig
from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS: Final = (320, 360, 390, 768, 1024, 1280, 1440)
_RUN: Final = """rules => axe.run(document, {
    runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'], preload: false,
})"""
"""Only what is wrong is worked out in full, and our own style sheets need no second fetching."""

FIRST_KB: Final = 110
FIRST_REQUESTS: Final = 12
REPEAT_KB: Final = 12
DOM_MAX: Final = 2_200


def expect_accessible(page: Page) -> None:
    """No violation that axe knows of, in the state the page is in."""
    page.evaluate(_axe())
    found = page.evaluate(_RUN, RULES)
    assert not found["violations"], "\n".join(map(_told, found["violations"]))


def expect_fits(page: Page) -> None:
    """Nothing sticks out at any width."""
    height = (page.viewport_size or {"height": 900})["height"]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert over <= 0, f"{page.url} sticks out by {over} px at {width} px"


def expect_light(page: Page, path: str) -> None:
    """Bytes and requests of a first and of a second visit, as they went over the wire."""
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    seen: list[tuple[str, float]] = []
    urls: dict[str, str] = {}
    client.on(
        "Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]})
    )
    client.on(
        "Network.loadingFinished",
        lambda e: seen.append((urls.get(e["requestId"], ""), e["encodedDataLength"])),
    )
    client.send("Network.clearBrowserCache")
    for most_kb, most_requests in ((FIRST_KB, FIRST_REQUESTS), (REPEAT_KB, FIRST_REQUESTS)):
        seen.clear()
        page.goto(path)
        page.wait_for_timeout(300)
        loaded = [(url, size) for url, size in seen if url and not url.endswith("/live")]
        kilobytes = sum(size for _, size in loaded) / 1_024
        assert kilobytes <= most_kb, f"{path}: {kilobytes:.1f} KB of {most_kb}: {loaded}"
        assert len(loaded) <= most_requests, f"{path}: {loaded}"
        own = page.url.split("/")[2]
        assert all(url.split("/")[2] == own for url, _ in loaded if url.startswith("http")), loaded
    elements = page.evaluate("document.querySelectorAll('*').length")
    assert elements <= DOM_MAX, f"{path} has {elements} elements"


@cache
def _axe() -> str:
    file = Path(sysconfig.get_path("data")) / "web-packages" / "for-tests" / "axe.js"
    return file.read_text(encoding="utf-8")


def _told(violation: dict[str, Any]) -> str:
    where = "; ".join(
        str(node["target"]) + " " + node["html"][:150] for node in violation["nodes"][:4]
    )
    return f"{violation['id']}: {violation['help']}: {where}"
