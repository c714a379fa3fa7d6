"""Law: whatever happens at the returns desk, in any order, no unit is made, lost or counted twice.

Each step of a random story is done or refused; the checks of the whole system hold after it.
"""

from collections.abc import Callable
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.kernel.errors import OMSError
from oms.ledger import check
from oms.orders import queries as orders_read
from returns import queries, service
from returns.counter.model import TakeBack
from returns.desk.model import Desk
from returns.model import (
    Abandon,
    Arrived,
    Close,
    Decide,
    Decision,
    Disposition,
    Inspect,
    News,
    Receive,
    Reconsider,
    RefusedUnits,
    Regrade,
    ReportNews,
    Request,
    SendBack,
    Verdict,
    WantedBack,
)
from tests.integration.floor.warehouse import Warehouse, opened
from tests.services.databases import SqliteDatabases

SOLD: Final = 6
LAWS: Final = (*check.CHECKS, *orders_read.CHECKS, *queries.CHECKS)
Step = tuple[str, int, int, Disposition | None]
"""What is tried, for which of the returns so far, with how many units, and what is found."""

STEPS: Final = st.tuples(
    st.sampled_from(
        [
            *("ask", "take_back", "receive", "receive", "receive", "inspect", "inspect"),
            *("inspect", "regrade", "reconsider", "send_back", "abandon"),
            *("close", "withdraw", "sent", "lost"),
        ]
    ),
    st.integers(0, 2),
    st.integers(1, 4),
    st.sampled_from([*Disposition, Disposition.QUARANTINE, None, None]),
)


class Story:
    """An order of A, delivered, and the returns of it so far."""

    def __init__(self, floor: Warehouse) -> None:
        self.floor = floor
        self.order_id = floor.ordered(A=SOLD)
        floor.fulfilled(self.order_id)
        floor.delivered(self.order_id)
        self.line_id = floor.line_id(self.order_id, "A")
        self.item_id, self.node_id = floor.item_id("A"), floor.node_id("LON")
        self.returns: list[str] = []

    def go(self, step: Step) -> None:
        """Try a step; what is refused leaves everything as it was."""
        name, which, quantity, disposition = step
        wanted = (WantedBack(line_id=self.line_id, quantity=quantity),)
        if name == "ask":
            self._try(service.request, Request(order_id=self.order_id, lines=wanted))
        elif name == "take_back":
            command = TakeBack(order_id=self.order_id, node_id=self.node_id, lines=wanted)
            self._try(service.take_back, command)
        elif self.returns:
            desk = self.floor.desk(self.returns[which % len(self.returns)])
            do, at_desk = self._at_desk(name, desk, quantity, disposition)
            self._try(do, at_desk)

    def _at_desk(
        self, name: str, desk: Desk, quantity: int, disposition: Disposition | None
    ) -> tuple[Callable[..., Any], Any]:
        return_id, node_id = desk.ret.id, self.node_id
        here: dict[str, Any] = {"return_id": return_id, "node_id": node_id}
        refused = max(desk.lines, key=lambda line: line.refused)
        waiting = [line for line in desk.lines if line.to_inspect] or desk.lines[:1]
        units = (
            RefusedUnits(
                return_line_id=refused.id, quantity=min(quantity, refused.refused or quantity)
            ),
        )
        decided = disposition or Disposition.SCRAP
        commands: dict[str, tuple[Callable[..., Any], Any]] = {
            "receive": (
                service.receive,
                Receive(**here, arrived=(Arrived(item_id=self.item_id, quantity=quantity),)),
            ),
            "inspect": (
                service.inspect,
                Inspect(
                    **here,
                    verdicts=tuple(
                        Verdict(
                            return_line_id=line.id,
                            quantity=min(quantity, line.to_inspect or quantity),
                            grade="B",
                            disposition=disposition,
                        )
                        for line in waiting
                    ),
                ),
            ),
            "regrade": (
                service.regrade,
                Regrade(
                    **here,
                    return_line_id=max(desk.lines, key=lambda line: line.accepted).id,
                    quantity=1,
                    was=Disposition.QUARANTINE,
                    disposition=decided,
                    grade="C",
                ),
            ),
            "reconsider": (service.reconsider, Reconsider(**here, units=units)),
            "send_back": (service.send_back, SendBack(**here, units=units)),
            "abandon": (service.abandon, Abandon(**here, units=units, disposition=decided)),
            "close": (service.close, Close(return_id=return_id)),
            "withdraw": (
                service.decide,
                Decide(return_id=return_id, decision=Decision.WITHDRAW),
            ),
            "sent": (service.report_news, ReportNews(return_id=return_id, news=News.SENT)),
            "lost": (service.report_news, ReportNews(return_id=return_id, news=News.LOST)),
        }
        return commands[name]

    def _try(self, do: Callable[..., Any], command: Any) -> None:
        before = self.world()
        [answer] = self.floor.attempt(do, command)
        if isinstance(answer, OMSError):
            assert self.world() == before
        elif answer.ret.id not in self.returns:
            self.returns.append(answer.ret.id)

    def world(self) -> tuple[object, ...]:
        """What a refused step must not touch."""
        tables = ("return_order", "return_line", "return_reception", "inspection", "event")
        return (self.floor.states(self.order_id), *(self.floor.count(name) for name in tables))

    def broken(self) -> list[str]:
        with self.floor.uow.read() as reader:
            return [
                f"{each.check.name}: {each.rows}"
                for each in check.run(reader, LAWS)
                if not each.holds
            ]


@settings(max_examples=25)
@given(st.lists(STEPS, min_size=4, max_size=16))
def test_no_story_at_the_returns_desk_makes_or_loses_a_unit(
    sqlite_databases: SqliteDatabases, steps: list[Step]
) -> None:
    for floor in opened(sqlite_databases):
        story = Story(floor)

        for step in steps:
            story.go(step)
            assert sum(floor.states(story.order_id).values()) == SOLD
            assert story.broken() == []

        floor.drain()
        floor.expect_proven()
