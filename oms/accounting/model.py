"""An order's money in one value, what follows from each change of it, and the documents behind.

Values in, values out: numbers, rows and journal entries are made elsewhere.
"""

from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from oms.kernel.address import Address
from oms.orders.money import Split


class DocumentKind(StrEnum):
    """The legal documents; each kind has a series of numbers of its own."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


OUT: Final = "out"
BACK: Final = "back"
UNDONE: Final = "undone"
PREFIXES: Final = {DocumentKind.INVOICE: "INV", DocumentKind.CREDIT_NOTE: "CN"}


class Reason(StrEnum):
    """Why a document was issued. An undone shipment is credited, and invoiced when it leaves."""

    SHIPPED = "shipped"
    CHARGES = "charges"
    RETURNED = "returned"
    UNDONE = "undone"


class Charges(StrEnum):
    """What became of an order's charges: they are invoiced together, once."""

    DUE = "due"
    INVOICED = "invoiced"
    CANCELLED = "cancelled"


class LineKind(StrEnum):
    """Goods, or an amount beside them."""

    GOODS = "goods"
    CHARGE = "charge"


class OrderAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What was invoiced, credited and cancelled of an order, and what its money was used for.

    `reversed_minor` is the part of what was credited that will be invoiced again, because its
    shipment was undone; `invoices` and `undone` count documents. Deposits are money taken and not
    used yet. `applied_minor` of it paid invoices, `released_minor` is due back because units were
    cancelled, `refund_due_minor` because goods that were paid were credited.
    """

    order_id: str
    currency: str = ""
    charges: Charges = Charges.DUE
    invoices: int = 0
    undone: int = 0
    invoiced_minor: int = 0
    credited_minor: int = 0
    reversed_minor: int = 0
    cancelled_minor: int = 0
    applied_minor: int = 0
    released_minor: int = 0
    refund_due_minor: int = 0

    @property
    def receivable_minor(self) -> int:
        """What the customer owes now."""
        return (
            self.invoiced_minor - self.credited_minor - self.applied_minor + self.refund_due_minor
        )

    @property
    def is_untouched(self) -> bool:
        """Whether no document and no cancel speaks of the order yet."""
        return not (self.invoices or self.credited_minor or self.cancelled_minor)

    def deposit_minor(self, captured_minor: int) -> int:
        """Money taken that has not been used."""
        return captured_minor - self.applied_minor - self.released_minor

    def to_come_minor(self, ordered_minor: int) -> int:
        """What is still to be invoiced."""
        invoiced = self.invoiced_minor - self.reversed_minor
        return max(0, ordered_minor - invoiced - self.cancelled_minor)


class Settlement(msgspec.Struct, frozen=True, gc=False):
    """What happens now with an order's money; below zero, what was applied is a deposit again."""

    apply_minor: int = 0
    release_minor: int = 0
    refund_minor: int = 0


def settle(
    account: OrderAccount, ordered_minor: int, captured_minor: int
) -> tuple[OrderAccount, Settlement]:
    """Let deposits pay what is invoiced, and give back what is paid and no longer owed.

    What is credited first serves what is still to be invoiced. Deposits beyond that go back only as
    far as something was cancelled or credited: money nobody can explain stays where it is and is
    looked at by a person.
    """
    deposit, owed = account.deposit_minor(captured_minor), account.receivable_minor
    to_come = account.to_come_minor(ordered_minor)
    apply = max(0, min(deposit, owed))
    if owed < 0:
        apply = -min(-owed, account.applied_minor, max(0, to_come - deposit))
    refund = max(0, apply - owed if owed < 0 else 0)
    spare = deposit - apply - to_come
    given_up = account.cancelled_minor + account.credited_minor - account.reversed_minor
    returned = account.released_minor + account.refund_due_minor + refund
    release = max(0, min(spare, given_up - returned))
    settled = replace(
        account,
        applied_minor=account.applied_minor + apply,
        released_minor=account.released_minor + release,
        refund_due_minor=account.refund_due_minor + refund,
    )
    return settled, Settlement(apply, release, refund)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a document; see `tables.invoice_line`. Amounts are positive on both kinds."""

    kind: LineKind
    title: str
    quantity: int
    net_minor: int
    tax_minor: int
    tax_rate_bp: int
    sku: str = ""
    line_id: str | None = None
    charge_id: str | None = None
    return_line_id: str | None = None
    item_id: str | None = None
    first_unit: int = 0
    unit_split: Split = ()
    cost_minor: int = 0
    corrects_id: str | None = None
    corrects_position: int | None = None


class Buyer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who a document is for, as it was when it was issued."""

    address: Address
    tax_number: str = ""


class Concerning(msgspec.Struct, frozen=True, gc=False):
    """What a movement of money is about; `reason` is told to whoever pays it back."""

    document_id: str = ""
    credit_note_id: str = ""
    return_id: str = ""
    reason: str = ""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or credit note before it has its number; `source` is what it is about."""

    id: str
    kind: DocumentKind
    source: str
    reason: Reason
    currency: str
    lines: tuple[Line, ...]
    buyer: Buyer
    ship_to: Address | None
    locale: str
    prices_include_tax: bool
    supplied_at_ms: int
    channel_id: str
    customer_id: str | None
    order_id: str | None
    order_number: str
    shipment_id: str | None = None
    return_id: str | None = None
    corrects_id: str | None = None

    @property
    def goods_minor(self) -> int:
        """Net of goods."""
        return sum([line.net_minor for line in self.lines if line.kind is LineKind.GOODS])

    @property
    def charges_minor(self) -> int:
        """Net of charges."""
        return sum([line.net_minor for line in self.lines if line.kind is LineKind.CHARGE])

    @property
    def tax_minor(self) -> int:
        return sum([line.tax_minor for line in self.lines])

    @property
    def total_minor(self) -> int:
        return sum([line.net_minor + line.tax_minor for line in self.lines])


class Sold(msgspec.Struct, frozen=True, gc=False):
    """A goods line of an invoice or credit note, with the order behind it."""

    document_kind: str
    reason: str
    order_id: str | None
    invoice_id: str
    position: int
    line: Line


class Taken(msgspec.Struct, frozen=True, gc=False):
    """Units of one line that are invoiced, and what they had cost us."""

    units: int = 0
    cost_minor: int = 0


class Flow(msgspec.Struct, frozen=True, gc=False):
    """Parts of a bundle line that left (`OUT`, or `UNDONE`) or came `BACK`, with their `source`."""

    line_id: str
    source: str
    item_id: str
    direction: str
    quantity: int
    cost_minor: int


class ReturnedCost(msgspec.Struct, frozen=True, gc=False):
    """Cost of accepted units of a return line, and of those that can be sold again."""

    return_line_id: str
    event_number: int
    units: int
    cost_minor: int
    restocked_units: int
    restocked_minor: int


class Cancelled(msgspec.Struct, frozen=True, gc=False):
    """An amount that will not be invoiced (below zero: will be after all)."""

    event_number: int
    order_id: str
    amount_minor: int


def number_of(kind: DocumentKind, serial: int) -> str:
    """``INV-000042``, ``CN-000007``."""
    return f"{PREFIXES[kind]}-{serial:06d}"


def cut(split: Split, first: int, count: int) -> Split:
    """The runs of `count` units of a split, from unit `first` on."""
    runs, skip, left = [], first, count
    for run_count, net, tax in split:
        taken = min(max(run_count - skip, 0), left)
        skip = max(skip - run_count, 0)
        left -= taken
        if taken:
            runs.append((taken, net, tax))
    return tuple(runs)


def shared_cost(cost_minor: int, units: int, before: int, count: int) -> int:
    """The part of a cost that falls on `count` of `units`, after `before` of them; parts sum up."""
    return cost_minor * (before + count) // units - cost_minor * before // units
