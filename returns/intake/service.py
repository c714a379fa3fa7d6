"""Reported returns over a list: units matched with sales where they can be, blind where not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import convert
from msgspec.structs import replace

from fulfillment.model import Pile
from oms.catalog import service as catalog
from oms.catalog.model import ItemRef
from oms.customers import service as customers
from oms.customers.model import IdentityClaim
from oms.kernel.errors import OMSError
from oms.orders import queries as orders_read
from oms.orders.units import queries as units_read
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction
from returns import store
from returns.counter.model import WAYS_TO_ACCEPTED, Judged, Piece, accepting_moves
from returns.counter.service import finished, with_charges
from returns.desk.service import Planned, carry_out, node_ids, require_node, slices_by_order
from returns.intake.model import (
    ListingName,
    Matcher,
    Outcome,
    Sold,
    TakeIn,
    TakenIn,
    counted,
    credited,
)
from returns.machine import ReturnState
from returns.model import Return
from returns.requesting.model import Way

GRADE = "as reported"
Key = tuple[str, str]


def take_in(tx: Transaction, commands: Sequence[TakeIn]) -> list[TakenIn | OMSError]:
    """Take in reported returns; a report that is known already changes nothing.

    Goods of a named order, or else of the buyer's latest purchases, come back to where they were
    sold; the rest is blind: it counts as the channel claims. Charges are given back without goods.
    """
    return in_rounds(commands, lambda c: c.key, lambda batch: _take_in(tx, batch))


def _take_in(tx: Transaction, commands: Sequence[TakeIn]) -> list[TakenIn | OMSError]:
    seen = store.known_external(tx, [command.key for command in commands])
    fresh = [command for command in commands if command.key not in seen]
    known = node_ids(tx)
    matcher = _matcher(tx, fresh)
    answers: dict[Key, TakenIn | OMSError] = {
        key: TakenIn(Outcome.SAME, tuple(returns), 0, 0) for key, returns in seen.items()
    }
    work: list[tuple[TakeIn, dict[str, list[Piece]]]] = []
    for command in fresh:
        try:
            require_node(known, command)
            pieces = matcher.pieces(command)
        except OMSError as refusal:
            answers[command.key] = refusal
        else:
            work.append((command, pieces))
            answers[command.key] = counted(pieces)
    for key, returns in _open(tx, work, matcher).items():
        answer = answers[key]
        if isinstance(answer, TakenIn):
            answers[key] = replace(answer, returns=tuple(returns))
    return [answers[command.key] for command in commands]


def _matcher(tx: Transaction, commands: Sequence[TakeIn]) -> Matcher:
    items = _items(tx, commands)
    owners = _owners(tx, commands)
    names = {
        (command.channel_id, line.order_external_id)
        for command in commands
        for line in command.message.lines
        if line.order_external_id is not None
    }
    named = orders_read.ids_by_external(tx, names)
    sold: dict[str, list[Sold]] = defaultdict(list)
    wanted = {
        (owners[command.key], item_id)
        for command in commands
        if command.key in owners
        for line in command.message.lines
        if line.order_external_id is None
        and (item := items.get((command.channel_id, line.sku, line.gtin)))
        for item_id, _ in item.stock_units(line.quantity)
    }
    for owner, units in units_read.units_with_customers(tx, wanted):
        sold[owner].append(convert(units, Sold, from_attributes=True))
    for units in units_read.units_of_orders(tx, named.values()) if named else ():
        sold[units.order_id].append(convert(units, Sold, from_attributes=True))
    return Matcher(items, owners, named, sold)


def _items(tx: Transaction, commands: Sequence[TakeIn]) -> Mapping[ListingName, ItemRef]:
    wanted = {(c.channel_id, line.sku, line.gtin) for c in commands for line in c.message.lines}
    return catalog.resolve_listings(tx, sorted(wanted)) if wanted else {}


def _owners(tx: Transaction, commands: Sequence[TakeIn]) -> dict[Key, str]:
    """Customer ids by report; guests and strangers are left out."""
    claims = {
        command.key: IdentityClaim(
            channel_id=command.channel_id,
            party=command.message.customer,
            country=command.message.ship_from.country if command.message.ship_from else "",
        )
        for command in commands
        if command.message.customer is not None
    }
    found = customers.find(tx, list(claims.values())) if claims else []
    return {key: owner for key, owner in zip(claims, found, strict=True) if owner}


def _open(
    tx: Transaction, work: Sequence[tuple[TakeIn, Mapping[str, Sequence[Piece]]]], matcher: Matcher
) -> dict[Key, list[Return]]:
    """Write the returns of all reports: one for each order, one for what no order is known for."""
    order_ids = {order_id for _, pieces in work for order_id in pieces} - {""}
    slices = slices_by_order(tx, order_ids)
    piles = {order_id: Pile(slices[order_id]) for order_id in order_ids}
    plans: list[Planned | OMSError] = []
    keys: list[Key] = []
    for command, pieces in work:
        judged = Judged(command.node_id, command.disposition, GRADE, command.cause)
        for position, (order_id, group) in enumerate(pieces.items()):
            ret = _new_return(tx, command, order_id, matcher.owner(command))
            plan = finished(tx, ret, group, judged)
            if order_id:
                way = Way(WAYS_TO_ACCEPTED, ret.id, command.node_id)
                plan.moves = accepting_moves(piles[order_id], group, way)
            if position == 0 and command.message.charges:
                charges = [credited(command.message, each) for each in command.message.charges]
                plan = with_charges(plan, charges)
            plans.append(Planned(plan, command.cause))
            keys.append(command.key)
    found: dict[Key, list[Return]] = defaultdict(list)
    for key, desk in zip(keys, carry_out(tx, plans), strict=True):
        if isinstance(desk, OMSError):
            raise desk  # a report is taken in whole or not at all: the caller repeats it alone
        found[key].append(desk.ret)
    return found


def _new_return(tx: Transaction, command: TakeIn, order_id: str, customer_id: str) -> Return:
    message = command.message
    return Return(
        id=tx.new_id("ret"),
        number="",
        channel_id=command.channel_id,
        external_id=message.external_id,
        order_id=order_id,
        customer_id=customer_id,
        currency=message.currency,
        state=ReturnState.CLOSED,
        reason=message.note,
        requested_at_ms=message.at_ms,
    )
