"""What the floor works with: fulfilment orders, parcels, and units taken from slices.

What each step of the work decides stands in its own folder.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from fulfillment.machine import FulfilmentState, ParcelState
from oms.inventory.model import NodeKind
from oms.kernel.errors import Invalid, NotFound, Refused
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice

EXTERNAL_KINDS: Final = frozenset({NodeKind.THIRD_PARTY, NodeKind.SUPPLIER})
"""Kinds of nodes whose floor we do not see."""

ON_THE_FLOOR: Final = frozenset({LineState.RELEASED, LineState.PICKED, LineState.PACKED})
"""States of units that a node still has to work on."""


class Fulfilment(msgspec.Struct, frozen=True, kw_only=True):
    """A fulfilment order: the part of an order one node is asked to serve."""

    id: str
    number: str
    order_id: str
    node_id: str
    state: FulfilmentState
    created_at_ms: int
    reason: str = ""


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A box with one SSCC and, once bought, one label.

    `fulfilment_id` is "" for a box that takes refused goods back to the customer. `labels_bought`
    counts, so that a second label is told from the first; `collect_minor` is the cash the courier
    takes at the door, in the order's currency; `label_extra` what printing the label needs.
    """

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
    tracking_url: str = ""
    label_id: str = ""
    label_cost_minor: int = 0
    label_currency: str = ""
    label_extra: dict[str, str] = {}
    labels_bought: int = 0
    collect_minor: int = 0
    shipment_id: str = ""


class Units(msgspec.Struct, frozen=True, gc=False):
    """So many of an item."""

    item_id: str
    quantity: int


class Pile:
    """Slices that units are taken from: what one taking took is not there for the next."""

    def __init__(self, slices: Iterable[Slice]) -> None:
        self._slices = list(slices)
        self._left = {units.id: units.quantity for units in self._slices}

    def take(
        self, fits: Callable[[Slice], bool], quantity: int | None = None
    ) -> list[tuple[Slice, int]]:
        """Up to `quantity` units (None: all) of the slices that fit, oldest first."""
        taken = []
        wanted = quantity if quantity is not None else sum(self._left.values())
        for units in self._slices:
            count = min(wanted, self._left[units.id])
            if count and fits(units):
                taken.append((units, count))
                self._left[units.id] -= count
                wanted -= count
        return taken

    def lines_of(self, item_id: str) -> list[str]:
        """The order lines that have slices of an item here, oldest first."""
        return list(dict.fromkeys(u.line_id for u in self._slices if u.item_id == item_id))


def in_state(slices: Iterable[Slice], state: LineState) -> list[Slice]:
    return [units for units in slices if units.state is state]


def moves_for(name: str, pile: Pile, wanted: Sequence[Units], reason: str = "") -> list[LineMove]:
    """Moves `name` that cover `wanted` units from `pile`; no `wanted` means all that is there.

    `Refused` when something wanted is not there, or nothing is.
    """
    if not wanted:
        taken = pile.take(lambda _: True)
    else:
        taken, excess = [], {}
        for item_id, quantity in _by_item(wanted).items():
            found = pile.take(_is(item_id), quantity)
            taken += found
            excess[item_id] = quantity - sum(count for _, count in found)
        _refuse_excess(name, excess)
    if not taken:
        raise Refused(
            f"fulfilment.nothing_to_{name}",
            f"There is nothing to {_words(name)}.",
            "Read the fulfilment order again: somebody may have done it.",
        )
    return [LineMove(units.id, name, count, reason=reason) for units, count in taken]


def require_open(fulfilment: Fulfilment) -> None:
    """Work is only done on what the node accepted."""
    if fulfilment.state != FulfilmentState.ACCEPTED:
        raise Refused(
            "fulfilment.not_open",
            f"{fulfilment.number} is {_words(fulfilment.state)}.",
            "Only an accepted fulfilment order can be worked on.",
        )


def unknown(kind: str, id_: str) -> NotFound:
    code = kind.replace(" ", "_")
    return NotFound(f"{code}.not_found", f"There is no {kind} '{id_}'.", "Check the id.")


def _is(item_id: str) -> Callable[[Slice], bool]:
    return lambda units: units.item_id == item_id


def _by_item(wanted: Sequence[Units]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for units in wanted:
        if units.quantity <= 0:
            raise Invalid("fulfilment.quantity", "A quantity must be at least 1.", "Count again.")
        counts[units.item_id] += units.quantity
    return counts


def _refuse_excess(name: str, excess: dict[str, int]) -> None:
    missing = {item_id: count for item_id, count in excess.items() if count}
    if missing:
        raise Refused(
            f"fulfilment.too_many_to_{name}",
            f"There are fewer units to {_words(name)}, or none of this item.",
            "Take only what is on the list, and no more of it than asked for.",
            {item_id: f"{count} too many" for item_id, count in missing.items()},
        )


def _words(name: str) -> str:
    return name.replace("_", " ")
