"""The TOML that says which column of a file means what, as structs, checked before reading.

Every field is explained in `config/channels/example_orders.toml`.
"""

import codecs
import zlib
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale, UnknownLocaleError
from msgspec import Meta

from connectors.contract.messages import ChargeKind, PaymentTerms
from oms.kernel.errors import Invalid

Character = Annotated[str, Meta(min_length=1, max_length=1)]
CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
Scale = Annotated[int, Meta(ge=1, le=1_000_000)]
Texts = Annotated[list[str], Meta(min_length=1)]


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the TOML: unknown names in it are refused, so that a typo is not silence."""


class FileFormat(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class RowKind(StrEnum):
    """What a row of the file is, as the rules decide."""

    ORDER_LINE = "order_line"
    CHARGE = "charge"
    DISCOUNT = "discount"
    RETURN_LINE = "return_line"
    RETURN_CHARGE = "return_charge"
    QUARANTINE = "quarantine"


class Cell(Written, frozen=True):
    """Where a value comes from: a `column`, or a `constant` for the whole file.

    `default` stands for an empty cell. Amounts are divided by `scale`: 1000 for a column in
    thousandths of the currency's major unit.
    """

    column: str = ""
    constant: str | None = None
    default: str = ""
    scale: Scale = 1

    def __post_init__(self) -> None:
        if bool(self.column) == (self.constant is not None):
            raise ValueError("give either a column or a constant")


Field = str | Cell
"""A plain text is the name of a column."""


class FilePart(Written, frozen=True):
    format: FileFormat = FileFormat.CSV
    delimiter: Character = ","
    quote: Annotated[str, Meta(max_length=1)] = '"'
    encoding: str = "utf-8"
    fallback_encoding: str = ""
    gather_within_rows: Annotated[int, Meta(ge=0, le=5_000)] = 0


class TimePart(Written, frozen=True):
    zone: str = "UTC"
    formats: Texts = msgspec.field(default_factory=lambda: ["iso"])


class NumberPart(Written, frozen=True):
    decimal: Character = "."
    thousands: Annotated[str, Meta(max_length=1)] = ""


class OrderPart(Written, frozen=True):
    id: Field
    placed_at: Field
    currency: Field
    number: Field | None = None
    payment_terms: PaymentTerms = PaymentTerms.PAID_ON_CHANNEL
    tender: Field = Cell(constant="channel")
    payment_reference: Field | None = None
    discount: Field | None = None
    total: Field | None = None
    shipping_choice: Field | None = None
    deadline: Field | None = None
    note: Field | None = None
    is_test: Field | None = None
    is_gift: Field | None = None
    is_fulfilled_by_channel: Field | None = None

    def __post_init__(self) -> None:
        if isinstance(self.id, Cell) and not self.id.column:
            raise ValueError("id must be a column: rows with the same id are one order")


class LinePart(Written, frozen=True):
    sku: Field
    quantity: Field
    unit_price: Field | None = None
    line_total: Field | None = None
    id: Field | None = None
    gtin: Field | None = None
    title: Field | None = None
    discount: Field | None = None
    tax: Field | None = None
    tax_rate: Field | None = None
    is_gift: Field | None = None
    reason: Field | None = None
    returned_order: Field | None = None

    def __post_init__(self) -> None:
        if self.unit_price is None and self.line_total is None:
            raise ValueError("give unit_price or line_total")


class PartyPart(Written, frozen=True):
    external_id: Field | None = None
    email: Field | None = None
    phone: Field | None = None
    name: Field | None = None
    company: Field | None = None
    tax_number: Field | None = None
    locale: Field | None = None


class AddressPart(Written, frozen=True):
    country: Field
    name: Field | None = None
    company: Field | None = None
    line1: Field | None = None
    line2: Field | None = None
    city: Field | None = None
    region: Field | None = None
    postal_code: Field | None = None
    phone: Field | None = None
    email: Field | None = None


class TaxRate(Written, frozen=True):
    """`rate` in basis points for goods going to `countries`, from the day `since` on."""

    countries: Annotated[list[CountryCode], Meta(min_length=1)]
    rate: BasisPoints
    since: str = "1970-01-01"

    def __post_init__(self) -> None:
        try:
            date.fromisoformat(self.since)
        except ValueError:
            raise ValueError(f"since: '{self.since}' is no day such as 2026-11-21") from None


class TaxPart(Written, frozen=True):
    prices_include_tax: bool = True
    rates: list[TaxRate] = []


class Condition(Written, frozen=True, rename={"equals": "is"}):
    """Holds when every part of it that is given holds for the text in `column`."""

    column: str
    equals: Texts | None = None
    starts_with: Texts | None = None
    below: int | None = None
    is_empty: bool | None = None

    def __post_init__(self) -> None:
        if (self.equals, self.starts_with, self.below, self.is_empty) == (None, None, None, None):
            raise ValueError("give at least one of is, starts_with, below, is_empty")


class Rule(Written, frozen=True):
    """The first rule whose conditions all hold says what a row is."""

    when: Condition | Annotated[list[Condition], Meta(min_length=1)]
    row: RowKind
    charge: ChargeKind = ChargeKind.OTHER
    reason: str = ""

    @property
    def conditions(self) -> list[Condition]:
        return self.when if isinstance(self.when, list) else [self.when]

    def __post_init__(self) -> None:
        if self.row is RowKind.QUARANTINE and not self.reason:
            raise ValueError("a rule that sends rows to quarantine needs a reason")


class Layout(Written, frozen=True):
    """The whole mapping of one kind of file."""

    order: OrderPart
    line: LinePart
    ship_to: AddressPart
    file: FilePart = FilePart()
    time: TimePart = TimePart()
    numbers: NumberPart = NumberPart()
    customer: PartyPart = PartyPart()
    bill_to: AddressPart | None = None
    tax: TaxPart = TaxPart()
    countries: dict[str, CountryCode] = {}
    country_names: str = "en"
    rules: list[Rule] = []

    def columns(self) -> tuple[str, ...]:
        """Every column the mapping speaks of, once, in the order of the TOML's parts."""
        parts = (self.order, self.line, self.customer, self.ship_to, self.bill_to)
        fields = [field for part in parts if part is not None for _, field in fields_of(part)]
        named = [column_of(field) for field in fields]
        named += [condition.column for rule in self.rules for condition in rule.conditions]
        return tuple(dict.fromkeys(filter(None, named)))

    def required_columns(self) -> frozenset[str]:
        """Those without which no row at all can be understood: nothing stands for them."""
        order, line = self.order, self.line
        price = line.unit_price if line.line_total is None else line.line_total
        fields = (order.id, order.placed_at, order.currency, line.sku, line.quantity, price)
        bare = (field for field in fields if not (isinstance(field, Cell) and field.default))
        return frozenset(filter(None, map(column_of, bare)))

    def fingerprint(self) -> int:
        """Changes when the mapping does: a half-read file is not continued under another one."""
        return zlib.crc32(msgspec.json.encode(self))


def column_of(field: Field | None) -> str:
    """The column a field reads; empty for a constant and for a field that is not mapped."""
    return field.column if isinstance(field, Cell) else field or ""


def fields_of(part: Written) -> Iterator[tuple[str, Field | None]]:
    """Names and values of the fields that say where something stands, mapped or not."""
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if value is None or (isinstance(value, str | Cell) and not isinstance(value, StrEnum)):
            yield name, value


def load(path: Path) -> Layout:
    """The mapping at `path`, or `Invalid` that names the file and the place in it."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise _wrong(path.name, f"it cannot be read ({failure}).") from failure
    return parse(text, path.name)


def parse(text: str, name: str = "the mapping") -> Layout:
    """The mapping written in `text`; `name` is what a refusal calls it."""
    try:
        layout = msgspec.toml.decode(text, type=Layout)
    except msgspec.DecodeError as failure:
        raise _wrong(name, f"{failure}.") from failure
    _check_encodings(layout, name)
    _check_places(layout, name)
    if layout.file.format is FileFormat.CSV and layout.file.delimiter == layout.file.quote:
        raise _wrong(name, "delimiter and quote are the same character.")
    return layout


def _check_encodings(layout: Layout, name: str) -> None:
    for encoding in filter(None, (layout.file.encoding, layout.file.fallback_encoding)):
        try:
            codecs.lookup(encoding)
            "a".encode(encoding)
        except (LookupError, UnicodeError) as failure:
            raise _wrong(name, f"'{encoding}' is not a text encoding.") from failure


def _check_places(layout: Layout, name: str) -> None:
    try:
        ZoneInfo(layout.time.zone)
    except (OSError, ValueError, LookupError) as failure:
        what = f"'{layout.time.zone}' is not a time zone such as Europe/London."
        raise _wrong(name, what) from failure
    try:
        Locale.parse(layout.country_names)
    except (ValueError, UnknownLocaleError) as failure:
        what = f"'{layout.country_names}' is not a language such as en or id."
        raise _wrong(name, what) from failure


def _wrong(name: str, what: str) -> Invalid:
    return Invalid(
        "layout.wrong",
        f"{name}: {what}",
        "Mend it after the example config/channels/example_orders.toml.",
    )
