"""What may be promised: shelves less safety stock less the channel's buffer."""

from collections.abc import Mapping

import pytest

from oms.inventory import model
from oms.inventory.model import Atp, Node, NodeKind, Policies, Stock
from oms.kernel.address import Address

NOBODY: Mapping[str, frozenset[str]] = {}


def node(id_: str, priority: int = 100, *, active: bool = True) -> Node:
    return Node(
        id=id_,
        code=id_,
        name=id_,
        kind=NodeKind.WAREHOUSE,
        address=Address("GB"),
        time_zone="UTC",
        priority=priority,
        active=active,
        fixed_minor=0,
        handling_unit_minor=0,
        currency="",
        ships_to=(),
        version=1,
    )


def stock(
    on_shelf: dict[tuple[str, str], int],
    safety: dict[tuple[str, str], int] | None = None,
    buffers: dict[tuple[str, str], int] | None = None,
    serving: Mapping[str, frozenset[str]] = NOBODY,
) -> Stock:
    nodes = (node("nod_a", 1), node("nod_b", 2), node("nod_shut", 3, active=False))
    return Stock(nodes, on_shelf, Policies(safety or {}, buffers or {}, serving))


def test_all_of_the_free_shelf_can_be_promised_without_policies() -> None:
    supply = stock({("mug", "nod_a"): 5, ("mug", "nod_b"): 2}).for_channel("web")

    assert supply.available == {("mug", "nod_a"): 5, ("mug", "nod_b"): 2}
    assert [each.id for each in supply.nodes] == ["nod_a", "nod_b"]


def test_a_closed_node_promises_nothing() -> None:
    supply = stock({("mug", "nod_shut"): 5}).for_channel("web")

    assert supply.available == {}


def test_only_nodes_that_serve_the_channel_count() -> None:
    shelves = stock(
        {("mug", "nod_a"): 5, ("mug", "nod_b"): 2}, serving={"till": frozenset({"nod_b"})}
    )

    assert shelves.for_channel("till").available == {("mug", "nod_b"): 2}
    assert shelves.for_channel("web").available == {("mug", "nod_a"): 5, ("mug", "nod_b"): 2}


def test_safety_stock_is_never_promised() -> None:
    supply = stock(
        {("mug", "nod_a"): 5, ("mug", "nod_b"): 2},
        safety={("mug", "nod_a"): 4, ("mug", "nod_b"): 10},
    ).for_channel("web")

    assert supply.available == {("mug", "nod_a"): 1}


def test_a_buffer_is_held_back_once_over_all_nodes_from_the_fullest() -> None:
    supply = stock(
        {("mug", "nod_a"): 5, ("mug", "nod_b"): 2}, buffers={("web", ""): 3}
    ).for_channel("web")

    assert supply.available == {("mug", "nod_a"): 2, ("mug", "nod_b"): 2}


def test_an_items_own_buffer_comes_before_the_one_for_all() -> None:
    shelves = stock(
        {("mug", "nod_a"): 5, ("cup", "nod_a"): 5}, buffers={("web", ""): 3, ("web", "mug"): 0}
    )

    assert shelves.for_channel("web").available == {("mug", "nod_a"): 5, ("cup", "nod_a"): 2}
    assert shelves.for_channel("till").available == {("mug", "nod_a"): 5, ("cup", "nod_a"): 5}


def test_what_was_taken_a_moment_ago_is_gone() -> None:
    supply = stock({("mug", "nod_a"): 5}, buffers={("web", ""): 1}).for_channel(
        "web", {("mug", "nod_a"): 3}
    )

    assert supply.available == {("mug", "nod_a"): 1}


@pytest.mark.parametrize(
    ("units", "buffer", "expected"),
    [
        ({"a": 5, "b": 2}, 0, {}),
        ({"a": 5, "b": 2}, 3, {"a": 3}),
        ({"a": 5, "b": 2}, 6, {"a": 5, "b": 1}),
        ({"a": 5, "b": 2}, 60, {"a": 5, "b": 2}),
        ({"b": 2, "a": 2}, 1, {"a": 1}),
    ],
)
def test_withholding(units: dict[str, int], buffer: int, expected: dict[str, int]) -> None:
    assert model.withhold(units, buffer) == expected


def atp(item: str, node_id: str, available: int) -> Atp:
    return Atp(item, node_id, available, 0, 0, 0, available)


def test_a_bundle_is_there_as_often_as_its_scarcest_part() -> None:
    of_parts = {
        "p": [atp("p", "a", 7), atp("p", "b", 4)],
        "q": [atp("q", "a", 9), atp("q", "b", 1)],
    }

    found = model.of_bundle("x", (("p", 2), ("q", 1)), of_parts)

    assert [(each.node_id, each.available) for each in found.at_nodes] == [("a", 3), ("b", 1)]
    assert found.available == 5


def test_parts_at_different_nodes_make_a_bundle_but_at_no_node() -> None:
    found = model.of_bundle(
        "x", (("p", 2), ("q", 1)), {"p": [atp("p", "a", 7)], "q": [atp("q", "b", 9)]}
    )

    assert (found.available, found.at_nodes) == (3, ())


def test_a_bundle_with_a_part_nobody_has_cannot_be_promised() -> None:
    found = model.of_bundle("x", (("p", 2), ("q", 1)), {"p": [atp("p", "a", 7)]})

    assert (found.available, found.at_nodes) == (0, ())
