"""What holds for every routing decision, in whatever world."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from routing.explain import replay
from routing.model import (
    Answer,
    Coverage,
    Question,
    decode_answer,
    decode_question,
    encode_answer,
    encode_question,
    fingerprint,
)
from routing.solve import plan, solve
from tests.unit.routing.worlds import node, price, stepped_freights, straight_freights, worlds

any_world = worlds(freights=straight_freights() | stepped_freights())
many = settings(max_examples=200)


def units(answer: Answer) -> int:
    return sum(each.quantity for each in answer.allocations)


def merit(asked: Question, answer: Answer) -> tuple[int, int]:
    """Smaller is better: what the policy looks at first, then cost."""
    left = sum(each.quantity for each in answer.unserved)
    return (0 if asked.policy.coverage is Coverage.PRICED else left), answer.cost.total


@many
@given(any_world)
def test_the_order_in_which_nodes_are_told_does_not_matter(asked: Question) -> None:
    answer = solve(asked)

    for nodes in list(permutations(asked.nodes))[:24]:
        assert solve(replace(asked, nodes=nodes)) == answer


@many
@given(any_world)
def test_nothing_is_allocated_that_is_not_there_or_not_wanted(asked: Question) -> None:
    answer = solve(asked)

    stock = {(n.node_id, item): units for n in asked.nodes for item, units in n.stock.items()}
    wanted = {(each.line_id, each.item_id): each.quantity for each in asked.demands}
    for each in answer.allocations:
        stock[each.node_id, each.item_id] -= each.quantity
        wanted[each.line_id, each.item_id] -= each.quantity
        assert each.quantity > 0
    assert min(stock.values(), default=0) >= 0
    assert min(wanted.values()) >= 0


@many
@given(any_world)
def test_served_and_unserved_units_are_what_was_asked_for(asked: Question) -> None:
    answer = solve(asked)

    told = {(each.line_id, each.item_id): 0 for each in asked.demands}
    for served in answer.allocations:
        told[served.line_id, served.item_id] += served.quantity
    for left in answer.unserved:
        told[left.line_id, left.item_id] += left.quantity
    assert told == {(each.line_id, each.item_id): each.quantity for each in asked.demands}
    assert answer.winner.unserved_units == sum(each.quantity for each in answer.unserved)
    assert sum(answer.winner.units) == units(answer)


@many
@given(any_world)
def test_no_rule_is_broken(asked: Question) -> None:
    answer = solve(asked)

    nodes = {each.node_id: each for each in asked.nodes}
    pins = {pin.line_id: pin.node_id for pin in asked.pins}
    requires = {each.item_id: set(each.requires) for each in asked.demands}
    for each in answer.allocations:
        serving = nodes[each.node_id]
        assert serving.is_open
        assert not serving.ships_to or asked.destination.country in serving.ships_to
        assert requires[each.item_id] <= set(serving.serves)
        assert pins.get(each.line_id, each.node_id) == each.node_id
    parcels = {each.node_id for each in answer.allocations}
    assert len(parcels) <= (asked.policy.parcels_max or len(nodes))
    if asked.policy.coverage is Coverage.SHIP_COMPLETE:
        assert not answer.unserved or not answer.allocations


@many
@given(any_world)
def test_the_total_is_the_sum_of_its_terms_and_the_price_of_the_plan(asked: Question) -> None:
    answer = solve(asked)

    for candidate in answer.candidates:
        terms = candidate.terms
        parts = (terms.fixed, terms.handling, terms.freight, terms.split, terms.unserved)
        assert terms.total == sum(parts)
        assert abs(terms.total - price(asked, plan(asked, candidate.node_ids))) <= 0.5
    assert abs(answer.cost.total - price(asked, answer.allocations)) <= 0.5


@many
@given(any_world)
def test_a_row_of_the_candidate_table_gives_its_plan_again(asked: Question) -> None:
    answer = solve(asked)

    for candidate in answer.candidates:
        allocations = plan(asked, candidate.node_ids)
        served = dict.fromkeys(candidate.node_ids, 0)
        for each in allocations:
            served[each.node_id] += each.quantity
        assert tuple(served.values()) == candidate.units
    assert set(plan(asked, answer.winner.node_ids)) == set(answer.allocations)


@many
@given(any_world)
def test_the_table_is_sorted_and_the_margin_is_its_first_step(asked: Question) -> None:
    answer = solve(asked)

    rows = [each for each in answer.candidates if each.is_feasible]
    priced = asked.policy.coverage is Coverage.PRICED
    merits = [(0 if priced else row.unserved_units, row.terms.total) for row in rows]
    assert merits == sorted(merits)
    assert [row.rank for row in answer.candidates] == [*range(1, len(answer.candidates) + 1)]
    assert answer.cost == answer.winner.terms
    if answer.margin_minor is not None:
        assert answer.margin_minor == rows[1].terms.total - rows[0].terms.total


@many
@given(worlds(), st.integers(0, 400), st.integers(0, 3))
def test_another_node_never_makes_it_worse(asked: Question, fixed: int, stock: int) -> None:
    more = node("NEW", fixed_minor=fixed, stock={"itm_a": stock, "itm_b": stock})

    richer = replace(asked, nodes=(*asked.nodes, more))

    if asked.policy.coverage is not Coverage.SHIP_COMPLETE or not solve(asked).unserved:
        assert merit(richer, solve(richer)) <= merit(asked, solve(asked))


@many
@given(worlds(coverages=[Coverage.MOST_UNITS, Coverage.PRICED]), st.integers(0, 3))
def test_more_stock_never_makes_it_worse(asked: Question, which: int) -> None:
    nodes = tuple(
        replace(each, stock={item: units + 1 for item, units in each.stock.items()})
        if index == which
        else each
        for index, each in enumerate(asked.nodes)
    )

    richer = replace(asked, nodes=nodes)

    assert merit(richer, solve(richer)) <= merit(asked, solve(asked))


@many
@given(any_world)
def test_a_stored_question_gives_the_stored_answer_to_the_byte(asked: Question) -> None:
    stored_question = encode_question(asked)
    stored_answer = encode_answer(solve(asked))

    assert replay(stored_question) == stored_answer
    assert decode_answer(stored_answer) == solve(decode_question(stored_question))
    assert fingerprint(stored_question) == fingerprint(encode_question(asked))
