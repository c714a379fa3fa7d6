"""What the rows of one order say about the order as a whole, on which they must agree."""

from collections.abc import Mapping, Sequence
from operator import itemgetter

import msgspec

from connectors.contract.messages import ChannelParty
from connectors.marketplace.flat_file import cells
from connectors.marketplace.flat_file.cells import CellReader
from connectors.marketplace.flat_file.complaints import Complaint
from connectors.marketplace.flat_file.layout import Layout
from connectors.marketplace.flat_file.records import Record
from connectors.marketplace.flat_file.slots import Misread, Slot, Slots
from oms.kernel.address import Address


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """The facts about one order or return besides its lines. Amounts in minor units.

    `usual_rate` is the tax on goods that went there on that day, in basis points.
    """

    external_id: str
    number: str
    placed_at_ms: int
    currency: str
    customer: ChannelParty | None
    ship_to: Address
    bill_to: Address | None
    tender: str
    payment_reference: str
    discount_minor: int
    total_minor: int | None
    shipping_choice: str
    deadline_ms: int | None
    note: str
    is_test: bool
    is_gift: bool
    is_fulfilled_by_channel: bool
    usual_rate: int


class HeadingReader:
    """Reads headings from one file. Pure but for the memory of texts met before."""

    def __init__(self, layout: Layout, slots: Slots, reader: CellReader) -> None:
        self._reader = reader
        self._order = slots.of_part(layout.order)
        self._party = slots.of_part(layout.customer)
        self._ship_to = slots.of_part(layout.ship_to)
        self._bill_to = slots.of_part(layout.bill_to) if layout.bill_to else {}
        self._rates = [
            (frozenset(rate.countries), reader.day_start(rate.since), rate.rate)
            for rate in sorted(layout.tax.rates, key=lambda rate: rate.since, reverse=True)
        ]
        self._id_at = self._order["id"].at
        self._currency_at = self._order["currency"].at
        self._times = frozenset(self._order[name].at for name in ("placed_at", "deadline"))
        bound = (self._order, self._party, self._ship_to, self._bill_to)
        mapped = {slot.at: slot.column for part in bound for slot in part.values() if slot.column}
        self._mapped = {at: column for at, column in mapped.items() if at != self._id_at}
        self._pick = itemgetter(self._id_at, *self._mapped)

    def read(self, records: Sequence[Record]) -> Heading:
        """The heading of one order's rows; `Misread` where they disagree."""
        row, order, reader = self._agreed(records), self._order, self._reader
        currency = order["currency"].read(row, cells.currency)
        ship_to = self._address(self._ship_to, row)
        placed_at_ms = order["placed_at"].read(row, reader.moment)
        has_deadline = order["deadline"].text(row)
        return Heading(
            external_id=order["id"].read(row, cells.identifier),
            number=order["number"].words(row),
            placed_at_ms=placed_at_ms,
            currency=currency,
            customer=self._customer(row),
            ship_to=ship_to,
            bill_to=self._address(self._bill_to, row) if self._is_billed(row) else None,
            tender=order["tender"].words(row),
            payment_reference=order["payment_reference"].words(row),
            discount_minor=self._amount(order["discount"], row, currency) or 0,
            total_minor=self._amount(order["total"], row, currency),
            shipping_choice=order["shipping_choice"].words(row),
            deadline_ms=order["deadline"].read(row, reader.moment) if has_deadline else None,
            note=order["note"].words(row),
            is_test=order["is_test"].truth(row),
            is_gift=order["is_gift"].truth(row),
            is_fulfilled_by_channel=order["is_fulfilled_by_channel"].truth(row),
            usual_rate=self._rate(ship_to.country, placed_at_ms),
        )

    def _rate(self, country: str, at_ms: int) -> int:
        for countries, since_ms, rate in self._rates:
            if since_ms <= at_ms and country in countries:
                return rate
        return 0

    def _agreed(self, records: Sequence[Record]) -> list[str]:
        """The first row, its gaps filled from the others, once all say the same.

        Many exports give what belongs to the whole order in the first row only. Times may differ
        (a till stamps every row): the first one is the order's.
        """
        first = records[0].cells
        said = self._pick(first)
        if all(self._pick(record.cells) == said for record in records):
            return first
        row, said_in = list(first), dict.fromkeys(self._mapped, records[0].row)
        for record in records[1:]:
            for at, column in self._mapped.items():
                text = record.cells[at].strip()
                if not row[at].strip():
                    row[at], said_in[at] = text, record.row
                elif text and text != row[at].strip() and at not in self._times:
                    raise Misread(
                        column, self._disagreement(at, text, (row[at], said_in[at])), record.row
                    )
        return row

    def _disagreement(self, at: int, text: str, before: tuple[str, int]) -> Complaint:
        code = "order.mixed_currencies" if at == self._currency_at else "order.rows_disagree"
        said, row = before
        return Complaint(
            code,
            f"This row says {cells.quoted(text)}, but row {row} of the same order says "
            f"{cells.quoted(said.strip())}.",
            "Correct one of them, or give the rows ids of their own if they are two orders.",
        )

    def _customer(self, row: list[str]) -> ChannelParty | None:
        party = {name: slot.words(row) for name, slot in self._party.items()}
        is_known = any(text for name, text in party.items() if name != "locale")
        return ChannelParty(**party) if is_known else None

    def _is_billed(self, row: list[str]) -> bool:
        return any(slot.text(row) for slot in self._bill_to.values() if slot.at >= 0)

    def _address(self, part: Mapping[str, Slot], row: list[str]) -> Address:
        return Address(
            country=part["country"].read(row, self._reader.country),
            name=part["name"].words(row),
            company=part["company"].words(row),
            line1=part["line1"].words(row),
            line2=part["line2"].words(row),
            city=part["city"].words(row),
            region=part["region"].words(row),
            postal_code=part["postal_code"].words(row),
            phone=part["phone"].words(row),
            email=part["email"].words(row),
        )

    def _amount(self, slot: Slot, row: list[str], currency: str) -> int | None:
        if not slot.text(row):
            return None
        return slot.read(row, self._reader.minor, currency, slot.scale)
