"""Hard rules: which node may not serve the order, an item or a line, and the words for it.

What a rule forbids has no price. Everything that has one belongs in `cost`.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from oms.kernel.errors import Invalid
from routing.cost import Lane, lane
from routing.model import Demand, Exclusion, NodeFacts, Question

EXCLUSIONS_KEPT: Final = 40  # an answer stays readable; how many more there were is told

CLOSED: Final = "node.closed"
COUNTRY: Final = "node.country"
FULL: Final = "node.full"
NO_STOCK: Final = "node.no_stock"
OUT_OF_REACH: Final = "node.out_of_reach"
TAG: Final = "item.tag"
PINNED: Final = "line.pinned"

Objection = Callable[[NodeFacts, Question], str | None]


class Admitted(msgspec.Struct, gc=False):
    """Nodes that may serve some of the order, in canonical order, each with its lane."""

    nodes: list[NodeFacts]
    lanes: list[Lane]
    exclusions: list[Exclusion]


def admit(question: Question) -> Admitted:
    """Apply every rule about whole nodes, then those about items and lines.

    Nodes come out by priority, then id: nothing after this depends on the order they came in.
    """
    _check(question)
    out = Admitted([], [], [])
    for node in sorted(question.nodes, key=_canonical):
        objections = [
            Exclusion(rule, words, node.node_id)
            for rule, objects in _NODE_RULES
            if (words := objects(node, question)) is not None
        ]
        along = None if objections else lane(question.policy.freight, node, question.destination)
        if along is not None:
            out.nodes.append(node)
            out.lanes.append(along)
        else:
            out.exclusions += objections or [_out_of_reach(node, question)]
    out.exclusions += _tag_exclusions(question, out.nodes)
    out.exclusions += _pin_exclusions(question)
    return out


def may_serve(node: NodeFacts, demand: Demand) -> bool:
    """Whether the node serves every tag the item requires."""
    return all(tag in node.serves for tag in demand.requires)


def _canonical(node: NodeFacts) -> tuple[int, str]:
    return node.priority, node.node_id


def _is_closed(node: NodeFacts, _: Question) -> str | None:
    return None if node.is_open else f"{node.code} is closed"


def _is_other_country(node: NodeFacts, question: Question) -> str | None:
    country = question.destination.country
    if not node.ships_to or country in node.ships_to:
        return None
    return f"{node.code} does not ship to {country or 'an unknown country'}"


def _is_full(node: NodeFacts, _: Question) -> str | None:
    if node.capacity_left is None or node.capacity_left > 0:
        return None
    return f"{node.code} has no capacity left today"


def _is_empty(node: NodeFacts, question: Question) -> str | None:
    units = node.stock.get
    for demand in question.demands:
        if units(demand.item_id, 0) > 0:
            return None
    return f"{node.code} has none of the items asked for"


_NODE_RULES: Final[tuple[tuple[str, Objection], ...]] = (
    (CLOSED, _is_closed),
    (COUNTRY, _is_other_country),
    (FULL, _is_full),
    (NO_STOCK, _is_empty),
)


def _out_of_reach(node: NodeFacts, question: Question) -> Exclusion:
    reach = question.policy.freight.bands[-1].up_to_km
    words = f"{node.code} is farther than the {reach} km the freight table reaches"
    return Exclusion(OUT_OF_REACH, words, node.node_id)


def _tag_exclusions(question: Question, nodes: list[NodeFacts]) -> list[Exclusion]:
    tagged = {demand.item_id: demand for demand in question.demands if demand.requires}
    return [
        Exclusion(
            TAG,
            f"{node.code} does not serve {', '.join(lacking)}, which {demand.item_id} requires",
            node.node_id,
            item_id=demand.item_id,
        )
        for demand in tagged.values()
        for node in nodes
        if (lacking := [tag for tag in demand.requires if tag not in node.serves])
    ]


def _pin_exclusions(question: Question) -> list[Exclusion]:
    if not question.pins:
        return []
    codes = {node.node_id: node.code for node in question.nodes}
    return [
        Exclusion(
            PINNED,
            f"line {pin.line_id} is pinned to {codes.get(pin.node_id, pin.node_id)}: no other node",
            line_id=pin.line_id,
        )
        for pin in question.pins
    ]


def _check(question: Question) -> None:
    """Refuse what is no question; with negative numbers the solver's proofs would not hold."""
    wrong: dict[str, str] = {}
    for demand in question.demands:
        if demand.quantity < 1 or demand.weight_g < 0 or (demand.unserved_unit_minor or 0) < 0:
            wrong[f"demands.{demand.line_id}"] = "quantity at least 1, weight and penalty from 0"
    for node in question.nodes:
        if node.fixed_minor < 0 or node.handling_unit_minor < 0:
            wrong[f"nodes.{node.node_id}"] = "costs are not negative"
    if len({(each.line_id, each.item_id) for each in question.demands}) < len(question.demands):
        wrong["demands"] = "each item of a line once"
    if len({node.node_id for node in question.nodes}) < len(question.nodes):
        wrong["nodes"] = "each node id once"
    if question.pins:
        lines = {demand.line_id for demand in question.demands}
        if len({pin.line_id for pin in question.pins} & lines) < len(question.pins):
            wrong["pins"] = "each pin names another line of this question"
    if wrong:
        raise Invalid(
            "routing.bad_question",
            f"Order {question.order_ref} cannot be routed: {_first(wrong)}.",
            "Correct the facts the question was made from.",
            wrong,
        )


def _first(wrong: dict[str, str]) -> str:
    place, words = next(iter(wrong.items()))
    return f"{place}: {words}"
