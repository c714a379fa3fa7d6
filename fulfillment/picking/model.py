"""What a picker may take: by item, by scan, and what is said when it is the wrong thing."""

from collections.abc import Sequence

import msgspec

from fulfillment.model import Fulfilment, Units
from oms.catalog.model import Item, stored_gtin
from oms.kernel.errors import Invalid, Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import LineState
from oms.orders.model import Slice


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    """Units taken from the shelf; no `units` means everything that was asked for."""

    fulfilment_id: str
    units: tuple[Units, ...] = ()
    cause: Cause = SYSTEM


class Unpick(msgspec.Struct, frozen=True, kw_only=True):
    """Picked units put back on the shelf; no `units` means all of them."""

    fulfilment_id: str
    units: tuple[Units, ...] = ()
    cause: Cause = SYSTEM


class Scan(msgspec.Struct, frozen=True, gc=False):
    """A barcode read `count` times; a case's barcode stands for as many units as are in it."""

    barcode: str
    count: int = 1


class PickScans(msgspec.Struct, frozen=True, kw_only=True):
    """What a scanner read at the shelf: right items are picked, a wrong one picks nothing."""

    fulfilment_id: str
    scans: tuple[Scan, ...]
    cause: Cause = SYSTEM


class ReportShort(msgspec.Struct, frozen=True, kw_only=True):
    """Units that are not where the ledger says."""

    fulfilment_id: str
    units: tuple[Units, ...]
    reason: str
    cause: Cause = SYSTEM


def scanned_item(scan: Scan, found: Item | None) -> Units:
    """The item and units behind a scan, or `Refused` when nothing has this barcode."""
    if scan.count <= 0:
        raise Invalid("scan.count", "A barcode is read at least once.", "Scan again.")
    if found is None:
        raise Refused(
            "scan.unknown_barcode",
            f"No item has the barcode '{scan.barcode}'.",
            "Scan again, or look at the item's SKU and pick it by hand.",
            {scan.barcode: "unknown"},
        )
    names = {stored_gtin(scan.barcode), scan.barcode.strip()} - {""}
    in_one = next((each.units for each in found.barcodes if each.barcode in names), 1)
    return Units(found.id, in_one * scan.count)


def require_on_list(item: Item, units: Units, fulfilment: Fulfilment, own: Sequence[Slice]) -> None:
    """`Refused` in a picker's words when the item is not asked for, or not so often."""
    mine = [piece for piece in own if piece.item_id == item.id]
    left = sum(piece.quantity for piece in mine if piece.state is LineState.RELEASED)
    if not mine:
        raise Refused(
            "scan.wrong_item",
            f"{item.name} ({item.sku}) is not on the list of {fulfilment.number}.",
            "Put it back and scan the item that the list names.",
            {item.id: "not on the list"},
        )
    if units.quantity > left:
        raise Refused(
            "scan.too_many",
            f"{fulfilment.number} needs {left} more of {item.name} ({item.sku}), "
            f"{units.quantity} were scanned.",
            "Put back what is too many.",
            {item.id: f"{left} left to pick"},
        )
