"""A shop to measure with: items in plenty at four nodes, and orders as their channel tells them."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

import msgspec
import sqlalchemy as sa

from config.settings import load
from connectors.contract.messages import ChannelLine, ChannelOrder, PaymentTerms
from oms.bootstrap import System, open_system
from oms.catalog import service as catalog
from oms.catalog.model import PutChannel, PutItem
from oms.inventory import service as inventory
from oms.inventory.documents.model import Receipt, ReceiptLine
from oms.inventory.model import PutNode
from oms.kernel.address import Address, Coordinates
from oms.kernel.errors import OMSError
from oms.platform.transaction import Transaction

ITEMS: Final = 2_000
UNITS_A_NODE: Final = 1_000_000
NOW_MS: Final = 1_790_000_000_000
_PLACES: Final = (
    ("A", Coordinates(51.5, -0.1)),
    ("B", Coordinates(53.5, -2.2)),
    ("C", Coordinates(55.9, -3.2)),
    ("D", Coordinates(52.5, -1.9)),
)

T = TypeVar("T")


class Shop(msgspec.Struct, frozen=True):
    """What was set up."""

    channel_id: str
    item_ids: tuple[str, ...]


@contextmanager
def opened(database_url: str) -> Iterator[System]:
    """A system on an empty database that is removed afterwards; see `surroundings`."""
    with surroundings(database_url) as environment, open_system(load("", environment)) as system:
        yield system


@contextmanager
def surroundings(database_url: str) -> Iterator[dict[str, str]]:
    """Settings for a system of its own: a SQLite file for '', else a new PostgreSQL database."""
    with TemporaryDirectory() as folder:
        if not database_url:
            yield {"OMS_DATA_DIR": folder}
            return
        name = f"bench_{time.time_ns()}"
        server = sa.create_engine(database_url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        try:
            url = sa.make_url(database_url).set(database=name)
            yield {
                "OMS_DATA_DIR": folder,
                "OMS_DATABASE_URL": url.render_as_string(hide_password=False),
            }
        finally:
            with server.connect() as connection:
                connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
            server.dispose()


def stock_up(system: System) -> Shop:
    """Items, nodes and stock that no benchmark exhausts."""
    with system.uow.begin() as tx:
        shop = _set_up(tx)
    system.database.analyze()
    return shop


def order(shop: Shop, number: int, chance: random.Random) -> ChannelOrder:
    """An order of two lines, spread over the items."""
    return _order(shop, number, [chance.randrange(ITEMS) for _ in range(2)])


def hot_order(shop: Shop, number: int, _: random.Random) -> ChannelOrder:
    """An order of one line; everybody wants the same item."""
    return _order(shop, number, [0])


def sku(number: int) -> str:
    return f"SKU-{number:05d}"


def data_folder() -> Path:
    """Where the real data lies, beside the project; it may be absent."""
    return Path(__file__).resolve().parents[2] / "shared" / "data" / "real"


def _set_up(tx: Transaction) -> Shop:
    channel = PutChannel(code="bench", name="Bench", currency="GBP", country="GB")
    items = [
        PutItem(sku=sku(n), name=sku(n), weight_g=300, unit_price_minor=1000, currency="GBP")
        for n in range(ITEMS)
    ]
    nodes = [
        PutNode(
            code=code,
            name=code,
            address=Address(country="GB", at=at),
            fixed_minor=50,
            handling_unit_minor=5,
            currency="GBP",
        )
        for code, at in _PLACES
    ]
    channel_id = done(catalog.put_channels(tx, [channel])[0]).id
    item_ids = tuple(done(item).id for item in catalog.put_items(tx, items))
    lines = tuple(ReceiptLine(item_id, UNITS_A_NODE, 500) for item_id in item_ids)
    for node in inventory.put_nodes(tx, nodes):
        receipt = Receipt(node_id=done(node).id, lines=lines, currency="GBP")
        done(inventory.receive(tx, [receipt])[0])
    return Shop(channel_id, item_ids)


def done(answer: T | OMSError) -> T:
    """What was answered; a refusal is a mistake of the benchmark."""
    if isinstance(answer, OMSError):
        raise answer
    return answer


def _order(shop: Shop, number: int, items: list[int]) -> ChannelOrder:
    return ChannelOrder(
        external_id=f"{shop.channel_id}-{number}",
        placed_at_ms=NOW_MS,
        currency="GBP",
        ship_to=Address(country="GB", city="Leeds", postal_code="LS1", at=Coordinates(53.8, -1.55)),
        lines=tuple(
            ChannelLine(
                external_id=str(position),
                sku=sku(item),
                quantity=1,
                unit_price_minor=1000,
                line_total_minor=1000,
                tax_rate=2000,
            )
            for position, item in enumerate(items)
        ),
        prices_include_tax=True,
        payment_terms=PaymentTerms.PAID_ON_CHANNEL,
    )
