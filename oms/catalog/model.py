"""Items, bundles, channels and listings as values, and which descriptions of them are accepted."""

import re
from collections.abc import Container, Mapping
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import available_timezones

import msgspec

from connectors.contract.messages import PaymentTerms
from oms.kernel import money
from oms.kernel.barcodes import gtin
from oms.kernel.errors import Invalid
from oms.kernel.events import SYSTEM, Cause

NAME_MAX: Final = 80  # characters of an SKU, a code, a barcode
TITLE_MAX: Final = 500
TAX_RATE_MAX_BP: Final = 10_000
GTIN_LENGTHS: Final = (8, 12, 13, 14)
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_LOCALE: Final = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


class ItemKind(StrEnum):
    """A stock item lies on shelves; a bundle is sold as one and shipped as its parts."""

    STOCK = "stock"
    BUNDLE = "bundle"


class Barcode(msgspec.Struct, frozen=True, gc=False):
    """A code to scan and how many units of the item lie behind it (a case has more than one)."""

    barcode: str
    units: int = 1


class PutPart(msgspec.Struct, frozen=True, gc=False):
    """`units` of the item `sku` in one bundle."""

    sku: str
    units: int = 1


class PutItem(msgspec.Struct, frozen=True, kw_only=True):
    """Make the item with this `sku` look like this. `parts` makes a bundle, and only that."""

    sku: str
    name: str
    id: str = ""
    kind: ItemKind = ItemKind.STOCK
    barcodes: tuple[Barcode, ...] = ()
    parts: tuple[PutPart, ...] = ()
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    unit_price_minor: int = 0
    currency: str = ""
    tags: tuple[str, ...] = ()
    tax_rate_bp: int = 0
    active: bool = True
    cause: Cause = SYSTEM


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """What is stocked and shipped, or a bundle of such. `parts` are (item id, units)."""

    id: str
    sku: str
    name: str
    kind: ItemKind
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    unit_price_minor: int
    currency: str
    tags: tuple[str, ...]
    tax_rate_bp: int
    active: bool
    version: int
    barcodes: tuple[Barcode, ...] = ()
    parts: tuple[tuple[str, int], ...] = ()


class ItemRef(msgspec.Struct, frozen=True, kw_only=True):
    """What taking in and sourcing an order need to know of an item."""

    id: str
    sku: str
    name: str
    kind: ItemKind
    weight_g: int
    tags: tuple[str, ...]
    tax_rate_bp: int
    parts: tuple[tuple[str, int], ...] = ()

    def stock_units(self, quantity: int) -> tuple[tuple[str, int], ...]:
        """(item id, units) on shelves behind `quantity` of this: itself, or its parts."""
        if self.kind is ItemKind.STOCK:
            return ((self.id, quantity),)
        return tuple((item_id, units * quantity) for item_id, units in self.parts)


class PutChannel(msgspec.Struct, frozen=True, kw_only=True):
    """Make the channel with this `code` look like this. `settings` are its connector's."""

    code: str
    name: str
    currency: str
    id: str = ""
    connector: str = ""
    locale: str = "en"
    country: str = ""
    time_zone: str = "UTC"
    settings: dict[str, object] = {}
    payment_terms: PaymentTerms = PaymentTerms.PAID_ON_CHANNEL
    prices_include_tax: bool = True
    auto_release: bool = False
    active: bool = True
    cause: Cause = SYSTEM


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A configured place orders come from."""

    id: str
    code: str
    name: str
    connector: str
    currency: str
    locale: str
    country: str
    time_zone: str
    settings: dict[str, object]
    payment_terms: PaymentTerms
    prices_include_tax: bool
    auto_release: bool
    active: bool
    version: int


class PutListing(msgspec.Struct, frozen=True, kw_only=True):
    """On this channel `external_sku` means the item given by `item_id`, or else by our `sku`."""

    channel_id: str
    external_sku: str
    item_id: str = ""
    sku: str = ""
    title: str = ""
    cause: Cause = SYSTEM


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A channel's name for something sold there."""

    channel_id: str
    external_sku: str
    item_id: str
    title: str


class Known(msgspec.Struct, frozen=True):
    """What the commands of a list name and we have."""

    channel_ids: Container[str]
    item_ids: Container[str]
    ids_by_sku: Mapping[str, str]


class Parts(msgspec.Struct, frozen=True):
    """What is known about the SKUs that bundles name as parts: their id and kind."""

    by_sku: Mapping[str, tuple[str, ItemKind]]


def checked_item(command: PutItem) -> PutItem:
    """The command with its barcodes in their stored form, or `Invalid` naming every bad field."""
    wrong = _bad_name("sku", command.sku) | _bad_title("name", command.name)
    for field in ("weight_g", "length_mm", "width_mm", "height_mm", "unit_price_minor"):
        if getattr(command, field) < 0:
            wrong[field] = "must not be negative"
    if command.unit_price_minor or command.currency:
        wrong |= _bad_currency(command.currency)
    if not 0 <= command.tax_rate_bp <= TAX_RATE_MAX_BP:
        wrong["tax_rate_bp"] = f"must be from 0 to {TAX_RATE_MAX_BP} (basis points)"
    wrong |= _bad_parts(command)
    barcodes, bad_barcodes = _stored_barcodes(command.barcodes)
    wrong |= bad_barcodes
    if wrong:
        raise _invalid("item", command.sku, wrong)
    return msgspec.structs.replace(command, barcodes=barcodes)


def part_ids(command: PutItem, known: Parts) -> tuple[tuple[str, int], ...]:
    """The parts of a bundle as (item id, units); `Invalid` for unknown ones and for bundles."""
    wrong, parts = {}, []
    for index, part in enumerate(command.parts):
        item_id, kind = known.by_sku.get(part.sku, ("", ItemKind.STOCK))
        if not item_id:
            wrong[f"parts[{index}].sku"] = f"there is no item '{part.sku}'"
        elif kind is ItemKind.BUNDLE:
            wrong[f"parts[{index}].sku"] = f"'{part.sku}' is a bundle itself: name its parts"
        parts.append((item_id, part.units))
    if wrong:
        raise _invalid("item", command.sku, wrong)
    return tuple(sorted(parts))


def put_item(command: PutItem, old: Item | None, id_: str) -> Item:
    """The item as it shall be; `Invalid` if the command contradicts what it already is."""
    if old is not None:
        _expect_same(command, old)
    return Item(
        id=id_,
        sku=command.sku,
        name=command.name,
        kind=command.kind,
        weight_g=command.weight_g,
        length_mm=command.length_mm,
        width_mm=command.width_mm,
        height_mm=command.height_mm,
        unit_price_minor=command.unit_price_minor,
        currency=command.currency,
        tags=command.tags,
        tax_rate_bp=command.tax_rate_bp,
        active=command.active,
        version=old.version if old else 1,
        barcodes=tuple(sorted(command.barcodes, key=lambda code: code.barcode)),
    )


def expect_free(item: Item, owners: Mapping[str, str]) -> None:
    """`Invalid` if one of the item's barcodes belongs to another item (`owners`: barcode → id)."""
    wrong = {
        f"barcodes[{index}]": f"'{code.barcode}' already belongs to item {owners[code.barcode]}"
        for index, code in enumerate(item.barcodes)
        if owners.get(code.barcode, item.id) != item.id
    }
    if wrong:
        raise _invalid("item", item.sku, wrong)


def checked_channel(command: PutChannel) -> PutChannel:
    """The command, or `Invalid` naming every bad field."""
    wrong = _bad_name("code", command.code) | _bad_title("name", command.name)
    wrong |= _bad_currency(command.currency)
    if command.country and not _COUNTRY.fullmatch(command.country):
        wrong["country"] = "must be two capital letters (ISO 3166-1), such as ID or GB"
    if not _LOCALE.fullmatch(command.locale):
        wrong["locale"] = "must be a language tag such as id or en-GB"
    if command.time_zone not in _time_zones():
        wrong["time_zone"] = "must be a name of the IANA list, such as Asia/Jakarta"
    if wrong:
        raise _invalid("channel", command.code, wrong)
    return command


def put_channel(command: PutChannel, old: Channel | None, id_: str) -> Channel:
    """The channel as it shall be."""
    if old is not None and command.id not in ("", old.id):
        raise _invalid("channel", command.code, {"id": f"the channel has the id {old.id}"})
    fields = {name: getattr(command, name) for name in Channel.__struct_fields__[1:-1]}
    return Channel(id=id_, version=old.version if old else 1, **fields)


def checked_listing(command: PutListing) -> PutListing:
    """The command, or `Invalid` naming every bad field."""
    wrong = _bad_name("external_sku", command.external_sku)
    if len(command.title) > TITLE_MAX:
        wrong["title"] = f"has more than {TITLE_MAX} characters"
    if not command.item_id and not command.sku:
        wrong["sku"] = "give the item by sku or item_id"
    if wrong:
        raise _invalid("listing", command.external_sku, wrong)
    return command


def put_listing(command: PutListing, known: Known) -> Listing:
    """The listing as it shall be, or `Invalid` naming what does not exist."""
    item_id = command.item_id or known.ids_by_sku.get(command.sku, "")
    wrong = {}
    if command.channel_id not in known.channel_ids:
        wrong["channel_id"] = f"there is no channel '{command.channel_id}'"
    if command.item_id and command.item_id not in known.item_ids:
        wrong["item_id"] = f"there is no item '{command.item_id}'"
    if not item_id:
        wrong["sku"] = f"there is no item '{command.sku}'"
    if wrong:
        raise _invalid("listing", command.external_sku, wrong)
    return Listing(
        channel_id=command.channel_id,
        external_sku=command.external_sku,
        item_id=item_id,
        title=command.title,
    )


def stored_gtin(text: str) -> str:
    """`text` as barcodes are stored, or "" if it is no GTIN: wrong digits match nothing."""
    try:
        return gtin(text) if text else ""
    except Invalid:
        return ""


def _expect_same(command: PutItem, old: Item) -> None:
    wrong = {}
    if command.kind is not old.kind:
        wrong["kind"] = f"the item is of kind '{old.kind}', and orders rely on that"
    if command.id not in ("", old.id):
        wrong["id"] = f"the item has the id {old.id}"
    if wrong:
        raise _invalid("item", command.sku, wrong)


def _bad_parts(command: PutItem) -> dict[str, str]:
    if command.kind is ItemKind.STOCK:
        return {"parts": "only a bundle has parts"} if command.parts else {}
    if not command.parts:
        return {"parts": "a bundle has at least one part"}
    wrong = {}
    for index, part in enumerate(command.parts):
        if part.units < 1:
            wrong[f"parts[{index}].units"] = "must be at least 1"
        if part.sku in {earlier.sku for earlier in command.parts[:index]}:
            wrong[f"parts[{index}].sku"] = f"'{part.sku}' stands twice: add the units up"
    return wrong


def _stored_barcodes(codes: tuple[Barcode, ...]) -> tuple[tuple[Barcode, ...], dict[str, str]]:
    """Barcodes in their stored form (GTINs of 14 digits), and what is wrong with which."""
    stored: dict[str, Barcode] = {}
    wrong: dict[str, str] = {}
    for index, code in enumerate(codes):
        field, text = f"barcodes[{index}]", code.barcode.strip()
        wrong |= _bad_name(field, text)
        if code.units < 1:
            wrong[field] = "must stand for at least 1 unit"
        if text.isascii() and text.isdigit() and len(text) in GTIN_LENGTHS:
            try:
                text = gtin(text)
            except Invalid as refusal:
                wrong[field] = refusal.sentence
        if text in stored:
            wrong[field] = f"'{text}' stands twice"
        stored[text] = Barcode(text, code.units)
    return tuple(stored.values()), wrong


def _bad_name(field: str, text: str) -> dict[str, str]:
    if not text or text != text.strip():
        return {field: "must not be empty or begin or end with a blank"}
    if len(text) > NAME_MAX:
        return {field: f"has more than {NAME_MAX} characters"}
    if not text.isprintable():
        return {field: "has characters that cannot be printed"}
    return {}


def _bad_title(field: str, text: str) -> dict[str, str]:
    if not text.strip():
        return {field: "must not be empty"}
    if len(text) > TITLE_MAX:
        return {field: f"has more than {TITLE_MAX} characters"}
    return {}


def _bad_currency(currency: str) -> dict[str, str]:
    try:
        money.exponent(currency)
    except Invalid as refusal:
        return {"currency": refusal.sentence}
    return {}


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _invalid(kind: str, name: str, wrong: Mapping[str, str]) -> Invalid:
    places = ", ".join(sorted(wrong))
    return Invalid(
        f"{kind}.invalid",
        f"The {kind} '{name[:NAME_MAX]}' cannot be kept like this: see {places}.",
        "Correct these fields and send it again.",
        wrong,
    )
