"""Channels, what their names for things mean, and which nodes serve them."""

from typing import Annotated, Any

from litestar import Controller, Response, get, put
from litestar.params import FromPath, JSONBody
from msgspec import field

from connectors.contract.messages import PaymentTerms
from oms.catalog import queries as catalog
from oms.catalog import service
from oms.catalog.model import Channel, Listing, PutChannel, PutListing
from oms.http.answers import Answered, Many, answered
from oms.http.call import Call
from oms.http.etags import tagged
from oms.http.guards import may
from oms.http.paging import LIMIT_USUAL, Cursor, Limit, Page, page, place_of
from oms.http.views import Country, Currency, Input, Name, Note, Reference, View, view, views
from oms.inventory import service as inventory
from oms.inventory.model import PutChannelNodes
from oms.kernel.ids import expect_prefix


class ChannelView(View, frozen=True, kw_only=True):
    """A configured place orders come from. The settings of its connector are not shown."""

    id: str
    code: str
    name: str
    connector: str
    currency: str
    locale: str
    country: str
    time_zone: str
    payment_terms: PaymentTerms
    prices_include_tax: bool
    auto_release: bool
    active: bool
    version: int


class ChannelInput(Input, frozen=True, kw_only=True):
    """The channel with this `code` shall look like this."""

    code: Reference
    name: Name
    currency: Currency
    id: str = ""
    connector: str = ""
    locale: str = "en"
    country: Country | None = None
    time_zone: str = "UTC"
    settings: dict[str, Any] = field(default_factory=dict)
    payment_terms: PaymentTerms = PaymentTerms.PAID_ON_CHANNEL
    prices_include_tax: bool = True
    auto_release: bool = False
    active: bool = True


class ChannelsInput(Input, frozen=True, kw_only=True):
    """Many channels."""

    channels: Annotated[list[ChannelInput], Many]


class ListingView(View, frozen=True, kw_only=True):
    """A channel's name for something sold there."""

    channel_id: str
    external_sku: str
    item_id: str
    title: str


class ListingInput(Input, frozen=True, kw_only=True):
    """On this channel `externalSku` means the item given by `itemId`, or else by our `sku`."""

    external_sku: Reference
    item_id: str = ""
    sku: str = ""
    title: Note = ""


class ListingsInput(Input, frozen=True, kw_only=True):
    """Many listings of one channel."""

    listings: Annotated[list[ListingInput], Many]


class ServingInput(Input, frozen=True, kw_only=True):
    """Only these nodes serve the channel; none means all of them."""

    node_ids: tuple[Reference, ...]


class ServedView(View, frozen=True, kw_only=True):
    """The nodes that serve a channel; none means all of them."""

    channel_id: str
    node_ids: tuple[str, ...]


class Channels(Controller):
    path = "/channels"
    tags = ("channels",)

    @put(guards=[may("channels:write")])
    async def keep(
        self, request: Call, data: JSONBody[ChannelsInput]
    ) -> list[Answered[ChannelView]]:
        """Make channels look like this, by code: new ones are made."""
        request.caller.expect_everywhere()
        commands = [_command(request, each) for each in data.channels]
        answers = await request.submit_all(service.put_channels, commands, Channel)
        return answered(answers, lambda channel: view(ChannelView, channel))

    @get(guards=[may("channels:read")], sync_to_thread=True)
    def all(self, request: Call) -> list[ChannelView]:
        """The channels within reach, by code."""
        with request.reading() as reader:
            found = catalog.channels(reader)
        return views(ChannelView, [c for c in found if request.caller.reaches_channel(c.id)])

    @get("/{channel_id:str}", guards=[may("channels:read")], sync_to_thread=True)
    def one(self, request: Call, channel_id: FromPath[str]) -> Response[ChannelView | None]:
        """One channel, with its version as ETag."""
        request.caller.expect_channel(expect_prefix(channel_id, "chn"))
        with request.reading() as reader:
            found = catalog.channel(reader, channel_id)
        return tagged(request, view(ChannelView, found), found.version)

    @put("/{channel_id:str}/listings", guards=[may("catalog:write")])
    async def put_listings(
        self, request: Call, channel_id: FromPath[str], data: JSONBody[ListingsInput]
    ) -> list[Answered[ListingView]]:
        """Say what the channel's names mean; orders that wait for it go on."""
        request.caller.expect_channel(expect_prefix(channel_id, "chn"))
        commands = [_listing(request, channel_id, each) for each in data.listings]
        answers = await request.submit_all(service.put_listings, commands, Listing)
        return answered(answers, lambda listing: view(ListingView, listing))

    @get("/{channel_id:str}/listings", guards=[may("catalog:read")], sync_to_thread=True)
    def listings(
        self,
        request: Call,
        channel_id: FromPath[str],
        cursor: Cursor = None,
        limit: Limit = LIMIT_USUAL,
    ) -> Page[ListingView]:
        """What the channel's names mean, by name."""
        request.caller.expect_channel(expect_prefix(channel_id, "chn"))
        after = place_of(cursor, tuple[str])
        with request.reading() as reader:
            catalog.channel(reader, channel_id)
            found = catalog.listings(reader, channel_id, after[0] if after else "", limit)
        last = found[-1].external_sku if found else ""
        return page(views(ListingView, found), limit, last)

    @put("/{channel_id:str}/nodes", guards=[may("nodes:write")])
    async def put_nodes(
        self, request: Call, channel_id: FromPath[str], data: JSONBody[ServingInput]
    ) -> ServedView:
        """Choose the nodes that serve the channel."""
        request.caller.expect_channel(expect_prefix(channel_id, "chn"))
        command = PutChannelNodes(
            channel_id=channel_id, node_ids=data.node_ids, cause=request.cause
        )
        kept = await request.submit(inventory.put_channel_nodes, command, PutChannelNodes)
        return view(ServedView, kept)


def _command(request: Call, data: ChannelInput) -> PutChannel:
    return PutChannel(
        code=data.code,
        name=data.name,
        currency=data.currency,
        id=data.id,
        connector=data.connector,
        locale=data.locale,
        country=data.country or "",
        time_zone=data.time_zone,
        settings=data.settings,
        payment_terms=data.payment_terms,
        prices_include_tax=data.prices_include_tax,
        auto_release=data.auto_release,
        active=data.active,
        cause=request.cause,
    )


def _listing(request: Call, channel_id: str, data: ListingInput) -> PutListing:
    return PutListing(
        channel_id=channel_id,
        external_sku=data.external_sku,
        item_id=data.item_id,
        sku=data.sku,
        title=data.title,
        cause=request.cause,
    )
