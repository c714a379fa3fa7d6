"""C1: warehouses, stores, 3PLs and suppliers are nodes; each channel has its own."""

import pytest

from oms.inventory import service as inventory
from oms.inventory.model import NodeKind, PutChannelNodes, PutNode
from oms.kernel.address import Address, Coordinates
from oms.ledger.model import Account
from tests.integration.inventory.shelves import Shelves, accepted
from tests.integration.orders.shop import Shop, line, order


@pytest.mark.parametrize("kind", NodeKind)
def test_a_node_of_each_kind_stands_where_it_was_put(shelves: Shelves, kind: NodeKind) -> None:
    address = Address("ID", line1="Jl. Sudirman 1", city="Jakarta", at=Coordinates(-6.2, 106.8))
    put = PutNode(code="JKT", name="Jakarta", kind=kind, address=address, time_zone="Asia/Jakarta")

    with shelves.uow.begin() as tx:
        accepted(inventory.put_nodes(tx, [put]))

    with shelves.uow.read() as reader:
        [node] = [each for each in inventory.nodes(reader) if each.code == "JKT"]
    assert (node.kind, node.address, node.at) == (kind, address, Coordinates(-6.2, 106.8))
    assert node.time_zone == "Asia/Jakarta"


def test_a_channel_promises_only_from_the_nodes_that_serve_it(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)
    shelves.receive("MAN", MUG=3)

    only_man = PutChannelNodes(channel_id=shelves.channel("till"), node_ids=(shelves.node("MAN"),))
    with shelves.uow.begin() as tx:
        accepted(inventory.put_channel_nodes(tx, [only_man]))

    assert shelves.promisable("MUG", "till") == 3
    assert shelves.promisable("MUG", "web") == 8


def test_an_order_is_served_only_by_nodes_that_serve_its_channel(shop: Shop) -> None:
    only_edi = PutChannelNodes(channel_id=shop.channel_id, node_ids=(shop.node_id("EDI"),))
    with shop.uow.begin() as tx:
        accepted(inventory.put_channel_nodes(tx, [only_edi]))

    shop.place(order("W1", line("A", 3)))

    assert shop.units(Account.RESERVED, "A", "EDI") == 3
    assert shop.units(Account.RESERVED, "A") == 3
