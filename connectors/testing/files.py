"""What holds for connectors that read files."""

import gzip
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from connectors.contract.files import FileOutcome, FileSource, ReadMessage, RowTally
from connectors.contract.messages import (
    ChannelOrder,
    ChannelReturn,
    order_total_minor,
    return_total_minor,
)
from connectors.testing.laws import ConnectorLaws, Lab, hold
from oms.kernel.clock import to_iso
from oms.kernel.money import exponent

CURSORS_TRIED: Final = 25  # of a long file, evenly chosen
JUNK: Final = b"\x00\xff\xfe no row of anything \x07\n"
GZIP: Final = b"\x1f\x8b"
ZONES: Final = ("UTC", "Asia/Jakarta", "America/St_Johns")


class FileLab(Lab, frozen=True, kw_only=True):
    """`content` is a file, gzipped or not, with `rows` rows, good ones and bad ones."""

    content: bytes
    rows: int
    name: str = "orders.csv"

    def read(self, start: str = "", content: bytes | None = None) -> list[FileOutcome]:
        opened = io.BytesIO(self.content if content is None else content)
        return list(self.connector().read_file(FileSource(name=self.name, opened=opened), start))

    def messages(self) -> list[ChannelOrder | ChannelReturn]:
        return [found.message for found in self.read() if isinstance(found, ReadMessage)]


class FileConnectorLaws(ConnectorLaws):
    """Inherit, set `lab` to a `FileLab`, and pytest runs the laws."""

    lab: FileLab

    def test_reading_twice_gives_the_same(self) -> None:
        hold(self.lab.read() == self.lab.read(), "The second reading differs.")

    def test_resuming_from_any_cursor_gives_the_rest(self) -> None:
        whole = self.lab.read()

        for at in range(0, len(whole), max(1, len(whole) // CURSORS_TRIED)):
            rest = self.lab.read(start=whole[at].cursor)
            hold(rest == whole[at + 1 :], f"After outcome {at + 1} the rest differs.")

    def test_every_row_is_accounted_for(self) -> None:
        total = sum((found.tally for found in self.lab.read()), RowTally())

        hold(total.rows == self.lab.rows, f"{self.lab.rows} rows went in, {total.rows} came out.")

    def test_every_order_comes_once(self) -> None:
        names = [(type(message), message.external_id) for message in self.lab.messages()]

        hold(len(set(names)) == len(names), "An order or return comes twice.")
        hold(names, "The lab's file holds no order.")

    def test_totals_add_up(self) -> None:
        for message in self.lab.messages():
            name = message.external_id
            if isinstance(message, ChannelReturn):
                hold(return_total_minor(message) >= 0, f"Return {name} costs the customer money.")
                continue
            total = order_total_minor(message)
            paid = sum(payment.amount_minor for payment in message.payments)
            hold(0 <= paid <= total, f"Order {name}: {paid} is paid of {total}.")
            hold(message.total_minor in {None, total}, f"Order {name}: its total is another one.")

    def test_quantities_are_positive_and_money_is_not_negative(self) -> None:
        for message in self.lab.messages():
            for line in message.lines:
                hold(line.quantity > 0, f"{message.external_id}: a line of {line.quantity} units.")
            for part in (*message.lines, *message.charges):
                amounts = [
                    getattr(part, field)
                    for field in part.__struct_fields__
                    if field.endswith("_minor")
                ]
                hold(min(amounts) >= 0, f"{message.external_id}: an amount below zero.")
            exponent(message.currency)

    def test_the_zone_of_the_machine_changes_nothing(self) -> None:
        readings = []
        for zone in ZONES:
            with _machine_in(zone):
                readings.append(self.lab.read())

        hold(all(reading == readings[0] for reading in readings), "Times depend on the machine.")
        for message in self.lab.messages():
            at_ms = message.at_ms if isinstance(message, ChannelReturn) else message.placed_at_ms
            hold("1990" < to_iso(at_ms) < "2101", f"{message.external_id} is of {to_iso(at_ms)}.")

    def test_one_bad_row_does_not_stop_the_others(self) -> None:
        found = self.lab.read(content=_with_junk(self.lab.content))

        names = [got.message.external_id for got in found if isinstance(got, ReadMessage)]
        wanted = [message.external_id for message in self.lab.messages()]
        rows = sum((got.tally for got in found), RowTally()).rows
        hold(names == wanted, "A row of junk loses orders.")
        hold(rows == self.lab.rows + 1, f"{self.lab.rows + 1} rows went in, {rows} came out.")

    def test_no_outcome_tells_a_secret(self) -> None:
        words = msgspec.json.encode(self.lab.read()).decode()

        hold(not any(secret in words for secret in self.lab.secrets()), "A secret is told.")


def _with_junk(content: bytes) -> bytes:
    """The file with a row of junk in its middle."""
    is_zipped = content.startswith(GZIP)
    lines = (gzip.decompress(content) if is_zipped else content).splitlines(keepends=True)
    middle = max(len(lines) // 2, 1)
    spoiled = b"".join([*lines[:middle], JUNK, *lines[middle:]])
    return gzip.compress(spoiled) if is_zipped else spoiled


@contextmanager
def _machine_in(zone: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
