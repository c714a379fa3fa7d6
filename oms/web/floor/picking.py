"""The pick screen: a walk over the shelves, judged on the device, carried out here."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import JSONBody, QueryParameter

from oms.catalog import queries as catalog
from oms.http.call import Call
from oms.http.reach import expect_all_channels
from oms.kernel.clock import to_datetime
from oms.kernel.errors import NotFound
from oms.orders.events import LinesMoved
from oms.platform import audit
from oms.platform.security import users
from oms.platform.transaction import Reader
from oms.web.floor.heard import SHORT_REASONS, Sent, Told, carry_out
from oms.web.floor.place import place
from oms.web.floor.walk import CARTS, Work, to_pick, works
from oms.web.guards import may_see
from oms.web.pages import page

CODE_MAX: Final = 200
_EVENTS_LOOKED_AT: Final = 500
_MOVED: Final = "order.lines_moved"
_moved: Final = msgspec.json.Decoder(LinesMoved)


class Known(msgspec.Struct, frozen=True):
    """What a code stands for, in words for a picker."""

    sku: str
    name: str


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What the server has to say to a device: answers, the lists as they are, who else was there.

    `others` are names by fulfilment order: who picked last there, if it was not this person.
    """

    at: int
    told: tuple[Told, ...]
    lists: tuple[Work, ...]
    others: dict[str, str] = {}


class Picking(Controller):
    path = "/pick"
    include_in_schema = False

    @get(guards=[may_see("fulfilment:read")], sync_to_thread=True)
    def screen(self, request: Call) -> Response[Any]:
        """The start sheet and the screen behind it: all it needs without a connection later."""
        with request.reading() as reader:
            here = place(request, reader)
            lists = to_pick(reader, here.id) if here.node else []
        return page(
            request,
            "floor/pick.html",
            place=here,
            lists=msgspec.to_builtins(lists),
            works=lists,
            carts=CARTS,
            reasons=SHORT_REASONS,
            at_ms=request.services.uow.clock(),
            today=f"{to_datetime(request.services.uow.clock()):%y%m%d}",
        )

    @post("/events", guards=[may_see("fulfilment:write")], status_code=200)
    async def events(self, request: Call, data: JSONBody[Sent]) -> Truth:
        """Carry out what happened on a device; asked with no events it only tells the truth."""
        told = await carry_out(request, data.events)
        refused = {e.fulfilment for e, answer in zip(data.events, told, strict=True) if answer.code}

        def look(reader: Reader) -> Truth:
            expect_all_channels(request, "Look at their orders in the order desk.")
            reaches = request.caller.reaches_node
            here = [each for each in works(reader, data.walk) if reaches(each.node)]
            return Truth(
                at=request.services.uow.clock(),
                told=tuple(told),
                lists=tuple(here),
                others=_others(reader, request, [each for each in here if each.id in refused]),
            )

        return await request.read(look)

    @get("/item", guards=[may_see("fulfilment:read")], sync_to_thread=True)
    def item(self, request: Call, code: Annotated[str, QueryParameter(name="code")] = "") -> Known:
        """What lies behind a code that is on no list of the device."""
        with request.reading() as reader:
            found = catalog.items_by_barcode(reader, [code[:CODE_MAX]]).get(code[:CODE_MAX])
            found = found or catalog.items_by_sku(reader, [code]).get(code)
        if found is None:
            raise NotFound("item.not_found", "No item has this code.", "Scan again.")
        return Known(found.sku, found.name)


def _others(reader: Reader, request: Call, refused: Sequence[Work]) -> dict[str, str]:
    """Who else moved units last where this person's events were refused."""
    if not refused:
        return {}
    names = {user.id: user.name for user in users.everybody(reader)}
    found = {}
    for each in refused:
        told = audit.of_entity(reader, each.order_id, 0, _EVENTS_LOOKED_AT)
        actors = [
            event.cause.actor
            for event in told
            if event.type == _MOVED
            and any(move.fulfilment_id == each.id for move in _moved.decode(event.body).moves)
        ]
        if actors and actors[-1] != request.caller.actor:
            found[each.id] = names.get(actors[-1], "")
    return found
