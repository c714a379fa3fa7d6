"""What is still to be done for an order on our own floors: all steps up to the closed box."""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from fulfillment.labels.model import Consignment, LabelOf
from fulfillment.machine import FulfilmentState
from fulfillment.model import Fulfilment, Parcel
from fulfillment.shipping.model import Shipped
from oms.kernel.errors import Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import LineState
from oms.orders.model import Hold, LineMove, Slice


class Fulfil(msgspec.Struct, frozen=True, kw_only=True):
    """Ship what is allocated of an order, and what is half done, from our own nodes."""

    order_id: str
    cause: Cause = SYSTEM


class Prepared(msgspec.Struct, frozen=True):
    """Closed boxes of an order; `consignments` are those that still need labels.

    `asked` are fulfilment orders of nodes whose floor we do not see: they ship by themselves.
    """

    order_id: str
    parcels: tuple[Parcel, ...]
    consignments: tuple[Consignment, ...]
    asked: tuple[Fulfilment, ...]


class Depart(msgspec.Struct, frozen=True, kw_only=True):
    """Put labels on the closed boxes of an order and let all of them leave."""

    order_id: str
    labels: tuple[LabelOf, ...] = ()
    cause: Cause = SYSTEM


class Fulfilled(msgspec.Struct, frozen=True):
    """What left for an order, and who else was asked to ship."""

    order_id: str
    shipments: tuple[Shipped, ...]
    asked: tuple[Fulfilment, ...] = ()


class Bench(msgspec.Struct, frozen=True):
    """The work at one fulfilment order: units on their way into one box, named beforehand."""

    fulfilment: Fulfilment
    is_new: bool
    parcel_id: str
    slices: tuple[Slice, ...]

    @property
    def is_ours(self) -> bool:
        return self.fulfilment.state is FulfilmentState.ACCEPTED

    def moves(self) -> list[LineMove]:
        """All steps of all units: a slice moved whole keeps its id, so one call makes them."""
        return [move for units in self.slices for move in self._steps(units)]

    def packing_moves(self) -> list[LineMove]:
        """The last step alone: what goes into the box."""
        return [self._move(units, "pack") for units in self.slices if self.is_ours]

    def _steps(self, units: Slice) -> list[LineMove]:
        names = _STEPS[units.state] if self.is_ours else ("release",)
        return [self._move(units, name) for name in names]

    def _move(self, units: Slice, name: str) -> LineMove:
        move = LineMove(units.id, name, units.quantity)
        if name == "release":
            return replace(move, fulfilment_id=self.fulfilment.id)
        return replace(move, parcel_id=self.parcel_id) if name == "pack" else move


_STEPS = {
    LineState.ALLOCATED: ("release", "pick", "pack"),
    LineState.RELEASED: ("pick", "pack"),
    LineState.PICKED: ("pack",),
}


def half_done(fulfilments: Iterable[Fulfilment], slices: Iterable[Slice]) -> dict[str, list[Slice]]:
    """Released and picked units by the accepted fulfilment order they belong to."""
    found: dict[str, list[Slice]] = {
        each.id: [] for each in fulfilments if each.state is FulfilmentState.ACCEPTED
    }
    for units in slices:
        if units.state in (LineState.RELEASED, LineState.PICKED) and units.fulfilment_id in found:
            found[units.fulfilment_id].append(units)
    return {id_: units for id_, units in found.items() if units}


def refuse_held(slices: Iterable[Slice], holds: Sequence[Hold]) -> None:
    """`Refused` when a hold of the ship stage covers packed units."""
    for units in slices:
        hold = next((hold for hold in holds if hold.covers(units)), None)
        if hold is not None and units.state is LineState.PACKED:
            raise Refused(
                "order.held",
                f"It is packed and may not leave: {hold.reason}.",
                f"Release the hold {hold.id} first.",
            )
