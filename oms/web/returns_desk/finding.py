"""What a text or a scan means at the returns desk: a return, an order, a waybill, an item."""

from collections.abc import Sequence
from typing import Final

import msgspec

from fulfillment import store as floor
from oms.catalog import queries as catalog
from oms.catalog.model import Item
from oms.customers import queries as customers
from oms.customers.queries import CustomersWanted
from oms.http.call import Call
from oms.orders import queries as orders
from oms.orders.listing import queries as listing
from oms.orders.listing.queries import OrderRow, OrdersWanted
from oms.orders.machine import LineState
from oms.orders.store import SliceKey
from oms.platform.transaction import Reader
from returns.machine import ReturnState
from returns.worklists import queries as worklists
from returns.worklists.queries import Listed, Named, ReturnsWanted

NAMED_MAX: Final = 200
CANDIDATES: Final = 20
OPEN: Final = (ReturnState.REQUESTED, ReturnState.AUTHORISED, ReturnState.RECEIVING)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An order the goods may be of. `line_id` is the line of the scanned item, if one was."""

    order: OrderRow
    line_id: str = ""
    title: str = ""


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a code may stand for."""

    code: str
    item: Item | None = None
    returns: tuple[Listed, ...] = ()
    orders: tuple[Candidate, ...] = ()

    @property
    def one_return(self) -> str:
        """The return it can only be, or ""."""
        is_clear = len(self.returns) == 1 and (not self.item or not self.orders)
        return self.returns[0].ret.id if is_clear else ""

    @property
    def one_order(self) -> str:
        """The order it can only be, or ""."""
        is_clear = len(self.orders) == 1 and not self.returns and not self.item
        return self.orders[0].order.id if is_clear else ""


def named(reader: Reader, text: str) -> Named:
    """Everything a text may name, for a list to be narrowed by."""
    number = text.strip().upper()
    items = catalog.items_by_barcode(reader, [text]) | catalog.items_by_sku(reader, [text, number])
    by_waybill = [each.order_id for each in floor.parcels_tracked(reader, [text.strip()])]
    told = listing.orders(reader, OrdersWanted(text=text, count=NAMED_MAX))
    people = customers.customers(reader, CustomersWanted(text=text, count=NAMED_MAX))
    return Named(
        number=number,
        order_ids=tuple({*by_waybill, *(row.id for row in told)}),
        customer_ids=tuple(each.id for each in people),
        item_ids=tuple({item.id for item in items.values()}),
    )


def scanned(request: Call, reader: Reader, code: str) -> Scanned:
    """What a code stands for, the most certain meaning only; nothing out of reach."""
    reach = request.caller.reach.channels
    exact = Named(number=code.upper())
    found = _open_first(worklists.returns(reader, _question(exact, reach)))
    if found:
        return Scanned(code=code, returns=found)
    rows = _orders_named(reader, code, reach)
    if rows:
        return _of_orders(reader, code, rows, reach)
    item = _item(reader, code)
    if item is not None:
        return _of_item(reader, code, item, reach)
    rows = listing.orders(reader, OrdersWanted(text=code, channel_ids=reach, count=CANDIDATES))
    return _of_orders(reader, code, rows, reach) if code else Scanned(code=code)


def _of_orders(
    reader: Reader, code: str, rows: Sequence[OrderRow], reach: tuple[str, ...] | None
) -> Scanned:
    ids = tuple(row.id for row in rows)
    found = worklists.returns(reader, _question(Named(number="", order_ids=ids), reach))
    waiting = tuple(each for each in found if each.ret.state in OPEN)
    return Scanned(code=code, returns=waiting, orders=tuple(Candidate(order=row) for row in rows))


def _of_item(reader: Reader, code: str, item: Item, reach: tuple[str, ...] | None) -> Scanned:
    """Returns that wait for the item, then orders it was delivered with."""
    found = worklists.returns(reader, _question(Named(number="", item_ids=(item.id,)), reach))
    waiting = tuple(
        each
        for each in found
        if each.ret.state in OPEN
        and any(line.item_id == item.id and line.missing + line.to_inspect for line in each.lines)
    )
    rows = listing.orders(
        reader,
        OrdersWanted(
            item_id=item.id, state=LineState.DELIVERED, channel_ids=reach, count=CANDIDATES
        ),
    )
    ids = [row.id for row in rows]
    there = {
        units.line_id
        for units in orders.slices_of(reader, SliceKey.ORDER, ids)
        if units.state is LineState.DELIVERED
    }
    lines = {
        order.id: line
        for order in orders.orders_for(reader, ids)
        for line in order.lines
        if line.item_id == item.id and line.id in there
    }
    candidates = tuple(
        Candidate(order=row, line_id=lines[row.id].id, title=lines[row.id].title)
        for row in rows
        if row.id in lines
    )
    return Scanned(code=code, item=item, returns=waiting, orders=candidates)


def _orders_named(reader: Reader, code: str, reach: tuple[str, ...] | None) -> list[OrderRow]:
    """Orders with this very number, ours or the channel's, or with this waybill."""
    by_waybill = [each.order_id for each in floor.parcels_tracked(reader, [code])]
    if by_waybill:
        return listing.orders_by_id(reader, by_waybill, reach)
    rows = listing.orders(reader, OrdersWanted(text=code, channel_ids=reach, count=CANDIDATES))
    wanted = code.upper()
    return [
        row
        for row in rows
        if wanted in (row.number, row.external_number.upper(), row.external_id.upper())
    ]


def _item(reader: Reader, code: str) -> Item | None:
    known = catalog.items_by_barcode(reader, [code])
    known |= catalog.items_by_sku(reader, [code, code.upper()])
    return next(iter(known.values()), None)


def _question(named: Named, reach: tuple[str, ...] | None) -> ReturnsWanted:
    return ReturnsWanted(named=named, channel_ids=reach, count=CANDIDATES)


def _open_first(found: Sequence[Listed]) -> tuple[Listed, ...]:
    """Those that wait for something, or else all of them."""
    waiting = tuple(each for each in found if each.ret.state in OPEN)
    return waiting or tuple(found)
