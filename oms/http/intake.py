"""Orders come in: one by one or many at once, the same order twice being the same order."""

from typing import Annotated, Final

import msgspec
from litestar import Controller, post
from litestar.params import JSONBody
from msgspec import Meta

from connectors.contract.messages import (
    ChannelCharge,
    ChannelLine,
    ChannelOrder,
    ChannelParty,
    ChannelPayment,
    ChargeKind,
    PaymentTerms,
)
from oms.http.call import Call
from oms.http.guards import may
from oms.http.places import AddressInput, address
from oms.http.problems import Problem, problem_of
from oms.http.views import AmountMinor, Currency, Input, Moment, Name, Note, Reference, Units, View
from oms.kernel.clock import from_datetime
from oms.kernel.errors import OMSError
from oms.orders.intake.model import Shortage, TakeIn, TakenIn
from oms.sourcing import service as sourcing

BATCH_MAX: Final = 1_000

Amount = Annotated[int, Meta(ge=0, le=10**15)]
RateBp = Annotated[int, Meta(ge=0, le=100_000)]


class LineInput(Input, frozen=True, kw_only=True):
    """One line. `totalMinor` is for all units before discounts; without it unit price counts.

    `taxMinor` 0 with a rate means: work it out from the rate (basis points, 2000 = 20 %).
    """

    sku: Reference
    quantity: Units
    unit_price_minor: Amount
    id: str = ""
    title: Note = ""
    gtin: str = ""
    total_minor: Amount | None = None
    discount_minor: Amount = 0
    tax_minor: Amount = 0
    tax_rate_bp: RateBp = 0


class ChargeInput(Input, frozen=True, kw_only=True):
    """An amount beside the goods, such as postage. It has no stock."""

    kind: ChargeKind
    title: Name
    amount_minor: Amount
    tax_minor: Amount = 0
    tax_rate_bp: RateBp = 0


class PaymentInput(Input, frozen=True, kw_only=True):
    """Money the channel has, or has authorised."""

    tender: Reference
    amount_minor: AmountMinor
    reference: str = ""
    at: Moment | None = None


class CustomerInput(Input, frozen=True, kw_only=True):
    """Who bought, as far as the channel knows; leave the customer out for a guest."""

    id: str = ""
    email: str = ""
    phone: str = ""
    name: Note = ""
    company: Note = ""
    locale: str = ""


class OrderInput(Input, frozen=True, kw_only=True):
    """An order as its channel tells it. `id` is the channel's own and unique there."""

    channel_id: Reference
    id: Reference
    currency: Currency
    ship_to: AddressInput
    lines: Annotated[list[LineInput], Meta(max_length=10_000)]
    number: str = ""
    placed_at: Moment | None = None
    prices_include_tax: bool = True
    payment_terms: PaymentTerms = PaymentTerms.PAID_ON_CHANNEL
    customer: CustomerInput | None = None
    bill_to: AddressInput | None = None
    charges: tuple[ChargeInput, ...] = ()
    payments: tuple[PaymentInput, ...] = ()
    discount_minor: Amount = 0
    total_minor: Amount | None = None
    shipping_choice: str = ""
    note: Note = ""
    is_gift: bool = False
    shortage: Shortage = Shortage.BACKORDER
    reservation_id: str = ""


class OrdersInput(Input, frozen=True, kw_only=True):
    """Many orders, each succeeding or failing by itself."""

    orders: Annotated[list[OrderInput], Meta(min_length=1, max_length=BATCH_MAX)]


class TakenView(View, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an order: `outcome` is new, same or changed; `units` by state when new."""

    order_id: str = ""
    number: str = ""
    outcome: str = ""
    units: dict[str, int] = msgspec.field(default_factory=dict)
    change_id: str = ""
    problem: Problem | None = None


class Intake(Controller):
    path = "/orders"
    tags = ("orders",)

    @post(guards=[may("orders:write")])
    async def place(self, request: Call, data: JSONBody[OrderInput]) -> TakenView:
        """Take one order in, find nodes for it and reserve its units, in one transaction."""
        return taken_view(await request.submit(sourcing.place, _command(request, data), TakenIn))

    @post("/batch", guards=[may("orders:write")], status_code=200)
    async def place_many(self, request: Call, data: JSONBody[OrdersInput]) -> list[TakenView]:
        """Take many orders in; one answer each, in their order, with a problem where refused."""
        commands = [_command(request, order) for order in data.orders]
        answers = await request.submit_all(sourcing.place, commands, TakenIn)
        return [_answer(answer) for answer in answers]


def _answer(answer: TakenIn | OMSError) -> TakenView:
    if isinstance(answer, OMSError):
        return TakenView(problem=problem_of(answer))
    return taken_view(answer)


def taken_view(taken: TakenIn) -> TakenView:
    """What became of an order, to show."""
    return TakenView(
        order_id=taken.order_id,
        number=taken.number,
        outcome=taken.outcome,
        units=taken.units,
        change_id=taken.change_id,
    )


def _command(request: Call, data: OrderInput) -> TakeIn:
    request.caller.expect_channel(data.channel_id)
    now_ms = request.services.uow.clock()
    return TakeIn(
        channel_id=data.channel_id,
        order=_order(data, now_ms),
        shortage=data.shortage,
        reservation_id=data.reservation_id,
        cause=request.cause,
    )


def _order(data: OrderInput, now_ms: int) -> ChannelOrder:
    return ChannelOrder(
        external_id=data.id,
        external_number=data.number,
        placed_at_ms=from_datetime(data.placed_at) if data.placed_at else now_ms,
        currency=data.currency,
        ship_to=address(data.ship_to),
        bill_to=address(data.bill_to) if data.bill_to else None,
        customer=_party(data.customer) if data.customer else None,
        lines=tuple([_line(line, number) for number, line in enumerate(data.lines, start=1)]),
        charges=tuple([_charge(charge) for charge in data.charges]),
        payments=tuple([_payment(payment) for payment in data.payments]),
        prices_include_tax=data.prices_include_tax,
        payment_terms=data.payment_terms,
        discount_minor=data.discount_minor,
        total_minor=data.total_minor,
        shipping_choice=data.shipping_choice,
        note=data.note,
        is_gift=data.is_gift,
    )


def _line(line: LineInput, number: int) -> ChannelLine:
    total = line.total_minor
    return ChannelLine(
        external_id=line.id or str(number),
        sku=line.sku,
        gtin=line.gtin,
        title=line.title,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        line_total_minor=line.unit_price_minor * line.quantity if total is None else total,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        tax_rate=line.tax_rate_bp,
    )


def _charge(charge: ChargeInput) -> ChannelCharge:
    return ChannelCharge(
        kind=charge.kind,
        title=charge.title,
        amount_minor=charge.amount_minor,
        tax_minor=charge.tax_minor,
        tax_rate=charge.tax_rate_bp,
    )


def _payment(payment: PaymentInput) -> ChannelPayment:
    return ChannelPayment(
        tender=payment.tender,
        amount_minor=payment.amount_minor,
        reference=payment.reference,
        at_ms=from_datetime(payment.at) if payment.at else None,
    )


def _party(customer: CustomerInput) -> ChannelParty:
    return ChannelParty(
        external_id=customer.id,
        email=customer.email,
        phone=customer.phone,
        name=customer.name,
        company=customer.company,
        locale=customer.locale,
    )
