"""Where a device stands: its node, chosen once and kept in a cookie of this browser."""

from typing import Any, Final

import msgspec
from litestar import Response, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from fulfillment.model import EXTERNAL_KINDS
from oms.http.call import Call
from oms.http.reach import expect_all_channels
from oms.inventory import queries as inventory
from oms.inventory.model import Node
from oms.platform.transaction import Reader
from oms.web.forms import posted
from oms.web.guards import may_see

COOKIE: Final = "oms_node"
SCREENS: Final = ("/pick", "/pack", "/handover")
_KEPT_S: Final = 400 * 24 * 3_600  # as long as browsers keep one


class Place(msgspec.Struct, frozen=True):
    """The node this device works at (None: not chosen yet), and those it could work at."""

    node: Node | None
    nodes: tuple[Node, ...]

    @property
    def id(self) -> str:
        return self.node.id if self.node else ""


def place(request: Call, reader: Reader) -> Place:
    """The device's place within the caller's reach; where there is only one, that one."""
    expect_all_channels(request, "Look at their orders in the order desk.")
    nodes = tuple(
        node
        for node in inventory.nodes(reader)
        if node.active and node.kind not in EXTERNAL_KINDS and request.caller.reaches_node(node.id)
    )
    chosen = request.cookies.get(COOKIE, "")
    found = next((node for node in nodes if node.id == chosen), None)
    return Place(found or (nodes[0] if len(nodes) == 1 else None), nodes)


@post("/floor/node", guards=[may_see("fulfilment:read")], include_in_schema=False, status_code=200)
async def choose(request: Call) -> Response[Any]:
    """This device works at that node from now on."""
    form = await posted(request)
    node_id = form.required("node", 100)
    request.caller.expect_node(node_id)
    await request.read(lambda reader: inventory.node(reader, node_id))
    to = form.text("to", 100)
    is_secure = request.services.settings.public_url.startswith("https://")
    cookie = Cookie(
        COOKIE, value=node_id, max_age=_KEPT_S, httponly=True, secure=is_secure, samesite="lax"
    )
    return Redirect(to if to in SCREENS else SCREENS[0], status_code=303, cookies=[cookie])
