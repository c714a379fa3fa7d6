"""How orders are paid: payments, refunds, and money that comes in without a gateway."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from oms.accounting import queries as accounting
from oms.accounting.settling import service as settling
from oms.accounting.settling.model import CaptureOwed
from oms.http.call import Call
from oms.http.guards import may
from oms.http.paging import LIMIT_USUAL, Cursor, Limit, Page, page, place_of
from oms.http.reach import expect_order, order_in_reach
from oms.http.views import Currency, Input, Name, View, view, views
from oms.kernel.ids import expect_prefix
from oms.payments import queries, service
from oms.payments.machine import PaymentState, RefundState
from oms.payments.model import (
    AskAgain,
    CaptureAsked,
    Payment,
    ReceivePayment,
    Refund,
    SettleRefund,
)
from oms.payments.refunds import service as refunds

Amount = Annotated[int, Meta(ge=1, le=10**15)]


class PaymentView(View, frozen=True, kw_only=True):
    """One means of payment on one order."""

    id: str
    order_id: str
    tender: str
    means: str
    gateway: str
    state: PaymentState
    currency: str
    amount_minor: int
    authorised_minor: int
    capturing_minor: int
    captured_minor: int
    refunding_minor: int
    refunded_minor: int


class RefundView(View, frozen=True, kw_only=True):
    """One giving back. Without a payment it is paid by hand."""

    id: str
    order_id: str | None
    payment_id: str | None
    return_id: str
    credit_note_id: str
    tender: str
    gateway: str
    state: RefundState
    currency: str
    amount_minor: int
    refunded_minor: int
    reason: str
    requested_at: datetime
    settled_at: datetime | None


class CaptureAskedView(View, frozen=True, kw_only=True):
    """What gateways were asked for, and what no authorisation of the order covers."""

    requested_minor: int
    uncovered_minor: int


class MoneyInput(Input, frozen=True, kw_only=True):
    """Money that came for an order: the same `reference` again is the same money."""

    amount_minor: Amount
    currency: Currency
    reference: Name


class SettleInput(Input, frozen=True, kw_only=True):
    """The proof of paying by hand."""

    reference: Name


class OrderPayments(Controller):
    path = "/orders/{order_id:str}"
    tags = ("payments",)

    @get("/payments", guards=[may("payments:read")], sync_to_thread=True)
    def payments(self, request: Call, order_id: FromPath[str]) -> list[PaymentView]:
        """How the order is paid."""
        with request.reading() as reader:
            expect_order(request, reader, order_id)
            return views(PaymentView, queries.payments_of(reader, order_id))

    @get("/refunds", guards=[may("payments:read")], sync_to_thread=True)
    def refunds(self, request: Call, order_id: FromPath[str]) -> list[RefundView]:
        """What went back, or shall."""
        with request.reading() as reader:
            expect_order(request, reader, order_id)
            return views(RefundView, queries.refunds_of(reader, order_id))

    @post("/payments", guards=[may("payments:write")], status_code=200)
    async def receive(
        self, request: Call, order_id: FromPath[str], data: JSONBody[MoneyInput]
    ) -> PaymentView:
        """Cash from a carrier, a bank transfer: money came in without a gateway."""
        command = ReceivePayment(
            order_id=await order_in_reach(request, order_id),
            amount_minor=data.amount_minor,
            currency=data.currency,
            reference=data.reference,
            cause=request.cause,
        )
        return view(PaymentView, await request.submit(service.receive, command, Payment))


@post(
    "/payments/{payment_id:str}/authorise",
    guards=[may("payments:write")],
    status_code=200,
    tags=["payments"],
)
async def authorise_again(request: Call, payment_id: FromPath[str]) -> PaymentView:
    """Ask the gateway again for an authorisation it declined."""
    await sync_to_thread(_look_up_payment, request, payment_id)
    command = AskAgain(payment_id=payment_id, cause=request.cause)
    return view(PaymentView, await request.submit(service.ask_again, command, Payment))


@post(
    "/invoices/{invoice_id:str}/capture",
    guards=[may("payments:write")],
    status_code=200,
    tags=["payments"],
)
async def capture_again(request: Call, invoice_id: FromPath[str]) -> CaptureAskedView:
    """Ask gateways again for what an invoice is still owed."""
    await sync_to_thread(_look_up_invoice, request, invoice_id)
    command = CaptureOwed(invoice_id=invoice_id, cause=request.cause)
    asked = await request.submit(settling.capture_owed, command, CaptureAsked)
    return view(CaptureAskedView, asked)


class Refunds(Controller):
    path = "/refunds"
    tags = ("payments",)

    @get("/to-do", guards=[may("payments:read")], sync_to_thread=True)
    def to_do(
        self, request: Call, cursor: Cursor = None, limit: Limit = LIMIT_USUAL
    ) -> Page[RefundView]:
        """Refunds to pay by hand or to decide about, oldest first."""
        request.caller.expect_everywhere()
        after = place_of(cursor, tuple[str])
        with request.reading() as reader:
            found = queries.refunds_to_do(reader, after[0] if after else "", limit)
        return page(views(RefundView, found), limit, found[-1].id if found else "")

    @get("/{refund_id:str}", guards=[may("payments:read")], sync_to_thread=True)
    def one(self, request: Call, refund_id: FromPath[str]) -> RefundView:
        """One refund."""
        return view(RefundView, _look_up(request, refund_id))

    @post("/{refund_id:str}/retry", guards=[may("payments:write")], status_code=200)
    async def retry(self, request: Call, refund_id: FromPath[str]) -> RefundView:
        """Ask the gateway again."""
        command = SettleRefund(refund_id=await _in_reach(request, refund_id), cause=request.cause)
        return view(RefundView, await request.submit(refunds.retry, command, Refund))

    @post("/{refund_id:str}/hand-over", guards=[may("payments:write")], status_code=200)
    async def hand_over(self, request: Call, refund_id: FromPath[str]) -> RefundView:
        """Let a person pay by hand what a gateway could not give back."""
        command = SettleRefund(refund_id=await _in_reach(request, refund_id), cause=request.cause)
        return view(RefundView, await request.submit(refunds.hand_over, command, Refund))

    @post("/{refund_id:str}/paid", guards=[may("payments:write")], status_code=200)
    async def paid(
        self, request: Call, refund_id: FromPath[str], data: JSONBody[SettleInput]
    ) -> RefundView:
        """A person has paid it; the reference says how."""
        id_ = await _in_reach(request, refund_id)
        command = SettleRefund(refund_id=id_, reference=data.reference, cause=request.cause)
        return view(RefundView, await request.submit(refunds.pay, command, Refund))


def _look_up_payment(request: Call, payment_id: str) -> None:
    with request.reading() as reader:
        found = queries.a_payment(reader, expect_prefix(payment_id, "pay"))
        expect_order(request, reader, found.order_id)


def _look_up_invoice(request: Call, invoice_id: str) -> None:
    with request.reading() as reader:
        found = accounting.invoice_view(reader, expect_prefix(invoice_id, "inv"))
    request.caller.expect_channel(found.head.channel_id)


async def _in_reach(request: Call, refund_id: str) -> str:
    if request.caller.reach.channels is not None:
        await sync_to_thread(_look_up, request, refund_id)
    return expect_prefix(refund_id, "ref")


def _look_up(request: Call, refund_id: str) -> Refund:
    with request.reading() as reader:
        found = queries.a_refund(reader, expect_prefix(refund_id, "ref"))
        if found.order_id:
            expect_order(request, reader, found.order_id)
        else:
            request.caller.expect_everywhere()  # of goods nobody knows a sale for
    return found
