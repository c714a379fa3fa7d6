"""B1: an order's status is worked out from the quantities of its lines, never typed by hand."""

from oms.orders import service as orders
from oms.orders.listing.queries import OrdersWanted
from oms.orders.listing.queries import orders as listed
from oms.orders.machine import LineState
from oms.orders.model import LineMove
from oms.orders.status import OrderStatus, status
from oms.orders.tables import line_slice
from oms.platform.database import metadata
from tests.integration.orders.shop import Shop, line, order


def test_the_status_follows_the_units_through_the_whole_life(shop: Shop) -> None:
    [taken] = shop.place(order("W-1", line("A", 2), line("B", 1)))
    story = []

    def note() -> None:
        story.append(status(shop.states(taken.order_id)))

    note()
    for name in ("release", "pick", "pack"):
        shop.move_all(taken.order_id, name)
        note()
    first = shop.slices(taken.order_id)[0]
    with shop.uow.begin() as tx:
        orders.move(tx, [LineMove(first.id, "ship", 1)])
    note()
    for name in ("ship", "deliver"):
        for piece in shop.slices(taken.order_id):
            if name == "deliver" or piece.state is LineState.PACKED:
                with shop.uow.begin() as tx:
                    orders.move(tx, [LineMove(piece.id, name, piece.quantity)])
        note()
    piece = shop.slices(taken.order_id)[0]
    with shop.uow.begin() as tx:
        moves = ("receive_blind", "accept_return")
        orders.move(
            tx,
            [LineMove(piece.id, moves[0], 1, node_id=shop.node_id("LON"), then=moves[1:])],
        )
    note()

    assert story == [
        OrderStatus.ALLOCATED,
        OrderStatus.IN_FULFILMENT,
        OrderStatus.IN_FULFILMENT,
        OrderStatus.IN_FULFILMENT,
        OrderStatus.PARTLY_SHIPPED,
        OrderStatus.SHIPPED,
        OrderStatus.DELIVERED,
        OrderStatus.PARTLY_RETURNED,
    ]
    with shop.uow.read() as reader:
        [row] = listed(reader, OrdersWanted())
    assert row.status is OrderStatus.PARTLY_RETURNED


def test_no_column_holds_a_status_of_an_order() -> None:
    """The one column with a state of units is the slice's own; orders and lines have none."""
    tables = ("sales_order", "order_line", "line_part", "order_charge")
    words = {"state", "status", "stage", "phase", "is_shipped", "shipped_at_ms", "cancelled_at_ms"}

    assert [
        f"{name}.{column.name}"
        for name in tables
        for column in metadata.tables[name].c
        if column.name in words
    ] == []
    assert "state" in line_slice.c
