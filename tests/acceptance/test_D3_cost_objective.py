"""D3: the cheapest plan wins, and every term of every candidate is stored with the decision."""

import msgspec

from oms.kernel.address import Address, Coordinates
from oms.sourcing import queries
from oms.sourcing.queries import DecisionView
from routing.model import CostTerms
from routing.solve import solve
from tests.integration.orders.shop import Shop, line, order

LEEDS = Address("GB", name="Bo", at=Coordinates(53.8, -1.5))
TERMS = tuple(name for name in CostTerms.__struct_fields__ if name != "total")


def decision(shop: Shop, order_id: str) -> DecisionView:
    with shop.uow.read() as reader:
        [found] = queries.decisions(reader, order_id)
    return found


def test_every_term_of_every_candidate_is_stored_and_sums_to_its_total(shop: Shop) -> None:
    [taken] = shop.place(order("W-1", line("A", 12), line("B", 3), ship_to=LEEDS))

    answer = decision(shop, taken.order_id).answer

    assert len(answer.candidates) > 3
    for row in answer.candidates:
        assert row.terms.total == sum(getattr(row.terms, name) for name in TERMS)
        assert row.terms.freight > 0 or row.unserved_units
    assert answer.winner.terms.split > 0, "twelve of A need two nodes, and that costs"
    complete = [row for row in answer.candidates if not row.unserved_units]
    assert answer.winner.terms.total == min(row.terms.total for row in complete)


def test_a_decision_can_be_made_again_from_what_is_stored_to_the_last_byte(shop: Shop) -> None:
    orders = [
        order("1", line("A", 2)),
        order("2", line("SET", 4), ship_to=LEEDS),
        order("3", line("A", 25), line("C", 11), ship_to=LEEDS),
        order("4", line("A", 2)),
    ]

    for taken in shop.place(*orders):
        found = decision(shop, taken.order_id)
        with shop.uow.read() as reader:
            stored, again = queries.replay(reader, found.id)
        assert stored == again
        assert msgspec.json.decode(stored, type=type(found.answer)) == solve(found.question)


def test_the_question_holds_the_shelves_as_they_were_then(shop: Shop) -> None:
    [first] = shop.place(order("1", line("A", 4), ship_to=LEEDS))
    [second] = shop.place(order("2", line("A", 1), ship_to=LEEDS))

    item_id = shop.item_id("A")
    seen = [
        sorted(node.stock.get(item_id, 0) for node in decision(shop, each.order_id).question.nodes)
        for each in (first, second)
    ]
    assert seen == [[10, 10, 10], [6, 10, 10]]
