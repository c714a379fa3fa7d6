"""Which return lines arrived units belong to: announced ones, others of the order, or nobody's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from fulfillment.model import Pile
from oms.kernel.errors import Refused
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from returns.model import Arrived, Return, ReturnLine, positive
from returns.requesting.model import Way

# Announced units first, then what the customer still has; a box that is turned round comes last.
WAYS_IN: Final = {
    LineState.RETURN_IN_TRANSIT: ("receive_return",),
    LineState.RETURN_AUTHORISED: ("receive_counter",),
    LineState.DELIVERED: ("receive_blind",),
    LineState.SHIPPED: ("refuse", "receive_return"),
}
_ANNOUNCED: Final = (LineState.RETURN_IN_TRANSIT, LineState.RETURN_AUTHORISED)

NewId = Callable[[], str]


class Counting(msgspec.Struct):
    """A reception while it is counted: lines by id, units still to be found, what they do.

    `names` are those of items nobody announced. `blind` are (item id, units) no sale is known for;
    `counts` are (return line, units) counted.
    """

    ret: Return
    node_id: str
    lines: dict[str, ReturnLine]
    pile: Pile
    names: Mapping[str, str]
    new_id: NewId
    moves: list[LineMove] = []
    blind: list[tuple[str, int]] = []
    counts: list[tuple[str, int]] = []

    def count(self, arrived: Arrived) -> None:
        """Give every arrived unit its line: the named one, others of the item, a new blind one."""
        left = positive(arrived.quantity)
        item_id = self._item_of(arrived)
        ours = self._lines_of(item_id, arrived.return_line_id)
        for line in ours:  # what was announced
            left -= self._take(line, min(left, self._missing(line)), _ANNOUNCED)
        left -= self._take_late(item_id, ours, left)
        for line in ours:  # more of the same than was announced
            left -= self._take(line, left, tuple(WAYS_IN))
        for line in ours:  # announced without a sale that is known
            if not line.line_id:
                left -= self._take_blind(line, min(left, self._missing(line)))
        for line in self._others_of_the_order(item_id):
            left -= self._take(line, left, tuple(WAYS_IN))
        if left:
            self._take_blind(self._blind_line(item_id), left)

    def _item_of(self, arrived: Arrived) -> str:
        if not arrived.return_line_id:
            return arrived.item_id
        line = self.lines.get(arrived.return_line_id)
        if line is None or arrived.item_id not in ("", line.item_id):
            raise Refused(
                "return.line_not_here",
                f"{self.ret.number} has no line '{arrived.return_line_id}' of this item.",
                "Name a line of this return, or the item alone.",
            )
        return line.item_id

    def _lines_of(self, item_id: str, first: str) -> list[ReturnLine]:
        own = [line for line in self.lines.values() if line.item_id == item_id]
        return sorted(own, key=lambda line: (line.id != first, line.position))

    def _missing(self, line: ReturnLine) -> int:
        return self.lines[line.id].missing

    def _take(self, line: ReturnLine, most: int, states: Sequence[LineState]) -> int:
        """Up to `most` units of the order line behind a return line."""
        if not line.line_id or not most:
            return 0
        way = Way(WAYS_IN, self.ret.id, self.node_id)
        taken = 0
        for state in states:
            for units, count in self.pile.take(self._fits(line, state), most - taken):
                self.moves.append(way.move(units, count))
                taken += count
        self._received(line, taken)
        return taken

    def _fits(self, line: ReturnLine, state: LineState) -> Callable[[Slice], bool]:
        def fits(units: Slice) -> bool:
            is_it = (units.line_id, units.item_id) == (line.line_id, line.item_id)
            is_free = units.state not in _ANNOUNCED or units.return_id in ("", self.ret.id)
            return is_it and units.state is state and is_free

        return fits

    def _take_blind(self, line: ReturnLine, count: int) -> int:
        if count:
            self.blind.append((line.item_id, count))
            self._received(line, count)
        return count

    def _take_late(self, item_id: str, ours: Sequence[ReturnLine], most: int) -> int:
        """Units that turn up after they were credited: nobody has a claim to money for them."""
        credited = sum(line.not_coming for line in ours)
        if not credited or not most:
            return 0
        line = self._blind_line(item_id)
        return self._take_blind(line, min(most, max(0, credited - line.received)))

    def _received(self, line: ReturnLine, count: int) -> None:
        if count:
            now = self.lines.get(line.id, line)
            self.lines[line.id] = replace(now, received=now.received + count)
            self.counts.append((line.id, count))

    def _others_of_the_order(self, item_id: str) -> Iterator[ReturnLine]:
        """Lines for order lines of the item that this return did not announce."""
        known = {line.line_id for line in self.lines.values() if line.item_id == item_id}
        for line_id in self.pile.lines_of(item_id):
            if line_id not in known:
                yield self._new_line(item_id, line_id)

    def _blind_line(self, item_id: str) -> ReturnLine:
        for line in self.lines.values():
            if not line.line_id and line.item_id == item_id:
                return line
        return self._new_line(item_id, "")

    def _new_line(self, item_id: str, line_id: str) -> ReturnLine:
        return ReturnLine(
            id=self.new_id(),
            return_id=self.ret.id,
            position=len(self.lines) + 1,
            line_id=line_id,
            item_id=item_id,
            expected=0,
            title=self.names.get(item_id, ""),
            reason="not announced",
        )
