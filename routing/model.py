"""What routing is asked and what it answers, as values that go to JSON and back unchanged.

Money is whole minor units of `Question.currency`, weights are grams, distances whole kilometres.
"""

from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec

from oms.kernel.address import Coordinates
from oms.kernel.errors import Invalid

DIGEST_BYTES: Final = 16  # 128 bits: no two questions of one merchant will ever meet


class NodeKind(StrEnum):
    WAREHOUSE = "warehouse"
    STORE = "store"
    THIRD_PARTY = "3pl"
    SUPPLIER = "supplier"


class Coverage(StrEnum):
    """What to do when not every unit can be served."""

    MOST_UNITS = "most_units"  # serve as many units as can be, and these as cheaply as can be
    PRICED = "priced"  # an unserved unit costs its penalty, so leaving one may be the best plan
    SHIP_COMPLETE = "ship_complete"  # everything or nothing


class Reason(StrEnum):
    """Why units of a line stay unserved."""

    NO_STOCK = "no_stock"  # no node has the item
    EXCLUDED = "excluded"  # nodes have it, and rules forbid each of them
    PINNED = "pinned"  # the node the line is pinned to cannot serve it
    SHORT_STOCK = "short_stock"  # the nodes that may serve it have fewer units than asked for
    PARCEL_LIMIT = "parcel_limit"  # serving it would take more parcels than allowed
    TOO_DEAR = "too_dear"  # leaving it costs less than serving it
    SHIP_COMPLETE = "ship_complete"  # the order ships complete or not at all, and cannot


class WeightBand(msgspec.Struct, frozen=True, gc=False):
    """A parcel of at most `up_to_g` costs `price_minor` on top of the distance band's base."""

    up_to_g: int
    price_minor: int


class DistanceBand(msgspec.Struct, frozen=True, omit_defaults=True):
    """The price of a parcel that travels at most `up_to_km` (None: any distance).

    base + per 1,000 km x distance + weight part. The weight part is kilograms x (per kg + per kg
    and 1,000 km x distance), or, where `weights` is given, the price of the parcel's weight band;
    grams beyond the heaviest band then cost the per-kg rates on top of its price.
    """

    up_to_km: int | None
    base_minor: int
    per_1000km_minor: int = 0
    per_kg_minor: int = 0
    per_kg_1000km_minor: int = 0
    weights: tuple[WeightBand, ...] = ()

    def __post_init__(self) -> None:
        """Refuse prices the solver's proofs do not hold for: negative or falling with weight."""
        rates = (self.per_1000km_minor, self.per_kg_minor, self.per_kg_1000km_minor)
        prices = [band.price_minor for band in self.weights]
        limits = [band.up_to_g for band in self.weights]
        if min(self.base_minor, *rates, *prices, *limits) < 0:
            raise ValueError("a freight table holds no negative number")
        if prices != sorted(prices) or limits != sorted(set(limits)):
            raise ValueError("weight bands go from light to heavy, and never become cheaper")


class Freight(msgspec.Struct, frozen=True, omit_defaults=True):
    """A freight table: distance bands from near to far; beyond the last one nothing is shipped.

    Where either end has no coordinates the distance is taken to be one of the two `…_if_unknown`.
    """

    bands: tuple[DistanceBand, ...]
    abroad_minor: int = 0  # on top of each parcel that crosses a border
    domestic_km_if_unknown: int = 300
    abroad_km_if_unknown: int = 1500

    def __post_init__(self) -> None:
        """Refuse a table the proofs of the solver do not hold for, or that leaves a hole."""
        reaches = [band.up_to_km for band in self.bands]
        limits = [reach for reach in reaches if reach is not None]
        if not reaches or None in reaches[:-1] or limits != sorted(set(limits)):
            raise ValueError("distance bands go from near to far, and only the last may be open")
        if min(self.abroad_minor, self.domestic_km_if_unknown, self.abroad_km_if_unknown) < 0:
            raise ValueError("a freight table holds no negative number")


class Policy(msgspec.Struct, frozen=True, omit_defaults=True):
    """The merchant's numbers for one decision; `version` names the rule set they came from."""

    freight: Freight
    version: str = ""
    split_penalty_minor: int = 0  # for each parcel after the first
    parcels_max: int | None = None
    coverage: Coverage = Coverage.MOST_UNITS
    unserved_unit_minor: int = 0

    def __post_init__(self) -> None:
        if self.split_penalty_minor < 0 or self.unserved_unit_minor < 0:
            raise ValueError("penalties are not negative")
        if self.parcels_max is not None and self.parcels_max < 1:
            raise ValueError("an order needs at least one parcel")


class Destination(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Where the order goes; `country` is ISO 3166-1 alpha-2."""

    country: str
    at: Coordinates | None = None


class Demand(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Units of one item of an order line; a line that is a bundle has one demand for each part.

    `weight_g` is per unit; a node must serve every tag of `requires`.
    `unserved_unit_minor` is what leaving one unit costs, where it differs from the policy's.
    """

    line_id: str
    item_id: str
    quantity: int
    weight_g: int
    requires: tuple[str, ...] = ()
    unserved_unit_minor: int | None = None


class NodeFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What matters about one node. `stock` maps item ids to units that may be promised.

    `ships_to` empty: every country. `capacity_left`: parcels it can still take today, None: any.
    Among equally good plans the smaller `priority`, then the smaller `node_id` wins.
    """

    node_id: str
    code: str
    kind: NodeKind
    country: str
    at: Coordinates | None = None
    priority: int = 0
    is_open: bool = True
    ships_to: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    capacity_left: int | None = None
    fixed_minor: int = 0
    handling_unit_minor: int = 0
    stock: dict[str, int] = {}


class Pin(msgspec.Struct, frozen=True, gc=False):
    """Only this node may serve the line."""

    line_id: str
    node_id: str


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which nodes should serve this order? Holds every fact the answer may depend on."""

    order_ref: str
    currency: str
    destination: Destination
    demands: tuple[Demand, ...]
    nodes: tuple[NodeFacts, ...]
    policy: Policy
    pins: tuple[Pin, ...] = ()


class CostTerms(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What a plan costs, term by term, in minor units; `total` is exactly their sum."""

    fixed: int
    handling: int
    freight: int
    split: int
    unserved: int
    total: int


class Candidate(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One row of the candidate table: the cheapest plan that uses exactly these nodes.

    `units` stands beside `node_ids`: how many units each of them serves. `routing.solve.plan`
    gives the row's allocations again. Rank 1 is the winner, rank 2 the runner-up. Not feasible
    is a plan that leaves units although the order ships complete.
    """

    rank: int
    node_ids: tuple[str, ...]
    units: tuple[int, ...]
    terms: CostTerms
    unserved_units: int = 0
    is_feasible: bool = True


class Allocation(msgspec.Struct, frozen=True, gc=False):
    """Units of a line that a node serves."""

    line_id: str
    item_id: str
    node_id: str
    quantity: int


class Unserved(msgspec.Struct, frozen=True, gc=False):
    """Units of a line that nobody serves, and why."""

    line_id: str
    item_id: str
    quantity: int
    reason: Reason


class Exclusion(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A hard rule that keeps a node from the order, or from one item or line of it.

    `node_id` None: every node but the one the words name.
    """

    rule: str
    words: str
    node_id: str | None = None
    item_id: str | None = None
    line_id: str | None = None


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The decision and its reasons.

    `candidates` holds the best of the `examined` node sets, best first. `gap_units` and
    `gap_minor` bound how much better (units served, then cost) an unexamined plan could be; both
    0 means: proven to be the best there is. `margin_minor` is what the runner-up costs more,
    `margin_units` how many units fewer it serves; None: there is no other plan.
    """

    order_ref: str
    solver: str
    allocations: tuple[Allocation, ...]
    cost: CostTerms
    candidates: tuple[Candidate, ...]
    examined: int
    unserved: tuple[Unserved, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    exclusions_left_off: int = 0
    margin_minor: int | None = None
    margin_units: int = 0
    gap_minor: int = 0
    gap_units: int = 0

    @property
    def winner(self) -> Candidate:
        return self.candidates[0]

    @property
    def runner_up(self) -> Candidate | None:
        return self.candidates[1] if len(self.candidates) > 1 else None

    @property
    def is_proven(self) -> bool:
        return not self.gap_minor and not self.gap_units


_encoder = msgspec.json.Encoder()
_question_decoder = msgspec.json.Decoder(Question)
_answer_decoder = msgspec.json.Decoder(Answer)


def encode_question(question: Question) -> bytes:
    """The question as JSON, without stock of items it does not ask for.

    A caller may therefore pass whole shelves; what is stored stays as small as the order.
    """
    asked = sorted({demand.item_id for demand in question.demands})
    nodes = tuple(
        msgspec.structs.replace(
            node, stock={item: node.stock[item] for item in asked if item in node.stock}
        )
        for node in question.nodes
    )
    return _encoder.encode(msgspec.structs.replace(question, nodes=nodes))


def decode_question(body: bytes | str) -> Question:
    """Raises `Invalid` when the bytes are no question."""
    try:
        return _question_decoder.decode(body)
    except msgspec.DecodeError as wrong:
        raise _unreadable("question", wrong) from wrong


def encode_answer(answer: Answer) -> bytes:
    return _encoder.encode(answer)


def decode_answer(body: bytes | str) -> Answer:
    """Raises `Invalid` when the bytes are no answer."""
    try:
        return _answer_decoder.decode(body)
    except msgspec.DecodeError as wrong:
        raise _unreadable("answer", wrong) from wrong


def fingerprint(question_json: bytes) -> str:
    """A short name for a stored question: equal questions, equal names."""
    return blake2b(question_json, digest_size=DIGEST_BYTES).hexdigest()


def _unreadable(what: str, wrong: msgspec.DecodeError) -> Invalid:
    return Invalid(
        f"routing.unreadable_{what}",
        f"This is no routing {what}: {wrong}.",
        "Give the JSON as it was stored with the decision.",
    )
