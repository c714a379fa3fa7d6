"""Facts about legal documents. The stream of an event is its document."""

from oms.kernel.events import Event


class InvoiceIssued(Event, frozen=True, kw_only=True, tag="invoice.issued"):
    """A customer was invoiced for a shipment, or for charges alone (`shipment_id` is empty)."""

    number: str
    order_id: str
    shipment_id: str
    total_minor: int
    currency: str


class CreditNoteIssued(Event, frozen=True, kw_only=True, tag="credit_note.issued"):
    """A customer was credited. `order_id` is None where no sale of ours is known."""

    number: str
    order_id: str | None
    return_id: str
    corrects_id: str | None
    total_minor: int
    currency: str
