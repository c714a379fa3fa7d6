"""What goes into which box, and which box may be opened again."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fulfillment.machine import PARCEL, ParcelState
from fulfillment.model import Parcel, Pile, Units, moves_for
from oms.kernel.errors import Invalid, Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.model import LineMove, Slice


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in one box; `weight_g` 0 means the sum of the items' own weights."""

    units: tuple[Units, ...] = ()
    weight_g: int = 0


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """Close boxes; no `boxes` means everything picked in one box."""

    fulfilment_id: str
    boxes: tuple[Box, ...] = ()
    cause: Cause = SYSTEM


class Unpack(msgspec.Struct, frozen=True, kw_only=True):
    """Open a box again whose label was voided, or that never had one."""

    parcel_id: str
    cause: Cause = SYSTEM


class Packed(msgspec.Struct, frozen=True):
    """The boxes that were closed."""

    fulfilment_id: str
    order_id: str
    parcels: tuple[Parcel, ...]


def box_contents(slices: Iterable[Slice], boxes: Sequence[Box]) -> list[list[LineMove]]:
    """Moves `pack` for each box in turn; what one box took is not there for the next."""
    if any(box.weight_g < 0 for box in boxes):
        raise Invalid("fulfilment.weight", "A box weighs less than nothing.", "Weigh it again.")
    pile = Pile(slices)
    if not boxes or (len(boxes) == 1 and not boxes[0].units):
        return [moves_for("pack", pile, ())]
    if not all(box.units for box in boxes):
        raise Invalid("fulfilment.empty_box", "A box has no units.", "Name what lies in each box.")
    return [moves_for("pack", pile, box.units) for box in boxes]


def opened(parcel: Parcel) -> Parcel:
    """The box, opened; `Refused` while it has a label or after it left."""
    if parcel.state is ParcelState.LABELLED:
        raise Refused(
            "parcel.has_label",
            f"Parcel {parcel.sscc} has a label, which would go to waste.",
            "Void the label first.",
        )
    return msgspec.structs.replace(parcel, state=PARCEL.after(parcel.state, "unpack"))


def weight_g(
    moves: Sequence[LineMove], item_of: Mapping[int, str], weights: Mapping[str, int]
) -> int:
    """Grams of what the moves take, by the items' own weights."""
    return sum(weights.get(item_of[move.slice_id], 0) * move.quantity for move in moves)
