"""A decision as a person reads it."""

from msgspec.structs import replace

from routing.explain import explain, replay
from routing.flips import flips
from routing.model import Answer, Coverage, Policy, Question, encode_answer, encode_question
from routing.solve import solve
from tests.unit.routing.worlds import FLAT, demand, node, question


def pounds(minor: int) -> str:
    return f"£{minor / 100:.2f}"


def asked_and_answered() -> tuple[Question, Answer]:
    nodes = [
        node("LDN"),
        node("LDS", fixed_minor=160),
        node("BRS", is_open=False, fixed_minor=0),
    ]
    asked = question(nodes, [demand("a", 2), demand("b")])
    return asked, solve(asked)


def test_the_headline_names_winner_margin_and_what_is_left() -> None:
    told = explain(*asked_and_answered(), pounds)

    assert told.headline == (
        "LDN for £6.40, leaving 1 unit; LDS would be £0.60 dearer, "
        "and win if it were cheaper by more than that."
    )


def test_every_candidate_is_shown_with_every_term() -> None:
    told = explain(*asked_and_answered(), pounds)

    assert told.table[0] == (
        *("rank", "nodes", "units", "fixed", "handling", "freight", "split", "unserved", "total"),
    )
    assert told.table[1] == ("1", "LDN", "2", "£1.00", "£0.40", "£5.00", "£0.00", "£0.00", "£6.40")
    assert told.table[2][1] == "LDS"


def test_what_excluded_a_node_and_what_is_not_served_is_said() -> None:
    told = explain(*asked_and_answered())

    assert told.excluded == ("BRS is closed (node.closed)",)
    assert told.unserved == ("1 of itm_b, line lin_b: no node has any",)


def test_the_nearest_change_comes_first_and_rules_are_tried_too() -> None:
    told = explain(*asked_and_answered(), pounds)

    assert told.flips[0] == ("LDS: with fixed cost £0.99 instead of £1.60, LDS would win")
    assert "without rule node.closed for BRS, BRS would win" in told.flips


def test_every_change_that_is_told_really_moves_the_winner_and_one_less_does_not() -> None:
    asked, answer = asked_and_answered()

    for flip in flips(asked, answer):
        if flip.number == "fixed cost":
            step = 1 if flip.becomes > flip.was else -1
            (node_id,) = [each.node_id for each in asked.nodes if each.code == flip.subject]
            assert winner_with(asked, node_id, flip.becomes) == flip.winner
            assert winner_with(asked, node_id, flip.becomes - step) == answer.winner.node_ids


def winner_with(asked: Question, node_id: str, fixed_minor: int) -> tuple[str, ...]:
    nodes = tuple(
        replace(each, fixed_minor=fixed_minor) if each.node_id == node_id else each
        for each in asked.nodes
    )
    return solve(replace(asked, nodes=nodes)).winner.node_ids


def test_stock_that_would_have_mattered_is_found() -> None:
    nodes = [node("DEAR", fixed_minor=900), node("CHEAP", stock={"itm_a": 1})]
    asked = question(nodes, [demand("a", 3)])

    told = [(each.subject, each.number, each.becomes) for each in flips(asked, solve(asked))]

    assert ("CHEAP", "stock of itm_a", 3) in told


def test_a_tie_is_called_a_tie() -> None:
    asked = question([node("A"), node("B")])

    assert "lost the tie" in explain(asked, solve(asked)).headline


def test_a_runner_up_that_serves_less_is_told_by_what_it_lacks() -> None:
    asked = question([node("A"), node("B", stock={"itm_a": 1})], [demand("a", 3)])

    assert "B would serve 2 units fewer." in explain(asked, solve(asked)).headline


def test_an_order_that_cannot_ship_complete_shows_why() -> None:
    policy = Policy(FLAT, coverage=Coverage.SHIP_COMPLETE)
    asked = question([node("A")], [demand("a"), demand("b")], policy)

    told = explain(asked, solve(asked))

    assert told.headline.startswith("nobody for")
    assert told.table[2][1] == "A (incomplete)"
    assert told.unserved == (
        "1 of itm_a, line lin_a: the order ships complete or not at all",
        "1 of itm_b, line lin_b: no node has any",
    )


def test_the_text_holds_table_exclusions_and_changes() -> None:
    text = explain(*asked_and_answered(), pounds).text()

    assert text.startswith("LDN for £6.40")
    assert "Proven to be the best plan" in text
    assert "   2    LDS" in text
    assert "Excluded:\n  BRS is closed (node.closed)" in text
    assert "What would have changed the winner, nearest first:" in text


def test_a_stored_question_replays_to_the_stored_answer() -> None:
    asked, answer = asked_and_answered()

    assert replay(encode_question(asked)) == encode_answer(answer)
