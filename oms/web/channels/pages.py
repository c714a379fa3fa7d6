"""The channels at a glance, one with what waits for a person, and the quarantine's editor."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from oms.catalog import queries as catalog
from oms.catalog import service as catalogue
from oms.catalog.model import Channel, Item, Listing, PutListing
from oms.http.call import Call
from oms.inventory import queries as inventory
from oms.kernel.clock import SECOND_MS
from oms.kernel.errors import OMSError
from oms.kernel.ids import expect_prefix
from oms.orders.figures import queries as figures
from oms.orders.figures.queries import Unmapped
from oms.orders.intake.model import TakenIn
from oms.orders.quarantine import queries as quarantine
from oms.orders.quarantine import service
from oms.orders.quarantine.machine import QuarantineState
from oms.orders.quarantine.model import Dismiss, Edit, Quarantined, Rerun
from oms.orders.quarantine.queries import QuarantinePage
from oms.platform.transaction import Reader, Transaction
from oms.sourcing import service as sourcing
from oms.web.channels.differences import differences, is_json, readable
from oms.web.channels.suggestions import suggested
from oms.web.forms import Form, posted
from oms.web.guards import may_see
from oms.web.orders.rows import channel_icon
from oms.web.pages import page
from oms.web.today.days import last_days
from oms.web.today.memory import remembered

PAGE: Final = 50
NEWEST: Final = 5_000  # orders among which a channel's last one is looked for
NOW_MS: Final = 3 * SECOND_MS
PAYLOAD_MAX: Final = 5_000_000


class ChannelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A channel's line. `last_ms` None: no order of it among the newest of all."""

    channel: Channel
    icon: str
    last_ms: int | None
    today: int
    quarantined: int
    unmapped: int
    buffer: int


class Wanting(msgspec.Struct, frozen=True, kw_only=True):
    """A name to map, and the item it probably means."""

    name: Unmapped
    item: Item | None


@get("/channels", guards=[may_see("connectors:read")], include_in_schema=False, sync_to_thread=True)
def channels(request: Call) -> Response[Any]:
    """A line for each channel: does it bring orders, and what of it waits for a person."""
    zone = request.services.settings.seller.time_zone
    with request.reading() as reader:
        rows = [
            row for row in _rows(reader, zone) if request.caller.reaches_channel(row.channel.id)
        ]
    return page(request, "channels/list.html", rows=rows)


@get(
    "/channels/{channel_id:str}",
    guards=[may_see("connectors:read")],
    include_in_schema=False,
    sync_to_thread=True,
)
def channel(request: Call, channel_id: FromPath[str]) -> Response[Any]:
    """What waits on this channel: names to map, and payloads that are no orders yet."""
    request.caller.expect_channel(expect_prefix(channel_id, "chn"))
    state, after = _asked(request)
    with request.reading() as reader:
        shown = catalog.channel(reader, channel_id)
        names = figures.unmapped(reader, channel_id)
        items = suggested(reader, {each.listing_sku: each.title for each in names})
        wanted = QuarantinePage(state=state, channel_id=channel_id, after=after, count=PAGE + 1)
        found = quarantine.payloads(reader, wanted)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request,
        "channels/channel.html",
        channel=shown,
        icon=channel_icon(shown),
        wanting=[Wanting(name=each, item=items.get(each.listing_sku)) for each in names],
        payloads=found[:PAGE],
        state=state,
        older=f"?state={state}&after={last.at_ms}~{last.id}" if last else "",
        mapped=request.query_params.get("mapped", "")[:100],
    )


@post(
    "/channels/{channel_id:str}/listings",
    guards=[may_see("connectors:write")],
    include_in_schema=False,
    status_code=200,
)
async def map_listing(request: Call, channel_id: FromPath[str]) -> Response[Any]:
    """Say what a name means; the orders that wait for it go on by themselves."""
    request.caller.expect_channel(expect_prefix(channel_id, "chn"))
    form = await posted(request)
    command = PutListing(
        channel_id=channel_id,
        external_sku=form.required("listing", 200),
        sku=form.required("sku", 200),
        cause=request.cause,
    )
    await request.submit(catalogue.put_listings, command, Listing)
    return Redirect(f"/channels/{channel_id}?mapped=1", status_code=303)


@get(
    "/quarantine/{quarantine_id:str}",
    guards=[may_see("connectors:read")],
    include_in_schema=False,
    sync_to_thread=True,
)
def payload(request: Call, quarantine_id: FromPath[str]) -> Response[Any]:
    """One payload: why it is no order, what came, and its repair."""
    with request.reading() as reader:
        found = _payload(request, reader, quarantine_id)
        shown = catalog.channel(reader, found.channel_id)
    return page(
        request,
        "channels/payload.html",
        payload=found,
        channel=shown,
        text=readable(found.present),
        lines=differences(found.payload, found.present),
        can_be_tried=is_json(found.present),
    )


@post(
    "/quarantine/{quarantine_id:str}",
    guards=[may_see("connectors:write")],
    include_in_schema=False,
    status_code=200,
)
async def mend(request: Call, quarantine_id: FromPath[str]) -> Response[Any]:
    """Keep the repair, and try it again where that was asked for."""
    form = await posted(request)
    found = await request.read(lambda reader: _payload(request, reader, quarantine_id))
    text = form.required("payload", PAYLOAD_MAX).replace("\r\n", "\n")
    edit = Edit(quarantine_id=found.id, payload=text, cause=request.cause)
    if form.text("act") != "try":
        await request.submit(service.edit, edit, Quarantined)
        return _to(found.id)
    try:
        taken = await request.submit(_mended, edit, TakenIn)
    except OMSError:
        return _to(found.id)  # why not stands there now
    return Redirect(f"/orders/{taken.order_id}", status_code=303)


@post(
    "/quarantine/{quarantine_id:str}/dismiss",
    guards=[may_see("connectors:write")],
    include_in_schema=False,
    status_code=200,
)
async def dismiss(request: Call, quarantine_id: FromPath[str]) -> Response[Any]:
    """Decide that it is no order of ours."""
    form: Form = await posted(request)
    found = await request.read(lambda reader: _payload(request, reader, quarantine_id))
    reason = form.required("reason", 200)
    command = Dismiss(quarantine_id=found.id, reason=reason, cause=request.cause)
    await request.submit(service.dismiss, command, Quarantined)
    return Redirect(f"/channels/{found.channel_id}", status_code=303)


PAGES: Final = (channels, channel, map_listing, payload, mend, dismiss)


def _mended(tx: Transaction, commands: Sequence[Edit]) -> list[TakenIn | OMSError]:
    """Repairs kept, and tried in the same transaction; what comes in is sourced as any order."""
    kept = service.edit(tx, commands)
    tries = [
        Rerun(quarantine_id=each.quarantine_id, cause=each.cause)
        for each, answer in zip(commands, kept, strict=True)
        if not isinstance(answer, OMSError)
    ]
    told = iter(service.rerun(tx, tries, sourcing.place))
    return [answer if isinstance(answer, OMSError) else next(told) for answer in kept]


def _rows(reader: Reader, time_zone: str) -> list[ChannelRow]:
    today = last_days(reader.now_ms, time_zone, 1)[0]

    def look() -> list[ChannelRow]:
        placed = figures.placed_by_channel(reader, today)
        last = figures.last_placed(reader, NEWEST)
        waiting = figures.open_quarantine(reader)
        policies = inventory.policies(reader, [])
        unmapped: dict[str, int] = {}
        for each in figures.unmapped(reader):
            unmapped[each.channel_id] = unmapped.get(each.channel_id, 0) + each.orders
        return [
            ChannelRow(
                channel=each,
                icon=channel_icon(each),
                last_ms=last.get(each.id),
                today=placed.get(each.id, 0),
                quarantined=waiting.get(each.id, 0),
                unmapped=unmapped.get(each.id, 0),
                buffer=policies.buffer(each.id, ""),
            )
            for each in catalog.channels(reader)
        ]

    return remembered(reader, ("channels", today), NOW_MS, look)


def _asked(request: Call) -> tuple[QuarantineState, tuple[int, str] | None]:
    """The state to list, and where the page before ended."""
    asked = request.query_params.get("state", "")
    state = QuarantineState(asked) if asked in set(QuarantineState) else QuarantineState.OPEN
    at, _, id_ = request.query_params.get("after", "").partition("~")
    return state, (int(at), id_) if at.isdecimal() and id_ else None


def _payload(request: Call, reader: Reader, quarantine_id: str) -> Quarantined:
    found = quarantine.payload(reader, expect_prefix(quarantine_id, "qua"))
    request.caller.expect_channel(found.channel_id)
    return found


def _to(quarantine_id: str) -> Response[Any]:
    return Redirect(f"/quarantine/{quarantine_id}", status_code=303)
