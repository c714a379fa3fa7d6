"""The list of items with their stock, one item's page, and what is received and adjusted there."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from oms.catalog import queries as catalog
from oms.catalog.model import Item
from oms.http.call import Call
from oms.inventory import queries as inventory
from oms.inventory import service
from oms.inventory.documents import service as documents
from oms.inventory.documents.model import Adjustment, Receipt, ReceiptLine, StockDocument
from oms.inventory.model import Node, PutStockRule
from oms.kernel.ids import expect_prefix
from oms.ledger import goods
from oms.ledger.model import Level
from oms.platform.transaction import Reader
from oms.web.forms import posted
from oms.web.guards import may_see
from oms.web.pages import formats, language_of, page
from oms.web.stock.amounts import minor
from oms.web.stock.sheet import by_day, stock_sheet
from oms.web.translations import N_, translations

PAGE: Final = 50
TEXT_MAX: Final = 100
UNITS_MAX: Final = 10**9
COLUMNS_MAX: Final = 6  # nodes that have a column of their own


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An item with its units over all nodes within reach; `at` by node id."""

    item: Item
    on_hand: int
    reserved: int
    promised: int
    at: dict[str, Level]


@get("/stock", guards=[may_see("inventory:read")], include_in_schema=False, sync_to_thread=True)
def items(request: Call) -> Response[Any]:
    """Items by SKU; the same address always shows the same page."""
    text = request.query_params.get("q", "").strip()[:TEXT_MAX]
    after = request.query_params.get("after", "")
    with request.reading() as reader:
        found = _found(reader, text, after)
        nodes = [n for n in inventory.nodes(reader) if request.caller.reaches_node(n.id)]
        rows = _rows(reader, found[:PAGE], nodes)
    older = _url(q=text, after=found[PAGE - 1].sku) if len(found) > PAGE else ""
    return page(
        request,
        "stock/list.html",
        rows=rows,
        nodes=nodes if len(nodes) <= COLUMNS_MAX else [],
        text=text,
        first=_url(q=text) if after else "",
        older=older,
    )


@get(
    "/stock/{item_id:str}",
    guards=[may_see("inventory:read")],
    include_in_schema=False,
    sync_to_thread=True,
)
def item(request: Call, item_id: FromPath[str]) -> Response[Any]:
    """One item: where it is, what can be promised, and how it got there."""
    with request.reading() as reader:
        sheet = stock_sheet(request, reader, item_id)
    translate = translations(language_of(request)).gettext
    title = translate(N_("Free units of %(sku)s by day")) % {"sku": sheet.item.sku}
    fmt = formats(request)
    floor = translate(N_("safety stock %(n)s")) % {"n": fmt.number(sheet.safety_stock)}
    picture, days = by_day(sheet, fmt, (title, floor))
    return page(request, "stock/item.html", sheet=sheet, picture=picture, days=days)


@post(
    "/stock/{item_id:str}/receive",
    guards=[may_see("inventory:write")],
    include_in_schema=False,
    status_code=200,
)
async def receive(request: Call, item_id: FromPath[str]) -> Response[Any]:
    """Units came from a supplier; orders that wait for them go on."""
    form = await posted(request)
    node_id = form.required("node", 100)
    request.caller.expect_node(node_id)
    currency = form.required("currency", 3)
    line = ReceiptLine(
        expect_prefix(item_id, "itm"),
        form.number("units", 1, UNITS_MAX),
        minor(form.text("cost", 20), currency),
    )
    command = Receipt(
        node_id=node_id,
        lines=(line,),
        currency=currency,
        reference=form.text("reference", 100),
        cause=request.cause,
    )
    await request.submit(documents.receive, command, StockDocument)
    return _back(item_id)


@post(
    "/stock/{item_id:str}/adjust",
    guards=[may_see("inventory:write")],
    include_in_schema=False,
    status_code=200,
)
async def adjust(request: Call, item_id: FromPath[str]) -> Response[Any]:
    """Units were found or are missing, for a stated reason."""
    form = await posted(request)
    node_id = form.required("node", 100)
    request.caller.expect_node(node_id)
    units = form.number("units", 1, UNITS_MAX)
    command = Adjustment(
        node_id=node_id,
        reason=form.required("reason", 200),
        lines=(
            (expect_prefix(item_id, "itm"), -units if form.text("way") == "missing" else units),
        ),
        cause=request.cause,
    )
    await request.submit(documents.adjust, command, StockDocument)
    return _back(item_id)


@post(
    "/stock/{item_id:str}/safety",
    guards=[may_see("inventory:write")],
    include_in_schema=False,
    status_code=200,
)
async def keep_back(request: Call, item_id: FromPath[str]) -> Response[Any]:
    """How many units of the item are never promised from a node."""
    form = await posted(request)
    node_id = form.required("node", 100)
    request.caller.expect_node(node_id)
    command = PutStockRule(
        item_id=expect_prefix(item_id, "itm"),
        node_id=node_id,
        safety_stock=form.number("units", 0, UNITS_MAX),
        cause=request.cause,
    )
    await request.submit(service.put_stock_rules, command, PutStockRule)
    return _back(item_id)


PAGES: Final = (items, item, receive, adjust, keep_back)


def _found(reader: Reader, text: str, after: str) -> list[Item]:
    """Items by a part of SKU or name, or the one behind a barcode."""
    if text and not after:
        scanned = catalog.items_by_barcode(reader, [text]).get(text)
        if scanned is not None:
            return [scanned]
    return catalog.items(reader, after, PAGE + 1, text)


def _rows(reader: Reader, shown: Sequence[Item], nodes: Sequence[Node]) -> list[Row]:
    ids = [each.id for each in shown]
    reached = {node.id for node in nodes}
    levels: dict[str, dict[str, Level]] = defaultdict(dict)
    for level in goods.levels(reader, ids):
        if level.node_id in reached:
            levels[level.item_id][level.node_id] = level
    promised = inventory.availability(reader, ids, None, reader.now_ms)
    return [
        Row(
            item=each,
            on_hand=sum(level.on_hand for level in levels[each.id].values()),
            reserved=sum(level.reserved for level in levels[each.id].values()),
            promised=sum(a.available for a in promised[each.id].at_nodes if a.node_id in reached)
            if each.parts == ()
            else promised[each.id].available,
            at=levels[each.id],
        )
        for each in shown
    ]


def _url(**fields: str) -> str:
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"/stock?{query}" if query else "/stock"


def _back(item_id: str) -> Response[Any]:
    return Redirect(f"/stock/{item_id}", status_code=303)
