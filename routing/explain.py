"""A decision in words: every candidate with every term, what was excluded, what would change it.

It reads a stored question and answer and asks the solver again where it says «if». It decides
nothing.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from routing.flips import Flip, flips
from routing.model import (
    Answer,
    Candidate,
    Question,
    Reason,
    decode_question,
    encode_answer,
)
from routing.solve import solve

Show = Callable[[int], str]

_COLUMNS: Final = ("rank", "nodes", "units", "fixed", "handling", "freight", "split", "unserved")
_REASONS: Final = {
    Reason.NO_STOCK: "no node has any",
    Reason.EXCLUDED: "rules keep out every node that has some",
    Reason.PINNED: "the node it is pinned to cannot serve it",
    Reason.SHORT_STOCK: "the nodes that may serve it do not have enough",
    Reason.PARCEL_LIMIT: "it would take more parcels than allowed",
    Reason.TOO_DEAR: "serving it costs more than leaving it",
    Reason.SHIP_COMPLETE: "the order ships complete or not at all",
}


class Explanation(msgspec.Struct, frozen=True):
    """What to show a person. `table` starts with its header; `flips` the nearest change first."""

    headline: str
    proof: str
    table: tuple[tuple[str, ...], ...]
    unserved: tuple[str, ...]
    excluded: tuple[str, ...]
    flips: tuple[str, ...]

    def text(self) -> str:
        """All of it for a terminal."""
        widths = [max(map(len, column)) for column in zip(*self.table, strict=True)]
        table = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in self.table
        ]
        parts = [
            [self.headline, self.proof],
            table,
            _titled("Not served:", self.unserved),
            _titled("Excluded:", self.excluded),
            _titled("What would have changed the winner, nearest first:", self.flips),
        ]
        return "\n\n".join("\n".join(part) for part in parts if part)


def replay(question_json: bytes) -> bytes:
    """Answer a stored question again: the same bytes that were stored with it.

    That holds for the same solver; `Answer.solver` says which one decided.
    """
    return encode_answer(solve(decode_question(question_json)))


def explain(question: Question, answer: Answer, show: Show | None = None) -> Explanation:
    """Put a decision into words; `show` turns minor units into what people read."""
    money = show or _plain(question.currency)
    codes = {node.node_id: node.code for node in question.nodes}
    return Explanation(
        headline=_headline(answer, codes, money),
        proof=_proof(answer, money),
        table=(
            (*_COLUMNS, "total"),
            *(_row(candidate, codes, money) for candidate in answer.candidates),
        ),
        unserved=tuple(
            f"{rest.quantity} of {rest.item_id}, line {rest.line_id}: {_REASONS[rest.reason]}"
            for rest in answer.unserved
        ),
        excluded=_excluded(answer),
        flips=tuple(_flip(flip, codes, money) for flip in flips(question, answer)),
    )


def _plain(currency: str) -> Show:
    def show(amount_minor: int) -> str:
        return f"{amount_minor:,} {currency} minor"

    return show


def _names(node_ids: Sequence[str], codes: dict[str, str]) -> str:
    return " + ".join(codes[node_id] for node_id in node_ids) or "nobody"


def _headline(answer: Answer, codes: dict[str, str], money: Show) -> str:
    winner, runner_up = answer.winner, answer.runner_up
    words = f"{_names(winner.node_ids, codes)} for {money(winner.terms.total)}"
    if winner.unserved_units:
        words += f", leaving {_units(winner.unserved_units)}"
    if runner_up is None or answer.margin_minor is None:
        return f"{words}; there is no other plan."
    other = _names(runner_up.node_ids, codes)
    if answer.margin_units:
        return f"{words}; {other} would serve {_units(answer.margin_units)} fewer."
    if not answer.margin_minor:
        return f"{words}; {other} costs the same to the minor unit and lost the tie."
    dearer = money(answer.margin_minor)
    return (
        f"{words}; {other} would be {dearer} dearer, and win if it were cheaper by more than that."
    )


def _proof(answer: Answer, money: Show) -> str:
    sets = f"{answer.examined} node sets examined by {answer.solver}"
    if answer.is_proven:
        return f"Proven to be the best plan; {sets}."
    if answer.gap_units:
        return (
            f"Not proven: another plan might serve up to {_units(answer.gap_units)} more; {sets}."
        )
    return f"Not proven: another plan might be up to {money(answer.gap_minor)} cheaper; {sets}."


def _row(candidate: Candidate, codes: dict[str, str], money: Show) -> tuple[str, ...]:
    terms = candidate.terms
    names = _names(candidate.node_ids, codes)
    return (
        str(candidate.rank),
        names if candidate.is_feasible else f"{names} (incomplete)",
        " + ".join(map(str, candidate.units)) or "0",
        money(terms.fixed),
        money(terms.handling),
        money(terms.freight),
        money(terms.split),
        money(terms.unserved),
        money(terms.total),
    )


def _excluded(answer: Answer) -> tuple[str, ...]:
    words = [f"{exclusion.words} ({exclusion.rule})" for exclusion in answer.exclusions]
    if answer.exclusions_left_off:
        words.append(f"and {answer.exclusions_left_off} more")
    return tuple(words)


def _flip(flip: Flip, codes: dict[str, str], money: Show) -> str:
    winner = _names(flip.winner, codes)
    if flip.number.startswith("rule "):
        return f"without {flip.number} for {flip.subject}, {winner} would win"
    was, becomes = flip.was, flip.becomes
    if flip.is_money:
        change = f"{money(becomes)} instead of {money(was)}"
    else:
        change = f"{becomes} instead of {was}"
    return f"{flip.subject}: with {flip.number} {change}, {winner} would win"


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"


def _titled(title: str, lines: Sequence[str]) -> list[str]:
    return [title, *(f"  {line}" for line in lines)] if lines else []
