"""From a question to its answer: the best plan for one order, with the reasons.

The plan is proven to be the best there is: most units first where the policy says so, then least
cost, then fewest parcels, then nodes by priority and id. Where that could not be shown within the
search's limits, the answer says how much better a plan might be. Nothing is kept between questions.
"""

from collections.abc import Sequence
from typing import Final

from oms.kernel.errors import Invalid
from routing.bands import settle
from routing.bounds import Nodes
from routing.claims import Claim
from routing.cost import MICRO
from routing.fill import Row, fill, rows_of, terms
from routing.model import (
    Allocation,
    Answer,
    Candidate,
    Coverage,
    Demand,
    Question,
    Reason,
    Unserved,
)
from routing.pools import Pool, Problem, problem
from routing.rules import EXCLUSIONS_KEPT, admit
from routing.search import Found, Search

SOLVER: Final = "node-sets/1"  # raise the number when an answer to an old question may change


def solve(question: Question) -> Answer:
    """Decide which nodes serve the order. Raises `Invalid` if the question contradicts itself."""
    admitted = admit(question)
    asked = problem(question, admitted)
    search = Search(asked)
    search.run()
    gap_units, gap_minor = _gap(asked, search)
    best = search.best
    if question.policy.coverage is Coverage.SHIP_COMPLETE:
        best = _complete_first(asked, best)
    candidates = _candidates(asked, best)
    allocations, unserved = _by_line(asked, _rows(asked, best[0]))
    margin_units, margin_minor = _margin(candidates)
    return Answer(
        order_ref=question.order_ref,
        solver=SOLVER,
        allocations=tuple(allocations),
        cost=candidates[0].terms,
        candidates=candidates,
        examined=search.examined,
        unserved=tuple(unserved),
        exclusions=tuple(admitted.exclusions[:EXCLUSIONS_KEPT]),
        exclusions_left_off=max(0, len(admitted.exclusions) - EXCLUSIONS_KEPT),
        margin_minor=margin_minor,
        margin_units=margin_units,
        gap_minor=gap_minor,
        gap_units=gap_units,
    )


def plan(question: Question, node_ids: Sequence[str]) -> tuple[Allocation, ...]:
    """The allocations behind a row of the candidate table; `Invalid` for nodes rules exclude."""
    asked = problem(question, admit(question))
    places = {node.node_id: place for place, node in enumerate(asked.nodes)}
    strangers = [node_id for node_id in node_ids if node_id not in places]
    if strangers:
        raise Invalid(
            "routing.node_excluded",
            f"{', '.join(strangers)} may not serve order {question.order_ref}.",
            "Take nodes from a row of the candidate table.",
        )
    opened = tuple(sorted(places[node_id] for node_id in node_ids))
    found = Found((0, len(opened), opened))
    if not asked.is_straight:
        found = Found(found.rank, None, settle(asked, opened, fill(asked, opened)).rows)
    return tuple(_by_line(asked, _rows(asked, found))[0])


def _rows(asked: Problem, found: Found) -> list[Row]:
    return rows_of(asked, found.rank[2]) if found.rows is None else found.rows


def _complete_first(asked: Problem, best: list[Found]) -> list[Found]:
    """Nothing at all wins where the best plan is not complete."""
    filled = best[0].filled or fill(asked, best[0].rank[2])
    if not filled.unserved:
        return best
    nothing: Nodes = ()
    rest = [found for found in best if found.rank[2] != nothing]
    return [Found((fill(asked, nothing).value, 0, nothing)), *rest]


def _candidates(asked: Problem, best: list[Found]) -> tuple[Candidate, ...]:
    must_be_complete = asked.question.policy.coverage is Coverage.SHIP_COMPLETE
    rows = []
    for rank, found in enumerate(best, start=1):
        opened = found.rank[2]
        filled = found.filled or fill(asked, opened)
        rows.append(
            Candidate(
                rank,
                tuple([asked.nodes[node].node_id for node in opened]),
                tuple([filled.units[node] for node in opened]),
                terms(asked, filled),
                filled.unserved,
                not (must_be_complete and opened and filled.unserved),
            )
        )
    return tuple(rows)


def _margin(candidates: tuple[Candidate, ...]) -> tuple[int, int | None]:
    """What the runner-up serves less and costs more; (0, None) when there is none."""
    if len(candidates) < 2 or not candidates[1].is_feasible:
        return 0, None
    winner, runner_up = candidates[:2]
    units = runner_up.unserved_units - winner.unserved_units
    return units, runner_up.terms.total - winner.terms.total


def _gap(asked: Problem, search: Search) -> tuple[int, int]:
    """What the search could not rule out: (more units served, minor units less to pay)."""
    gap = search.gap()
    if not gap:
        return 0, 0
    winner = search.best[0].rank[0]
    if not asked.ceiling:
        return 0, -(-gap // MICRO)
    units = winner // asked.ceiling - (winner - gap) // asked.ceiling
    cost = gap if not units else winner % asked.ceiling
    return units, -(-cost // MICRO)


def _by_line(asked: Problem, rows: list[Row]) -> tuple[list[Allocation], list[Unserved]]:
    """Hand the units of each claim to its lines, in the order of the lines."""
    shares: dict[int, list[tuple[str, int]]] = {}
    for row in rows:
        shares.setdefault(id(row.claim), []).append((asked.nodes[row.node].node_id, row.units))
    demands = asked.question.demands
    allocations: list[tuple[int, Allocation]] = []
    unserved: list[tuple[int, Unserved]] = []
    for pool in asked.pools:
        for claim in pool.claims:
            given = shares.get(id(claim), [])
            short = claim.quantity - sum([units for _, units in given])
            for index, node_id, units in _handed_out(claim, given):
                demand = demands[index]
                allocation = Allocation(demand.line_id, demand.item_id, node_id, units)
                allocations.append((index, allocation))
            if short:
                reason = _reason(asked, pool, claim, short)
                for index, units in _last_lines(claim, short):
                    demand = demands[index]
                    rest = Unserved(demand.line_id, demand.item_id, units, reason)
                    unserved.append((index, rest))
    allocations.sort(key=_line_of)
    unserved.sort(key=_line_of)
    return [allocation for _, allocation in allocations], [rest for _, rest in unserved]


def _line_of(indexed: tuple[int, object]) -> int:
    return indexed[0]


def _handed_out(claim: Claim, given: list[tuple[str, int]]) -> list[tuple[int, str, int]]:
    """(demand, node, units): lines take what there is one after the other, so few are split."""
    if len(claim.lines) == 1:
        return [(claim.lines[0][0], node_id, units) for node_id, units in given]
    out: list[tuple[int, str, int]] = []
    shelves = list(reversed(given))
    for index, quantity in claim.lines:
        left = quantity
        while left and shelves:
            node_id, units = shelves.pop()
            take = min(left, units)
            out.append((index, node_id, take))
            left -= take
            if units > take:
                shelves.append((node_id, units - take))
    return out


def _last_lines(claim: Claim, short: int) -> list[tuple[int, int]]:
    """(demand, units) of the last `short` units of a claim: those that were not handed out."""
    out: list[tuple[int, int]] = []
    for index, quantity in reversed(claim.lines):
        units = min(quantity, short)
        if units:
            out.append((index, units))
        short -= units
    return out


def _reason(asked: Problem, pool: Pool, claim: Claim, short: int) -> Reason:
    demand = asked.question.demands[claim.lines[0][0]]
    reach = sum(stock for _, _, stock in claim.options)
    if reach < claim.quantity and any(pin.line_id == demand.line_id for pin in asked.question.pins):
        return Reason.PINNED
    if not reach:
        return _nobody_has_it(asked, demand)
    is_complete = asked.question.policy.coverage is Coverage.SHIP_COMPLETE
    if pool.short and (is_complete or short <= pool.short):
        return Reason.SHORT_STOCK
    if is_complete:
        return Reason.SHIP_COMPLETE
    return Reason.PARCEL_LIMIT if asked.ceiling else Reason.TOO_DEAR


def _nobody_has_it(asked: Problem, demand: Demand) -> Reason:
    has_some = any(node.stock.get(demand.item_id, 0) > 0 for node in asked.question.nodes)
    return Reason.EXCLUDED if has_some else Reason.NO_STOCK
