"""What a channel's order becomes here: checked, fingerprinted, priced and split, line by line.

Values in, values out. Items, customers and stock are looked up by others and given.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec

from connectors.contract.messages import ChannelCharge, ChannelLine, ChannelOrder
from oms.catalog.model import ItemRef
from oms.kernel.errors import Invalid
from oms.kernel.events import SYSTEM, Cause
from oms.kernel.money import MAX_MINOR, exponent, spread
from oms.orders.machine import HoldStage, LineState
from oms.orders.model import Hold, Slice
from oms.orders.money import Split, split_units

QUANTITY_MAX: Final = 10**9
RATE_MAX: Final = 100_000  # basis points: no tax is ten times the price
MOMENT_MAX_MS: Final = 253_402_300_799_999  # the last of the year 9999
UNKNOWN_LISTING: Final = "unknown_listing"  # the reason of holds that wait for a name
TEXT_MAX: Final = 200  # characters of an id or a code; titles are kept whole
_BP: Final = 10_000
_HASH_BYTES: Final = 16
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_AMOUNT: Final = f"must be from 0 to {MAX_MINOR}"
_encoder: Final = msgspec.json.Encoder(order="deterministic")


class Shortage(StrEnum):
    """What happens to an order that stock does not cover whole when it is sourced."""

    BACKORDER = "backorder"  # it is taken; what cannot be allocated stays open
    REFUSE = "refuse"  # it is refused and leaves no trace


class Outcome(StrEnum):
    """What a told order was to us."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"


class TakeIn(msgspec.Struct, frozen=True, kw_only=True):
    """Take in an order as its channel tells it.

    `reservation_id` names units held for the buyer before; sourcing gives them back first.
    """

    channel_id: str
    order: ChannelOrder
    shortage: Shortage = Shortage.BACKORDER
    reservation_id: str = ""
    cause: Cause = SYSTEM


class TakenIn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of it. `units` counts units per line state when the order is new."""

    order_id: str
    number: str
    outcome: Outcome
    units: dict[str, int] = {}
    change_id: str = ""


class PricedLine(msgspec.Struct, frozen=True):
    """A line's money for all its units after all discounts, and per unit."""

    net_minor: int
    tax_minor: int
    split: Split


class Priced(msgspec.Struct, frozen=True):
    """An order's money. Lines and charges stand in the order of the message."""

    lines: tuple[PricedLine, ...]
    charges: tuple[tuple[int, int], ...]  # (net, tax)
    goods_minor: int
    discount_minor: int
    charges_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        return self.goods_minor + self.charges_minor + self.tax_minor


class WantedHold(msgspec.Struct, frozen=True):
    """A hold an order comes into the world with; no `line_id` means the whole order."""

    stage: HoldStage
    reason: str
    note: str = ""
    line_id: str = ""


class Claim(msgspec.Struct, frozen=True, gc=False):
    """Units of a new order's line that a node serves from the first moment."""

    line_id: str
    item_id: str
    node_id: str
    quantity: int


class NewLine(msgspec.Struct, frozen=True, gc=False):
    """A line to be written: as told, what it sells (None: unknown listing), its money."""

    id: str
    position: int
    told: ChannelLine
    item: ItemRef | None
    priced: PricedLine

    def stock_units(self) -> tuple[tuple[str, int], ...]:
        """(stock item id, units) behind the whole line; "" stands for an unknown item."""
        quantity = self.told.quantity
        return self.item.stock_units(quantity) if self.item else (("", quantity),)


class Prospect(msgspec.Struct, frozen=True, kw_only=True):
    """An order that can be taken in: read, priced, its items known; nothing is written yet.

    `holds` stand beside the `wanted_holds` they come from.
    """

    command: TakeIn
    order_id: str
    content_hash: str
    priced: Priced
    lines: tuple[NewLine, ...]
    wanted_holds: tuple[WantedHold, ...]
    holds: tuple[Hold, ...]

    def is_held(self, stage: HoldStage, line_id: str) -> bool:
        return any(hold.stage is stage and hold.line_id in ("", line_id) for hold in self.holds)


class Newborn(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it is written."""

    prospect: Prospect
    number: str
    customer_id: str | None
    slices: tuple[Slice, ...]


def content_hash(order: ChannelOrder) -> str:
    """A fingerprint of all the channel told: equal fingerprints, equal orders."""
    return blake2b(_encoder.encode(order), digest_size=_HASH_BYTES).hexdigest()


def check(order: ChannelOrder) -> None:
    """Raise `Invalid` naming every place of a message that cannot be an order."""
    wrong: dict[str, str] = {}
    if not order.external_id or len(order.external_id) > TEXT_MAX:
        wrong["external_id"] = f"must have 1 to {TEXT_MAX} characters"
    if not order.lines and not order.charges:
        wrong["lines"] = "must have at least one line or charge"
    for name, moment in (("placed_at_ms", order.placed_at_ms), ("deadline_ms", order.deadline_ms)):
        if moment is not None and not 0 < moment <= MOMENT_MAX_MS:
            wrong[name] = "must be a moment after 1970, in milliseconds"
    if order.ship_to.country and not _COUNTRY.fullmatch(order.ship_to.country):
        wrong["ship_to.country"] = "must be two capital letters (ISO 3166-1), empty if not known"
    try:
        exponent(order.currency)
    except Invalid as refusal:
        wrong["currency"] = refusal.sentence
    wrong |= _wrong_lines(order)
    wrong |= _wrong_charges(order)
    for position, note in enumerate(order.payments):
        if not 0 <= note.amount_minor <= MAX_MINOR:
            wrong[f"payments[{position}].amount_minor"] = _AMOUNT
    if wrong := wrong or _wrong_sums(order):
        raise Invalid(
            "order.invalid",
            f"This cannot be an order: {'; '.join(f'{k} {v}' for k, v in wrong.items())}.",
            "Correct these fields and send it again.",
            wrong,
        )


def price(order: ChannelOrder) -> Priced:
    """Split discounts and tax over lines and units so that everything sums to the total.

    The order's discount is spread over the lines by value. Tax is what the channel says; where it
    names a rate and no amount, it is worked out from the rate.
    """
    lines = tuple(
        [
            _priced_line(line, amount, order)
            for line, amount in zip(order.lines, _after_discounts(order), strict=True)
        ]
    )
    charges = tuple([_net_and_tax(each, each.amount_minor, order) for each in order.charges])
    return Priced(
        lines=lines,
        charges=charges,
        goods_minor=sum([line.net_minor for line in lines]),
        discount_minor=order.discount_minor + sum([line.discount_minor for line in order.lines]),
        charges_minor=sum([net for net, _ in charges]),
        tax_minor=sum([line.tax_minor for line in lines]) + sum([tax for _, tax in charges]),
    )


def wanted_holds(order: ChannelOrder, priced: Priced, lines: Sequence[NewLine]) -> list[WantedHold]:
    """What a person has to look at before the order may go on."""
    holds = [
        WantedHold(
            HoldStage.ALLOCATION,
            UNKNOWN_LISTING,
            f"Nothing is known under '{line.told.sku}'.",
            line.id,
        )
        for line in lines
        if line.item is None
    ]
    if order.is_test:
        holds.append(WantedHold(HoldStage.INTAKE, "test_order"))
    if order.lines and not order.ship_to.country:
        holds.append(WantedHold(HoldStage.INTAKE, "country_missing"))
    if order.is_fulfilled_by_channel:
        holds.append(WantedHold(HoldStage.ALLOCATION, "fulfilled_by_channel"))
    if order.total_minor is not None and order.total_minor != priced.total_minor:
        note = f"The channel says {order.total_minor}, the parts sum to {priced.total_minor}."
        holds.append(WantedHold(HoldStage.RELEASE, "total_differs", note))
    return holds


def first_slices(prospect: Prospect, claims: Sequence[Claim]) -> tuple[Slice, ...]:
    """The units of a new order: claimed ones allocated at their node, the others open or draft."""
    left = {
        (line.id, item_id): units
        for line in prospect.lines
        for item_id, units in line.stock_units()
    }
    slices = []
    for claim in claims:
        left[claim.line_id, claim.item_id] -= claim.quantity
        slices.append(_slice(prospect, claim, LineState.ALLOCATED))
    for (line_id, item_id), quantity in left.items():
        if quantity:
            is_draft = prospect.is_held(HoldStage.INTAKE, line_id)
            state = LineState.DRAFT if is_draft else LineState.OPEN
            slices.append(_slice(prospect, Claim(line_id, item_id, "", quantity), state))
    return tuple(slices)


def lines_to_source(prospect: Prospect) -> list[NewLine]:
    """The lines whose units may look for a node now."""
    if not prospect.holds:
        return list(prospect.lines)
    stopped = (HoldStage.INTAKE, HoldStage.ALLOCATION)
    return [
        line
        for line in prospect.lines
        if not any(prospect.is_held(stage, line.id) for stage in stopped)
    ]


def search_text(order: ChannelOrder, number: str) -> str:
    """What a person may type to find the order, in lower case."""
    ship_to, customer = order.ship_to, order.customer
    words = [number, order.external_id, order.external_number, ship_to.name, ship_to.company]
    words += [ship_to.postal_code, ship_to.city, ship_to.email, ship_to.phone]
    if customer is not None:
        words += [customer.name, customer.company, customer.email, customer.phone]
    return " ".join(dict.fromkeys(word for word in words if word)).lower()


def _slice(prospect: Prospect, claim: Claim, state: LineState) -> Slice:
    return Slice(
        id=-1,
        order_id=prospect.order_id,
        line_id=claim.line_id,
        item_id=claim.item_id,
        state=state,
        node_id=claim.node_id,
        lot_id="",
        fulfilment_id="",
        parcel_id="",
        return_id="",
        quantity=claim.quantity,
    )


def _priced_line(line: ChannelLine, amount: int, order: ChannelOrder) -> PricedLine:
    net, tax = _net_and_tax(line, amount, order)
    return PricedLine(net, tax, split_units(net, tax, line.quantity))


def _net_and_tax(
    part: ChannelLine | ChannelCharge, amount: int, order: ChannelOrder
) -> tuple[int, int]:
    tax = part.tax_minor
    if not order.prices_include_tax:
        return amount, tax or _rounded(amount * part.tax_rate, _BP)
    tax = tax or _rounded(amount * part.tax_rate, _BP + part.tax_rate)
    return amount - tax, tax


def _rounded(dividend: int, divisor: int) -> int:
    """The quotient of two numbers that are not negative, halves up as tax offices round."""
    return (2 * dividend + divisor) // (2 * divisor)


def _wrong_lines(order: ChannelOrder) -> dict[str, str]:
    wrong: dict[str, str] = {}
    names, goods_minor = set[str](), 0
    for position, line in enumerate(order.lines):
        place = f"lines[{position}]"
        if not 0 < line.quantity <= QUANTITY_MAX:
            wrong[f"{place}.quantity"] = f"must be from 1 to {QUANTITY_MAX}"
        if not 0 <= line.unit_price_minor <= MAX_MINOR:
            wrong[f"{place}.unit_price_minor"] = _AMOUNT
        if not 0 <= line.line_total_minor <= MAX_MINOR:
            wrong[f"{place}.line_total_minor"] = _AMOUNT
        elif not 0 <= line.discount_minor <= line.line_total_minor:
            wrong[f"{place}.discount_minor"] = "must be from 0 to the line's total"
        wrong |= _wrong_tax(place, line)
        if line.external_id in names:
            wrong[f"{place}.external_id"] = f"'{line.external_id}' stands twice"
        names.add(line.external_id)
        goods_minor += line.line_total_minor - line.discount_minor
    if not 0 <= order.discount_minor <= max(goods_minor, 0):
        wrong["discount_minor"] = "must be from 0 to the value of the goods"
    return wrong


def _wrong_charges(order: ChannelOrder) -> dict[str, str]:
    wrong = {}
    for position, charge in enumerate(order.charges):
        place = f"charges[{position}]"
        if not 0 <= charge.amount_minor <= MAX_MINOR:
            wrong[f"{place}.amount_minor"] = _AMOUNT
        wrong |= _wrong_tax(place, charge)
    return wrong


def _wrong_tax(place: str, part: ChannelLine | ChannelCharge) -> dict[str, str]:
    wrong = {}
    if not 0 <= part.tax_minor <= MAX_MINOR:
        wrong[f"{place}.tax_minor"] = _AMOUNT
    if not 0 <= part.tax_rate <= RATE_MAX:
        wrong[f"{place}.tax_rate"] = f"must be from 0 to {RATE_MAX} basis points"
    return wrong


def _wrong_sums(order: ChannelOrder) -> dict[str, str]:
    """What only shows when discounts are spread and parts are added up."""
    amounts = [*_after_discounts(order), *(charge.amount_minor for charge in order.charges)]
    taxes = [line.tax_minor for line in order.lines]
    taxes += [charge.tax_minor for charge in order.charges]
    if sum(amounts) + sum(taxes) > MAX_MINOR:
        return {"lines": "and charges add up to more money than this system keeps"}
    if not order.prices_include_tax:
        return {}
    places = [f"lines[{n}]" for n in range(len(order.lines))]
    places += [f"charges[{n}]" for n in range(len(order.charges))]
    return {
        f"{place}.tax_minor": "is inside the price and must not exceed what is left of it"
        for place, amount, tax in zip(places, amounts, taxes, strict=True)
        if tax > amount
    }


def _after_discounts(order: ChannelOrder) -> list[int]:
    """What each line costs after its own discount and its share of the order's."""
    amounts = [line.line_total_minor - line.discount_minor for line in order.lines]
    if not order.discount_minor or not amounts:
        return amounts
    shares = spread(order.discount_minor, amounts)
    return [amount - share for amount, share in zip(amounts, shares, strict=True)]
