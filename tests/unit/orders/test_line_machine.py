"""The table of line states and moves is the one that was designed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oms.kernel.errors import Refused
from oms.ledger.model import Account
from oms.orders.machine import CANCELS, LINE, NOWHERE, STAGE_OF, STATES, LineState
from oms.orders.model import Position, position


@pytest.fixture
def design(shared_design: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared_design / "line_states.json").read_text())
    return found


def test_the_states_are_those_designed(design: dict[str, Any]) -> None:
    ours = {
        state.value: {
            "stock_account": facts.stock_account,
            "terminal": facts.is_terminal,
            "customer_word": facts.customer_word,
        }
        for state, facts in STATES.items()
    }

    assert ours == design["states"]


def test_the_moves_are_those_designed(design: dict[str, Any]) -> None:
    ours = [(m.name, m.source.value, m.target.value, m.who, m.undo) for m in LINE.moves]
    theirs = [(m["name"], m["from"], m["to"], m["who"], m["undo"]) for m in design["transitions"]]

    assert ours == theirs
    assert len(ours) == 53


def test_every_stock_account_is_one_the_goods_ledger_has() -> None:
    accounts = {facts.stock_account for facts in STATES.values()} - {None}

    assert accounts <= {account.value for account in Account}


def test_every_state_can_come_to_an_end() -> None:
    ending = {state for state in LineState if STATES[state].is_terminal}
    for _ in LineState:
        ending |= {move.source for move in LINE.moves if move.target in ending}

    assert ending == set(LineState)


def test_every_undo_leads_back() -> None:
    back = {(move.name, move.source, move.target) for move in LINE.moves}
    ways = {(m.name, undo.target) for m, undo in _undone()}

    assert all(
        (m.undo, m.target, undo.target) in back for m, undo in _undone() if undo.target is m.source
    )
    assert ("pick", LineState.RELEASED) in ways


@pytest.mark.parametrize("state", LineState)
def test_a_move_that_is_not_in_the_table_is_refused_with_what_is_possible(
    state: LineState,
) -> None:
    allowed = set(LINE.allowed(state))
    for name in {move.name for move in LINE.moves} - allowed:
        with pytest.raises(Refused) as refused:
            LINE.after(state, name)
        assert all(word in refused.value.remedy for word in allowed)


def test_units_that_are_nowhere_stand_on_the_free_shelf_or_at_no_node() -> None:
    assert {position(state, "", "") for state in NOWHERE} == {None}
    assert {position(state, "nod", "") for state in NOWHERE} == {
        Position("node:available", "nod", "")
    }


def test_every_way_to_cancelled_gives_money_back() -> None:
    assert {m.name for m in LINE.moves if m.target is LineState.CANCELLED} == CANCELS


def test_holds_stop_moves_that_exist() -> None:
    assert set(STAGE_OF) <= {move.name for move in LINE.moves}


def _undone() -> Iterator[tuple[Any, Any]]:
    for move in LINE.moves:
        for undo in LINE.moves:
            if undo.name == move.undo and undo.source is move.target:
                yield move, undo
