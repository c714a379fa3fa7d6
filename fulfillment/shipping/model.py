"""Which boxes may leave, what leaves with them, and when a departure may be undone."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from fulfillment.events import ShipmentUndone, ShippedLine
from fulfillment.machine import FULFILMENT, PARCEL, FulfilmentState, ParcelState
from fulfillment.model import Fulfilment, Parcel
from oms.kernel.errors import Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice

ON_THE_DOCK: Final = frozenset({ParcelState.PACKED, ParcelState.LABELLED})


class ToldBy(StrEnum):
    """Who says that something left: our own dock, or a node whose floor we do not see."""

    DOCK = "dock"
    NODE = "node"


class ShipmentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment without its lines; an undone one never left."""

    id: str
    number: str
    fulfilment_id: str
    order_id: str
    node_id: str
    told_by: ToldBy
    shipped_at_ms: int
    undone_at_ms: int | None = None


class Ship(msgspec.Struct, frozen=True, kw_only=True):
    """Labelled boxes leave; no `parcel_ids` means all that are closed."""

    fulfilment_id: str
    parcel_ids: tuple[str, ...] = ()
    cause: Cause = SYSTEM


class Unship(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment never left: its boxes stand on the dock, or its node took back its word."""

    shipment_id: str
    reason: str
    cause: Cause = SYSTEM


class Shipped(msgspec.Struct, frozen=True):
    """What left together."""

    shipment_id: str
    number: str
    fulfilment_id: str
    order_id: str
    parcel_ids: tuple[str, ...]
    lines: tuple[ShippedLine, ...]
    shipped_at_ms: int


class Unshipped(msgspec.Struct, frozen=True):
    """A departure that was undone."""

    shipment_id: str
    order_id: str
    lines: tuple[ShippedLine, ...]


class BoxBack(msgspec.Struct, frozen=True, kw_only=True):
    """A box that takes refused goods back to the customer; its units name `parcel_id` already."""

    parcel_id: str
    order_id: str
    node_id: str
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    weight_g: int = 0


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """Units that leave: of one fulfilment order, in these boxes; `told_by` the dock or a node."""

    fulfilment: Fulfilment
    slices: Sequence[Slice]
    boxes: Sequence[Parcel]
    told_by: ToldBy
    cause: Cause


class Undoing(msgspec.Struct, frozen=True):
    """A departure that is undone: its boxes, the units in them, and what becomes of both."""

    record: ShipmentRecord
    fulfilment: Fulfilment
    boxes: Sequence[Parcel]
    slices: Sequence[Slice]
    command: Unship

    def moves(self) -> list[LineMove]:
        name, parcel_id = ("unship", None) if self._by_dock else ("unship_direct", "")
        return [
            LineMove(
                units.id, name, units.quantity, parcel_id=parcel_id, reason=self.command.reason
            )
            for units in self.slices
        ]

    def boxes_after(self) -> list[Parcel]:
        name = "unship" if self._by_dock else "withdraw"
        return [
            replace(box, state=PARCEL.after(box.state, name), shipment_id="") for box in self.boxes
        ]

    def told(self) -> ShipmentUndone:
        return ShipmentUndone(
            entity=self.record.id,
            order_id=self.record.order_id,
            node_id=self.record.node_id,
            number=self.record.number,
            lines=by_line(self.slices),
            reason=self.command.reason,
        )

    @property
    def _by_dock(self) -> bool:
        return self.record.told_by is ToldBy.DOCK


def shippable(parcels: Iterable[Parcel], wanted: Sequence[str]) -> list[Parcel]:
    """The labelled boxes on the dock (those `wanted`), or `Refused` that says why not."""
    chosen = [parcel for parcel in parcels if not wanted or parcel.id in wanted]
    missing = set(wanted) - {parcel.id for parcel in chosen}
    if missing:
        raise Refused(
            "parcel.not_here",
            f"Parcel {min(missing)} does not belong to this fulfilment order.",
            "Scan the label again.",
        )
    waiting = [parcel for parcel in chosen if wanted or parcel.state in ON_THE_DOCK]
    if not waiting:
        raise Refused("parcel.none", "There is no box to ship.", "Pack and label first.")
    for parcel in waiting:
        if parcel.state is ParcelState.PACKED:
            raise Refused(
                "parcel.no_label",
                f"Box {parcel.sscc} has no label and cannot leave.",
                "Buy the label first.",
                {parcel.id: "no label"},
            )
        if parcel.state is not ParcelState.LABELLED:
            raise Refused(
                "parcel.not_on_the_dock",
                f"Box {parcel.sscc} is {parcel.state}.",
                "Only labelled boxes on the dock can leave.",
                {parcel.id: str(parcel.state)},
            )
    return waiting


def inside(slices: Iterable[Slice], boxes: Iterable[Parcel]) -> list[Slice]:
    """The packed units that are in these boxes."""
    ids = {box.id for box in boxes}
    return [units for units in slices if units.state is LineState.PACKED and units.parcel_id in ids]


def reopened(fulfilment: Fulfilment) -> Fulfilment:
    """The fulfilment order with work to do again."""
    if fulfilment.state is FulfilmentState.ACCEPTED:
        return fulfilment
    return replace(fulfilment, state=FULFILMENT.after(fulfilment.state, "reopen"), reason="")


def refuse_undoing(
    record: ShipmentRecord, boxes: Iterable[Parcel], slices: Iterable[Slice], seen: Collection[str]
) -> None:
    """`Refused` when it was undone before, a carrier has `seen` a box, or units are elsewhere."""
    if record.undone_at_ms is not None:
        raise Refused(
            "shipment.undone", f"{record.number} was undone before.", "Nothing is left to undo."
        )
    for box in boxes:
        if box.id in seen or box.state is not ParcelState.SHIPPED:
            raise Refused(
                "shipment.on_its_way",
                f"Box {box.sscc} is with the carrier already.",
                "Wait until it comes back, and take it in as a return.",
                {box.id: str(box.state)},
            )
    for units in slices:
        if units.state is not LineState.SHIPPED:
            raise Refused(
                "shipment.on_its_way",
                f"Some units of it are {units.state} already.",
                "Take them in as a return.",
                {units.line_id: str(units.state)},
            )


def by_parcel(slices: Iterable[Slice]) -> list[tuple[str, ShippedLine]]:
    """(parcel id, units) by parcel, line and item."""
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    for units in slices:
        counts[units.parcel_id, units.line_id, units.item_id] += units.quantity
    return [(parcel, ShippedLine(line, item, n)) for (parcel, line, item), n in counts.items()]


def by_line(slices: Iterable[Slice]) -> tuple[ShippedLine, ...]:
    """Units by line and item, whatever box they are in."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for units in slices:
        counts[units.line_id, units.item_id] += units.quantity
    return tuple(ShippedLine(line, item, n) for (line, item), n in counts.items())
