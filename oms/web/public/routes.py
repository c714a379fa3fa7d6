"""All pages that need no sign-in beside the door itself, their failures shown as such pages."""

from typing import Final

from litestar import Router

from oms.web.public import brand, returning, tracking
from oms.web.public.writing import HANDLERS

PUBLIC: Final = frozenset(
    {
        "/brand/{name:str}",
        "/track/{token:str}",
        "/track/{token:str}/ground.svg",
        "/track/{token:str}/return",
    }
)
"""What lets in is the signature in the link; the colours are no secret."""


def router() -> Router:
    return Router(
        "/",
        route_handlers=[tracking.track, tracking.base_map, *returning.PAGES, brand.style],
        exception_handlers=HANDLERS,
    )
