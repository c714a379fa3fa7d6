"""The shop around the real orders: its items, five places to serve from, and weekly supply."""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from oms.catalog import service as catalog
from oms.catalog.model import PutChannel, PutItem
from oms.inventory import service as inventory
from oms.inventory.documents.model import Receipt, ReceiptLine
from oms.inventory.model import NodeKind, PutNode
from oms.kernel.address import Address, Coordinates
from oms.kernel.clock import from_datetime
from oms.kernel.errors import OMSError
from oms.kernel.money import spread
from oms.platform.transaction import Transaction

LINES_FILE: Final = "uci_online_retail_lines_train.csv.gz"
PRODUCTS_FILE: Final = "uci_online_retail_products_train.csv.gz"
WEIGHT_G: Final = 250  # the set has no weights: a small gift
COST_OF_PRICE: Final = 0.55  # nor costs: a wholesaler's usual margin
SURPLUS: Final = 1.05  # supply is what the week will want, and a little more
_MGBP_A_PENNY: Final = 10

T = TypeVar("T")


class Site(msgspec.Struct, frozen=True):
    """A node and the share of supply it gets."""

    put: PutNode
    share: int


def _site(code: str, place: Address, share: int, costs: tuple[int, int]) -> Site:
    fixed_minor, unit_minor = costs
    put = PutNode(
        code=code,
        name=f"{place.city} warehouse",
        kind=NodeKind.WAREHOUSE,
        address=place,
        fixed_minor=fixed_minor,
        handling_unit_minor=unit_minor,
        currency="GBP",
    )
    return Site(put, share)


def _place(city: str, country: str, latitude: float, longitude: float) -> Address:
    return Address(country=country, city=city, at=Coordinates(latitude, longitude))


SITES: Final = (
    _site("NTH", _place("Northampton", "GB", 52.2405, -0.9027), 70, (60, 4)),
    _site("MAN", _place("Manchester", "GB", 53.4808, -2.2426), 15, (60, 5)),
    _site("DUB", _place("Dublin", "IE", 53.3498, -6.2603), 3, (75, 6)),
    _site("RTM", _place("Rotterdam", "NL", 51.9244, 4.4777), 7, (70, 5)),
    _site("LEJ", _place("Leipzig", "DE", 51.3397, 12.3731), 5, (65, 4)),
)


class Shop(msgspec.Struct, frozen=True):
    """Ids of what was set up; `supply` has units by week's Monday (ms), then SKU."""

    channel_id: str
    node_ids: tuple[str, ...]
    item_ids: Mapping[str, str]
    cost_minor: Mapping[str, int]
    supply: Mapping[int, Mapping[str, int]]


def set_up(tx: Transaction, folder: Path) -> Shop:
    """Channel, nodes and items of the shop; answers the supply its orders will need by week."""
    names, prices = _products(folder / PRODUCTS_FILE)
    demand, skus = _weekly_demand(folder / LINES_FILE)
    channel = PutChannel(
        code="web", name="Online shop", currency="GBP", country="GB", locale="en_GB"
    )
    items = [
        PutItem(
            sku=sku,
            name=names.get(sku, sku),
            weight_g=WEIGHT_G,
            unit_price_minor=prices.get(sku, 0),
            currency="GBP",
            tax_rate_bp=2000,
        )
        for sku in sorted(skus)
    ]
    put = [_done(each) for each in catalog.put_items(tx, items)]
    return Shop(
        channel_id=_done(catalog.put_channels(tx, [channel])[0]).id,
        node_ids=tuple(
            _done(node).id for node in inventory.put_nodes(tx, [site.put for site in SITES])
        ),
        item_ids={item.sku: item.id for item in put},
        cost_minor={s: max(1, int(prices.get(s, 100) * COST_OF_PRICE)) for s in skus},
        supply=demand,
    )


def receipts(shop: Shop, monday_ms: int) -> list[Receipt]:
    """One week's supply, a receipt for each node."""
    lines: dict[str, list[ReceiptLine]] = defaultdict(list)
    shares = [site.share for site in SITES]
    for sku, units in shop.supply[monday_ms].items():
        for node_id, part in zip(shop.node_ids, spread(units, shares), strict=True):
            if part:
                lines[node_id].append(ReceiptLine(shop.item_ids[sku], part, shop.cost_minor[sku]))
    return [
        Receipt(
            node_id=node_id,
            reference=f"week-{monday_ms}-{node_id}",
            lines=tuple(rows),
            currency="GBP",
        )
        for node_id, rows in lines.items()
    ]


def monday_of(at_ms: int) -> int:
    """The Monday 00:00 UTC of the week of a moment."""
    moment = datetime.fromtimestamp(at_ms / 1000, tz=UTC)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return from_datetime(midnight - timedelta(days=moment.weekday()))


def _weekly_demand(path: Path) -> tuple[dict[int, dict[str, int]], set[str]]:
    demand: dict[int, Counter[str]] = defaultdict(Counter)
    skus: set[str] = set()
    for row in _rows(path):
        if row["kind"] in ("sale", "free", "return"):
            skus.add(row["stock_code"])
        if row["kind"] in ("sale", "free"):
            at = datetime.fromisoformat(row["invoiced_at"]).replace(tzinfo=UTC)
            demand[monday_of(from_datetime(at))][row["stock_code"]] += int(row["quantity"])
    return {
        week: {sku: int(units * SURPLUS) + 1 for sku, units in wanted.items()}
        for week, wanted in demand.items()
    }, skus


def _products(path: Path) -> tuple[dict[str, str], dict[str, int]]:
    names, prices = {}, {}
    for row in _rows(path):
        names[row["stock_code"]] = row["description"].strip()
        prices[row["stock_code"]] = max(0, int(row["median_price_mgbp"]) // _MGBP_A_PENNY)
    return names, prices


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _done(answer: T | OMSError) -> T:
    if isinstance(answer, OMSError):
        raise answer
    return answer
