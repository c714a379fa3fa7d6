"""The catalogue: items with their barcodes, bundles with their parts."""

from typing import Annotated, Final

from litestar import Controller, Response, get, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from oms.catalog import queries as catalog
from oms.catalog import service
from oms.catalog.model import Barcode, Item, ItemKind, PutItem, PutPart
from oms.http.answers import Answered, Many, answered
from oms.http.call import Call
from oms.http.etags import tagged
from oms.http.guards import may
from oms.http.paging import LIMIT_USUAL, Cursor, Limit, Page, page, place_of
from oms.http.views import Currency, Input, Name, Reference, Units, View, views
from oms.kernel.errors import NotFound
from oms.kernel.ids import expect_prefix

SEARCH_MAX: Final = 100
NotNegative = Annotated[int, Meta(ge=0, le=10**9)]
Price = Annotated[int, Meta(ge=0, le=10**15)]
Text = Annotated[str, QueryParameter(max_length=SEARCH_MAX, description="Part of SKU or name")]


class BarcodeView(View, frozen=True, kw_only=True):
    """A code to scan, and how many units are behind it."""

    barcode: str
    units: int


class PartView(View, frozen=True, kw_only=True):
    """Units of an item in one bundle."""

    item_id: str
    units: int


class ItemView(View, frozen=True, kw_only=True):
    """What is stocked and shipped, or a bundle of such."""

    id: str
    sku: str
    name: str
    kind: ItemKind
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    unit_price_minor: int
    currency: str
    tags: tuple[str, ...]
    tax_rate_bp: int
    active: bool
    version: int
    barcodes: tuple[BarcodeView, ...]
    parts: tuple[PartView, ...]


class BarcodeInput(Input, frozen=True, kw_only=True):
    """A code to scan, and how many units are behind it."""

    barcode: Reference
    units: Units = 1


class PartInput(Input, frozen=True, kw_only=True):
    """Units of the item `sku` in one bundle."""

    sku: Reference
    units: Units = 1


class ItemInput(Input, frozen=True, kw_only=True):
    """The item with this `sku` shall look like this; `parts` make a bundle, and only that."""

    sku: Reference
    name: Name
    id: str = ""
    kind: ItemKind = ItemKind.STOCK
    barcodes: tuple[BarcodeInput, ...] = ()
    parts: tuple[PartInput, ...] = ()
    weight_g: NotNegative = 0
    length_mm: NotNegative = 0
    width_mm: NotNegative = 0
    height_mm: NotNegative = 0
    unit_price_minor: Price = 0
    currency: Currency | None = None
    tags: tuple[Reference, ...] = ()
    tax_rate_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0
    active: bool = True


class ItemsInput(Input, frozen=True, kw_only=True):
    """Many items; parts of bundles may come in the same list."""

    items: Annotated[list[ItemInput], Many]


class Items(Controller):
    path = "/items"
    tags = ("catalogue",)

    @put(guards=[may("catalog:write")])
    async def keep(self, request: Call, data: JSONBody[ItemsInput]) -> list[Answered[ItemView]]:
        """Make items look like this, by SKU: new ones are made. Saying it twice changes nothing."""
        commands = [_command(request, each) for each in data.items]
        return answered(await request.submit_all(service.put_items, commands, Item), item_view)

    @get(guards=[may("catalog:read")], sync_to_thread=True)
    def all(
        self, request: Call, q: Text = "", cursor: Cursor = None, limit: Limit = LIMIT_USUAL
    ) -> Page[ItemView]:
        """Items by SKU."""
        after = place_of(cursor, tuple[str])
        with request.reading() as reader:
            found = catalog.items(reader, after[0] if after else "", limit, q)
        return page([item_view(each) for each in found], limit, found[-1].sku if found else "")

    @get("/{item_id:str}", guards=[may("catalog:read")], sync_to_thread=True)
    def one(self, request: Call, item_id: FromPath[str]) -> Response[ItemView | None]:
        """One item, with its version as ETag."""
        with request.reading() as reader:
            found = catalog.item(reader, expect_prefix(item_id, "itm"))
        return tagged(request, item_view(found), found.version)

    @get("/by-sku/{sku:str}", guards=[may("catalog:read")], sync_to_thread=True)
    def by_sku(self, request: Call, sku: FromPath[str]) -> ItemView:
        """The item with this SKU."""
        with request.reading() as reader:
            found = catalog.items_by_sku(reader, [sku]).get(sku)
        return item_view(_found(found, f"There is no item with the SKU '{sku}'."))

    @get("/by-barcode/{barcode:str}", guards=[may("catalog:read")], sync_to_thread=True)
    def by_barcode(self, request: Call, barcode: FromPath[str]) -> ItemView:
        """The item behind a scanned code; GTINs are found at any length."""
        with request.reading() as reader:
            found = catalog.items_by_barcode(reader, [barcode]).get(barcode)
        return item_view(_found(found, f"No item has the barcode '{barcode}'."))


def item_view(item: Item) -> ItemView:
    """An item to show."""
    fields = {name: getattr(item, name) for name in ItemView.__struct_fields__[:-2]}
    return ItemView(
        **fields,
        barcodes=tuple(views(BarcodeView, item.barcodes)),
        parts=tuple(PartView(item_id=item_id, units=units) for item_id, units in item.parts),
    )


def _found(item: Item | None, words: str) -> Item:
    if item is None:
        raise NotFound("item.not_found", words, "Look it up in the list of items.")
    return item


def _command(request: Call, data: ItemInput) -> PutItem:
    return PutItem(
        sku=data.sku,
        name=data.name,
        id=data.id,
        kind=data.kind,
        barcodes=tuple(Barcode(each.barcode, each.units) for each in data.barcodes),
        parts=tuple(PutPart(each.sku, each.units) for each in data.parts),
        weight_g=data.weight_g,
        length_mm=data.length_mm,
        width_mm=data.width_mm,
        height_mm=data.height_mm,
        unit_price_minor=data.unit_price_minor,
        currency=data.currency or "",
        tags=data.tags,
        tax_rate_bp=data.tax_rate_bp,
        active=data.active,
        cause=request.cause,
    )
