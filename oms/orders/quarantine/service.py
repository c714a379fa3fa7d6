"""Keep what cannot be an order, let people repair it, and try again."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from connectors.contract.messages import ChannelOrder
from oms.kernel.errors import Invalid, NotFound, OMSError
from oms.kernel.events import Cause
from oms.orders.events import (
    PayloadEdited,
    PayloadQuarantined,
    QuarantineDismissed,
    QuarantineResolved,
)
from oms.orders.intake.model import TakeIn, TakenIn
from oms.orders.intake.service import take_in
from oms.orders.quarantine import store
from oms.orders.quarantine.machine import QUARANTINE, QuarantineState
from oms.orders.quarantine.model import Dismiss, Edit, Quarantine, Quarantined, Rerun
from oms.platform.transaction import Transaction

Intake = Callable[[Transaction, Sequence[TakeIn]], Sequence[TakenIn | OMSError]]
_decode: Final = msgspec.json.Decoder(ChannelOrder).decode


def quarantine(tx: Transaction, commands: Sequence[Quarantine]) -> list[Quarantined]:
    """Keep payloads. A source that is in quarantine already is kept once; while it is open the
    newer reason and payload replace the older, a decided one stays decided.
    """
    known = store.lock_by_source(tx, [(each.channel_id, each.source) for each in commands])
    fresh: dict[str, Quarantined] = {}
    changed: dict[str, Quarantined] = {}
    answers = []
    for command in commands:
        name = (command.channel_id, command.source)
        old = known.get(name)
        payload = _kept(tx, command, old)
        known[name] = payload
        if old is None:
            fresh[payload.id] = payload
            tx.emit_first(_opened(payload), command.cause)
        elif payload != old:
            (fresh if payload.id in fresh else changed)[payload.id] = payload
        answers.append(payload)
    store.add(tx, list(fresh.values()))
    store.change(tx, list(changed.values()))
    return answers


def settle(tx: Transaction, orders: Mapping[tuple[str, str], str], cause: Cause) -> int:
    """Resolve what lies open under the names of orders that have just come in from a mended copy.

    `orders` are ids by channel and external id. Only of new orders is it sure that nothing of them
    was in before. Answers how many payloads are resolved.
    """
    waiting = store.lock_open(tx, orders) if orders else []
    resolved = []
    for old in waiting:
        order_id = orders[old.channel_id, old.external_id]
        tx.emit(QuarantineResolved(entity=old.id, order_id=order_id), cause)
        state = QUARANTINE.after(old.state, "resolve")
        resolved.append(replace(_decided(tx, old, state, cause), order_id=order_id))
    store.change(tx, resolved)
    return len(resolved)


def edit(tx: Transaction, commands: Sequence[Edit]) -> list[Quarantined | OMSError]:
    """Put a repaired payload beside what came. Only open ones can be edited."""

    def edited(old: Quarantined, command: Edit) -> Quarantined:
        QUARANTINE.move(old.state, "resolve")
        tx.emit(PayloadEdited(entity=old.id), command.cause)
        return replace(old, edited=command.payload)

    return _each(tx, commands, edited)


def dismiss(tx: Transaction, commands: Sequence[Dismiss]) -> list[Quarantined | OMSError]:
    """Decide that payloads are no orders of ours."""

    def dismissed(old: Quarantined, command: Dismiss) -> Quarantined:
        state = QUARANTINE.after(old.state, "dismiss")
        tx.emit(QuarantineDismissed(entity=old.id, reason=command.reason), command.cause)
        return _decided(tx, old, state, command.cause)

    return _each(tx, commands, dismissed)


def rerun(
    tx: Transaction, commands: Sequence[Rerun], intake: Intake = take_in
) -> list[TakenIn | OMSError]:
    """Try payloads again through `intake`. What still cannot come in stays, with the new reason."""
    known = store.lock_by_id(tx, [command.quarantine_id for command in commands])
    answers: dict[int, TakenIn | OMSError] = {}
    tries: dict[int, TakeIn] = {}
    for position, command in enumerate(commands):
        try:
            tries[position] = _retry(known, command)
        except OMSError as refusal:
            answers[position] = refusal
    answers |= dict(zip(tries, intake(tx, list(tries.values())), strict=True))
    for position in tries:  # what cannot even be read keeps the reason it came here for
        command = commands[position]
        old = known[command.quarantine_id]
        if old.state is QuarantineState.OPEN:
            known[old.id] = _after_try(tx, old, answers[position], command.cause)
    store.change(tx, list(known.values()))
    return [answers[position] for position in range(len(commands))]


def _retry(known: dict[str, Quarantined], command: Rerun) -> TakeIn:
    old = known.get(command.quarantine_id)
    if old is None:
        raise _not_found(command.quarantine_id)
    QUARANTINE.move(old.state, "resolve")
    order = command.order
    if order is None:
        try:
            order = _decode(old.present)
        except msgspec.DecodeError as wrong:
            raise _unreadable(wrong) from wrong
    return TakeIn(channel_id=old.channel_id, order=order, cause=command.cause)


def _after_try(
    tx: Transaction, old: Quarantined, answer: TakenIn | OMSError, cause: Cause
) -> Quarantined:
    if isinstance(answer, OMSError):
        words = f"{answer.sentence} {answer.remedy}".strip()
        return replace(old, code=answer.code, words=words)
    tx.emit(QuarantineResolved(entity=old.id, order_id=answer.order_id), cause)
    state = QUARANTINE.after(old.state, "resolve")
    return replace(_decided(tx, old, state, cause), order_id=answer.order_id)


C = TypeVar("C", Edit, Dismiss)


def _each(
    tx: Transaction, commands: Sequence[C], after: Callable[[Quarantined, C], Quarantined]
) -> list[Quarantined | OMSError]:
    known = store.lock_by_id(tx, [command.quarantine_id for command in commands])
    answers: list[Quarantined | OMSError] = []
    for command in commands:
        old = known.get(command.quarantine_id)
        try:
            if old is None:
                raise _not_found(command.quarantine_id)
            known[old.id] = after(old, command)
            answers.append(known[old.id])
        except OMSError as refusal:
            answers.append(refusal)
    store.change(tx, list(known.values()))
    return answers


def _kept(tx: Transaction, command: Quarantine, old: Quarantined | None) -> Quarantined:
    if old is not None and old.state is not QuarantineState.OPEN:
        return old
    return Quarantined(
        id=old.id if old else tx.new_id("qua"),
        channel_id=command.channel_id,
        source=command.source,
        external_id=command.external_id,
        code=command.code,
        words=command.words,
        payload=command.payload,
        edited=old.edited if old and old.payload == command.payload else "",
        rows=command.rows,
        state=QuarantineState.OPEN,
        at_ms=old.at_ms if old else tx.now_ms,
    )


def _decided(
    tx: Transaction, old: Quarantined, state: QuarantineState, cause: Cause
) -> Quarantined:
    return replace(old, state=state, decided_at_ms=tx.now_ms, decided_by=cause.actor)


def _opened(payload: Quarantined) -> PayloadQuarantined:
    return PayloadQuarantined(
        entity=payload.id,
        channel_id=payload.channel_id,
        source=payload.source,
        code=payload.code,
    )


def _not_found(quarantine_id: str) -> NotFound:
    return NotFound(
        "quarantine.not_found",
        f"There is no quarantined payload '{quarantine_id}'.",
        "Read the list again.",
    )


def _unreadable(wrong: msgspec.DecodeError) -> Invalid:
    return Invalid(
        "quarantine.unreadable",
        f"The payload is not an order in JSON: {wrong}.",
        "Write it as an order in JSON, or mend its rows and import them: that resolves it as well.",
    )
