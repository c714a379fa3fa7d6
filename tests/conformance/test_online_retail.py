"""Months of a real shop's invoices are read to the row, and the figures are the file's own.

The file is not ours to ship: without it beside the checkout this is not run.
"""

import csv
import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from connectors.contract.files import FileSource, ReadMessage, RowTally, UnreadableRows
from connectors.contract.messages import (
    ChannelOrder,
    ChannelReturn,
    order_total_minor,
    return_total_minor,
)
from connectors.marketplace.flat_file.connector import FlatFile
from connectors.marketplace.flat_file.layout import load

MAPPING = Path(__file__).parents[2] / "config" / "channels" / "uci_online_retail.toml"

pytestmark = pytest.mark.xdist_group("online_retail")  # the file is read once for all


class Reading(msgspec.Struct, frozen=True):
    """What became of the file."""

    orders: list[ChannelOrder]
    returns: list[ChannelReturn]
    unreadable: list[UnreadableRows]
    tally: RowTally


class Counted(msgspec.Struct):
    """The same figures, counted from the file by plain means."""

    rows: Counter[str]
    units: Counter[str]
    minor: Counter[str]
    orders: set[str]
    returns: set[str]
    guests: set[str]


@pytest.fixture(scope="module")
def invoices(shared_data: Path) -> Path:
    return shared_data / "orders" / "uci_online_retail_lines_train.csv.gz"


@pytest.fixture(scope="module")
def reading(invoices: Path) -> Reading:
    with invoices.open("rb") as opened:
        source = FileSource(name=invoices.name, opened=opened)
        outcomes = list(FlatFile(load(MAPPING)).read_file(source))
    messages = [found.message for found in outcomes if isinstance(found, ReadMessage)]
    return Reading(
        orders=[message for message in messages if isinstance(message, ChannelOrder)],
        returns=[message for message in messages if isinstance(message, ChannelReturn)],
        unreadable=[found for found in outcomes if isinstance(found, UnreadableRows)],
        tally=sum((found.tally for found in outcomes), RowTally()),
    )


@pytest.fixture(scope="module")
def counted(invoices: Path) -> Counted:
    found = Counted(Counter(), Counter(), Counter(), set(), set(), set())
    with gzip.open(invoices, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            kind, quantity = row["kind"], int(row["quantity"])
            if kind == "service" and quantity < 0:
                kind = "write_off"
            found.rows[kind] += 1
            found.units[kind] += abs(quantity)
            found.minor[kind] += round(abs(quantity) * Decimal(row["unit_price_mgbp"]) / 10)
            if kind in {"sale", "free", "service"}:
                found.orders.add(row["invoice_no"])
                if not row["customer_id"]:
                    found.guests.add(row["invoice_no"])
            if kind in {"return", "service_credit"}:
                found.returns.add(row["invoice_no"])
    return found


def test_every_row_becomes_an_order_line_a_return_line_a_charge_or_quarantine(
    reading: Reading, counted: Counted
) -> None:
    rows, tally = counted.rows, reading.tally
    print(  # noqa: T201 - the figures are for people (pytest -s)
        f"\n{rows.total():,} rows = {tally.order_lines:,} order lines"
        f" + {tally.return_lines:,} return lines + {tally.charges:,} charges and credits"
        f" + {tally.quarantined:,} in quarantine;"
        f" {len(reading.orders):,} orders, {len(reading.returns):,} returns"
    )

    assert tally == RowTally(
        order_lines=rows["sale"] + rows["free"],
        return_lines=rows["return"],
        charges=rows["service"] + rows["service_credit"],
        quarantined=rows["stock_adjust"] + rows["bad_debt_adjust"] + rows["write_off"],
    )
    assert tally.rows == rows.total()


def test_every_invoice_is_one_order_or_one_return(reading: Reading, counted: Counted) -> None:
    orders = Counter(order.external_id for order in reading.orders)
    returns = Counter(message.external_id for message in reading.returns)

    assert orders == Counter(counted.orders)
    assert returns == Counter(counted.returns)
    assert {o.external_id for o in reading.orders if o.customer is None} == counted.guests


def test_units_and_pennies_are_those_of_the_file(reading: Reading, counted: Counted) -> None:
    sold = sum(line.quantity for order in reading.orders for line in order.lines)
    back = sum(line.quantity for message in reading.returns for line in message.lines)

    assert sold == counted.units["sale"] + counted.units["free"]
    assert back == counted.units["return"]
    minor = counted.minor
    assert sum(map(order_total_minor, reading.orders)) == minor["sale"] + minor["service"]
    assert sum(map(return_total_minor, reading.returns)) == (
        minor["return"] + minor["service_credit"]
    )


def test_an_invoice_in_two_pieces_is_one_order_in_file_order(reading: Reading) -> None:
    order = next(order for order in reading.orders if order.external_id == "542806")

    assert len(order.lines) == 39
    assert order.lines[0].sku == "48194"
    assert order.lines[4].sku == "22692"  # the first after two rows of a return


def test_what_is_not_an_order_says_why(reading: Reading) -> None:
    reasons = Counter(found.problems[0].sentence.split(":")[0] for found in reading.unreadable)

    assert reasons == {
        "A stock write-off that the shop booked as an invoice": 898,
        "A write-off of display goods without a price": 12,
        "An adjustment of bad debt": 3,
    }


def test_british_tax_follows_the_law_of_the_day_and_none_leaves_the_country(
    reading: Reading,
) -> None:
    rates = {
        (order.ship_to.country == "GB", order.placed_at_ms >= 1_294_099_200_000, line.tax_rate)
        for order in reading.orders
        for line in order.lines
    }

    assert rates == {
        (True, False, 1750),
        (True, True, 2000),
        (False, False, 0),
        (False, True, 0),
    }


def test_a_reading_stopped_anywhere_goes_on_there(invoices: Path, reading: Reading) -> None:
    connector = FlatFile(load(MAPPING))
    with invoices.open("rb") as opened:
        first = []
        for found in connector.read_file(FileSource(name="f.csv.gz", opened=opened)):
            first.append(found)
            if len(first) == 9_000:
                break

    with invoices.open("rb") as opened:
        source = FileSource(name="f.csv.gz", opened=opened)
        rest = list(connector.read_file(source, start=first[-1].cursor))

    whole = (*reading.orders, *reading.returns)
    assert len(first) + len(rest) == len(whole) + len(reading.unreadable)
    assert sum((found.tally for found in (*first, *rest)), RowTally()) == reading.tally
