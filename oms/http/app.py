"""The web application: the API's controllers, what they share, and the way it starts and stops."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Any, Final

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from config.settings import Settings
from oms.http import openapi, problems, system
from oms.http.call import Call
from oms.http.rooms import API
from oms.platform.database import READERS

READING_THREADS: Final = READERS + 2  # a few more than connections: some are busy with rendering
PUBLIC: Final = frozenset({"/health", "/ready", "/api/v1/openapi.json", "/api/v1/docs"})
"""What is for everybody; every other handler has a guard (a test walks them)."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def application(
    settings: Settings,
    pages: Sequence[ControllerRouterHandler] = (),
    lifespan: Sequence[Lifespan] = (),
) -> Litestar:
    """The application; `lifespan` must put `Services` into `state.services` when it starts."""
    return Litestar(
        route_handlers=_handlers(pages),
        state=State({"described": cache(lambda: describe(settings))}),
        request_class=Call,
        exception_handlers=problems.HANDLERS,
        openapi_config=None,  # its routes would swallow unknown paths: see oms.http.system
        request_max_body_size=settings.http.body_max_bytes,
        lifespan=[reading_threads, *lifespan],
        logging_config=None,  # oms.platform.logging has done it
    )


def describe(settings: Settings) -> dict[str, Any]:
    """The OpenAPI document; needs no database and nothing else."""
    app = Litestar(
        route_handlers=_handlers(()),
        request_class=Call,
        openapi_config=openapi.config(settings.brand.name),
        logging_config=None,
    )
    return openapi.document(app)


def _handlers(pages: Sequence[ControllerRouterHandler]) -> list[ControllerRouterHandler]:
    api = Router(openapi.PATH, route_handlers=API)
    return [system.health, system.ready, system.figures, api, *pages]


@asynccontextmanager
async def reading_threads(_: Litestar) -> AsyncIterator[None]:
    """Threads for sync handlers: as many as there are connections to read with, and a few."""
    threads = ThreadPoolExecutor(READING_THREADS, thread_name_prefix="reading")
    asyncio.get_running_loop().set_default_executor(threads)
    yield
    threads.shutdown()


def unguarded(app: Litestar) -> list[str]:
    """Paths of handlers that let everybody in."""
    return sorted(
        {
            route.path
            for route in app.routes
            for handler in getattr(route, "route_handlers", ())
            if not handler.resolve_guards() and "OPTIONS" not in handler.http_methods
        }
    )
