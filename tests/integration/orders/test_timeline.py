"""The story of an order is read from what was told, its documents' stories with it."""

from oms.kernel.events import Event
from oms.orders import service as orders
from oms.orders.model import LineMove
from oms.orders.timeline.queries import documents, timeline
from tests.integration.orders.shop import Shop, line, order


class BoxClosed(Event, frozen=True, tag="test.box_closed"):
    """Something that another package tells about a parcel."""


def test_an_order_tells_its_story_and_that_of_its_documents(shop: Shop) -> None:
    [taken] = shop.place(order("W-1", line("A", 2)))
    [other] = shop.place(order("W-2", line("A")))
    [piece] = shop.slices(taken.order_id)
    with shop.uow.begin() as tx:
        release = LineMove(piece.id, "release", 2, fulfilment_id="ful_1", parcel_id="par_1")
        orders.move(tx, [release])
        tx.emit(BoxClosed(entity="par_1"))
        tx.emit(BoxClosed(entity="par_2"))
        tx.emit(BoxClosed(entity="pay_1"))

    with shop.uow.read() as reader:
        found = timeline(reader, taken.order_id, others=["pay_1"])
        later = timeline(reader, taken.order_id, after=found[1].number)
        named = documents(reader, taken.order_id)

    assert [(told.entity, told.type) for told in found] == [
        (taken.order_id, "order.placed"),
        (taken.order_id, "order.lines_moved"),
        (taken.order_id, "order.lines_moved"),
        ("par_1", "test.box_closed"),
        ("pay_1", "test.box_closed"),
    ]
    assert [told.number for told in later] == [told.number for told in found[2:4]]
    assert named == {"ful_1", "par_1"}
    assert other.order_id not in {told.entity for told in found}
