"""What undoing a shipment takes back of its invoice. Values in, values out."""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from oms.accounting.crediting.model import credited, invoiced, take_back
from oms.accounting.invoicing.model import whole_bundles
from oms.accounting.model import OUT, Flow, Line, Reason, Sold
from oms.kernel.errors import Stale
from oms.orders.facts import LineFacts


def reversed_lines(sold: Sequence[Sold], quantity: int, invoice_id: str | None) -> list[Line]:
    """Credit lines for units that never left: of this invoice first, then of the latest ones."""
    latest_first = list(reversed(invoiced(sold)))
    own = [each for each in latest_first if each.invoice_id == invoice_id]
    others = [each for each in latest_first if each.invoice_id != invoice_id]
    return take_back([*own, *others], credited(sold), quantity)


def reversed_charge(charge: Sold) -> Line:
    """A charge that will be invoiced again."""
    return replace(charge.line, corrects_id=charge.invoice_id, corrects_position=charge.position)


def bundles_undone(line: LineFacts, sold: Iterable[Sold], flows: Iterable[Flow]) -> int:
    """How many invoiced bundles are not whole any more, with what has left now."""
    left = Counter[str]()
    for flow in flows:
        if flow.direction == OUT:
            left[flow.item_id] += flow.quantity
    units = 0
    for each in sold:
        if each.reason != Reason.RETURNED:
            is_invoice = each.line.corrects_id is None
            units += each.line.quantity if is_invoice else -each.line.quantity
    return max(0, units - whole_bundles(line, left))


def not_booked(shipment: str) -> Stale:
    """A shipment was undone before its invoice was written: it is on its way."""
    return Stale(
        "undo.not_invoiced",
        f"Shipment {shipment} was undone and is not invoiced yet.",
        "It is tried again by itself; see whether the shipment was invoiced.",
    )
