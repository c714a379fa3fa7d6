"""The demo's world as values, read from config/demo: items, places, people, nodes, traffic.

Says what there is and what is likely; draws nothing and knows no database.
"""

from functools import cache
from importlib.resources import files
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from connectors.contract.messages import PaymentTerms
from oms.inventory.model import NodeKind
from oms.kernel.address import Address, Coordinates
from oms.kernel.money import exponent

T = TypeVar("T")

Share = Annotated[float, Meta(ge=0, le=1)]
Hours = tuple[float, float]
"""The least and the most of a span, in hours of a real day."""
Shares = tuple[tuple[int, float], ...]
"""(count, how likely), in any proportion."""
Quantiles = tuple[tuple[float, int], ...]
"""(share below, count): in between it is drawn evenly."""


class Good(msgspec.Struct, frozen=True, array_like=True):
    """A stock item; `price` in whole rupiah with tax inside."""

    sku: str
    name: str
    english: str
    gtin: str
    weight_g: int
    price: int


class Bundle(msgspec.Struct, frozen=True, array_like=True):
    """A bundle; `parts` are (sku, units)."""

    sku: str
    name: str
    english: str
    gtin: str
    price: int
    parts: tuple[tuple[str, int], ...]


class Assortment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sold, and the tag for each beginning of an SKU."""

    currency: str
    tax_rate_bp: int
    items: tuple[Good, ...]
    bundles: tuple[Bundle, ...]
    tags: dict[str, str]

    @property
    def wares(self) -> tuple[Good | Bundle, ...]:
        """Everything that can be ordered."""
        return (*self.items, *self.bundles)

    def minor(self, price: int) -> int:
        """A price of the table in minor units."""
        return price * int(10 ** exponent(self.currency))


class City(msgspec.Struct, frozen=True, array_like=True):
    """A city with its centre and how many thousand people live there."""

    name: str
    province: str
    latitude: float
    longitude: float
    people: int
    postal_prefix: str

    @property
    def at(self) -> Coordinates:
        return Coordinates(self.latitude, self.longitude)


class Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where customers live."""

    cities: tuple[City, ...]
    streets: tuple[str, ...]


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people of one language are called."""

    locale: str
    given: tuple[str, ...]
    family: tuple[str, ...]


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What customers are put together from."""

    mail_domains: tuple[str, ...]
    mobile_prefixes: tuple[str, ...]
    indonesian: Names
    english: Names


class DemoChannel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A channel, how it names and numbers things, and its share of the orders."""

    code: str
    name: str
    kind: str
    locale: str
    payment_terms: PaymentTerms
    auto_release: bool
    weight: float
    profile: str
    number: str
    sku_prefix: str
    english: Share
    city: str = ""


class DemoNode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node, its share of the stock and how many orders a day its floor can pick."""

    code: str
    name: str
    kind: NodeKind
    city: str
    line1: str
    postal_code: str
    latitude: float
    longitude: float
    time_zone: str
    priority: int
    fixed_minor: int
    handling_unit_minor: int
    share: Share
    orders_per_day: float

    def address(self, country: str) -> Address:
        return Address(
            country=country,
            name=self.name,
            line1=self.line1,
            city=self.city,
            postal_code=self.postal_code,
            at=Coordinates(self.latitude, self.longitude),
        )


class Merchant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who sells, through which channels, from which nodes, and how the demo starts."""

    name: str
    colour: str
    email: str
    country: str
    currency: str
    time_zone: str
    carrier: str
    history_days: float
    history_orders: int
    speed: float
    channels: tuple[DemoChannel, ...]
    nodes: tuple[DemoNode, ...]


class Arrivals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When orders come: a mean per day, and weights of weekdays and hours of local time."""

    orders_per_day: float
    least_hour: Share
    weekday_weights: Annotated[tuple[float, ...], Meta(min_length=7, max_length=7)]
    hour_weights: Annotated[tuple[float, ...], Meta(min_length=24, max_length=24)]


class Popularity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How unevenly items sell."""

    zipf_s: float
    bundle_share: Share


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of basket: counts by share, or by quantiles where the tail is long."""

    cancel_rate: Share
    return_rate: Share
    lines: Shares = ()
    line_quantiles: Quantiles = ()
    lines_max: int = 5
    units: Shares = ()
    unit_quantiles: Quantiles = ()
    units_max: int = 6


class Customers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many there are, who comes back, what they pay for the way."""

    pool: int
    return_share: Share
    discount_share: Share
    discount_bp: int
    free_shipping_minor: int
    shipping_minor: dict[str, int]
    near_km: float
    island_km: float


class Lies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often things go wrong, each as a share of what it happens to."""

    told_twice: Share
    told_changed: Share
    unknown_listing: Share
    unreadable: Share
    wrong_total: Share
    gateway_trouble: Share
    short_pick: Share
    node_rejects: Share
    late: Share
    lost: Share
    refused: Share
    attempt_fails: Share
    scan_twice: Share
    scan_out_of_order: Share


class WorkHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long each step takes on a real day; `courier_every` is the time between two vans."""

    release: Hours
    accept: Hours
    answer_cancel: Hours
    pick: Hours
    pack: Hours
    label: Hours
    outside_ship: Hours
    courier_every: float
    cancel: Hours
    change: Hours
    repeat: Hours
    send: Hours
    goods_back: Hours
    inspect: Hours
    give_up: Hours
    turned_round: Hours
    look_into: Hours
    cash_from_carrier: Hours
    return_wish: Hours


class Transit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days to delivery: (up to km, median, 95th percentile), all times `scale`."""

    scale: float
    days: tuple[tuple[float, float, float], ...]


class ReturnHabits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why goods come back, how much of a line, and what becomes of them."""

    reasons: tuple[str, ...]
    whole_line: Share
    dispositions: dict[str, float]
    short_arrival: Share
    surprise_arrival: Share


class StockHabits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the stock lasts at the start, what it cost, when and how it is ordered again."""

    opening_days: float
    unit_cost_share: tuple[float, float]
    reorder_days: float
    cover_days: float
    check_every_hours: float
    case_units: int
    forgotten: int
    forgotten_days: float


class OfficeHabits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the office leaves lying about for people to try the screens on."""

    unknown_listings_max: int
    changes_max: int
    apply_share: Share
    holds_max: int
    quarantine_max: int


class Habits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in traffic.toml."""

    arrivals: Arrivals
    popularity: Popularity
    profiles: dict[str, Profile]
    customers: Customers
    lies: Lies
    hours: WorkHours
    transit: Transit
    returns: ReturnHabits
    stock: StockHabits
    office: OfficeHabits


class World(msgspec.Struct, frozen=True):
    """All of it."""

    assortment: Assortment
    places: Places
    people: People
    merchant: Merchant
    habits: Habits

    def city(self, name: str) -> City:
        return next(city for city in self.places.cities if city.name == name)

    def node(self, code: str) -> DemoNode:
        return next(node for node in self.merchant.nodes if node.code == code)


FOLDER: Final = "demo"


@cache
def load_world() -> World:
    """The world of config/demo; a mistake there is a `msgspec.ValidationError` with its place."""
    return World(
        assortment=_read("items", Assortment),
        places=_read("places", Places),
        people=_read("people", People),
        merchant=_read("merchant", Merchant),
        habits=_read("traffic", Habits),
    )


def _read(name: str, kind: type[T]) -> T:
    text = (files("config") / FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=kind)
