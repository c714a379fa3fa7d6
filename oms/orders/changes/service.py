"""Change-sets: keep what a channel wants changed, and apply or decline it when somebody decides."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from connectors.contract.messages import ChannelLine
from oms.catalog import service as catalog
from oms.catalog.model import ItemRef
from oms.kernel.errors import NotFound, OMSError
from oms.orders import queries
from oms.orders import service as orders
from oms.orders import store as order_store
from oms.orders.cancels import model as cancels
from oms.orders.cancels.model import Cancel
from oms.orders.changes import model, store
from oms.orders.changes.machine import CHANGE, ChangeState
from oms.orders.changes.model import ApplyChange, ChangePlan, ChangeSet, DeclineChange, Proposal
from oms.orders.events import OrderChanged, OrderChangeDeclined, OrderChangeProposed
from oms.orders.facts import OrderFacts
from oms.orders.holds.model import PlaceHold, ReleaseHold
from oms.orders.holds.service import place_holds, release_holds
from oms.orders.intake import store as intake_store
from oms.orders.intake.model import UNKNOWN_LISTING, NewLine, price
from oms.orders.machine import HoldStage, LineState
from oms.orders.model import LineMoney, LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction

C = TypeVar("C", ApplyChange, DeclineChange)
ListingName = tuple[str, str, str]
_FREES = {LineState.ALLOCATED: "deallocate", LineState.BACKORDERED: "unpromise"}


class Application(msgspec.Struct, frozen=True):
    """A change-set on its way into its order."""

    command: ApplyChange
    change: ChangeSet
    facts: OrderFacts
    plan: ChangePlan
    slices: list[Slice]
    moves: list[LineMove]
    rewritten: list[NewLine]
    added: list[NewLine]


def propose(tx: Transaction, proposals: Sequence[Proposal]) -> list[str]:
    """Keep proposals; answers the ids of their change-sets, "" where nothing differs that counts.

    One told before is not kept twice: a declined one stays declined, and one that was applied and
    has been overtaken since is proposed again.
    """
    names = [(each.order_id, each.content_hash) for each in proposals]
    known = store.known_changes(tx, names)
    ids = {name: old.id for name, old in known.items() if old.state is not ChangeState.APPLIED}
    facts = {order.id: order for order in queries.orders_for(tx, [name[0] for name in names])}
    fresh, again = [], []
    for name, proposal in zip(names, proposals, strict=True):
        if name in ids:
            continue
        words = model.differences(facts[name[0]], proposal.order, price(proposal.order))
        ids[name] = ""
        if not words:
            continue
        if name in known:
            ids[name] = known[name].id
            state = CHANGE.after(known[name].state, "propose_again")
            again.append((ids[name], state, words))
        else:
            ids[name] = tx.new_id("chs")
            fresh.append((ids[name], proposal, words))
        event = OrderChangeProposed(entity=name[0], change_id=ids[name], differences=words)
        tx.emit(event, proposal.cause)
    store.add_changes(tx, fresh)
    store.propose_again(tx, again)
    return [ids[name] for name in names]


def apply(tx: Transaction, commands: Sequence[ApplyChange]) -> list[ChangeSet | OMSError]:
    """Make orders what their channel told last: whole change-sets, or `Refused` with the reason."""
    return _by_order(tx, commands, partial(_apply, tx))


def decline(tx: Transaction, commands: Sequence[DeclineChange]) -> list[ChangeSet | OMSError]:
    """Leave orders as they are."""
    return _by_order(tx, commands, partial(_decline, tx))


def _by_order(
    tx: Transaction,
    commands: Sequence[C],
    work: Callable[[Sequence[C]], Sequence[ChangeSet | OMSError]],
) -> list[ChangeSet | OMSError]:
    """Each order once in a round: the second change of one sees what the first has made of it."""
    known = store.changes_by_id(tx, (command.change_id for command in commands))
    owner = {change.id: change.order_id for change in known.values()}
    return in_rounds(commands, lambda each: owner.get(each.change_id, each.change_id), work)


def _decline(tx: Transaction, commands: Sequence[DeclineChange]) -> list[ChangeSet | OMSError]:
    known = _locked(tx, commands)
    answers: list[ChangeSet | OMSError] = []
    decided = []
    for command in commands:
        try:
            change = _found(known, command.change_id)
            state = CHANGE.after(change.state, "decline")
        except OMSError as refusal:
            answers.append(refusal)
            continue
        decided.append((change, state, command.cause.actor))
        answers.append(msgspec.structs.replace(change, state=state))
        event = OrderChangeDeclined(
            entity=change.order_id, change_id=change.id, reason=command.reason
        )
        tx.emit(event, command.cause)
    store.decide(tx, decided)
    return answers


def _apply(tx: Transaction, commands: Sequence[ApplyChange]) -> list[ChangeSet | OMSError]:
    known = _locked(tx, commands)
    order_ids = [change.order_id for change in known.values()]
    slices: dict[str, list[Slice]] = defaultdict(list)
    for units in orders.lock_slices(tx, SliceKey.ORDER, order_ids):
        slices[units.order_id].append(units)
    facts = {each.id: each for each in queries.orders_for(tx, order_ids)}
    items = _items(tx, known.values(), facts)
    money = order_store.line_money(tx, order_ids)
    answers: dict[str, ChangeSet | OMSError] = {}
    applying: list[Application] = []
    for command in commands:
        try:
            change = _found(known, command.change_id)
            state = CHANGE.after(change.state, "apply")
            old = facts[change.order_id]
            plan = model.plan(old, change.order, price(change.order), slices[old.id])
            moves = _moves(old, plan, slices[old.id], money)
        except OMSError as refusal:
            answers[command.change_id] = refusal
            continue
        made = Application(command, change, old, plan, slices[old.id], moves, [], [])
        applying.append(_with_lines(tx, made, items))
        answers[command.change_id] = msgspec.structs.replace(change, state=state)
    _write(tx, applying)
    return [answers[command.change_id] for command in commands]


def _with_lines(
    tx: Transaction, each: Application, items: Mapping[ListingName, ItemRef]
) -> Application:
    """The lines to be written, each with what it sells."""

    def item(told: ChannelLine) -> ItemRef | None:
        return items.get((each.facts.channel_id, told.sku, told.gtin))

    first = max((line.position for line in each.facts.lines), default=-1) + 1
    return msgspec.structs.replace(
        each,
        rewritten=[
            NewLine(old.id, old.position, told, item(told), money)
            for old, told, money in each.plan.rewritten
        ],
        added=[
            NewLine(tx.new_id("lin"), position, told, item(told), money)
            for position, (told, money) in enumerate(each.plan.added, start=first)
        ],
    )


def _write(tx: Transaction, applying: Sequence[Application]) -> None:
    """Cancel and free units, write lines and charges anew, sum up, and tell."""
    if not applying:
        return
    causes = {each.facts.id: each.command.cause for each in applying}
    for refusal in orders.move(tx, [m for each in applying for m in each.moves], causes).refused:
        raise AssertionError(f"a planned move of {refusal} was refused")
    store.rewrite_lines(tx, [(each.facts.id, line) for each in applying for line in each.rewritten])
    intake_store.add_lines(tx, [(each.facts.id, line) for each in applying for line in each.added])
    intake_store.add_slices(tx, [units for each in applying for units in _new_slices(each)])
    store.rewrite_charges(
        tx,
        [
            (each.facts.id, each.change.order, each.plan.priced)
            for each in applying
            if each.plan.charges
        ],
    )
    store.follow_headers(tx, [(each.change, each.facts) for each in applying])
    store.sum_up(tx, {each.facts.id: each.plan.priced.discount_minor for each in applying})
    store.decide(
        tx, [(each.change, ChangeState.APPLIED, each.command.cause.actor) for each in applying]
    )
    place_holds(tx, [hold for each in applying for hold in _holds(each)])
    _release_known(tx, applying)
    for each in applying:
        tx.emit(_changed(each), each.command.cause)


def _moves(
    facts: OrderFacts, plan: ChangePlan, slices: Sequence[Slice], money: Mapping[str, LineMoney]
) -> list[LineMove]:
    """Cancel what is no longer wanted; free what is claimed for lines that are written anew."""
    moves: list[LineMove] = []
    if plan.cancels:
        lines = {line.id: money[line.id] for line in facts.lines}
        wish = Cancel(order_id=facts.id, lines=tuple(plan.cancels), reason="changed by channel")
        moves += cancels.plan(wish, slices, lines)[0]
    anew = {old.id for old, _, _ in plan.rewritten}
    moves += [
        LineMove(units.id, _FREES[units.state], units.quantity)
        for units in slices
        if units.line_id in anew and units.state in _FREES
    ]
    return moves


def _new_slices(each: Application) -> list[Slice]:
    """Units of lines written anew or added: drafts in an order that is one, else open."""
    is_draft = any(units.state is LineState.DRAFT for units in each.slices)
    state = LineState.DRAFT if is_draft else LineState.OPEN
    return [
        Slice(
            id=-1,
            order_id=each.facts.id,
            line_id=line.id,
            item_id=item_id,
            state=state,
            node_id="",
            lot_id="",
            fulfilment_id="",
            parcel_id="",
            return_id="",
            quantity=units,
        )
        for line in (*each.rewritten, *each.added)
        for item_id, units in line.stock_units()
    ]


def _holds(each: Application) -> list[PlaceHold]:
    return [
        PlaceHold(
            order_id=each.facts.id,
            line_id=line.id,
            stage=HoldStage.ALLOCATION,
            reason=UNKNOWN_LISTING,
            note=f"Nothing is known under '{line.told.sku}'.",
            cause=each.command.cause,
        )
        for line in (*each.rewritten, *each.added)
        if line.item is None
    ]


def _release_known(tx: Transaction, applying: Sequence[Application]) -> None:
    """Lines that sell something known now wait for no name any more."""
    known = {
        line.id: each.command.cause for each in applying for line in each.rewritten if line.item
    }
    holds = order_store.active_holds(tx, [each.facts.id for each in applying]) if known else ()
    wishes = [
        ReleaseHold(hold_id=hold.id, cause=known[hold.line_id])
        for hold in holds
        if hold.reason == UNKNOWN_LISTING and hold.line_id in known
    ]
    if wishes:
        release_holds(tx, wishes)


def _changed(each: Application) -> OrderChanged:
    items = {units.item_id for units in _new_slices(each)} - {""}
    return OrderChanged(
        entity=each.facts.id,
        change_id=each.change.id,
        differences=each.change.differences,
        item_ids=tuple(sorted(items)),
    )


def _items(
    tx: Transaction, changes: Iterable[ChangeSet], facts: Mapping[str, OrderFacts]
) -> Mapping[ListingName, ItemRef]:
    names = {
        (facts[change.order_id].channel_id, line.sku, line.gtin)
        for change in changes
        for line in change.order.lines
    }
    return catalog.resolve_listings(tx, names) if names else {}


def _locked(tx: Transaction, commands: Sequence[C]) -> dict[str, ChangeSet]:
    """The change-sets with their orders locked, as they are then."""
    ids = [command.change_id for command in commands]
    known = store.changes_by_id(tx, ids)
    order_store.lock_orders(tx, (change.order_id for change in known.values()))
    return store.changes_by_id(tx, known)


def _found(known: Mapping[str, ChangeSet], change_id: str) -> ChangeSet:
    if change_id not in known:
        raise NotFound(
            "change.not_found", f"There is no change-set '{change_id}'.", "Read the order again."
        )
    return known[change_id]
