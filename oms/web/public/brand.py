"""The merchant's colour as a style sheet: as it was chosen by day, lightened by night."""

from functools import cache
from hashlib import sha256
from typing import Any, Final

from litestar import MediaType, Request, Response, get
from litestar.params import FromPath

from config.settings import CONTRAST_MIN, contrast
from oms.http.call import Call

PREFIX: Final = "/brand"
NIGHT: Final = "#1a1a18"  # the lighter of the two grounds text stands on at night
WHITE: Final = "#ffffff"
SURFACE: Final = "#ffffff"
TINT: Final = 0.1  # of the colour in grounds by day
NIGHT_TINT: Final = 0.22
STEPS: Final = 20


@get(PREFIX + "/{name:str}", sync_to_thread=False, include_in_schema=False)
def style(request: Call, name: FromPath[str]) -> Response[Any]:
    """The colours. Kept for ever under the name that belongs to them."""
    body = sheet(request.services.settings.brand.colour)
    is_todays = name == _name(body)
    keep = "public, max-age=31536000, immutable" if is_todays else "no-store"
    headers = {"Cache-Control": keep, "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type=MediaType.CSS, headers=headers)


def url(request: Request[Any, Any, Any]) -> str:
    """Where the style sheet is; another colour has another address."""
    services = request.app.state.services
    return f"{PREFIX}/{_name(sheet(services.settings.brand.colour))}"


@cache
def sheet(colour: str) -> str:
    """Custom properties for light and dark pages; text in them is always readable (4.5:1)."""
    by_night = lightened(colour)
    return (
        f":root{{--brand:{colour};--brand-bg:{mixed(colour, SURFACE, TINT)};--on-brand:{WHITE}}}\n"
        f':root[data-theme="dark"]{{--brand:{by_night};'
        f"--brand-bg:{mixed(colour, NIGHT, NIGHT_TINT)};--on-brand:{NIGHT}}}\n"
    )


def lightened(colour: str) -> str:
    """The colour with as much white as it takes to be read on a dark page."""
    mixes = (mixed(WHITE, colour, step / STEPS) for step in range(STEPS + 1))
    return next(each for each in mixes if contrast(each, NIGHT) >= CONTRAST_MIN)


def mixed(one: str, other: str, share: float) -> str:
    """So much of one colour in another."""
    parts = (
        round(int(one[at : at + 2], 16) * share + int(other[at : at + 2], 16) * (1 - share))
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)


def _name(body: str) -> str:
    return f"{sha256(body.encode()).hexdigest()[:12]}.css"
