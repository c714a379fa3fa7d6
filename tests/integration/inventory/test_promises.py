"""Available to promise, as screens and channels see it and as orders may take it."""

from oms.inventory import queries
from oms.inventory import service as inventory
from oms.inventory.model import Atp, PutBuffer, PutChannelNodes, PutNode, PutStockRule
from oms.inventory.reservations.model import Reserve
from oms.kernel.address import Address
from tests.integration.inventory.shelves import NOON_MS, Shelves, accepted, refused


def test_atp_is_on_hand_less_reserved_less_safety_less_buffer(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=20)
    shelves.receive("MAN", MUG=5)
    mug, lon, web = shelves.item("MUG"), shelves.node("LON"), shelves.channel("web")
    with shelves.uow.begin() as tx:
        accepted(
            inventory.put_stock_rules(tx, [PutStockRule(item_id=mug, node_id=lon, safety_stock=4)])
        )
        accepted(inventory.put_buffers(tx, [PutBuffer(channel_id=web, units=3)]))
        accepted(
            inventory.reserve(tx, [Reserve(channel_id=shelves.channel("till"), lines=((mug, 2),))])
        )

    with shelves.uow.read() as reader:
        of_web = queries.atp(reader, [mug], web, NOON_MS)
        of_all = queries.atp(reader, [mug], None, NOON_MS)

    assert Atp(mug, lon, on_hand=20, reserved=2, safety_stock=4, buffer=3, available=11) in of_web
    assert sum(each.available for each in of_web) == 16
    assert sum(each.available for each in of_all) == 19


def test_what_is_shown_is_what_can_be_taken(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=20, POT=2)
    shelves.receive("MAN", MUG=5)
    mug, pot, web = shelves.item("MUG"), shelves.item("POT"), shelves.channel("web")
    with shelves.uow.begin() as tx:
        accepted(inventory.put_buffers(tx, [PutBuffer(channel_id=web, units=1)]))
        supply = inventory.lock_supply(tx, [mug, pot], web)

    with shelves.uow.read() as reader:
        shown = {
            (each.item_id, each.node_id): each.available
            for each in queries.atp(reader, [mug, pot], web, NOON_MS)
            if each.available
        }

    assert supply.available == shown
    assert [node.code for node in supply.nodes] == ["LON", "MAN"]


def test_a_bundle_is_promised_as_often_as_its_parts_allow(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)
    shelves.receive("MAN", MUG=3, POT=9)

    with shelves.uow.read() as reader:
        at_nodes = queries.atp(reader, [shelves.item("SET")], None, NOON_MS)

    assert [(each.node_id, each.available) for each in at_nodes] == [(shelves.node("MAN"), 1)]
    assert shelves.promisable("SET") == 4  # the mugs may come from two nodes
    assert shelves.promisable("CUP") == 0


def test_the_total_is_what_the_nodes_have_together(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=20, POT=3)
    shelves.receive("MAN", MUG=5, CUP=1)
    rule = PutStockRule(item_id=shelves.item("MUG"), node_id=shelves.node("MAN"), safety_stock=9)
    buffer = PutBuffer(channel_id=shelves.channel("web"), units=2)
    with shelves.uow.begin() as tx:
        accepted(inventory.put_stock_rules(tx, [rule]))
        accepted(inventory.put_buffers(tx, [buffer]))
    skus = [shelves.item(sku) for sku in ("MUG", "CUP", "POT", "SET")]

    for channel in (shelves.channel("web"), None):
        with shelves.uow.read() as reader:
            found = queries.availability(reader, skus, channel, NOON_MS)
            totals = queries.promisable(reader, skus, channel, NOON_MS)

        assert totals == {item_id: each.available for item_id, each in found.items()}
    assert [shelves.promisable(sku) for sku in ("MUG", "CUP", "POT", "SET")] == [18, 0, 1, 1]


def test_a_channel_sees_only_the_nodes_that_serve_it(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)
    shelves.receive("MAN", MUG=3)
    till = PutChannelNodes(channel_id=shelves.channel("till"), node_ids=(shelves.node("MAN"),))
    with shelves.uow.begin() as tx:
        accepted(inventory.put_channel_nodes(tx, [till]))

    assert (shelves.promisable("MUG", "web"), shelves.promisable("MUG", "till")) == (8, 3)

    everywhere = PutChannelNodes(channel_id=shelves.channel("till"), node_ids=())
    with shelves.uow.begin() as tx:
        accepted(inventory.put_channel_nodes(tx, [everywhere]))

    assert shelves.promisable("MUG", "till") == 8


def test_a_closed_node_is_out_at_once(shelves: Shelves) -> None:
    shelves.receive("LON", MUG=5)
    closed = PutNode(code="LON", name="LON", address=Address("GB"), active=False)

    with shelves.uow.begin() as tx:
        accepted(inventory.put_nodes(tx, [closed]))

    assert shelves.promisable("MUG") == 0
    with shelves.uow.read() as reader:
        assert {node.code: node.active for node in inventory.nodes(reader)} == {
            "LON": False,
            "MAN": True,
        }


def test_policies_about_unknown_things_are_refused(shelves: Shelves) -> None:
    with shelves.uow.begin() as tx:
        rule = refused(
            inventory.put_stock_rules(tx, [PutStockRule(item_id="x", node_id="y", safety_stock=-1)])
        )
        buffer = refused(
            inventory.put_buffers(tx, [PutBuffer(channel_id="x", item_id="y", units=-1)])
        )
        nodes = refused(
            inventory.put_channel_nodes(tx, [PutChannelNodes(channel_id="x", node_ids=("y",))])
        )

    assert set(rule.fields) == {"item_id", "node_id", "safety_stock"}
    assert set(buffer.fields) == {"channel_id", "item_id", "units"}
    assert set(nodes.fields) == {"channel_id", "node_ids[0]"}


def test_a_node_names_every_field_that_is_wrong(shelves: Shelves) -> None:
    bad = PutNode(
        code=" ",
        name="x",
        address=Address("gb"),
        ships_to=("GB", "Mars"),
        time_zone="X",
        fixed_minor=-1,
    )

    with shelves.uow.begin() as tx:
        refusal = refused(inventory.put_nodes(tx, [bad]))

    assert set(refusal.fields) == {
        *("code", "address.country", "ships_to[1]", "time_zone", "fixed_minor", "currency"),
    }
