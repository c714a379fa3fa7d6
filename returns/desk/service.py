"""Steps on returns over a list: lock, plan each alone, move units, write all that was not refused.

It knows no step by itself; requests, receptions, inspections and the counter bring their plans.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from oms.inventory import service as inventory
from oms.kernel.errors import OMSError
from oms.kernel.events import Cause
from oms.ledger.model import Movement
from oms.orders import service as orders
from oms.orders.model import Slice
from oms.orders.service import SliceKey
from oms.platform.batches import in_rounds
from oms.platform.transaction import Reader, Transaction
from returns import store
from returns.desk.model import Case, Desk, Judge, Plan
from returns.events import ReturnClosed, ReturnRequested
from returns.machine import RETURN, ReturnState
from returns.model import (
    Dock,
    Graded,
    Outcome,
    Reception,
    ReturnLine,
    Verdict,
    by_line,
    is_finished,
    unknown,
)

RETURN_COUNTER: Final = "return"
_ENDS: Final = {ReturnState.RECEIVING: "close", ReturnState.AUTHORISED: "lose"}
"""How a return ends by itself: settled, or nothing of it ever came."""


class OnReturn(Protocol):
    """A command about one return."""

    @property
    def return_id(self) -> str: ...

    @property
    def cause(self) -> Cause: ...


class AtNode(Protocol):
    """A command carried out at a node."""

    @property
    def node_id(self) -> str: ...


class Planned(msgspec.Struct, frozen=True):
    """A plan and who asked for it."""

    plan: Plan
    cause: Cause


C = TypeVar("C", bound=OnReturn)


def steps(
    tx: Transaction, commands: Sequence[C], plan: Callable[[C, Case], Plan]
) -> list[Desk | OMSError]:
    """Lock what the commands are about, plan each alone, then write all that was not refused."""
    return in_rounds(commands, lambda c: c.return_id, lambda batch: _round(tx, batch, plan))


def carry_out(tx: Transaction, plans: Sequence[Planned | OMSError]) -> list[Desk | OMSError]:
    """Write plans; a plan whose units may not move leaves no trace.

    An order's moves are made or refused together, so returns of the same order take turns.
    """

    def move(batch: Sequence[Planned]) -> list[Planned | OMSError]:
        causes = {each.plan.desk.ret.order_id: each.cause for each in batch}
        moves = [move for each in batch for move in each.plan.moves]
        beside: dict[str, list[Movement]] = defaultdict(list)
        for each in batch:
            beside[each.plan.desk.ret.order_id if each.plan.moves else ""] += each.plan.movements
        refused = orders.move(tx, moves, causes, beside).refused
        return [refused.get(each.plan.desk.ret.order_id) or each for each in batch]

    wanted = [each for each in plans if isinstance(each, Planned)]
    moved = in_rounds(wanted, _order_or_itself, move)
    _write(tx, [each for each in moved if isinstance(each, Planned)])
    answers = iter(moved)
    return [_answer(each if isinstance(each, OMSError) else next(answers)) for each in plans]


def slices_by_order(tx: Transaction, order_ids: Iterable[str]) -> dict[str, list[Slice]]:
    """The units of these orders, the orders locked."""
    grouped: dict[str, list[Slice]] = defaultdict(list)
    for units in orders.lock_slices(tx, SliceKey.ORDER, order_ids):
        grouped[units.order_id].append(units)
    return grouped


def require_node(node_ids: Iterable[str], command: AtNode) -> None:
    """`NotFound` for a node nobody knows: goods cannot stand there."""
    if command.node_id not in node_ids:
        raise unknown("node", command.node_id)


def node_ids(reader: Reader) -> frozenset[str]:
    return frozenset(node.id for node in inventory.nodes(reader))


def settled(plan: Plan, lines: Iterable[ReturnLine]) -> Plan:
    """The plan with these lines; a return in which nothing is left to do is closed by it."""
    ret, lines = plan.desk.ret, tuple(lines)
    if ret.state in _ENDS and is_finished(lines):
        ret = replace(ret, state=RETURN.after(ret.state, _ENDS[ret.state]))
        plan.events.append(closed(Desk(ret, lines)))
    plan.desk = Desk(ret, lines)
    return plan


def closed(desk: Desk) -> ReturnClosed:
    missing = sum(line.missing for line in desk.lines)
    return ReturnClosed(entity=desk.ret.id, order_id=desk.ret.order_id or None, missing=missing)


def graded(tx: Transaction, judge: Judge, verdict: Verdict) -> Graded:
    """A verdict as a row to be kept."""
    return Graded(
        id=tx.new_id("isp"),
        return_id=judge.return_id,
        return_line_id=verdict.return_line_id,
        node_id=judge.node_id,
        quantity=verdict.quantity,
        outcome=Outcome.ACCEPTED if verdict.disposition else Outcome.REFUSED,
        disposition=verdict.disposition,
        grade=verdict.grade,
        note=verdict.note,
        at_ms=tx.now_ms,
        actor=judge.actor,
    )


def counted_in(tx: Transaction, judge: Judge, return_line_id: str, quantity: int) -> Reception:
    """Units counted in at a node as a row to be kept."""
    return Reception(
        id=tx.new_id("rcn"),
        return_id=judge.return_id,
        return_line_id=return_line_id,
        node_id=judge.node_id,
        quantity=quantity,
        at_ms=tx.now_ms,
        actor=judge.actor,
    )


def _round(
    tx: Transaction, commands: Sequence[C], plan: Callable[[C, Case], Plan]
) -> list[Desk | OMSError]:
    rets = store.lock_returns(tx, [command.return_id for command in commands])
    lines = by_line(store.lines_of(tx, rets))
    slices = slices_by_order(tx, {ret.order_id for ret in rets.values()} - {""})
    dock = Dock(store.standing(tx, rets))
    plans: list[Planned | OMSError] = []
    for command in commands:
        try:
            ret = rets.get(command.return_id)
            if ret is None:
                raise unknown("return", command.return_id)
            own = slices.get(ret.order_id, ()) if ret.order_id else ()
            case = Case(Desk(ret, tuple(lines[ret.id])), own, dock)
            plans.append(Planned(plan(command, case), command.cause))
        except OMSError as refusal:
            plans.append(refusal)
    return carry_out(tx, plans)


def _write(tx: Transaction, planned: Sequence[Planned]) -> None:
    plans = [each.plan for each in planned]
    new = [plan for plan in plans if plan.is_new]
    numbers = tx.next_numbers(RETURN_COUNTER, len(new)) if new else range(0)
    for plan, number in zip(new, numbers, strict=True):
        plan.desk = replace(plan.desk, ret=replace(plan.desk.ret, number=f"RMA-{number:06d}"))
    store.add_returns(tx, [plan.desk.ret for plan in new])
    store.save_returns(tx, [plan.desk.ret for plan in plans if not plan.is_new])
    store.put_lines(tx, [line for plan in plans for line in plan.desk.lines])
    store.add_charges(
        tx,
        [
            (plan.desk.ret.id, position, charge)
            for plan in plans
            for position, charge in enumerate(plan.charges, start=1)
        ],
    )
    store.add_receptions(tx, [row for plan in plans for row in plan.receptions])
    store.add_inspections(tx, [row for plan in plans for row in plan.inspections])
    for each in planned:
        if each.plan.is_new:
            tx.emit_first(_requested(each.plan.desk), each.cause)
        for event in each.plan.events:
            tx.emit(event, each.cause)


def _requested(desk: Desk) -> ReturnRequested:
    ret = desk.ret
    return ReturnRequested(
        entity=ret.id, number=ret.number, order_id=ret.order_id or None, state=ret.state
    )


def _order_or_itself(planned: Planned) -> str:
    ret = planned.plan.desk.ret
    return ret.order_id or ret.id


def _answer(planned: Planned | OMSError) -> Desk | OMSError:
    return planned if isinstance(planned, OMSError) else planned.plan.desk
