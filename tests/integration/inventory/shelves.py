"""A small stock room on a database of its own: three items, a bundle, two nodes, two channels."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from oms.catalog import queries as catalog_queries
from oms.catalog import service as catalog
from oms.catalog.model import Barcode, ItemKind, PutChannel, PutItem, PutPart
from oms.inventory import queries
from oms.inventory import service as inventory
from oms.inventory.documents.model import Receipt, ReceiptLine
from oms.inventory.model import PutNode
from oms.kernel.address import Address, Coordinates
from oms.kernel.clock import ManualClock
from oms.kernel.errors import OMSError
from oms.kernel.events import Event
from oms.ledger import check, goods, journal
from oms.ledger.check import Outcome
from oms.ledger.model import Account
from oms.platform.database import Database, metadata
from oms.platform.event_log import event_table
from oms.platform.transaction import UnitOfWork
from tests.services.databases import Databases

A = TypeVar("A")
E = TypeVar("E", bound=Event)

NOON_MS = 1_700_000_000_000
GTIN = "4006381333931"
NODES = {"LON": Coordinates(51.5, -0.1), "MAN": Coordinates(53.5, -2.2)}


@contextlib.contextmanager
def opened(databases: Databases) -> Iterator["Shelves"]:
    """The stock room on a new database of this kind."""
    url = databases.copy_of("shelves", prepare)
    shelves = Shelves(url)
    try:
        yield shelves
    finally:
        shelves.database.close()
        databases.drop(url)


def prepare(url: str) -> None:
    """Make the tables and furnish the room; the shelves are empty."""
    shelves = Shelves(url)
    metadata.create_all(shelves.database.engine)
    with shelves.uow.begin() as tx:
        items = [
            PutItem(sku="MUG", name="A mug", barcodes=(Barcode(GTIN),), weight_g=300),
            PutItem(sku="CUP", name="A cup"),
            PutItem(sku="POT", name="A pot"),
            PutItem(
                sku="SET",
                name="Two mugs and a pot",
                kind=ItemKind.BUNDLE,
                parts=(PutPart("MUG", 2), PutPart("POT")),
            ),
        ]
        channels = [PutChannel(code=c, name=c, currency="GBP") for c in ("web", "till")]
        nodes = [
            PutNode(code=code, name=code, address=Address("GB", at=at), priority=priority)
            for priority, (code, at) in enumerate(NODES.items())
        ]
        accepted(catalog.put_items(tx, items))
        accepted(catalog.put_channels(tx, channels))
        accepted(inventory.put_nodes(tx, nodes))
    shelves.database.close()


def accepted(answers: Sequence[A | OMSError]) -> list[A]:
    """The answers, none of which is a refusal."""
    for answer in answers:
        assert not isinstance(answer, OMSError), f"{answer.sentence} {answer.fields}"
    return [answer for answer in answers if not isinstance(answer, OMSError)]


def refused(answers: Sequence[object]) -> OMSError:
    """The one answer, which is a refusal."""
    [answer] = answers
    assert isinstance(answer, OMSError), answer
    return answer


class Shelves:
    """The room, with the few words tests need. Things are called by SKU and code."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.clock = ManualClock(NOON_MS)
        self.uow = UnitOfWork(self.database, self.clock)

    def item(self, sku: str) -> str:
        return self._scalar("SELECT id FROM item WHERE sku = :name", sku)

    def node(self, code: str) -> str:
        return self._scalar("SELECT id FROM node WHERE code = :name", code)

    def channel(self, code: str) -> str:
        return self._scalar("SELECT id FROM channel WHERE code = :name", code)

    def receive(self, node: str, cost_minor: int = 100, **units: int) -> None:
        lines = tuple(ReceiptLine(self.item(sku), n, cost_minor) for sku, n in units.items())
        receipt = Receipt(node_id=self.node(node), lines=lines, currency="GBP")
        with self.uow.begin() as tx:
            accepted(inventory.receive(tx, [receipt]))

    def units(self, account: Account, sku: str, node: str = "") -> int:
        """The balance of an item in an account, over all nodes unless one is named."""
        with self.uow.read() as reader:
            found = goods.balances(reader, [self.item(sku)], [account])
        return sum(b.units for b in found if not node or b.node_id == self.node(node))

    def promisable(self, sku: str, channel: str | None = "web") -> int:
        channel_id = self.channel(channel) if channel else None
        with self.uow.read() as reader:
            found = queries.promisable(reader, [self.item(sku)], channel_id, NOON_MS)
        return found[self.item(sku)]

    def money(self) -> dict[str, int]:
        with self.uow.read() as reader:
            return {account: n for (account, _), n in journal.balances(reader).items() if n}

    def told(self, kind: type[E]) -> list[E]:
        """Events of one type, oldest first."""
        tag = kind.__struct_config__.tag
        statement = sa.select(event_table.c.body).where(event_table.c.type == tag)
        with self.uow.read() as reader:
            rows = reader.connection.execute(statement.order_by(event_table.c.number)).all()
        return [msgspec.json.decode(row.body, type=kind) for row in rows]

    def broken(self) -> list[Outcome]:
        """Checks that do not hold."""
        checks = (*check.CHECKS, *catalog_queries.CHECKS, *queries.CHECKS)
        with self.uow.snapshot() as reader:
            return [outcome for outcome in check.run(reader, checks) if not outcome.holds]

    @contextlib.contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements of the block, as they go to the database."""
        statements: list[str] = []

        def note(*arguments: object) -> None:
            statements.append(str(arguments[2]))

        sa.event.listen(self.database.engine, "before_cursor_execute", note)
        yield statements
        sa.event.remove(self.database.engine, "before_cursor_execute", note)

    def change(self, statement: str) -> int:
        """Do to the database what no part of the system would; answers how many rows."""
        with self.database.writing() as connection:
            return connection.execute(sa.text(statement)).rowcount

    def _scalar(self, statement: str, name: str) -> str:
        with self.uow.read() as reader:
            return str(reader.connection.execute(sa.text(statement), {"name": name}).scalar_one())
