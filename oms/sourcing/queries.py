"""Reading decisions: what was asked, what was answered, what every candidate would have cost."""

from typing import Final

import msgspec

from oms.kernel.errors import NotFound
from oms.platform.transaction import Reader
from oms.sourcing import model, store
from oms.sourcing.store import Kept
from routing.model import Answer, Question, encode_answer
from routing.solve import solve

CHECKED_AT_ONCE: Final = 500


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    """A decision to show: the whole question and the answer with its candidate table."""

    id: str
    order_id: str
    at_ms: int
    question: Question
    answer: Answer


def decisions(reader: Reader, order_id: str) -> list[DecisionView]:
    """Every sourcing decision about an order, oldest first."""
    return [_view(kept) for kept in store.decisions_of(reader, [order_id])]


def decision(reader: Reader, id_: str) -> DecisionView:
    """One decision, or `NotFound`."""
    return _view(_one(reader, id_))


def replay(reader: Reader, id_: str) -> tuple[str, str]:
    """The answer as it was stored and as the solver gives it today, as JSON: equal bytes unless
    the solver has changed since (its name stands in the answer).
    """
    kept = _one(reader, id_)
    again = solve(model.question(kept.world, kept.asked))
    return kept.answer_json, encode_answer(again).decode()


def _one(reader: Reader, id_: str) -> Kept:
    for kept in store.decisions_by_id(reader, [id_]):
        return kept
    raise NotFound(
        "decision.not_found", f"There is no decision '{id_}'.", "Read the order's decisions."
    )


def _view(kept: Kept) -> DecisionView:
    return DecisionView(
        id=kept.id,
        order_id=kept.order_id,
        at_ms=kept.at_ms,
        question=model.question(kept.world, kept.asked),
        answer=kept.answer,
    )
