"""What orders do when a channel's name for something becomes known."""

from collections.abc import Sequence

from oms.catalog.events import ListingPut
from oms.kernel.events import Recorded
from oms.orders.naming import store
from oms.orders.naming.model import MapLine
from oms.orders.naming.service import map_lines as map_known
from oms.platform.transaction import Transaction


def map_lines(tx: Transaction, events: Sequence[Recorded[ListingPut]]) -> None:
    """Tell waiting lines what they sell; the latest meaning of a name counts."""
    meant = {(each.event.channel_id, each.event.external_sku): each for each in events}
    commands = []
    for line in store.unknown_by_name(tx, meant):
        told = meant[line.channel_id, line.listing_sku]
        command = MapLine(line_id=line.line_id, item_id=told.event.entity, cause=told.cause)
        commands.append(command)
    map_known(tx, commands)
