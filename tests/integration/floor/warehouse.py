"""The shop with its floor and its returns desk, and how tests come by one."""

from collections.abc import Iterator
from contextlib import closing

from oms.accounting import queries as accounting_read
from oms.payments import queries as payments_read
from oms.platform.database import metadata
from returns import queries as returns_read
from returns import service as returns
from returns.counter.model import TakeBack
from returns.desk.model import Desk
from returns.model import (
    Arrived,
    Disposition,
    Inspect,
    Receive,
    Request,
    Verdict,
    WantedBack,
)
from tests.integration.floor.shop_floor import ShopFloor
from tests.services.databases import Databases


class Warehouse(ShopFloor):
    """The floor with the verbs of the returns desk."""

    def line_id(self, order_id: str, sku: str) -> str:
        """The order line that sells a listing."""
        return next(str(line.id) for line in self.facts(order_id).lines if line.listing_sku == sku)

    def asked_back(self, order_id: str, **quantities: int) -> Desk:
        """A return the customer asked for, authorised by the policy."""
        [desk] = self.do(returns.request, self.request(order_id, **quantities))
        assert isinstance(desk, Desk)
        return desk

    def request(self, order_id: str, **quantities: int) -> Request:
        lines = tuple(
            WantedBack(line_id=self.line_id(order_id, sku), quantity=count)
            for sku, count in quantities.items()
        )
        return Request(order_id=order_id, lines=lines, reason="too small")

    def took_back(self, order_id: str, **quantities: int) -> Desk:
        """Goods of an order handed in at London, good as new."""
        lines = self.request(order_id, **quantities).lines
        command = TakeBack(order_id=order_id, node_id=self.node_id("LON"), lines=lines)
        [desk] = self.do(returns.take_back, command)
        self.drain()
        assert isinstance(desk, Desk)
        return desk

    def desk(self, return_id: str) -> Desk:
        """A return as it stands now."""
        found = self.view(return_id)
        return Desk(found.ret, found.lines)

    def received(self, desk: Desk, node: str = "LON", **quantities: int) -> Desk:
        """Units of items counted in for a return."""
        [after] = self.do(returns.receive, self.reception(desk, node, **quantities))
        assert isinstance(after, Desk)
        return after

    def reception(self, desk: Desk, node: str = "LON", **quantities: int) -> Receive:
        arrived = tuple(
            Arrived(item_id=self.item_id(sku), quantity=count) for sku, count in quantities.items()
        )
        return Receive(return_id=desk.ret.id, node_id=self.node_id(node), arrived=arrived)

    def judged(
        self, desk: Desk, disposition: Disposition | None = Disposition.RESTOCK, **quantities: int
    ) -> Desk:
        """Units of items judged at the London dock; all that wait when none are named."""
        lines = {line.item_id: line for line in desk.lines if line.to_inspect}
        wanted = {self.item_id(sku): count for sku, count in quantities.items()} or {
            item_id: line.to_inspect for item_id, line in lines.items()
        }
        verdicts = tuple(
            Verdict(
                return_line_id=lines[item_id].id,
                quantity=count,
                grade="A",
                disposition=disposition,
            )
            for item_id, count in wanted.items()
        )
        [after] = self.do(returns.inspect, self.inspection(desk, *verdicts))
        self.drain()
        assert isinstance(after, Desk)
        return after

    def judged_all(self, desk: Desk) -> Desk:
        """Whatever waits at the London dock is good as new."""
        verdicts = [
            Verdict(
                return_line_id=line.id,
                quantity=line.to_inspect,
                grade="A",
                disposition=Disposition.RESTOCK,
            )
            for line in desk.lines
            if line.to_inspect
        ]
        [after] = self.do(returns.inspect, self.inspection(desk, *verdicts))
        self.drain()
        assert isinstance(after, Desk)
        return after

    def inspection(self, desk: Desk, *verdicts: Verdict) -> Inspect:
        return Inspect(return_id=desk.ret.id, node_id=self.node_id("LON"), verdicts=verdicts)

    def view(self, return_id: str) -> returns_read.ReturnView:
        with self.uow.read() as reader:
            return returns_read.return_view(reader, return_id)

    def credited_minor(self, order_id: str) -> int:
        """What credit notes gave back for an order."""
        with self.uow.read() as reader:
            page = accounting_read.InvoicePage(order_id=order_id, kind="credit_note")
            return sum(each.total_minor for each in accounting_read.invoices(reader, page))

    def refunded_minor(self, order_id: str) -> int:
        """What went back to the buyer of an order."""
        with self.uow.read() as reader:
            return sum(r.refunded_minor for r in payments_read.refunds_of(reader, order_id))


def opened(databases: Databases) -> Iterator[Warehouse]:
    url = databases.copy_of("floor", prepare)
    with closing(Warehouse(url)) as made:
        yield made
    databases.drop(url)


def prepare(url: str) -> None:
    with closing(Warehouse(url)) as made:
        metadata.create_all(made.database.engine)
        made.furnish()
