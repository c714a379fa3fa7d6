"""Refunds over a list: asked for within what was captured, retried, handed to a person, paid."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from oms.kernel.errors import OMSError, Refused
from oms.kernel.events import Event
from oms.ledger import journal
from oms.ledger.model import Entry
from oms.ledger.posting import entry
from oms.payments import store
from oms.payments.events import RefundPayable, RefundRequested, RefundSucceeded
from oms.payments.machine import REFUND, RefundState
from oms.payments.model import (
    Capture,
    Payment,
    Refund,
    RequestRefund,
    SettleRefund,
    Tender,
    unknown,
)
from oms.payments.refunds import model
from oms.platform.transaction import Transaction


def request_refunds(
    tx: Transaction, commands: Sequence[RequestRefund]
) -> list[tuple[Refund, ...] | OMSError]:
    """Give money back, the payment with most left first; by hand where no payment is named.

    `Refused` where more is asked for than was captured and not yet given back. Refunds to a channel
    count as done: it gives the money back itself.
    """
    purse = Purse(tx, [each.order_id for each in commands if each.order_id and not _by_hand(each)])
    new: list[Refund] = []
    answers: list[tuple[Refund, ...] | OMSError] = []
    for command in commands:
        try:
            made = _refunds(tx, command, purse)
        except OMSError as refusal:
            answers.append(refusal)
            continue
        answers.append(made)
        new += made
        for refund in made:
            tx.emit_first(_first_event(refund), command.cause)
    purse.save(tx)
    store.add_refunds(tx, new)
    journal.post(tx, [paid_entry(each, each.refunded_minor) for each in new])
    return answers


def retry(tx: Transaction, commands: Sequence[SettleRefund]) -> list[Refund | OMSError]:
    """Ask the gateway again for what did not go back."""

    def again(refund: Refund, _: SettleRefund) -> Refund:
        state = REFUND.after(refund.state, "retry")
        if not refund.gateway:
            raise Refused(
                "refund.no_gateway", "No gateway gives this back.", "Pay it by hand instead."
            )
        return replace(refund, state=state, attempt=refund.attempt + 1, asked_at_ms=tx.now_ms)

    return _settle(tx, commands, again)


def hand_over(tx: Transaction, commands: Sequence[SettleRefund]) -> list[Refund | OMSError]:
    """Let a person pay by hand what a gateway could not give back."""

    def by_hand(refund: Refund, _: SettleRefund) -> Refund:
        state = REFUND.after(refund.state, "hand_over")
        return replace(refund, state=state, tender=Tender.MANUAL, gateway="")

    return _settle(tx, commands, by_hand)


def pay(tx: Transaction, commands: Sequence[SettleRefund]) -> list[Refund | OMSError]:
    """A person has paid these; `reference` says how."""

    def paid(refund: Refund, command: SettleRefund) -> Refund:
        return replace(
            refund,
            state=REFUND.after(refund.state, "pay"),
            refunded_minor=refund.amount_minor,
            external_ref=command.reference,
            settled_at_ms=tx.now_ms,
        )

    return _settle(tx, commands, paid)


def paid_entry(refund: Refund, amount_minor: int) -> Entry:
    """The journal's words for money that went back."""
    return entry(
        "refund_paid",
        {"amount": amount_minor},
        refund.currency,
        tender=refund.tender,
        order_id=refund.order_id or "",
        document_id=refund.id,
    )


def succeeded_event(refund: Refund) -> RefundSucceeded:
    return RefundSucceeded(
        entity=refund.id,
        order_id=refund.order_id or "",
        payment_id=refund.payment_id or "",
        tender=refund.tender,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
    )


class Purse:
    """Payments and captures of some orders, locked, with what happened to them in between."""

    def __init__(self, tx: Transaction, order_ids: Iterable[str]) -> None:
        self.payments = {each.id: each for each in store.lock_payments_of(tx, order_ids)}
        self.captures = {each.id: each for each in store.captures_of(tx, self.payments)}
        self._of_order: dict[str, list[str]] = defaultdict(list)
        self._changed: set[str] = set()
        for capture in self.captures.values():
            self._of_order[capture.order_id].append(capture.id)

    def captures_of(self, order_id: str) -> list[Capture]:
        return [self.captures[each] for each in self._of_order[order_id]]

    def put(self, payment: Payment, capture: Capture) -> None:
        self.payments[payment.id], self.captures[capture.id] = payment, capture
        self._changed |= {payment.id, capture.id}

    def save(self, tx: Transaction) -> None:
        changed = self._changed
        store.save_payments(tx, [each for each in self.payments.values() if each.id in changed])
        store.save_captures(tx, [each for each in self.captures.values() if each.id in changed])


def _by_hand(command: RequestRefund) -> bool:
    return command.tender == Tender.MANUAL or not command.order_id


def _refunds(tx: Transaction, command: RequestRefund, purse: Purse) -> tuple[Refund, ...]:
    if command.amount_minor <= 0:
        raise Refused(
            "refund.nothing_to_give_back",
            f"A refund of {command.amount_minor} gives nothing back.",
            "Give a positive amount.",
        )
    if _by_hand(command):
        return (_refund(tx, command, None, command.amount_minor),)
    captures = purse.captures_of(command.order_id or "")
    parts = model.split_refund(captures, command.amount_minor)
    made = []
    for taken, amount in parts:
        payment = purse.payments[taken.payment_id]
        refund = _refund(tx, command, (payment, taken), amount)
        claimed = model.claim_refund(payment, taken, amount)
        purse.put(*(model.give_back(*claimed, amount) if refund.refunded_minor else claimed))
        made.append(refund)
    return tuple(made)


def _refund(
    tx: Transaction,
    command: RequestRefund,
    part: tuple[Payment, Capture] | None,
    amount_minor: int,
) -> Refund:
    payment, capture = part or (None, None)
    state = model.refund_state(payment)
    is_done = state is RefundState.SUCCEEDED
    return Refund(
        id=tx.new_id("ref"),
        order_id=command.order_id,
        payment_id=payment.id if payment else None,
        capture_id=capture.id if capture else None,
        return_id=command.return_id,
        credit_note_id=command.credit_note_id,
        tender=payment.tender if payment else Tender.MANUAL,
        gateway=payment.gateway if payment else "",
        state=state,
        currency=command.currency,
        amount_minor=amount_minor,
        refunded_minor=amount_minor if is_done else 0,
        reason=command.reason,
        requested_at_ms=tx.now_ms,
        asked_at_ms=tx.now_ms,
        settled_at_ms=tx.now_ms if is_done else None,
    )


def _first_event(refund: Refund) -> Event:
    if refund.state is RefundState.SUCCEEDED:
        return succeeded_event(refund)
    return _asking_event(refund)


def _asking_event(refund: Refund) -> Event:
    if refund.state is RefundState.PAYABLE:
        return RefundPayable(
            entity=refund.id,
            order_id=refund.order_id or "",
            amount_minor=refund.missing_minor,
            currency=refund.currency,
            return_id=refund.return_id,
        )
    return RefundRequested(
        entity=refund.id,
        order_id=refund.order_id or "",
        payment_id=refund.payment_id or "",
        amount_minor=refund.missing_minor,
        currency=refund.currency,
    )


def _settle(
    tx: Transaction,
    commands: Sequence[SettleRefund],
    decide: Callable[[Refund, SettleRefund], Refund],
) -> list[Refund | OMSError]:
    """Let `decide` change each refund, and let money, books and events follow."""
    named = store.refunds(tx, [command.refund_id for command in commands])
    purse = Purse(tx, {each.order_id for each in named.values() if each.order_id})
    now = store.lock_refunds(tx, named)
    changed: dict[str, Refund] = {}
    entries: list[Entry] = []
    answers: list[Refund | OMSError] = []
    for command in commands:
        before = now.get(command.refund_id)
        try:
            if before is None:
                raise unknown("refund", command.refund_id)
            after = decide(before, command)
        except OMSError as refusal:
            answers.append(refusal)
            continue
        now[after.id] = changed[after.id] = after
        answers.append(after)
        went = after.refunded_minor - before.refunded_minor
        if went and after.capture_id and after.payment_id:
            payment, capture = purse.payments[after.payment_id], purse.captures[after.capture_id]
            purse.put(*model.give_back(payment, capture, went))
        entries.append(paid_entry(after, went))
        tx.emit(_first_event(after), command.cause)
    purse.save(tx)
    store.save_refunds(tx, changed.values())
    journal.post(tx, entries)
    return answers
