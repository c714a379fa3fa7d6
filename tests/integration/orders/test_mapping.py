"""Lines with an unknown listing learn what they sell, on both databases."""

from oms.catalog import service as catalog
from oms.catalog.events import ListingPut
from oms.catalog.model import PutListing
from oms.kernel.errors import NotFound, OMSError, Refused
from oms.kernel.events import Cause, Recorded
from oms.orders.events import HoldReleased, LinesMapped
from oms.orders.machine import LineState
from oms.orders.naming.model import MapLine, UnknownLine
from oms.orders.naming.service import map_lines
from oms.orders.reactions import map_lines as react
from oms.sourcing import service as sourcing
from oms.sourcing.model import Source
from tests.integration.orders.shop import NOON_MS, Shop, line, order

S = LineState
BO = Cause(actor="user:bo")


def mapped(shop: Shop, *pairs: tuple[str, str]) -> list[UnknownLine | OMSError]:
    commands = [MapLine(line_id=line_id, item_id=item_id, cause=BO) for line_id, item_id in pairs]
    with shop.uow.begin() as tx:
        return map_lines(tx, commands)


def unknown_line(shop: Shop, quantity: int = 2) -> tuple[str, str]:
    """(order id, line id) of an order whose second line nobody knows."""
    [taken] = shop.place(order("W-1", line("A"), line("WHAT", quantity)))
    return taken.order_id, shop.facts(taken.order_id).lines[1].id


def test_a_line_that_learns_its_item_is_sourced_like_any_other(shop: Shop) -> None:
    order_id, line_id = unknown_line(shop)

    [done] = mapped(shop, (line_id, shop.item_id("B")))
    with shop.uow.begin() as tx:
        sourcing.source(tx, [Source(order_id=order_id)])

    assert isinstance(done, UnknownLine)
    assert shop.states(order_id) == {S.ALLOCATED: 3}
    assert [told.item_ids for told in shop.told(order_id, LinesMapped)] == [(shop.item_id("B"),)]
    assert [told.item_ids for told in shop.told(order_id, HoldReleased)] == [(shop.item_id("B"),)]
    assert shop.broken_checks() == []


def test_a_line_can_turn_out_to_be_a_set(shop: Shop) -> None:
    order_id, line_id = unknown_line(shop)

    mapped(shop, (line_id, shop.item_id("SET")))

    assert shop.states(order_id) == {S.ALLOCATED: 1, S.OPEN: 2 * 3}
    assert dict(shop.facts(order_id).lines[1].parts) == {
        shop.item_id("A"): 2,
        shop.item_id("B"): 1,
    }
    assert shop.broken_checks() == []


def test_what_is_known_is_not_told_again(shop: Shop) -> None:
    order_id, line_id = unknown_line(shop)
    known_id = shop.facts(order_id).lines[0].id

    [known, nothing, first, twice] = mapped(
        shop,
        (known_id, shop.item_id("B")),
        (line_id, "itm_x"),
        (line_id, shop.item_id("B")),
        (line_id, shop.item_id("C")),
    )

    assert isinstance(known, Refused)
    assert isinstance(nothing, NotFound)
    assert isinstance(first, UnknownLine)
    assert isinstance(twice, Refused)
    assert shop.facts(order_id).lines[1].item_id == shop.item_id("B")


def test_a_new_listing_tells_all_lines_that_waited_for_it(shop: Shop) -> None:
    order_id, _ = unknown_line(shop)
    listing = PutListing(channel_id=shop.channel_id, external_sku="WHAT", sku="B")
    with shop.uow.begin() as tx:
        catalog.put_listings(tx, [listing])

    put = ListingPut(entity=shop.item_id("B"), channel_id=shop.channel_id, external_sku="WHAT")
    with shop.uow.begin() as tx:
        react(tx, [Recorded(number=1, sequence=1, at_ms=NOON_MS, cause=BO, event=put)])

    assert shop.states(order_id) == {S.ALLOCATED: 1, S.OPEN: 2}
    assert shop.facts(order_id).lines[1].item_id == shop.item_id("B")
    assert "order.hold_released" in shop.events(order_id)
