"""Who is let in: `guards=[may("orders:write")]` on every handler that is not for everybody."""

from typing import Any, Final

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from oms.kernel.errors import Unauthenticated
from oms.platform import logging
from oms.platform.security.callers import Caller
from oms.platform.security.keys import Keyring
from oms.platform.security.roles import expect_permission

_SCHEME: Final = "bearer "


class may:  # noqa: N801 - reads as the sentence it is: guards=[may("orders:write")]
    """Lets in callers that have a permission. One that does not exist is a `ValueError`."""

    def __init__(self, permission: str) -> None:
        self.permission = expect_permission(permission)

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
    ) -> None:
        caller = await identified(connection)
        caller.expect(self.permission)


async def identified(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """The caller behind a request, by its API key; else `Unauthenticated`."""
    scheme_and_token = connection.headers.get("authorization", "")
    if not scheme_and_token.lower().startswith(_SCHEME):
        raise Unauthenticated(
            "access.no_key",
            "This needs an API key.",
            "Send 'Authorization: Bearer oms_…' with a key that an owner has issued.",
        )
    token = scheme_and_token[len(_SCHEME) :].strip()
    keyring: Keyring = connection.scope["litestar_app"].state.services.keyring
    caller = keyring.remembered(token)
    if caller is None:
        caller = await sync_to_thread(keyring.identify, token)
    connection.scope["user"] = caller
    logging.bind(actor=caller.actor)
    return caller
