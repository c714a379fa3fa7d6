"""Find nodes for the units of orders: new ones as they come in, open ones whenever stock does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from config import routing as config
from oms.catalog import queries as catalog
from oms.inventory import service as inventory
from oms.inventory.model import Policies, Stock
from oms.inventory.reservations.model import UseReservation
from oms.kernel.errors import NotFound, OMSError
from oms.kernel.events import Cause
from oms.ledger import goods
from oms.ledger.model import Account
from oms.orders import queries as order_queries
from oms.orders import service as orders
from oms.orders.facts import OrderFacts
from oms.orders.intake import service as intake
from oms.orders.intake.model import Claim, Prospect, Shortage, TakeIn, TakenIn, lines_to_source
from oms.orders.machine import HoldStage, LineState
from oms.orders.model import LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.transaction import Transaction
from oms.sourcing import model, store
from oms.sourcing.events import OrderWaiting, RetryUnfinished, WaitingUnits
from oms.sourcing.geography import locate
from oms.sourcing.memo import Memo
from oms.sourcing.model import Ask, Decision, Shelves, Source, Sourced
from routing.model import Demand, Destination

RETRIED_AT_ONCE_MAX: Final = 500  # orders: short transactions, others want the same shelves

_POLICIES: Final = model.policies(config.POLICIES, config.VERSION, config.DEFAULT_CURRENCY)
_memo: Final = Memo()
_NO_STOCK: Final = Stock((), {}, Policies({}, {}, {}))


def place(tx: Transaction, commands: Sequence[TakeIn]) -> list[TakenIn | OMSError]:
    """Take orders in and find nodes for the new ones, the earlier before the later.

    What stock does not cover stays open, or the order is refused without a trace (`Shortage`).
    Orders that bring a reservation come first, so that nobody else takes what was held for them.
    """
    prepared = intake.prepare(tx, commands)
    prospects = list(prepared.prospects.values())
    refused = _use_reservations(tx, prospects)
    asks = _asks_of(tx, [each for each in prospects if each.order_id not in refused])
    shelves = _lock_shelves(tx, asks.values())
    decisions: dict[str, Decision] = {}
    for prospect in sorted(prospects, key=lambda each: not each.command.reservation_id):
        if prospect.order_id in refused:
            continue
        ask = asks.get(prospect.order_id)
        decision = _decide(tx, ask, shelves) if ask else None
        if prospect.command.shortage is Shortage.REFUSE and not _is_covered(prospect, decision):
            refused[prospect.order_id] = _refusal(prospect, decision)
        elif decision is not None:
            shelves.take(decision.answer.allocations)
            decisions[prospect.order_id] = decision
    claims = {order_id: _claims(decision) for order_id, decision in decisions.items()}
    answers = intake.admit(tx, prepared, claims, refused)
    _keep(tx, decisions, shelves, {each.order_id: each.command.cause for each in prospects})
    return answers


def source(tx: Transaction, commands: Sequence[Source]) -> list[Sourced | OMSError]:
    """Find nodes for what is open of these orders and not held, the earlier before the later."""
    causes = {command.order_id: command.cause for command in commands}
    known, decisions, shelves = _source(tx, causes)
    _keep(tx, decisions, shelves, causes)
    return [
        _sourced(each.order_id, decisions.get(each.order_id))
        if each.order_id in known
        else _no_order(each.order_id)
        for each in commands
    ]


def retry_open(
    tx: Transaction, item_ids: Iterable[str], after: str = "", cause: Cause | None = None
) -> int:
    """Find nodes for open units of these items, the oldest orders first, while stock lasts.

    Answers how many orders were looked at, of those behind the id `after`. Those that got nothing
    go on waiting, and nothing is told or kept about them. What is too much for one transaction is
    left to `RetryUnfinished`.
    """
    wanted = _on_a_shelf(tx, {item_id for item_id in item_ids if item_id})
    if not wanted:
        return 0
    order_ids = order_queries.waiting_orders(tx, wanted, after, RETRIED_AT_ONCE_MAX)
    causes = dict.fromkeys(order_ids, cause or tx.cause)
    _, tried, shelves = _source(tx, causes)
    decisions = {each: found for each, found in tried.items() if found.answer.allocations}
    _keep(tx, decisions, shelves, causes)
    left = tuple(sorted(wanted - shelves.used_up()))
    if left and len(order_ids) == RETRIED_AT_ONCE_MAX:
        tx.emit(RetryUnfinished(entity=left[0], item_ids=left, after=order_ids[-1]), cause)
    return len(order_ids)


def _source(
    tx: Transaction, causes: Mapping[str, Cause]
) -> tuple[set[str], dict[str, Decision], Shelves]:
    """Allocate what can be of these orders; answers which exist, and what was decided."""
    slices = defaultdict(list)
    for units in orders.lock_slices(tx, SliceKey.ORDER, causes):
        slices[units.order_id].append(units)
    facts = {each.id: each for each in order_queries.orders_for(tx, causes)}
    free = _free_units(tx, slices)
    asks = _asks_of_open(tx, [facts[each] for each in causes if free.get(each)], free)
    shelves = _lock_shelves(tx, asks.values())
    decisions: dict[str, Decision] = {}
    moves: list[LineMove] = []
    for order_id, ask in asks.items():
        decision = _decide(tx, ask, shelves)
        shelves.take(decision.answer.allocations)
        decisions[order_id] = decision
        moves += _moves(decision, free[order_id])
    orders.move(tx, moves, causes)
    return set(facts), decisions, shelves


def _on_a_shelf(tx: Transaction, item_ids: set[str]) -> set[str]:
    """Those of these items that a free shelf has at all: the others need not be looked for."""
    if not item_ids:
        return set()
    found = goods.balances(tx, item_ids, [Account.AVAILABLE])
    return {balance.item_id for balance in found if balance.units > 0}


def _use_reservations(tx: Transaction, prospects: Sequence[Prospect]) -> dict[str, OMSError]:
    """Give reserved units back to the shelves for their orders; answers what is refused."""
    bringing = [each for each in prospects if each.command.reservation_id]
    if not bringing:
        return {}
    # Claims before shelves, as whoever ends one does, and all shelves in their order at one go.
    held = inventory.lock_reservations(tx, [each.command.reservation_id for each in bringing])
    items = {item for each in prospects for line in each.lines for item, _ in line.stock_units()}
    inventory.lock_stock(tx, items.union(*(claim.item_ids for claim in held.values())) - {""})
    uses = [
        UseReservation(
            id=each.command.reservation_id, order_id=each.order_id, cause=each.command.cause
        )
        for each in bringing
    ]
    answers = inventory.use_reservations(tx, uses)
    return {
        each.order_id: answer
        for each, answer in zip(bringing, answers, strict=True)
        if isinstance(answer, OMSError)
    }


def _asks_of(tx: Transaction, prospects: Sequence[Prospect]) -> dict[str, Ask]:
    bundles = {
        part_id
        for each in prospects
        for line in each.lines
        if line.item and line.item.parts
        for part_id, _ in line.item.parts
    }
    weights = catalog.weights(tx, bundles) if bundles else {}
    asks = {}
    for each in prospects:
        demands = tuple(
            [
                Demand(line.id, item_id, units, weights.get(item_id, line.item.weight_g))
                for line in lines_to_source(each)
                if line.item
                for item_id, units in line.stock_units()
            ]
        )
        if demands:
            ship_to = each.command.order.ship_to
            asks[each.order_id] = Ask(
                order_id=each.order_id,
                channel_id=each.command.channel_id,
                destination=Destination(ship_to.country, locate(ship_to).at),
                demands=demands,
            )
    return asks


def _asks_of_open(
    tx: Transaction, facts: Sequence[OrderFacts], free: Mapping[str, Sequence[Slice]]
) -> dict[str, Ask]:
    ids = [each.id for each in facts]
    weights = catalog.weights(tx, {units.item_id for each in ids for units in free[each]})
    closed = order_queries.rejecting_nodes(tx, ids)
    return {
        each.id: Ask(
            order_id=each.id,
            channel_id=each.channel_id,
            destination=Destination(each.ship_to.country, locate(each.ship_to).at),
            demands=tuple(
                Demand(units.line_id, units.item_id, units.quantity, weights[units.item_id])
                for units in free[each.id]
            ),
            closed=closed.get(each.id, frozenset()),
        )
        for each in facts
    }


def _free_units(tx: Transaction, slices: Mapping[str, Sequence[Slice]]) -> dict[str, list[Slice]]:
    """Open units of known items that no hold keeps from a node, by order."""
    held = order_queries.holds_at(tx, slices, HoldStage.ALLOCATION) if slices else {}
    return {
        order_id: [
            units
            for units in pieces
            if units.state is LineState.OPEN
            and units.item_id
            and not any(hold.covers(units) for hold in held.get(order_id, ()))
        ]
        for order_id, pieces in slices.items()
    }


def _lock_shelves(tx: Transaction, asks: Iterable[Ask]) -> Shelves:
    items = {demand.item_id for ask in asks for demand in ask.demands}
    return Shelves(inventory.lock_stock(tx, items) if items else _NO_STOCK, _POLICIES)


def _decide(tx: Transaction, ask: Ask, shelves: Shelves) -> Decision:
    market = shelves.market(ask.channel_id)
    nodes = shelves.nodes_for(ask)
    asked = model.asked_of(ask, nodes)
    answer = _memo.solve(market.world_id, market.world, asked)
    return Decision(
        id=tx.new_id("dec"),
        order_id=ask.order_id,
        world_id=market.world_id,
        asked=asked,
        answer=answer,
    )


def _is_covered(prospect: Prospect, decision: Decision | None) -> bool:
    """Whether every unit of the order has a node."""
    if not prospect.lines:
        return True
    if decision is None or decision.answer.unserved:
        return False
    return len(lines_to_source(prospect)) == len(prospect.lines)


def _refusal(prospect: Prospect, decision: Decision | None) -> OMSError:
    """The refusal for want of stock. One who brought a reservation keeps it: all is undone."""
    names = {line.id: line.told.external_id for line in prospect.lines}
    refusal = model.short(decision.answer if decision else None, names)
    if prospect.command.reservation_id:
        raise refusal
    return refusal


def _claims(decision: Decision) -> list[Claim]:
    return [
        Claim(each.line_id, each.item_id, each.node_id, each.quantity)
        for each in decision.answer.allocations
    ]


def _moves(decision: Decision, free: Sequence[Slice]) -> list[LineMove]:
    slice_ids = {(units.line_id, units.item_id): units.id for units in free}
    return [
        LineMove(
            slice_ids[each.line_id, each.item_id], "allocate", each.quantity, node_id=each.node_id
        )
        for each in decision.answer.allocations
    ]


def _keep(
    tx: Transaction,
    decisions: Mapping[str, Decision],
    shelves: Shelves,
    causes: Mapping[str, Cause],
) -> None:
    """Store the decisions and tell which units wait."""
    store.add_decisions(tx, list(decisions.values()), shelves.worlds())
    for order_id, decision in decisions.items():
        if decision.answer.unserved:
            units = tuple(
                WaitingUnits(each.line_id, each.quantity, each.reason.value)
                for each in decision.answer.unserved
            )
            tx.emit(OrderWaiting(entity=order_id, units=units), causes[order_id])


def _sourced(order_id: str, decision: Decision | None) -> Sourced:
    if decision is None:
        return Sourced(order_id, 0, 0)
    answer = decision.answer
    return Sourced(
        order_id,
        sum(each.quantity for each in answer.allocations),
        sum(each.quantity for each in answer.unserved),
    )


def _no_order(order_id: str) -> NotFound:
    return NotFound(
        "order.not_found", f"There is no order '{order_id}'.", "Look it up by its number."
    )
