"""Which single number, changed how little, would have let another plan win.

Each answer is tried, not argued: the question is asked again with the number changed, and the
smallest change that moves the winner is found by halving. Changing several numbers at once is
beyond it, and so is a change that moves units between the nodes of the same winner.
"""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from routing.model import Answer, DistanceBand, NodeFacts, Question
from routing.rules import CLOSED, COUNTRY, FULL
from routing.solve import solve

RIVALS_LOOKED_AT: Final = 4  # rows of the candidate table whose nodes' numbers are tried
ITEMS_LOOKED_AT: Final = 6
SOLVES_MAX: Final = 500  # some 50 ms for an order of a few lines over a few nodes
SOLVES_MIN: Final = 40  # what is tried even for the largest order, in about a second
SIZE_OF_FEW: Final = 100  # lines × nodes up to which one may ask so often


class Flip(msgspec.Struct, frozen=True, omit_defaults=True):
    """`number` of `subject` going from `was` to `becomes` lets `winner` (node ids) win.

    For a rule `was` and `becomes` are 1 (in force) and 0. `is_money`: both are minor units.
    """

    subject: str
    number: str
    was: int
    becomes: int
    winner: tuple[str, ...]
    is_money: bool = False


class Knob(msgspec.Struct, frozen=True):
    """A number of the question, how far to turn it, and the question with it turned."""

    subject: str
    number: str
    was: int
    end: int
    turned: Callable[[int], Question]
    is_money: bool = False


def flips(question: Question, answer: Answer) -> tuple[Flip, ...]:
    """Changes that move the winner, the relatively smallest first."""
    found = []
    solves = 0
    size = max(SIZE_OF_FEW, len(question.demands) * len(question.nodes))
    solves_max = max(SOLVES_MIN, SOLVES_MAX * SIZE_OF_FEW // size)
    for knob in _knobs(question, answer):
        flip, cost = _turn(knob, answer.winner.node_ids)
        solves += cost
        if flip is not None:
            found.append(flip)
        if solves > solves_max:
            break
    return tuple(sorted(found, key=_distance))


def _turn(knob: Knob, winner: tuple[str, ...]) -> tuple[Flip | None, int]:
    """The smallest turn that moves the winner, and how many times the solver was asked."""

    def winner_at(turn: int) -> tuple[str, ...]:
        return solve(knob.turned(knob.was + sign * turn)).winner.node_ids

    sign = 1 if knob.end > knob.was else -1
    still, moved, solves = 0, abs(knob.end - knob.was), 1
    if not moved or winner_at(moved) == winner:
        return None, solves
    while moved - still > 1:
        middle = (still + moved) // 2
        solves += 1
        if winner_at(middle) == winner:
            still = middle
        else:
            moved = middle
    becomes = knob.was + sign * moved
    other = winner_at(moved)
    flip = Flip(knob.subject, knob.number, knob.was, becomes, other, knob.is_money)
    return flip, solves + 1


def _distance(flip: Flip) -> tuple[float, str, str]:
    return abs(flip.becomes - flip.was) / max(1, flip.was), flip.subject, flip.number


def _knobs(question: Question, answer: Answer) -> Iterator[Knob]:
    """Costs of nodes that are near to winning, rates, stock, then rules; in this order."""
    rows = answer.candidates[:RIVALS_LOOKED_AT]
    near = {node_id for row in rows for node_id in row.node_ids}
    nodes = [node for node in question.nodes if node.node_id in near]
    much = 2 * answer.cost.total + 1  # dearer than this and the plan costs three times as much
    for node in nodes:
        yield from _cost_knobs(question, answer, node, much)
    yield from _policy_knobs(question, much)
    for node in question.nodes:
        if node.node_id in near or len(question.nodes) <= RIVALS_LOOKED_AT:
            yield from _stock_knobs(question, answer, node)
    yield from _rule_knobs(question, answer)


def _cost_knobs(question: Question, answer: Answer, node: NodeFacts, much: int) -> Iterator[Knob]:
    """A node that won gets dearer, one that did not gets cheaper."""

    def fixed(value: int) -> Question:
        return _with_node(question, replace(node, fixed_minor=value))

    def handling(value: int) -> Question:
        return _with_node(question, replace(node, handling_unit_minor=value))

    has_won = node.node_id in answer.winner.node_ids
    for number, was, turned in (
        ("fixed cost", node.fixed_minor, fixed),
        ("handling per unit", node.handling_unit_minor, handling),
    ):
        yield Knob(node.code, number, was, was + much if has_won else 0, turned, is_money=True)


def _policy_knobs(question: Question, much: int) -> Iterator[Knob]:
    policy = question.policy

    def split(value: int) -> Question:
        return replace(question, policy=replace(policy, split_penalty_minor=value))

    was = policy.split_penalty_minor
    yield Knob("policy", "split penalty", was, was + much, split, is_money=True)
    yield Knob("policy", "split penalty", was, 0, split, is_money=True)
    for place, band in enumerate(policy.freight.bands):
        words = "any distance" if band.up_to_km is None else f"up to {band.up_to_km} km"
        for end in (0, band.base_minor + much):
            turned = _band_turner(question, place)
            number = f"base rate, {words}"
            yield Knob("freight", number, band.base_minor, end, turned, is_money=True)


def _band_turner(question: Question, place: int) -> Callable[[int], Question]:
    freight = question.policy.freight

    def turned(value: int) -> Question:
        bands: list[DistanceBand] = list(freight.bands)
        bands[place] = replace(bands[place], base_minor=value)
        policy = replace(question.policy, freight=replace(freight, bands=tuple(bands)))
        return replace(question, policy=policy)

    return turned


def _stock_knobs(question: Question, answer: Answer, node: NodeFacts) -> Iterator[Knob]:
    """What the winner has is taken away, what the others lack is given to them."""
    has_won = node.node_id in answer.winner.node_ids
    wanted: dict[str, int] = {}
    for demand in question.demands:
        wanted[demand.item_id] = wanted.get(demand.item_id, 0) + demand.quantity
    for item_id, units in list(wanted.items())[:ITEMS_LOOKED_AT]:
        was = max(0, node.stock.get(item_id, 0))
        end = 0 if has_won else max(was, units)
        yield Knob(
            node.code, f"stock of {item_id}", was, end, _stock_turner(question, node, item_id)
        )


def _stock_turner(question: Question, node: NodeFacts, item_id: str) -> Callable[[int], Question]:
    def turned(value: int) -> Question:
        return _with_node(question, replace(node, stock={**node.stock, item_id: value}))

    return turned


def _rule_knobs(question: Question, answer: Answer) -> Iterator[Knob]:
    """Each rule about a whole node that kept one out, waived."""
    nodes = {node.node_id: node for node in question.nodes}
    for exclusion in answer.exclusions:
        node = nodes.get(exclusion.node_id or "")
        if node is None:
            continue
        waived = {
            CLOSED: replace(node, is_open=True),
            COUNTRY: replace(node, ships_to=()),
            FULL: replace(node, capacity_left=None),
        }.get(exclusion.rule)
        if waived is not None:
            asked = _with_node(question, waived)
            yield Knob(node.code, f"rule {exclusion.rule}", 1, 0, _always(asked))


def _always(asked: Question) -> Callable[[int], Question]:
    def turned(_: int) -> Question:
        return asked

    return turned


def _with_node(question: Question, changed: NodeFacts) -> Question:
    nodes = tuple(changed if node.node_id == changed.node_id else node for node in question.nodes)
    return replace(question, nodes=nodes)
