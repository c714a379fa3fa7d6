"""A small shop on a database of its own: one channel, three nodes, five items, stock on each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from connectors.contract.messages import (
    ChannelLine,
    ChannelOrder,
    ChannelParty,
    ChannelPayment,
    PaymentTerms,
)
from oms.catalog import service as catalog
from oms.catalog.model import ItemKind, PutChannel, PutItem, PutPart
from oms.inventory import service as inventory
from oms.inventory.documents.model import Receipt, ReceiptLine
from oms.inventory.model import PutNode
from oms.kernel.address import Address, Coordinates
from oms.kernel.clock import ManualClock
from oms.kernel.errors import OMSError
from oms.kernel.events import Event
from oms.ledger import check
from oms.ledger.model import Account
from oms.ledger.tables import goods_balance
from oms.orders import queries
from oms.orders import service as orders
from oms.orders.facts import OrderFacts
from oms.orders.intake.model import Shortage, TakeIn, TakenIn
from oms.orders.intake.service import take_in
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from oms.orders.service import SliceKey
from oms.platform.database import Database, metadata
from oms.platform.event_log import event_table
from oms.platform.transaction import UnitOfWork
from oms.sourcing import service as sourcing

E = TypeVar("E", bound=Event)

NOON_MS = 1_700_000_000_000
STOCK = 10
"""Units of each item at each node when the shop opens."""

_PLACES = {
    "LON": Coordinates(51.5, -0.1),
    "MAN": Coordinates(53.5, -2.2),
    "EDI": Coordinates(55.9, -3.2),
}


def line(sku: str, quantity: int = 1, each_minor: int = 1_000, **told: Any) -> ChannelLine:
    """A line as a channel tells it; its own id is the SKU unless told otherwise."""
    plain = ChannelLine(
        external_id=sku,
        sku=sku,
        quantity=quantity,
        unit_price_minor=each_minor,
        line_total_minor=each_minor * quantity,
        tax_rate=2_000,
    )
    return replace(plain, **told)


def order(external_id: str, *lines: ChannelLine, **told: Any) -> ChannelOrder:
    """An order to London, prices with tax, paid on the channel."""
    total = sum(each.line_total_minor for each in lines)
    plain = ChannelOrder(
        external_id=external_id,
        placed_at_ms=NOON_MS,
        currency="GBP",
        ship_to=Address("GB", name="Ada King", city="London", at=_PLACES["LON"]),
        lines=lines,
        prices_include_tax=True,
        payment_terms=PaymentTerms.PAID_ON_CHANNEL,
        customer=ChannelParty(email="ada@example.org", name="Ada King"),
        payments=(ChannelPayment(tender="paid_on_channel", amount_minor=total),),
    )
    return replace(plain, **told)


def prepare(url: str) -> None:
    """Make the tables and furnish the shop."""
    shop = Shop(url)
    metadata.create_all(shop.database.engine)
    shop.furnish()
    shop.close()


class Shop:
    """The shop, with the few verbs tests need. `events` are told oldest first."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = Database(url)
        self.clock = ManualClock(NOON_MS)
        self.uow = UnitOfWork(self.database, self.clock)
        self.statements: list[str] = []
        sa.event.listen(self.database.engine, "before_cursor_execute", self._count)

    def close(self) -> None:
        self.database.close()

    def furnish(self, stock: int = STOCK) -> None:
        with self.uow.begin() as tx:
            catalog.put_channels(tx, [PutChannel(code="web", name="Webshop", currency="GBP")])
            items = [PutItem(sku=sku, name=f"Item {sku}", weight_g=500) for sku in "ABCDE"]
            catalog.put_items(tx, items)
            parts = (PutPart("A", 2), PutPart("B", 1))
            bundle = PutItem(sku="SET", name="A set", kind=ItemKind.BUNDLE, parts=parts)
            catalog.put_items(tx, [bundle])
            inventory.put_nodes(tx, [_node(code, at) for code, at in _PLACES.items()])
        for code in _PLACES if stock else ():
            self.receive(code, dict.fromkeys("ABCDE", stock))

    @property
    def channel_id(self) -> str:
        return self.scalar("SELECT id FROM channel WHERE code = :name", "web")

    def node_id(self, code: str) -> str:
        return self.scalar("SELECT id FROM node WHERE code = :name", code)

    def item_id(self, sku: str) -> str:
        return self.scalar("SELECT id FROM item WHERE sku = :name", sku)

    def receive(self, node: str, units: dict[str, int]) -> None:
        lines = tuple(ReceiptLine(self.item_id(sku), count, 400) for sku, count in units.items())
        receipt = Receipt(node_id=self.node_id(node), lines=lines, currency="GBP")
        with self.uow.begin() as tx:
            [answer] = inventory.receive(tx, [receipt])
        assert not isinstance(answer, OMSError), answer

    def take(self, *told: ChannelOrder, shortage: Shortage = Shortage.BACKORDER) -> list[TakeIn]:
        channel_id = self.channel_id
        return [TakeIn(channel_id=channel_id, order=each, shortage=shortage) for each in told]

    def place(self, *told: ChannelOrder, shortage: Shortage = Shortage.BACKORDER) -> list[TakenIn]:
        """Take orders in and source them; none may be refused."""
        return [_done(each) for each in self.try_place(*told, shortage=shortage)]

    def take_in(self, *told: ChannelOrder) -> list[TakenIn]:
        """Take orders in without looking for nodes."""
        commands = self.take(*told)
        with self.uow.begin() as tx:
            return [_done(each) for each in take_in(tx, commands)]

    def try_place(
        self, *told: ChannelOrder, shortage: Shortage = Shortage.BACKORDER
    ) -> Sequence[TakenIn | OMSError]:
        commands = self.take(*told, shortage=shortage)
        with self.uow.begin() as tx:
            return sourcing.place(tx, commands)

    def slices(self, order_id: str) -> list[Slice]:
        with self.uow.read() as reader:
            return queries.slices_of(reader, SliceKey.ORDER, [order_id])

    def states(self, order_id: str) -> dict[LineState, int]:
        """Units of an order by state."""
        found: dict[LineState, int] = {}
        for each in self.slices(order_id):
            found[each.state] = found.get(each.state, 0) + each.quantity
        return found

    def facts(self, order_id: str) -> OrderFacts:
        with self.uow.read() as reader:
            [found] = queries.orders_for(reader, [order_id])
        return found

    def move_all(self, order_id: str, *names: str) -> dict[str, OMSError]:
        """Make all units of an order go through these moves, one after the other."""
        refused: dict[str, OMSError] = {}
        for name in names:
            with self.uow.begin() as tx:
                pieces = orders.lock_slices(tx, SliceKey.ORDER, [order_id])
                moves = [LineMove(each.id, name, each.quantity) for each in pieces]
                refused |= orders.move(tx, moves).refused
        return refused

    def units(self, account: Account, sku: str, node: str = "") -> int:
        """The ledger's balance of an item in an account, over all nodes unless one is named."""
        statement = sa.select(sa.func.sum(goods_balance.c.units)).where(
            goods_balance.c.account == account.value,
            goods_balance.c.item_id == self.item_id(sku),
            goods_balance.c.node_id == self.node_id(node) if node else sa.true(),
        )
        with self.uow.read() as reader:
            return int(reader.connection.execute(statement).scalar() or 0)

    def events(self, entity: str = "") -> list[str]:
        """Wire names of what was told, about one entity or all."""
        statement = sa.select(event_table.c.entity, event_table.c.type).order_by("number")
        with self.uow.read() as reader:
            rows = reader.connection.execute(statement).all()
        return [row.type for row in rows if entity in ("", row.entity)]

    def told(self, entity: str, kind: type[E]) -> list[E]:
        """Events of one type about an entity."""
        statement = sa.select(event_table.c.body, event_table.c.type).where(
            event_table.c.entity == entity
        )
        with self.uow.read() as reader:
            rows = reader.connection.execute(statement.order_by("number")).all()
        tag = kind.__struct_config__.tag
        return [msgspec.json.decode(row.body, type=kind) for row in rows if row.type == tag]

    def broken_checks(self) -> list[str]:
        """Names of invariants that do not hold."""
        with self.uow.read() as reader:
            checks = (*check.CHECKS, *queries.CHECKS)
            return [each.check.name for each in check.run(reader, checks) if not each.holds]

    def scalar(self, statement: str, name: str = "") -> str:
        with self.uow.read() as reader:
            found = reader.connection.execute(sa.text(statement), {"name": name} if name else {})
            return str(found.scalar_one())

    def column(self, statement: str) -> list[str]:
        with self.uow.read() as reader:
            return list(reader.connection.execute(sa.text(statement)).scalars())

    def count(self, table: str) -> int:
        return int(self.scalar(f"SELECT count(*) FROM {table}"))  # noqa: S608 - names of tests

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements of one transaction, without BEGIN."""
        self.statements = []
        yield self.statements
        self.statements = []

    def _count(self, *arguments: object) -> None:
        text = str(arguments[2])
        if not text.startswith("BEGIN"):
            self.statements.append(text)


def _done(answer: TakenIn | OMSError) -> TakenIn:
    assert not isinstance(answer, OMSError), f"{answer.sentence} {answer.fields}"
    return answer


def _node(code: str, at: Coordinates) -> PutNode:
    return PutNode(code=code, name=code, address=Address("GB", at=at), currency="GBP")
