"""The order desk: what needs a person first, everything else by views, filters and search."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from fulfillment.handoff import service as handoff
from fulfillment.handoff.model import Answer, Say
from fulfillment.model import Fulfilment
from fulfillment.releasing import service as releasing
from fulfillment.releasing.model import Release, Released
from oms.catalog import queries as catalog
from oms.catalog.model import Channel
from oms.http.call import Call
from oms.http.reach import fulfilment_in_reach, order_in_reach, order_on_own_floor
from oms.inventory import queries as inventory
from oms.kernel.errors import Invalid, OMSError, Stale
from oms.orders.holds import service as holds
from oms.orders.holds.model import HoldRecord, PlaceHold
from oms.orders.listing import queries as listing
from oms.orders.machine import HoldStage
from oms.orders.worklists import queries as worklists
from oms.platform.gate import Handler
from oms.platform.transaction import Reader
from oms.web.forms import Form, posted
from oms.web.guards import may_see
from oms.web.orders import bulk
from oms.web.orders.bulk import Act
from oms.web.orders.rows import REASON_WORDS, DeskRow, desk_rows
from oms.web.orders.sheet import sheet_of
from oms.web.orders.wishes import PAGE, VIEWS, Wish, ending, wanted, wish
from oms.web.pages import language_of, page
from oms.web.translations import translations

C = TypeVar("C")
R = TypeVar("R")

BULK_MAX: Final = 500  # orders one act may take; more are done in several


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the desk. `count` stops at the order book's own limit."""

    asked: Wish
    rows: list[DeskRow]
    older: str
    count: int
    channels: list[Channel]
    nodes: tuple[Any, ...]


class OrderDesk(Controller):
    path = "/orders"
    include_in_schema = False

    @get(guards=[may_see("orders:read")], sync_to_thread=True)
    def desk(self, request: Call) -> Response[Any]:
        """A view of the orders; the same address always shows the same list."""
        asked = wish(request.query_params)
        with request.reading() as reader:
            desk = _desk(reader, request, asked)
            counts = _counts(reader, request)
        return page(
            request,
            "orders/desk.html",
            desk=desk,
            views=VIEWS,
            counts=counts,
            count_max=listing.COUNT_MAX,
            reason_words=REASON_WORDS,
            stages=tuple(HoldStage),
            reasons=_reasons(request),
        )

    @get("/{order_id:str}/peek", guards=[may_see("orders:read")], sync_to_thread=True)
    def peek(self, request: Call, order_id: FromPath[str]) -> Response[Any]:
        """An order beside the list: the reason it is here, and the act that helps."""
        with request.reading() as reader:
            sheet = sheet_of(request, reader, order_id)
        return page(request, "orders/peek.html", sheet=sheet, reason_words=REASON_WORDS)

    @post("/release", guards=[may_see("fulfilment:write")], status_code=200)
    async def release(self, request: Call) -> Response[Any]:
        """Hand what is chosen to the floor."""
        chosen = await _chosen(request, await posted(request))

        async def command(order_id: str) -> Release:
            id_ = await order_on_own_floor(request, order_id)
            return Release(order_id=id_, cause=request.cause)

        told = await _act(request, chosen, command, (releasing.release, Released))
        done = [each for each in told.values() if isinstance(each, Released)]
        undo = [fulfilment.id for each in done for fulfilment in each.fulfilments]
        return await _outcome(request, told, bulk.RELEASED, undo)

    @post("/recall", guards=[may_see("fulfilment:write")], status_code=200)
    async def recall(self, request: Call) -> Response[Any]:
        """Take back what was released a moment ago, as far as nobody picks it yet."""
        ids = (await posted(request)).all("fulfilment", BULK_MAX)

        async def command(fulfilment_id: str) -> Say:
            id_ = await fulfilment_in_reach(request, fulfilment_id)
            return Say(fulfilment_id=id_, answer=Answer.RECALL, cause=request.cause)

        told = await _act(request, dict.fromkeys(ids), command, (handoff.say, Fulfilment))
        return await _outcome(request, told, bulk.RECALLED)

    @post("/hold", guards=[may_see("orders:write")], status_code=200)
    async def hold(self, request: Call) -> Response[Any]:
        """Stop what is chosen before it is released, for a reason."""
        form = await posted(request)
        chosen = await _chosen(request, form)
        reason = form.required("reason", 200)

        async def command(order_id: str) -> PlaceHold:
            id_ = await order_in_reach(request, order_id)
            cause = request.cause
            return PlaceHold(order_id=id_, stage=HoldStage.RELEASE, reason=reason, cause=cause)

        told = await _act(request, chosen, command, (holds.place_holds, HoldRecord))
        return await _outcome(request, told, bulk.HELD)


def _desk(reader: Reader, request: Call, asked: Wish) -> Desk:
    question = wanted(asked, request.caller.reach.channels)
    found = listing.orders(reader, question)
    shown = found[:PAGE]
    reasons = worklists.reasons(reader, [order.id for order in shown])
    channels = {channel.id: channel for channel in catalog.channels(reader)}
    rows = desk_rows(shown, reasons, channels, reader.now_ms)
    older = ""
    if len(found) > PAGE:
        last = shown[-1]
        is_newest = asked.chosen.sorting == "newest"
        older = ending(last.placed_at_ms if is_newest else last.deadline_ms, last.id)
    reach = request.caller.reach.channels
    return Desk(
        asked=asked,
        rows=rows,
        older=older and asked.url(after=older),
        count=listing.count(reader, question),
        channels=[each for each in channels.values() if reach is None or each.id in reach],
        nodes=inventory.nodes(reader),
    )


def _reasons(request: Call) -> list[dict[str, str]]:
    """What a list can be narrowed to: the reasons orders need a person for."""
    translate = translations(language_of(request)).gettext
    return [{"id": kind.value, "name": translate(word)} for kind, word in REASON_WORDS.items()]


def _counts(reader: Reader, request: Call) -> dict[str, int]:
    """How many orders each view has, as far as it is counted."""
    reach = request.caller.reach.channels
    return {
        view.name: listing.count(reader, wanted(Wish(view=view.name), reach))
        for view in VIEWS
        if view.is_counted
    }


async def _chosen(request: Call, form: Form) -> dict[str, OMSError | None]:
    """The orders ticked, or all that the list's address finds; with why one cannot be acted on.

    A tick carries the version that was on the screen: what was changed meanwhile is left alone.
    """
    seen = dict(each.rpartition("~")[::2] for each in form.all("order", BULK_MAX))
    if form.text("all"):
        return dict.fromkeys(await request.read(lambda reader: _all_ids(reader, request, form)))
    if not seen:
        raise Invalid("desk.none_chosen", "No order is chosen.", "Tick some first.")
    now = await request.read(lambda reader: listing.versions(reader, seen))
    return {id_: _changed(version, now.get(id_)) for id_, version in seen.items()}


def _changed(seen: str, now: int | None) -> OMSError | None:
    if now is None or seen in ("", str(now)):
        return None
    return Stale(
        "desk.changed_meanwhile",
        "It was changed by somebody since this list was loaded.",
        "Look at it again, then repeat.",
    )


def _all_ids(reader: Reader, request: Call, form: Form) -> list[str]:
    fields = ("view", "q", "channel", "node", "why")
    asked = wish({name: form.text(name) for name in fields})
    question = wanted(asked, request.caller.reach.channels)
    question = msgspec.structs.replace(question, count=BULK_MAX)
    return [order.id for order in listing.orders(reader, question)]


async def _act(
    request: Call,
    chosen: Mapping[str, OMSError | None],
    command_for: Callable[[str], Awaitable[C]],
    work: tuple[Handler[C, R], type[R]],
) -> dict[str, R | OMSError]:
    """Do the same with every order that can be acted on; each succeeds or fails for itself."""
    told: dict[str, R | OMSError] = {}
    commands: dict[str, C] = {}
    for order_id, refusal in chosen.items():
        try:
            if refusal is not None:
                raise refusal
            commands[order_id] = await command_for(order_id)
        except OMSError as why:
            told[order_id] = why
    handler, answer = work
    done = await request.submit_all(handler, list(commands.values()), answer)
    return told | dict(zip(commands, done, strict=True))


async def _outcome(
    request: Call, told: Mapping[str, object], act: Act, undo: Sequence[str] = ()
) -> Response[Any]:
    """What became of it, in words; what failed stays ticked."""
    numbers = await request.read(lambda reader: listing.numbers(reader, told))
    result = bulk.result(act, [(numbers.get(id_, id_), each) for id_, each in told.items()])
    failed = [id_ for id_, each in told.items() if isinstance(each, OMSError)]
    answer = page(request, "orders/outcome.html", result=result, undo=undo)
    answer.headers["HX-Trigger"] = msgspec.json.encode(
        {"desk-changed": {"failed": failed}}
    ).decode()
    return answer
