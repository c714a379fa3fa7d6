"""Payments of orders: expected when the order is placed, captured when it is invoiced.

Every function works over a list in one transaction and asks no gateway: it writes the wish down
and tells it, and `effects` carries it out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from oms.catalog import queries as catalog
from oms.kernel.errors import NotFound, OMSError, Refused
from oms.kernel.events import Cause, Recorded
from oms.ledger import journal
from oms.ledger.model import Entry
from oms.ledger.posting import entry
from oms.orders.events import OrderPlaced
from oms.payments import model, store
from oms.payments.events import (
    AuthoriseRequested,
    CaptureNotCovered,
    CaptureRequested,
    PaymentCaptured,
    PaymentVoided,
    VoidRequested,
)
from oms.payments.machine import PAYMENT, CaptureState, PaymentState
from oms.payments.model import (
    AskAgain,
    Capture,
    CaptureAsked,
    OrderMoney,
    Payment,
    Planned,
    ReceivePayment,
    RequestCapture,
    Tender,
)
from oms.platform.dispatch import because_of
from oms.platform.transaction import Transaction


def record(tx: Transaction, placed: Sequence[Recorded[OrderPlaced]]) -> None:
    """Write down how new orders are to be paid; an order that has payments keeps them."""
    known = store.orders_with_payments(tx, [each.event.entity for each in placed])
    new = {each.event.entity: each for each in placed if each.event.entity not in known}
    gateways = _gateways(tx, {each.event.channel_id for each in new.values()})
    payments, captures, causes = [], [], {}
    for order_id, each in new.items():
        gateway = gateways.get(each.event.channel_id, model.DEFAULT_GATEWAY)
        for position, planned in enumerate(model.plan(each.event)):
            payment = _payment(tx, each.event, planned, position)
            if payment.state is PaymentState.AUTHORISING:
                payment = replace(payment, gateway=gateway, token=planned.reference)
            if payment.state is PaymentState.CAPTURED:
                payment = replace(payment, captured_minor=payment.amount_minor)
                captures.append(_taken(tx, payment, payment.amount_minor, planned.reference))
            payments.append(payment)
        causes[order_id] = because_of(each)
    by_id = {payment.id: payment for payment in payments}
    store.add_payments(tx, payments)
    _book(tx, by_id, captures)
    for payment in payments:
        if payment.state is PaymentState.AUTHORISING:
            event = AuthoriseRequested(entity=payment.id, order_id=payment.order_id)
            tx.emit_first(event, causes[payment.order_id])
    for capture in captures:
        payment = by_id[capture.payment_id]
        tx.emit_first(captured_event(payment, capture), causes[capture.order_id])


def receive(tx: Transaction, commands: Sequence[ReceivePayment]) -> list[Payment | OMSError]:
    """Money that came in without a gateway. More than expected stays a deposit of the order.

    Where a gateway was to take it (and perhaps declined), what comes by itself is a means of its
    own.
    """
    by_order: dict[str, list[Payment]] = defaultdict(list)
    for payment in store.lock_payments_of(tx, [command.order_id for command in commands]):
        by_order[payment.order_id].append(payment)
    payment_ids = [payment.id for payments in by_order.values() for payment in payments]
    seen = {
        (capture.order_id, capture.external_ref): capture.payment_id
        for capture in store.captures_of(tx, payment_ids)
    }
    changed: dict[str, Payment] = {}
    new: set[str] = set()
    captures: list[Capture] = []
    answers: list[Payment | OMSError] = []
    for command in commands:
        payments = [changed.get(each.id, each) for each in by_order[command.order_id]]
        key = (command.order_id, command.reference)
        try:
            if key in seen:
                answers.append(next(each for each in payments if each.id == seen[key]))
                continue
            expecting = _expecting(payments, command)
        except OMSError as refusal:
            answers.append(refusal)
            continue
        payment = expecting or _unexpected(tx, payments, command)
        if expecting is None:
            by_order[command.order_id].append(payment)
            new.add(payment.id)
        changed[payment.id] = model.received(payment, command.amount_minor)
        capture = _taken(tx, payment, command.amount_minor, command.reference)
        captures.append(capture)
        seen[key] = payment.id
        answers.append(changed[payment.id])
    store.add_payments(tx, [changed[payment_id] for payment_id in sorted(new)])
    store.save_payments(tx, [each for each in changed.values() if each.id not in new])
    _book(tx, changed, captures)
    causes = {(command.order_id, command.reference): command.cause for command in commands}
    for capture in captures:
        event = captured_event(changed[capture.payment_id], capture)
        tx.emit(event, causes[capture.order_id, capture.external_ref])
    return answers


def request_captures(tx: Transaction, commands: Sequence[RequestCapture]) -> list[CaptureAsked]:
    """Ask gateways to take what is due; repeated for the same document it asks for the rest only.

    Orders without a gateway's authorisation ask for nothing: their money comes by itself.
    """
    by_order: dict[str, list[str]] = defaultdict(list)
    now: dict[str, Payment] = {}
    for payment in store.lock_payments_of(tx, [command.order_id for command in commands]):
        if payment.gateway:
            by_order[payment.order_id].append(payment.id)
            now[payment.id] = payment
    promised = _promised(store.captures_of(tx, now))
    captures, answers = [], []
    for command in commands:
        mine = [now[payment_id] for payment_id in by_order[command.order_id]]
        document = (command.order_id, command.document_id)
        wanted = command.amount_minor - promised[document]
        parts = model.split_capture(mine, wanted) if wanted > 0 else []
        for payment, amount in parts:
            more = payment.capturing_minor + amount
            now[payment.id] = replace(payment, capturing_minor=more)
            captures.append(_asked(tx, payment, command, amount))
        requested = sum(amount for _, amount in parts)
        promised[document] += requested
        answers.append(CaptureAsked(requested, max(0, wanted - requested) if mine else 0))
    changed = {capture.payment_id: now[capture.payment_id] for capture in captures}
    store.save_payments(tx, changed.values())
    store.add_captures(tx, captures)
    _tell_captures(tx, commands, captures, answers)
    return answers


def promised(tx: Transaction, order_ids: Iterable[str]) -> Mapping[tuple[str, str], int]:
    """What gateways took, or are asked to take, for each (order, document); payments locked."""
    payments = store.lock_payments_of(tx, order_ids)
    return _promised(store.captures_of(tx, [payment.id for payment in payments]))


def lock_money(tx: Transaction, order_ids: Iterable[str]) -> dict[str, OrderMoney]:
    """What was taken for these orders, their payments locked; those without payments are absent."""
    found: dict[str, OrderMoney] = {}
    for payment in store.lock_payments_of(tx, order_ids):
        before = found.get(payment.order_id, OrderMoney())
        found[payment.order_id] = OrderMoney(
            before.captured_minor + payment.captured_minor,
            before.refundable_minor
            + payment.captured_minor
            - payment.refunded_minor
            - payment.refunding_minor,
        )
    return found


def request_voids(tx: Transaction, order_ids: Iterable[str], cause: Cause | None = None) -> None:
    """Let go what these orders need no more, and expect no more; what is being captured stays."""
    changed = []
    for payment in store.lock_payments_of(tx, order_ids):
        if payment.capturing_minor:
            continue
        if payment.state is PaymentState.PENDING:
            name = "receive" if payment.captured_minor else "give_up"
            changed.append(replace(payment, state=PAYMENT.after(payment.state, name)))
            event = PaymentVoided(
                entity=payment.id,
                order_id=payment.order_id,
                released_minor=payment.amount_minor - payment.captured_minor,
                currency=payment.currency,
            )
            tx.emit(event, cause)
        elif payment.state in (PaymentState.AUTHORISING, PaymentState.AUTHORISED):
            state = PAYMENT.after(payment.state, "release")
            changed.append(replace(payment, state=state, asked_at_ms=tx.now_ms))
            tx.emit(VoidRequested(entity=payment.id, order_id=payment.order_id), cause)
    store.save_payments(tx, changed)


def ask_again(tx: Transaction, commands: Sequence[AskAgain]) -> list[Payment | OMSError]:
    """Try declined authorisations again, as a person asked."""
    found = store.lock_payments(tx, [command.payment_id for command in commands])
    answers: list[Payment | OMSError] = []
    changed: dict[str, Payment] = {}
    for command in commands:
        payment_id = command.payment_id
        payment = changed.get(payment_id) or found.get(payment_id)
        try:
            if payment is None:
                raise model.unknown("payment", payment_id)
            state = PAYMENT.after(payment.state, "ask_again")
        except OMSError as refusal:
            answers.append(refusal)
            continue
        again = replace(payment, state=state, attempt=payment.attempt + 1, asked_at_ms=tx.now_ms)
        changed[payment_id] = again
        tx.emit(AuthoriseRequested(entity=again.id, order_id=again.order_id), command.cause)
        answers.append(again)
    store.save_payments(tx, changed.values())
    return answers


def received_entry(payment: Payment, capture: Capture) -> Entry:
    """The journal's words for captured money."""
    return entry(
        "payment_received",
        {"amount": capture.captured_minor},
        payment.currency,
        tender=payment.tender,
        order_id=payment.order_id,
        document_id=capture.id,
    )


def captured_event(payment: Payment, capture: Capture) -> PaymentCaptured:
    return PaymentCaptured(
        entity=payment.id,
        order_id=payment.order_id,
        capture_id=capture.id,
        tender=payment.tender,
        amount_minor=capture.captured_minor,
        currency=payment.currency,
        document_id=capture.document_id,
    )


def _gateways(tx: Transaction, channel_ids: Iterable[str]) -> dict[str, str]:
    """The gateway each channel's cards are charged through."""
    channels = catalog.channels_by_id(tx, channel_ids)
    return {
        channel.id: str(channel.settings.get("payment_gateway") or model.DEFAULT_GATEWAY)
        for channel in channels.values()
    }


def _payment(tx: Transaction, placed: OrderPlaced, planned: Planned, position: int) -> Payment:
    return Payment(
        id=tx.new_id("pay"),
        order_id=placed.entity,
        position=position,
        order_number=placed.number,
        channel_id=placed.channel_id,
        tender=planned.tender,
        means=planned.means,
        gateway="",
        token="",
        state=planned.state,
        currency=placed.currency,
        amount_minor=planned.amount_minor,
        external_ref="" if planned.state is PaymentState.AUTHORISING else planned.reference,
        created_at_ms=tx.now_ms,
        asked_at_ms=tx.now_ms,
    )


def _taken(tx: Transaction, payment: Payment, amount_minor: int, reference: str) -> Capture:
    """A capture that is a fact already."""
    return Capture(
        id=tx.new_id("cap"),
        payment_id=payment.id,
        order_id=payment.order_id,
        document_id="",
        state=CaptureState.CAPTURED,
        amount_minor=amount_minor,
        captured_minor=amount_minor,
        external_ref=reference,
        asked_at_ms=tx.now_ms,
        settled_at_ms=tx.now_ms,
    )


def _asked(
    tx: Transaction, payment: Payment, command: RequestCapture, amount_minor: int
) -> Capture:
    return Capture(
        id=tx.new_id("cap"),
        payment_id=payment.id,
        order_id=payment.order_id,
        document_id=command.document_id,
        state=CaptureState.REQUESTED,
        amount_minor=amount_minor,
        asked_at_ms=tx.now_ms,
    )


def _book(tx: Transaction, payments: Mapping[str, Payment], captures: Sequence[Capture]) -> None:
    """Keep captures that are facts already, with their journal entries."""
    store.add_captures(tx, captures)
    journal.post(tx, [received_entry(payments[each.payment_id], each) for each in captures])


def _promised(captures: Iterable[Capture]) -> defaultdict[tuple[str, str], int]:
    """What was asked for a document already, by (order, document)."""
    promised: defaultdict[tuple[str, str], int] = defaultdict(int)
    for capture in captures:
        promised[capture.order_id, capture.document_id] += capture.promised_minor
    return promised


def _expecting(payments: Sequence[Payment], command: ReceivePayment) -> Payment | None:
    """The payment that this money is for: the first that still waits, else the last one; None
    when all money of the order was to come through a gateway.
    """
    if not payments:
        raise NotFound(
            "payment.not_expected",
            f"Order {command.order_id} expects no money.",
            "Look the order up by the reference; one that costs nothing is paid with nothing.",
        )
    currency = payments[0].currency
    if command.amount_minor <= 0 or command.currency != currency or not command.reference:
        raise Refused(
            "payment.not_receivable",
            f"{command.amount_minor} {command.currency} with reference '{command.reference}' "
            f"cannot be received for an order in {currency}.",
            "Give a reference and a positive amount in the currency of the order.",
        )
    ours = [payment for payment in payments if not payment.gateway]
    if not ours:
        return None
    waiting = [payment for payment in ours if payment.state is PaymentState.PENDING]
    return (waiting or ours[-1:])[0]


def _unexpected(tx: Transaction, payments: Sequence[Payment], command: ReceivePayment) -> Payment:
    """A means of payment that nobody had announced."""
    return Payment(
        id=tx.new_id("pay"),
        order_id=command.order_id,
        position=max(payment.position for payment in payments) + 1,
        order_number=payments[0].order_number,
        channel_id=payments[0].channel_id,
        tender=Tender.BANK_TRANSFER,
        means="",
        gateway="",
        token="",
        state=PaymentState.PENDING,
        currency=command.currency,
        amount_minor=command.amount_minor,
        created_at_ms=tx.now_ms,
        asked_at_ms=tx.now_ms,
    )


def _tell_captures(
    tx: Transaction,
    commands: Sequence[RequestCapture],
    captures: Sequence[Capture],
    answers: Sequence[CaptureAsked],
) -> None:
    causes = {(each.order_id, each.document_id): each.cause for each in commands}
    for capture in captures:
        event = CaptureRequested(
            entity=capture.payment_id, order_id=capture.order_id, capture_id=capture.id
        )
        tx.emit(event, causes[capture.order_id, capture.document_id])
    for command, answer in zip(commands, answers, strict=True):
        if answer.uncovered_minor:
            missing = CaptureNotCovered(
                entity=command.order_id,
                document_id=command.document_id,
                missing_minor=answer.uncovered_minor,
                currency=command.currency,
            )
            tx.emit(missing, command.cause)
