"""What the floor may do next: slices and commands in, line moves out. Knows no tables."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from fulfillment.machine import FulfilmentState, ParcelState
from oms.kernel.errors import Invalid, Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice

EXTERNAL_KINDS: Final = frozenset({"3pl", "supplier"})  # nodes whose floor we do not see


class Fulfilment(msgspec.Struct, frozen=True, kw_only=True):
    """A fulfilment order: the part of an order that one node serves."""

    id: str
    number: str
    order_id: str
    node_id: str
    state: FulfilmentState
    created_at_ms: int
    reason: str = ""


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A box with one SSCC and, once bought, one label."""

    id: str
    fulfilment_id: str
    order_id: str
    node_id: str
    sscc: str
    state: ParcelState
    weight_g: int
    created_at_ms: int
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    label_id: str = ""
    label_cost_minor: int = 0
    label_currency: str = ""
    shipment_id: str = ""


class Units(msgspec.Struct, frozen=True, gc=False):
    """So many of an item; a scan of a barcode resolves to this before it is judged."""

    item_id: str
    quantity: int


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Ask the nodes to serve what is allocated of an order."""

    order_id: str
    cause: Cause = SYSTEM


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    """Units taken from the shelf; no `units` means everything that was asked for."""

    fulfilment_id: str
    units: tuple[Units, ...] = ()
    cause: Cause = SYSTEM


class ReportShort(msgspec.Struct, frozen=True, kw_only=True):
    """Units that are not where the ledger says."""

    fulfilment_id: str
    units: tuple[Units, ...]
    reason: str
    cause: Cause = SYSTEM


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in one box; `weight_g` 0 means the sum of the items' own weights."""

    units: tuple[Units, ...] = ()
    weight_g: int = 0


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """Close boxes; no `boxes` means everything picked in one box."""

    fulfilment_id: str
    boxes: tuple[Box, ...] = ()
    cause: Cause = SYSTEM


class Ship(msgspec.Struct, frozen=True, kw_only=True):
    """Labelled boxes leave; no `parcel_ids` means all that are labelled."""

    fulfilment_id: str
    parcel_ids: tuple[str, ...] = ()
    cause: Cause = SYSTEM


def work_to_release(slices: Iterable[Slice]) -> dict[str, list[Slice]]:
    """Allocated units by node, or `Refused` when there are none."""
    by_node: dict[str, list[Slice]] = defaultdict(list)
    for piece in slices:
        if piece.state == LineState.ALLOCATED:
            by_node[piece.node_id].append(piece)
    if not by_node:
        raise Refused(
            "fulfilment.nothing_allocated",
            "No unit of this order is allocated to a node.",
            "Source the order first, or receive stock for it.",
        )
    return by_node


def moves_for(
    name: str, slices: Sequence[Slice], wanted: Sequence[Units], parcel_id: str | None = None
) -> list[LineMove]:
    """Moves `name` that cover `wanted` units from `slices` (all of them when nothing is named)."""
    left = _by_item(wanted) if wanted else None
    moves = []
    for piece in slices:
        count = piece.quantity if left is None else min(piece.quantity, left.get(piece.item_id, 0))
        if count:
            moves.append(
                LineMove(slice_id=piece.id, name=name, quantity=count, parcel_id=parcel_id)
            )
            if left is not None:
                left[piece.item_id] -= count
    _refuse_excess(name, left or {})
    if not moves:
        raise Refused(f"fulfilment.nothing_to_{name}", f"There is nothing left to {name}.", "")
    return moves


def box_contents(slices: Sequence[Slice], boxes: Sequence[Box]) -> list[list[LineMove]]:
    """Moves `pack` for each box in turn; what one box took is not there for the next."""
    if not boxes:
        return [moves_for("pack", slices, ())]
    rest = {piece.id: piece for piece in slices}
    packed = []
    for box in boxes:
        if not box.units:
            raise Invalid(
                "fulfilment.empty_box", "A box has no units.", "Name what lies in each box."
            )
        moves = moves_for("pack", list(rest.values()), box.units)
        packed.append(moves)
        for move in moves:
            piece = rest[move.slice_id]
            rest[piece.id] = msgspec.structs.replace(piece, quantity=piece.quantity - move.quantity)
    return packed


def shippable(parcels: Sequence[Parcel], wanted: Sequence[str]) -> list[Parcel]:
    """The labelled boxes among `parcels` (those `wanted`), or `Refused` that says why not."""
    chosen = [p for p in parcels if p.id in wanted] if wanted else list(parcels)
    missing = set(wanted) - {parcel.id for parcel in chosen}
    if missing:
        raise Refused(
            "parcel.not_here",
            f"Parcel {min(missing)} does not belong to this fulfilment order.",
            "Scan the label again.",
        )
    ready = [parcel for parcel in chosen if parcel.state == ParcelState.LABELLED]
    not_ready = [p for p in chosen if p.state == ParcelState.PACKED]
    if not_ready or not ready:
        raise Refused(
            "parcel.no_label",
            "A box without a label cannot leave." if not_ready else "There is no box to ship.",
            "Buy the label first." if not_ready else "Pack and label first.",
        )
    return ready


def require_open(fulfilment: Fulfilment) -> None:
    """Work is only done on what the node accepted."""
    if fulfilment.state != FulfilmentState.ACCEPTED:
        raise Refused(
            "fulfilment.not_open",
            f"{fulfilment.number} is {fulfilment.state}.",
            "Only an accepted fulfilment order can be worked on.",
        )


def shared_weight(
    moves: Sequence[LineMove], item_of: Mapping[int, str], weights: Mapping[str, int]
) -> int:
    """Grams of what the moves take, by the items' own weights."""
    return sum(weights.get(item_of[move.slice_id], 0) * move.quantity for move in moves)


def _by_item(wanted: Sequence[Units]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for units in wanted:
        if units.quantity <= 0:
            raise Invalid("fulfilment.quantity", "A quantity must be at least 1.", "Count again.")
        counts[units.item_id] += units.quantity
    return counts


def _refuse_excess(name: str, left: Mapping[str, int]) -> None:
    excess = {item_id: count for item_id, count in left.items() if count}
    if excess:
        raise Refused(
            f"fulfilment.too_many_to_{name}",
            f"More units than there are to {name}, or another item.",
            "Scan again: the item must be on the list, and no more of it than asked for.",
            {item_id: f"{count} too many" for item_id, count in excess.items()},
        )
