"""Who sees pages: people who signed in, and of them those who may. `guards=[may_see("…")]`."""

from typing import Any, Final, cast
from urllib.parse import urlsplit

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from oms.http.services import Services
from oms.kernel.errors import Denied, Unauthenticated
from oms.platform import logging
from oms.platform.security import sessions
from oms.platform.security.roles import expect_permission
from oms.platform.security.users import User
from oms.platform.transaction import UnitOfWork
from oms.web.pages import VISITOR

COOKIE: Final = "oms_session"
_SAFE: Final = ("GET", "HEAD")

Connection = ASGIConnection[Any, Any, Any, Any]


class NotSignedIn(Unauthenticated):
    """Nobody is known by this browser, or not any more."""


class may_see:  # noqa: N801 - reads as the sentence it is: guards=[may_see("orders:read")]
    """Lets in people who signed in and have a permission; without one, everybody who signed in."""

    def __init__(self, permission: str = "") -> None:
        self.permission = expect_permission(permission) if permission else ""

    async def __call__(self, connection: Connection, _: BaseRouteHandler) -> None:
        expect_same_site(connection)
        user = await signed_in(connection)
        if self.permission:
            user.as_caller().expect(self.permission)


async def signed_in(connection: Connection) -> User:
    """The person behind a request, by the session in their browser; else `NotSignedIn`."""
    token = connection.cookies.get(COOKIE, "")
    services = cast("Services", connection.scope["litestar_app"].state.services)
    user = await sync_to_thread(_find, services.uow, token) if token else None
    if user is None:
        raise NotSignedIn("access.not_signed_in", "You are not signed in.", "Sign in to go on.")
    connection.scope["user"] = user.as_caller()
    connection.scope["state"][VISITOR] = user
    logging.bind(actor=user.id)
    return user


def expect_same_site(connection: Connection) -> None:
    """`Denied` for a change that another site's page asked the browser for.

    Browsers say where a request comes from (Sec-Fetch-Site, before that Origin), and no page can
    make them lie. See docs/decisions for why there is no token in every form.
    """
    if cast("dict[str, Any]", connection.scope)["method"] in _SAFE:
        return
    site = connection.headers.get("sec-fetch-site", "")
    origin = connection.headers.get("origin", "")
    own = connection.headers.get("host", "")
    if site == "same-origin" or (not site and origin and urlsplit(origin).netloc == own):
        return
    raise Denied(
        "access.other_site",
        "This change was not asked for by a page of ours; nothing was changed.",
        "Open the page here and try again.",
    )


def _find(uow: UnitOfWork, token: str) -> User | None:
    with uow.read() as reader:
        found = sessions.find(reader, token)
    if found is None:
        return None
    user, is_due = found
    if is_due:
        with uow.begin() as tx:
            sessions.seen(tx, token)
    return user
