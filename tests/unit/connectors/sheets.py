"""Small files of orders, written in the test that reads them."""

import io
from typing import Final

from connectors.contract.files import FileOutcome, FileSource, ReadMessage, UnreadableRows
from connectors.contract.messages import ChannelOrder, ChannelReturn
from connectors.marketplace.flat_file.connector import FlatFile
from connectors.marketplace.flat_file.layout import Layout, parse

PLAIN: Final = """
[order]
id = "order"
placed_at = "at"
currency = { column = "currency", default = "GBP" }
[line]
sku = "sku"
quantity = "qty"
unit_price = "price"
[ship_to]
country = { column = "country", default = "GB" }
"""
"""The mapping of the columns order, at, currency, sku, qty, price, country."""

HEADER: Final = "order,at,currency,sku,qty,price,country"


def plain(more: str = "") -> Layout:
    return parse(PLAIN + more)


def sheet(*rows: str, header: str = HEADER) -> bytes:
    """A CSV file of `rows`."""
    return "".join(f"{row}\n" for row in (header, *rows)).encode()


def row(order: str = "A", **cells: str) -> str:
    """One row of a plain sheet: a mug at 2.50, unless told otherwise."""
    usual = {
        "at": "2026-11-21T10:00Z",
        "currency": "GBP",
        "sku": "MUG",
        "qty": "1",
        "price": "2.50",
        "country": "GB",
    }
    return ",".join([order, *(usual | cells).values()])


def read(content: bytes, layout: Layout | None = None, start: str = "") -> list[FileOutcome]:
    source = FileSource(name="orders.csv", opened=io.BytesIO(content))
    return list(FlatFile(layout or plain()).read_file(source, start))


def orders(outcomes: list[FileOutcome]) -> list[ChannelOrder]:
    found = [outcome.message for outcome in outcomes if isinstance(outcome, ReadMessage)]
    return [message for message in found if isinstance(message, ChannelOrder)]


def returns(outcomes: list[FileOutcome]) -> list[ChannelReturn]:
    found = [outcome.message for outcome in outcomes if isinstance(outcome, ReadMessage)]
    return [message for message in found if isinstance(message, ChannelReturn)]


def unreadable(outcomes: list[FileOutcome]) -> list[UnreadableRows]:
    return [outcome for outcome in outcomes if isinstance(outcome, UnreadableRows)]


def order_of(content: bytes, layout: Layout | None = None) -> ChannelOrder:
    """The one order of a file in which nothing is wrong."""
    outcomes = read(content, layout)
    assert not unreadable(outcomes), unreadable(outcomes)[0].words
    (order,) = orders(outcomes)
    return order


def words_of(content: bytes, layout: Layout | None = None) -> str:
    """What is said about the one thing that is wrong in a file."""
    (outcome,) = unreadable(read(content, layout))
    return outcome.words
