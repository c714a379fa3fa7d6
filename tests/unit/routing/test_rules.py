"""What keeps a node from an order, and the words for it."""

from typing import Any

import pytest

from routing.model import Destination, DistanceBand, Freight, Pin, Policy
from routing.rules import EXCLUSIONS_KEPT, admit
from routing.solve import solve
from tests.unit.routing.worlds import LEEDS, PARIS, demand, node, question


@pytest.mark.parametrize(
    ("changes", "rule", "words"),
    [
        ({"is_open": False}, "node.closed", "LDS is closed"),
        ({"ships_to": ("FR", "DE")}, "node.country", "LDS does not ship to GB"),
        ({"capacity_left": 0}, "node.full", "LDS has no capacity left today"),
        ({"stock": {"itm_z": 3}}, "node.no_stock", "LDS has none of the items asked for"),
    ],
)
def test_a_node_is_kept_out_with_rule_and_words(
    changes: dict[str, Any], rule: str, words: str
) -> None:
    answer = solve(question([node("LDN"), node("LDS", **changes)]))

    assert [(each.rule, each.words, each.node_id) for each in answer.exclusions] == [
        (rule, words, "nod_lds")
    ]
    assert answer.runner_up is None


def test_every_rule_that_objects_is_told() -> None:
    asked = question([node("LDS", is_open=False, capacity_left=0)])

    assert [each.rule for each in solve(asked).exclusions] == ["node.closed", "node.full"]


def test_nothing_is_sent_farther_than_the_freight_table_reaches() -> None:
    policy = Policy(Freight((DistanceBand(100, 300), DistanceBand(200, 400))))

    answer = solve(question([node("LDS", at=LEEDS)], policy=policy))

    assert not answer.allocations
    assert answer.exclusions[0].rule == "node.out_of_reach"
    assert "200 km" in answer.exclusions[0].words


def test_a_node_with_capacity_for_one_more_parcel_may_serve() -> None:
    assert solve(question([node("A", capacity_left=1)])).allocations


def test_an_item_goes_only_to_nodes_that_serve_all_its_tags() -> None:
    nodes = [node("DRY"), node("COLD", fixed_minor=900, serves=("cold", "hazmat"))]

    answer = solve(question(nodes, [demand("a", requires=("cold",))]))

    assert answer.winner.node_ids == ("nod_cold",)
    (exclusion,) = answer.exclusions
    assert (exclusion.rule, exclusion.node_id, exclusion.item_id) == (
        "item.tag",
        "nod_dry",
        "itm_a",
    )
    assert exclusion.words == "DRY does not serve cold, which itm_a requires"


def test_a_pin_is_told_once_and_not_for_every_other_node() -> None:
    nodes = [node("A"), node("B"), node("C")]

    answer = solve(question(nodes, pins=(Pin("lin_a", "nod_b"),)))

    (exclusion,) = answer.exclusions
    assert exclusion.words == "line lin_a is pinned to B: no other node"
    assert exclusion.line_id == "lin_a"


def test_with_an_unknown_country_only_nodes_that_ship_anywhere_serve() -> None:
    nodes = [node("ANY"), node("HOME", ships_to=("GB",))]

    admitted = admit(question(nodes, destination=Destination("")))

    assert [each.code for each in admitted.nodes] == ["ANY"]
    assert "an unknown country" in admitted.exclusions[0].words


def test_more_exclusions_than_anyone_reads_are_counted() -> None:
    closed = [node(f"N{index}", is_open=False) for index in range(EXCLUSIONS_KEPT + 7)]

    answer = solve(question(closed))

    assert len(answer.exclusions) == EXCLUSIONS_KEPT
    assert answer.exclusions_left_off == 7


def test_nodes_come_out_by_priority_then_id_whatever_the_order_they_came_in() -> None:
    nodes = [node("C", priority=1), node("B", priority=2, at=PARIS), node("A", priority=2)]

    assert [each.code for each in admit(question(nodes)).nodes] == ["C", "A", "B"]
