"""Which allocated units go to which node now; held ones wait."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from fulfillment.model import Fulfilment
from oms.kernel.errors import Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.machine import LineState
from oms.orders.model import Hold, Slice


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Ask the nodes to serve what is allocated of an order and not held."""

    order_id: str
    cause: Cause = SYSTEM


class Released(msgspec.Struct, frozen=True):
    """The fulfilment orders a release made."""

    order_id: str
    fulfilments: tuple[Fulfilment, ...]


def work_to_release(slices: Iterable[Slice], holds: Sequence[Hold]) -> dict[str, list[Slice]]:
    """Allocated units by node that no hold covers, or `Refused` when there are none.

    `holds` are those of the release stage.
    """
    by_node: dict[str, list[Slice]] = defaultdict(list)
    stopped: Hold | None = None
    for units in slices:
        if units.state is LineState.ALLOCATED:
            hold = next((hold for hold in holds if hold.covers(units)), None)
            stopped = stopped or hold
            if hold is None:
                by_node[units.node_id].append(units)
    if by_node:
        return by_node
    if stopped is not None:
        raise Refused(
            "order.held",
            f"Nothing can be released: {stopped.reason}.",
            f"Release the hold {stopped.id} first.",
        )
    raise Refused(
        "fulfilment.nothing_allocated",
        "No unit of this order is allocated to a node.",
        "Source the order first, or receive stock for it.",
    )
