"""Finished returns taken in: units matched with sales where they can be, blind where not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from connectors.contract.messages import ChannelCharge, ChannelReturn, ChannelReturnLine
from oms.catalog import service as catalog
from oms.catalog.model import ItemRef
from oms.customers import service as customers
from oms.kernel.errors import Invalid, OMSError
from oms.kernel.events import Cause
from oms.orders import queries as orders_read
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from oms.orders.queries import OrderFacts
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction
from returns import model, store
from returns.events import CreditedCharge, InspectedLine, ReturnInspected, ReturnRequested
from returns.inspection.service import dispositions, graded, inspected, inspected_event
from returns.intake.model import Match, Outcome, Sold, TakeBack, TakeIn, match, possible
from returns.machine import ReturnState
from returns.model import Inspect, Return, ReturnLine, Verdict
from returns.service import (
    Desk,
    Plan,
    blind_arrival,
    carry_out,
    known,
    open_returns,
    slices_by_order,
)

# Units on their way are turned round by the carrier, delivered ones are simply handed in.
_WAYS: Mapping[LineState, tuple[str, ...]] = {
    LineState.DELIVERED: ("receive_blind", "accept_return"),
    LineState.SHIPPED: ("refuse", "receive_return", "accept_return"),
}


class TakenIn(msgspec.Struct, frozen=True):
    """The returns a report became: one for each order its goods came from, one for the rest."""

    outcome: Outcome
    returns: tuple[Return, ...]
    matched: int
    blind: int


class _Claim(msgspec.Struct, frozen=True):
    """What the channel says about a line's money: it counts where no sale is known."""

    title: str = ""
    reason: str = ""
    net_minor: int = 0
    tax_minor: int = 0
    tax_rate_bp: int = 0


_NO_CLAIM = _Claim()


class _Piece(msgspec.Struct, frozen=True):
    """Units that came back, the sale they belong to, if any, and their share of the claim."""

    item_id: str
    quantity: int
    sold: Sold | None
    claim: _Claim


class _Judged(msgspec.Struct, frozen=True):
    """Where the goods are and what was found, the same for all units of a report."""

    node_id: str
    disposition: model.Disposition
    grade: str
    cause: Cause


def take_in(tx: Transaction, commands: Sequence[TakeIn]) -> list[TakenIn | OMSError]:
    """Take in reported returns; a report that is known already changes nothing."""
    return in_rounds(
        commands,
        lambda c: (c.channel_id, c.message.external_id),
        lambda batch: _take_in(tx, batch),
    )


def _take_in(tx: Transaction, commands: Sequence[TakeIn]) -> list[TakenIn | OMSError]:
    seen = store.known_external(tx, [(c.channel_id, c.message.external_id) for c in commands])
    fresh = [c for c in commands if (c.channel_id, c.message.external_id) not in seen]
    items = _items(tx, fresh)
    owners = _owners(tx, fresh)
    sold = _sold(tx, fresh, items, owners)
    taken: dict[str, int] = {}
    answers: dict[tuple[str, str], TakenIn | OMSError] = {}
    work: list[tuple[TakeIn, dict[str, list[_Piece]]]] = []
    for command in fresh:
        key = (command.channel_id, command.message.external_id)
        try:
            pieces = _pieces(command, items, owners, sold, taken)
        except Invalid as refusal:
            answers[key] = refusal
        else:
            work.append((command, pieces))
            answers[key] = _counted(pieces)
    for key, returns in _open(tx, work, owners).items():
        counted = answers[key]
        if isinstance(counted, TakenIn):
            answers[key] = replace(counted, returns=tuple(returns))
    for key, returns in seen.items():
        answers[key] = TakenIn(Outcome.SAME, tuple(returns), 0, 0)
    return [answers[c.channel_id, c.message.external_id] for c in commands]


def take_back(tx: Transaction, commands: Sequence[TakeBack]) -> list[Desk | OMSError]:
    """Goods of a known order handed in: the whole way in one step."""
    return in_rounds(commands, lambda c: c.order_id, lambda batch: _take_back(tx, batch))


def _take_back(tx: Transaction, commands: Sequence[TakeBack]) -> list[Desk | OMSError]:
    ids = [command.order_id for command in commands]
    facts = {order.id: order for order in orders_read.orders_for(tx, ids)}
    slices = slices_by_order(tx, SliceKey.ORDER, ids)
    plans: list[Plan | OMSError] = []
    for command in commands:
        try:
            order = known(facts, command.order_id)
            plan = _handed_in(tx, command, order, slices[order.id])
            plans.append(plan)
        except OMSError as refusal:
            plans.append(refusal)
    return _opened_and_done(tx, plans, [command.cause for command in commands])


def _opened_and_done(
    tx: Transaction, plans: Sequence[Plan | OMSError], causes: Sequence[Cause]
) -> list[Desk | OMSError]:
    """Number the returns of plans, then carry the plans out."""
    numbered: list[Plan | OMSError] = []
    desks = iter(open_returns(tx, [plan.desk for plan in plans if isinstance(plan, Plan)]))
    for plan in plans:
        if isinstance(plan, Plan):
            plan.desk = next(desks)
        numbered.append(plan)
    return carry_out(tx, numbered, causes)


def _items(tx: Transaction, commands: Sequence[TakeIn]) -> Mapping[tuple[str, str, str], ItemRef]:
    wanted = {(c.channel_id, line.sku, line.gtin) for c in commands for line in c.message.lines}
    return catalog.resolve_listings(tx, sorted(wanted)) if wanted else {}


def _owners(tx: Transaction, commands: Sequence[TakeIn]) -> dict[tuple[str, str], str]:
    """Customer ids by (channel, external id of the report); guests are left out."""
    known_parties = [c for c in commands if c.message.customer is not None]
    claims = [
        customers.claim(c.channel_id, c.message.customer, c.cause)
        for c in known_parties
        if c.message.customer is not None
    ]
    found = customers.identify(tx, claims) if claims else []
    return {
        (c.channel_id, c.message.external_id): customer_id
        for c, customer_id in zip(known_parties, found, strict=True)
        if customer_id
    }


def _sold(
    tx: Transaction,
    commands: Sequence[TakeIn],
    items: Mapping[tuple[str, str, str], ItemRef],
    owners: Mapping[tuple[str, str], str],
) -> dict[tuple[str, str], list[Sold]]:
    """What each customer has of each item, by (customer id, item id)."""
    wanted = {
        (owner, item_id)
        for c in commands
        if (owner := owners.get((c.channel_id, c.message.external_id)))
        for line in c.message.lines
        if (item := items.get((c.channel_id, line.sku, line.gtin)))
        for item_id, _ in _parts(item)
    }
    grouped: dict[tuple[str, str], list[Sold]] = defaultdict(list)
    if wanted:
        for owner, units in orders_read.units_with_customers(tx, sorted(wanted)):
            grouped[owner, units.item_id].append(msgspec.convert(units, Sold, from_attributes=True))
    return grouped


def _pieces(
    command: TakeIn,
    items: Mapping[tuple[str, str, str], ItemRef],
    owners: Mapping[tuple[str, str], str],
    sold: Mapping[tuple[str, str], list[Sold]],
    taken: dict[str, int],
) -> dict[str, list[_Piece]]:
    """The report's units by the order they came from ("" where none is known)."""
    message = command.message
    owner = owners.get((command.channel_id, message.external_id), "")
    refs = [_item_of(command, items, line) for line in message.lines]
    pieces: dict[str, list[_Piece]] = defaultdict(list)
    for line, item in zip(message.lines, refs, strict=True):
        for position, (item_id, per_unit) in enumerate(_parts(item)):
            candidates = possible(
                sold.get((owner, item_id), []), message.currency, line.order_external_id
            )
            # A bundle is claimed as one: the claim goes with its first part.
            claim = _claim(message, line, item) if position == 0 else _NO_CLAIM
            wanted = line.quantity * per_unit
            done = 0
            for part in match(wanted, candidates, taken):
                order_id = part.sold.order_id if part.sold else ""
                pieces[order_id].append(_piece(item_id, claim, part, (done, wanted)))
                done += part.quantity
    if message.charges and not pieces:
        pieces[""] = []
    return pieces


def _item_of(
    command: TakeIn, items: Mapping[tuple[str, str, str], ItemRef], line: ChannelReturnLine
) -> ItemRef:
    item = items.get((command.channel_id, line.sku, line.gtin))
    if item is None:
        raise Invalid(
            "return.unknown_listing",
            f"'{line.sku}' is not known in this channel.",
            "Map the listing to an item, then run this return again.",
            {"sku": line.sku},
        )
    return item


def _parts(item: ItemRef) -> tuple[tuple[str, int], ...]:
    return tuple(item.parts) or ((item.id, 1),)


def _claim(message: ChannelReturn, line: ChannelReturnLine, item: ItemRef) -> _Claim:
    inside = line.tax_minor if message.prices_include_tax else 0
    return _Claim(
        title=line.title or item.name,
        reason=line.reason,
        net_minor=line.amount_minor - inside,
        tax_minor=line.tax_minor,
        tax_rate_bp=line.tax_rate,
    )


def _piece(item_id: str, claim: _Claim, part: Match, done_of: tuple[int, int]) -> _Piece:
    done, units = done_of
    return _Piece(
        item_id,
        part.quantity,
        part.sold,
        replace(
            claim,
            net_minor=model.units_share(claim.net_minor, units, done, part.quantity),
            tax_minor=model.units_share(claim.tax_minor, units, done, part.quantity),
        ),
    )


def _counted(pieces: Mapping[str, Sequence[_Piece]]) -> TakenIn:
    units = [piece for group in pieces.values() for piece in group]
    matched = sum(piece.quantity for piece in units if piece.sold)
    return TakenIn(Outcome.NEW, (), matched, sum(p.quantity for p in units) - matched)


def _open(
    tx: Transaction,
    work: Sequence[tuple[TakeIn, dict[str, list[_Piece]]]],
    owners: Mapping[tuple[str, str], str],
) -> dict[tuple[str, str], list[Return]]:
    """Write the returns of all reports: one for each order, one for what no order is known for."""
    order_ids = {order_id for _, pieces in work for order_id in pieces if order_id}
    slices = slices_by_order(tx, SliceKey.ORDER, sorted(order_ids))
    free = {units.id: units.quantity for each in slices.values() for units in each}
    plans: list[Plan] = []
    keys: list[tuple[str, str]] = []
    causes: list[Cause] = []
    for command, pieces in work:
        key = (command.channel_id, command.message.external_id)
        judged = _Judged(command.node_id, command.disposition, "as reported", command.cause)
        for position, (order_id, group) in enumerate(pieces.items()):
            ret = _new_return(tx, command, order_id, owners.get(key, ""))
            plan = _finished(tx, ret, group, judged)
            plan.moves = _moves(group, slices[order_id], free, judged, ret)
            if position == 0:
                _credit_charges(tx, plan, command.message)
            plans.append(plan)
            keys.append(key)
            causes.append(command.cause)
    found: dict[tuple[str, str], list[Return]] = defaultdict(list)
    for key, desk in zip(keys, _opened_and_done(tx, plans, causes), strict=True):
        if isinstance(desk, OMSError):
            raise desk  # one report is taken in whole or not at all: the caller repeats it alone
        found[key].append(desk.ret)
    return found


def _finished(tx: Transaction, ret: Return, pieces: Sequence[_Piece], judged: _Judged) -> Plan:
    """A return in which everything has been received and accepted already."""
    plan = Plan(Desk(ret, ()))
    lines: list[ReturnLine] = []
    told: list[InspectedLine] = []
    for position, piece in enumerate(pieces, start=1):
        line = _line(tx, ret, position, piece)
        verdict = Verdict(
            return_line_id=line.id,
            quantity=piece.quantity,
            grade=judged.grade,
            disposition=judged.disposition,
        )
        if not line.line_id:
            plan.movements.append(blind_arrival(ret, line, piece.quantity, judged.node_id))
        plan.movements += dispositions(ret, line, verdict, judged.node_id)
        told.append(inspected(line, verdict, 0))
        inspect = Inspect(
            return_id=ret.id, node_id=judged.node_id, verdicts=(verdict,), cause=judged.cause
        )
        plan.inspections.append(graded(tx, ret, verdict, inspect))
        lines.append(replace(line, received=piece.quantity, accepted=piece.quantity))
    plan.desk = Desk(ret, tuple(lines))
    opened = ReturnRequested(
        entity=ret.id, number=ret.number, order_id=ret.order_id or None, state=ret.state
    )
    plan.events = [opened, inspected_event(ret, told, ())]
    return plan


def _moves(
    pieces: Sequence[_Piece],
    slices: Sequence[Slice],
    free: dict[int, int],
    judged: _Judged,
    ret: Return,
) -> list[LineMove]:
    """The way back of matched units; `free` counts what is left of each slice in this batch."""
    moves = []
    for piece in pieces:
        left = piece.quantity if piece.sold else 0
        for units in slices:
            is_it = piece.sold is not None and (units.line_id, units.item_id) == (
                piece.sold.line_id,
                piece.item_id,
            )
            count = min(left, free[units.id]) if is_it and units.state in _WAYS else 0
            if count:
                left -= count
                free[units.id] -= count
                moves += [
                    LineMove(units.id, name, count, node_id=judged.node_id, return_id=ret.id)
                    for name in _WAYS[units.state]
                ]
    return moves


def _credit_charges(tx: Transaction, plan: Plan, message: ChannelReturn) -> None:
    """Credits without goods go with the report's first return."""
    if not message.charges:
        return
    credits = [_credited(message, charge) for charge in message.charges]
    ret = plan.desk.ret
    store.add_charges(tx, [(ret.id, n, credit) for n, credit in enumerate(credits, start=1)])
    plan.events = [
        replace(event, charges=tuple(credits)) if isinstance(event, ReturnInspected) else event
        for event in plan.events
    ]


def _credited(message: ChannelReturn, charge: ChannelCharge) -> CreditedCharge:
    inside = charge.tax_minor if message.prices_include_tax else 0
    return CreditedCharge(
        charge.title, charge.amount_minor - inside, charge.tax_minor, charge.tax_rate
    )


def _handed_in(
    tx: Transaction, command: TakeBack, order: OrderFacts, slices: Sequence[Slice]
) -> Plan:
    titles = {line.id: line for line in order.lines}
    items = model.wanted_items(command.lines, orders_read.parts_of(order))
    ret = Return(
        id=tx.new_id("ret"),
        number="",
        channel_id=order.channel_id,
        external_id=None,
        order_id=order.id,
        customer_id=order.customer_id or "",
        currency=order.currency,
        state=ReturnState.CLOSED,
        reason=command.reason,
        requested_at_ms=tx.now_ms,
    )
    pieces = [
        _Piece(
            item.item_id,
            item.quantity,
            Sold(order.id, item.line_id, item.item_id, item.quantity, 0, order.currency, ""),
            _Claim(
                title=titles[item.line_id].title,
                reason=item.reason,
                tax_rate_bp=titles[item.line_id].tax_rate_bp,
            ),
        )
        for item in items
    ]
    judged = _Judged(command.node_id, command.disposition, command.grade, command.cause)
    plan = _finished(tx, ret, pieces, judged)
    way = model.Way(_WAYS[LineState.DELIVERED], ret.id, command.node_id)
    plan.moves = [move for item in items for move in model.moves_back(slices, item, way)]
    return plan


def _line(tx: Transaction, ret: Return, position: int, piece: _Piece) -> ReturnLine:
    return ReturnLine(
        id=tx.new_id("rln"),
        return_id=ret.id,
        position=position,
        line_id=piece.sold.line_id if piece.sold else "",
        item_id=piece.item_id,
        expected=piece.quantity,
        title=piece.claim.title,
        reason=piece.claim.reason,
        claimed_net_minor=piece.claim.net_minor,
        claimed_tax_minor=piece.claim.tax_minor,
        tax_rate_bp=piece.claim.tax_rate_bp,
    )


def _new_return(tx: Transaction, command: TakeIn, order_id: str, customer_id: str) -> Return:
    return Return(
        id=tx.new_id("ret"),
        number="",
        channel_id=command.channel_id,
        external_id=command.message.external_id,
        order_id=order_id,
        customer_id=customer_id,
        currency=command.message.currency,
        state=ReturnState.CLOSED,
        reason=command.message.note,
        requested_at_ms=command.message.at_ms,
    )
