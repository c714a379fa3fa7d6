"""What routing decides in situations one can reckon in the head."""

import pytest
from msgspec.structs import replace

from oms.kernel.errors import Invalid
from routing.model import (
    Coverage,
    DistanceBand,
    Freight,
    Pin,
    Policy,
    Question,
    Reason,
    encode_answer,
)
from routing.search import KEPT
from routing.solve import plan, solve
from tests.unit.routing.worlds import FLAT, LEEDS, LONDON, demand, node, question, taken


def reasons(asked: Question) -> dict[str, tuple[int, Reason]]:
    """Line → units left and why."""
    left = solve(asked).unserved
    return {each.line_id.removeprefix("lin_"): (each.quantity, each.reason) for each in left}


def test_the_cheaper_of_two_nodes_that_have_it_serves() -> None:
    answer = solve(question([node("DEAR", fixed_minor=300), node("CHEAP", fixed_minor=100)]))

    assert taken(answer.allocations) == {("a", "CHEAP"): 1}
    assert answer.cost.total == 100 + 20 + 500
    assert answer.margin_minor == 200
    assert answer.runner_up is not None
    assert answer.runner_up.node_ids == ("nod_dear",)


def test_a_near_node_beats_a_far_one_when_freight_grows_with_distance() -> None:
    freight = Freight((DistanceBand(100, 300), DistanceBand(None, 700)))

    answer = solve(
        question([node("LDS", at=LEEDS), node("LDN", at=LONDON)], policy=Policy(freight))
    )

    assert answer.winner.node_ids == ("nod_ldn",)
    assert answer.margin_minor == 400


def test_one_parcel_from_a_dearer_node_beats_two_from_cheap_ones() -> None:
    nodes = [
        node("A", stock={"itm_a": 1}),
        node("B", stock={"itm_b": 1}),
        node("BOTH", fixed_minor=400, stock={"itm_a": 1, "itm_b": 1}),
    ]

    answer = solve(question(nodes, [demand("a"), demand("b")]))

    assert answer.winner.node_ids == ("nod_both",)
    assert answer.runner_up is not None
    assert answer.runner_up.node_ids == ("nod_a", "nod_b")


def test_a_split_that_saves_more_than_it_costs_is_made() -> None:
    nodes = [
        node("A", stock={"itm_a": 1}),
        node("B", stock={"itm_b": 1}),
        node("BOTH", fixed_minor=2000, stock={"itm_a": 1, "itm_b": 1}),
    ]

    answer = solve(question(nodes, [demand("a"), demand("b")]))

    assert taken(answer.allocations) == {("a", "A"): 1, ("b", "B"): 1}


def test_the_split_penalty_is_paid_for_each_parcel_after_the_first() -> None:
    nodes = [node(code, stock={"itm_a": 2}) for code in "ABC"]

    answer = solve(question(nodes, [demand("a", 6)], Policy(FLAT, split_penalty_minor=70)))

    assert answer.cost.split == 140
    assert len(answer.winner.node_ids) == 3


def test_a_line_is_split_over_nodes_when_no_node_has_all_of_it() -> None:
    nodes = [node("A", stock={"itm_a": 3}), node("B", handling_unit_minor=30, stock={"itm_a": 9})]

    answer = solve(question(nodes, [demand("a", 11)]))

    assert taken(answer.allocations) == {("a", "A"): 3, ("a", "B"): 8}
    assert not answer.unserved


def test_of_a_split_line_the_node_with_dearer_handling_serves_the_rest() -> None:
    nodes = [node("DEAR", handling_unit_minor=90), node("CHEAP", handling_unit_minor=10)]

    answer = solve(question(nodes, [demand("a", 13)]))

    assert taken(answer.allocations) == {("a", "CHEAP"): 10, ("a", "DEAR"): 3}


def test_two_lines_for_one_item_share_what_there_is() -> None:
    first, second = demand("a", 6, line_id="lin_1"), demand("a", 6, line_id="lin_2")

    answer = solve(question([node("A")], [first, second]))

    assert taken(answer.allocations) == {("1", "A"): 6, ("2", "A"): 4}
    assert [(each.line_id, each.quantity) for each in answer.unserved] == [("lin_2", 2)]


def test_parts_of_one_bundle_line_are_told_apart() -> None:
    cup, saucer = demand("a", line_id="lin_set"), demand("b", line_id="lin_set")

    answer = solve(question([node("A")], [cup, saucer]))

    assert [each.item_id for each in answer.allocations] == ["itm_a"]
    assert [each.item_id for each in answer.unserved] == ["itm_b"]


def test_of_equal_nodes_the_one_with_the_smaller_priority_number_wins() -> None:
    answer = solve(question([node("A", priority=2), node("B", priority=1)]))

    assert answer.winner.node_ids == ("nod_b",)
    assert answer.margin_minor == 0


def test_as_much_is_served_as_there_is() -> None:
    asked = question(
        [node("A", stock={"itm_a": 2}), node("B", stock={"itm_a": 1})], [demand("a", 5)]
    )

    assert taken(solve(asked).allocations) == {("a", "A"): 2, ("a", "B"): 1}
    assert reasons(asked) == {"a": (2, Reason.SHORT_STOCK)}


def test_an_item_that_nobody_has_is_told_apart_from_one_that_nobody_may_send() -> None:
    nodes = [node("A"), node("B", is_open=False, stock={"itm_b": 5})]

    asked = question(nodes, [demand("a"), demand("b"), demand("c")])

    assert reasons(asked) == {"b": (1, Reason.EXCLUDED), "c": (1, Reason.NO_STOCK)}


def test_a_limit_of_parcels_leaves_what_would_need_more() -> None:
    nodes = [node("A", stock={"itm_a": 1, "itm_b": 1}), node("B", stock={"itm_c": 1})]

    asked = question(nodes, [demand("a"), demand("b"), demand("c")], Policy(FLAT, parcels_max=1))

    assert solve(asked).winner.node_ids == ("nod_a",)
    assert reasons(asked) == {"c": (1, Reason.PARCEL_LIMIT)}


def test_a_unit_is_left_when_leaving_it_costs_less_than_serving_it() -> None:
    policy = Policy(FLAT, coverage=Coverage.PRICED, unserved_unit_minor=600)
    nodes = [node("A", stock={"itm_a": 1}), node("B", fixed_minor=400, stock={"itm_b": 1})]

    asked = question(nodes, [demand("a"), demand("b")], policy)

    assert solve(asked).winner.node_ids == ()  # 620 for the one parcel is more than 600
    assert reasons(asked) == {"a": (1, Reason.TOO_DEAR), "b": (1, Reason.TOO_DEAR)}
    assert solve(asked).cost.total == 1200


def test_a_line_may_be_dearer_to_leave_than_the_policy_says() -> None:
    policy = Policy(FLAT, coverage=Coverage.PRICED, unserved_unit_minor=100)

    asked = question([node("A")], [demand("a", unserved_unit_minor=5000)], policy)

    assert taken(solve(asked).allocations) == {("a", "A"): 1}


def test_an_order_that_ships_complete_does_not_ship_without_its_last_unit() -> None:
    policy = Policy(FLAT, coverage=Coverage.SHIP_COMPLETE, unserved_unit_minor=50)

    asked = question([node("A")], [demand("a", 10), demand("b")], policy)
    answer = solve(asked)

    assert not answer.allocations
    assert reasons(asked) == {"a": (10, Reason.SHIP_COMPLETE), "b": (1, Reason.NO_STOCK)}
    assert answer.cost.total == 11 * 50
    assert not answer.candidates[1].is_feasible
    assert answer.margin_minor is None


def test_an_order_that_ships_complete_ships_when_all_is_there() -> None:
    policy = Policy(FLAT, coverage=Coverage.SHIP_COMPLETE)

    answer = solve(question([node("A"), node("B")], [demand("a", 20)], policy))

    assert taken(answer.allocations) == {("a", "A"): 10, ("a", "B"): 10}


def test_a_pinned_line_goes_to_its_node_whatever_it_costs() -> None:
    nodes = [node("CHEAP"), node("DEAR", fixed_minor=5000)]

    answer = solve(question(nodes, pins=(Pin("lin_a", "nod_dear"),)))

    assert taken(answer.allocations) == {("a", "DEAR"): 1}


def test_a_pinned_line_and_a_free_one_share_an_item_without_getting_in_each_others_way() -> None:
    nodes = [node("A", stock={"itm_a": 2}), node("B", handling_unit_minor=90, stock={"itm_a": 2})]
    free, pinned = demand("a", 2, line_id="lin_free"), demand("a", 2, line_id="lin_pinned")

    answer = solve(question(nodes, [free, pinned], pins=(Pin("lin_pinned", "nod_a"),)))

    assert taken(answer.allocations) == {("free", "B"): 2, ("pinned", "A"): 2}


def test_what_a_pinned_node_cannot_serve_is_said_to_be_pinned() -> None:
    asked = question(
        [node("A", stock={"itm_a": 1}), node("B")],
        [demand("a", 3)],
        pins=(Pin("lin_a", "nod_a"),),
    )

    assert reasons(asked) == {"a": (2, Reason.PINNED)}


def test_among_scarce_units_the_line_that_is_dearer_to_leave_is_served() -> None:
    cheap = demand("a", 2, line_id="lin_cheap", unserved_unit_minor=10)
    dear = demand("a", 2, line_id="lin_dear", unserved_unit_minor=900)

    answer = solve(question([node("A", stock={"itm_a": 3})], [cheap, dear]))

    assert taken(answer.allocations) == {("cheap", "A"): 1, ("dear", "A"): 2}
    assert answer.cost.unserved == 10


def test_stock_below_zero_counts_as_none() -> None:
    asked = question([node("A", stock={"itm_a": -4})])

    assert reasons(asked) == {"a": (1, Reason.NO_STOCK)}


def test_an_order_without_lines_costs_nothing() -> None:
    answer = solve(question([node("A")], []))

    assert answer.cost.total == 0
    assert answer.winner.node_ids == ()


def test_without_any_node_everything_stays_unserved() -> None:
    answer = solve(question([]))

    assert [each.reason for each in answer.unserved] == [Reason.NO_STOCK]
    assert answer.runner_up is None


def test_grams_are_summed_before_they_are_rounded() -> None:
    freight = Freight((DistanceBand(None, 0, per_kg_minor=1),))

    answer = solve(question([node("A")], [demand("a", 10, weight_g=149)], Policy(freight)))

    assert answer.cost.freight == 1  # ten times 0.149 of a penny, not ten times nothing


def test_an_order_of_many_lines_over_many_nodes_is_answered_with_a_proof_or_an_honest_gap() -> None:
    letters = [f"{letter}{number}" for letter in "abcdefgh" for number in range(6)]
    nodes = [
        node(
            f"N{index}",
            fixed_minor=50 + 13 * index % 90,
            handling_unit_minor=10 + 7 * index % 40,
            stock={f"itm_{x}": (index * 5 + at * 3) % 4 for at, x in enumerate(letters)},
        )
        for index in range(40)
    ]

    answer = solve(question(nodes, [demand(each, 5) for each in letters]))

    assert not answer.unserved
    assert answer.is_proven or 0 < answer.gap_minor < answer.cost.total


def test_a_typical_decision_over_five_nodes_takes_at_most_two_kilobytes() -> None:
    long_ids = [f"nod_01jd8k{index:020d}" for index in range(5)]
    nodes = [
        node(
            f"NODE-{index}",
            node_id=node_id,
            is_open=index != 3,
            fixed_minor=100 + index,
            stock={"itm_a": 3 - index, "itm_b": 1 + index % 2, "itm_c": index},
        )
        for index, node_id in enumerate(long_ids)
    ]
    lines = [demand(letter, 2, line_id=f"lin_01jd8k{letter:0>20}") for letter in ("a", "b", "c")]

    answer = solve(question(nodes, lines))

    assert len(answer.candidates) == KEPT
    assert len(encode_answer(answer)) <= 2048


def test_every_row_of_the_table_can_be_turned_into_allocations() -> None:
    asked = question([node("A", stock={"itm_a": 3}), node("B")], [demand("a", 5)])

    rows = solve(asked).candidates

    assert [taken(plan(asked, row.node_ids)) for row in rows] == [
        {("a", "B"): 5},
        {("a", "A"): 3, ("a", "B"): 2},
        {("a", "A"): 3},
    ]


def test_a_plan_over_a_node_that_rules_exclude_is_refused() -> None:
    asked = question([node("A"), node("SHUT", is_open=False)])

    with pytest.raises(Invalid, match="nod_shut"):
        plan(asked, ["nod_shut"])


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (question([node("A", fixed_minor=-1)]), "nodes.nod_a"),
        (question([node("A"), node("A")]), "nodes"),
        (question([node("A")], [demand("a", 0)]), "demands.lin_a"),
        (question([node("A")], [demand("a"), demand("a")]), "demands"),
        (question([node("A")], pins=(Pin("lin_z", "nod_a"),)), "pins"),
    ],
)
def test_a_question_that_contradicts_itself_is_refused_with_the_place(
    wrong: Question, place: str
) -> None:
    with pytest.raises(Invalid) as refused:
        solve(wrong)

    assert list(refused.value.fields) == [place]


def test_the_same_question_in_another_currency_has_the_same_answer() -> None:
    asked = question([node("A"), node("B")], [demand("a", 12)])

    assert solve(replace(asked, currency="IDR")) == solve(asked)
