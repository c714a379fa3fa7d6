"""State machines as tables: checked when made, walked by rules, drawn for people."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from oms.kernel.errors import Refused

S = TypeVar("S", bound=StrEnum)


class Move(msgspec.Struct, Generic[S], frozen=True):
    """One row of a table: `name` leads from `source` to `target`; `undo` names the way back."""

    name: str
    source: S
    target: S
    who: str = ""
    undo: str | None = None


class Machine(Generic[S]):
    """A named table of moves over one set of states, refused at birth if it has a hole."""

    def __init__(self, name: str, starts: Sequence[S], moves: Sequence[Move[S]]) -> None:
        self.name = name
        self.starts = tuple(starts)
        self.moves = tuple(moves)
        self.states: tuple[S, ...] = tuple(type(starts[0]))
        self._after = {(move.source, move.name): move for move in moves}
        if len(self._after) != len(self.moves):
            raise ValueError(f"{name}: two rows for one state and move")
        unreached = set(self.states) - self._reachable()
        if unreached:
            raise ValueError(f"{name}: no way to {sorted(unreached)}")

    def move(self, state: S, name: str) -> Move[S]:
        """The row for `name` in `state`, or `Refused` that lists what is allowed instead."""
        row = self._after.get((state, name))
        if row is None:
            allowed = ", ".join(self.allowed(state)) or "nothing"
            raise Refused(
                f"{self.name}.move_not_allowed",
                f"'{name}' is not possible while it is '{state}'.",
                f"Possible now: {allowed}.",
            )
        return row

    def after(self, state: S, name: str) -> S:
        """The state that `name` leads to from `state`, or `Refused`."""
        return self.move(state, name).target

    def allowed(self, state: S) -> tuple[str, ...]:
        """Names of the moves possible in `state`, in table order: a screen's buttons."""
        return tuple(move.name for move in self.moves if move.source == state)

    def terminal(self) -> frozenset[S]:
        return frozenset(self.states) - {move.source for move in self.moves}

    def mermaid(self) -> str:
        """A Mermaid state diagram of the table."""
        starts = [f"    [*] --> {start}" for start in self.starts]
        rows = [f"    {move.source} --> {move.target}: {move.name}" for move in self.moves]
        return "\n".join(["stateDiagram-v2", *starts, *rows])

    def _reachable(self) -> set[S]:
        seen, todo = set(self.starts), list(self.starts)
        while todo:
            state = todo.pop()
            nexts = {move.target for move in self.moves if move.source == state} - seen
            seen |= nexts
            todo.extend(nexts)
        return seen
