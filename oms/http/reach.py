"""Finding what a path names, within the caller's reach."""

from oms.http.call import Call
from oms.kernel.errors import NotFound
from oms.kernel.ids import expect_prefix
from oms.orders import queries as orders
from oms.orders.facts import OrderFacts
from oms.platform.transaction import Reader


def expect_order(request: Call, reader: Reader, order_id: str) -> OrderFacts:
    """The order, or `NotFound` when there is none or its channel is out of reach."""
    found = orders.orders_for(reader, [expect_prefix(order_id, "ord")])
    if not found:
        raise NotFound("order.not_found", f"There is no order '{order_id}'.", "Check the id.")
    request.caller.expect_channel(found[0].channel_id)
    return found[0]
