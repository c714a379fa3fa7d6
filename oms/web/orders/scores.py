"""A sourcing decision as people read it: every candidate with what it would have cost. Pure."""

from collections.abc import Mapping
from typing import Final

import msgspec

from oms.inventory.model import Node
from oms.sourcing.queries import DecisionView
from oms.web.translations import N_
from routing.model import Candidate

SHOWN_MAX: Final = 8

TERMS: Final = {
    "fixed": N_("Fixed"),
    "handling": N_("Handling"),
    "freight": N_("Freight"),
    "split": N_("Split"),
}


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate: who would serve, at what cost; `part` of the dearest one shown, 0 to 100."""

    rank: int
    nodes: str
    total_minor: int
    terms: tuple[tuple[str, int], ...]
    unserved: int
    part: int


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """A decision with its best candidates, the winner first."""

    id: str
    at_ms: int
    currency: str
    rows: tuple[Score, ...]
    examined: int
    unserved: int
    is_proven: bool
    margin_minor: int | None


def scores(decision: DecisionView, nodes: Mapping[str, Node]) -> Scores:
    """The candidates of a decision."""
    answer = decision.answer
    shown = answer.candidates[:SHOWN_MAX]
    dearest = max((each.terms.total for each in shown), default=0) or 1
    return Scores(
        id=decision.id,
        at_ms=decision.at_ms,
        currency=decision.question.currency,
        rows=tuple(_score(each, nodes, dearest) for each in shown),
        examined=answer.examined,
        unserved=sum(each.quantity for each in answer.unserved),
        is_proven=not answer.gap_minor and not answer.gap_units,
        margin_minor=answer.margin_minor,
    )


def _score(candidate: Candidate, nodes: Mapping[str, Node], dearest: int) -> Score:
    names = [nodes[each].name if each in nodes else each for each in candidate.node_ids]
    cost = candidate.terms.total
    return Score(
        rank=candidate.rank,
        nodes=" + ".join(names),
        total_minor=cost,
        terms=tuple((name, int(getattr(candidate.terms, name))) for name in TERMS),
        unserved=candidate.unserved_units,
        part=round(100 * cost / dearest),
    )
