"""D2: among nodes that can serve, the nearer one does; a known place counts, else the country."""

import pytest

from oms.kernel.address import Address, Coordinates
from oms.orders.machine import LineState
from tests.integration.orders.shop import Shop, line, order

BRIGHTON = Coordinates(50.8, -0.1)
LIVERPOOL = Coordinates(53.4, -3.0)
INVERNESS = Coordinates(57.5, -4.2)


def served_from(shop: Shop, order_id: str) -> set[str]:
    codes = {shop.node_id(code): code for code in ("LON", "MAN", "EDI")}
    return {codes[s.node_id] for s in shop.slices(order_id) if s.state is LineState.ALLOCATED}


@pytest.mark.parametrize(
    ("at", "node"), [(BRIGHTON, "LON"), (LIVERPOOL, "MAN"), (INVERNESS, "EDI")]
)
def test_the_nearest_node_serves(shop: Shop, at: Coordinates, node: str) -> None:
    [taken] = shop.place(order("W-1", line("A", 2), ship_to=Address("GB", at=at)))

    assert served_from(shop, taken.order_id) == {node}


def test_without_a_point_the_countrys_main_city_stands_for_it(shop: Shop) -> None:
    [taken] = shop.place(order("W-1", line("A", 2), ship_to=Address("GB", city="Nowhere")))

    assert served_from(shop, taken.order_id) == {"LON"}


def test_when_the_nearest_is_empty_the_next_one_serves(shop: Shop) -> None:
    shop.place(order("first", line("A", 10), ship_to=Address("GB", at=BRIGHTON)))

    [taken] = shop.place(order("second", line("A", 2), ship_to=Address("GB", at=BRIGHTON)))

    assert served_from(shop, taken.order_id) == {"MAN"}
