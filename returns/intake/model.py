"""Matching what came back with what was sold: latest purchase first, the rest is blind."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from connectors.contract.messages import ChannelCharge, ChannelReturn, ChannelReturnLine
from oms.catalog.model import ItemRef
from oms.kernel.errors import Invalid
from oms.kernel.events import SYSTEM, Cause
from oms.kernel.money import exponent
from returns.counter.model import Claim, Piece
from returns.events import CreditedCharge
from returns.inspection.model import claim_share
from returns.model import Disposition, Return

ListingName = tuple[str, str, str]
"""Channel id, the channel's SKU, GTIN as the channel wrote it (or "")."""


class TakeIn(msgspec.Struct, frozen=True, kw_only=True):
    """A return as its channel reports it; the goods are at `node_id` and judged already."""

    channel_id: str
    message: ChannelReturn
    node_id: str
    disposition: Disposition = Disposition.RESTOCK
    cause: Cause = SYSTEM

    @property
    def key(self) -> tuple[str, str]:
        return self.channel_id, self.message.external_id


class Outcome(StrEnum):
    """What became of a reported return."""

    NEW = "new"
    SAME = "same"


class TakenIn(msgspec.Struct, frozen=True):
    """The returns a report became: one for each order its goods came from, one for the rest."""

    outcome: Outcome
    returns: tuple[Return, ...]
    matched: int
    blind: int


class Sold(msgspec.Struct, frozen=True, gc=False):
    """Units of an item that left for a customer from one order line, and may come back."""

    order_id: str
    line_id: str
    item_id: str
    quantity: int
    placed_at_ms: int
    currency: str
    external_id: str
    line_external_id: str


class Match(msgspec.Struct, frozen=True, gc=False):
    """Units of a reported line that belong to a sale; `sold` None: no sale is known for them."""

    quantity: int
    sold: Sold | None


class Matcher:
    """Everything known about the reports of a batch: items, buyers, sales, and what is matched.

    `sold` is by customer id and by order id; `owners` gives the customer id by report, `named` the
    order ids by (channel id, the order's external id).
    """

    def __init__(
        self,
        items: Mapping[ListingName, ItemRef],
        owners: Mapping[tuple[str, str], str],
        named: Mapping[tuple[str, str], str],
        sold: Mapping[str, Sequence[Sold]],
    ) -> None:
        self._items, self._owners, self._named, self._sold = items, owners, named, sold
        self._taken: Counter[tuple[str, str]] = Counter()

    def owner(self, command: TakeIn) -> str:
        """The customer id behind a report, or ""."""
        return self._owners.get(command.key, "")

    def pieces(self, command: TakeIn) -> dict[str, list[Piece]]:
        """The report's units by the order they came from ("" where none is known).

        `Invalid` when something in it is not known or cannot be; nothing is matched then.
        """
        check(command.message)
        items = [self._item(command, line) for line in command.message.lines]
        pieces: dict[str, list[Piece]] = defaultdict(list)
        for line, item in zip(command.message.lines, items, strict=True):
            for position, (item_id, units) in enumerate(item.stock_units(line.quantity)):
                # A bundle is claimed as one: the claim goes with its first part.
                claim = claimed(command.message, line, item) if position == 0 else Claim()
                candidates = self._candidates(command, line, item_id)
                done = 0
                for part in match(units, candidates, self._taken):
                    order_id = part.sold.order_id if part.sold else ""
                    pieces[order_id].append(piece(item_id, claim, part, (done, units)))
                    done += part.quantity
        if not pieces:
            pieces[""] = []
        return pieces

    def _item(self, command: TakeIn, line: ChannelReturnLine) -> ItemRef:
        item = self._items.get((command.channel_id, line.sku, line.gtin))
        if item is None:
            raise Invalid(
                "return.unknown_listing",
                f"'{line.sku}' is not known in this channel.",
                "Map the listing to an item, then run this return again.",
                {"sku": line.sku},
            )
        return item

    def _candidates(self, command: TakeIn, line: ChannelReturnLine, item_id: str) -> list[Sold]:
        """Sales a reported line may belong to: of its order if it names one, else of its buyer."""
        if line.order_external_id is None:
            known = self._sold.get(self.owner(command), ())
        else:
            order_id = self._named.get((command.channel_id, line.order_external_id), "")
            known = self._sold.get(order_id, ())
        return [
            sold
            for sold in known
            if sold.item_id == item_id
            and sold.currency == command.message.currency
            and sold.placed_at_ms <= command.message.at_ms
            and line.order_line_external_id in (None, sold.line_external_id)
        ]


def match(wanted: int, candidates: Iterable[Sold], taken: Counter[tuple[str, str]]) -> list[Match]:
    """Split `wanted` units over sales, latest first; `taken` (by line and item) is advanced."""
    matches = []
    for sold in sorted(candidates, key=lambda s: (-s.placed_at_ms, s.order_id, s.line_id)):
        key = (sold.line_id, sold.item_id)
        count = min(wanted, sold.quantity - taken[key])
        if count > 0:
            taken[key] += count
            wanted -= count
            matches.append(Match(count, sold))
    if wanted:
        matches.append(Match(wanted, None))
    return matches


def check(message: ChannelReturn) -> None:
    """`Invalid` naming every place of a report that cannot be a return."""
    wrong: dict[str, str] = {}
    if not message.external_id:
        wrong["external_id"] = "must not be empty"
    if not message.lines and not message.charges:
        wrong["lines"] = "must have at least one line or charge"
    try:
        exponent(message.currency)
    except Invalid as refusal:
        wrong["currency"] = refusal.sentence
    for position, line in enumerate(message.lines):
        if line.quantity <= 0:
            wrong[f"lines[{position}].quantity"] = "must be at least 1"
        if line.amount_minor < 0 or line.tax_minor < 0:
            wrong[f"lines[{position}].amount_minor"] = "must not be negative"
    for position, charge in enumerate(message.charges):
        if charge.amount_minor < 0 or charge.tax_minor < 0:
            wrong[f"charges[{position}].amount_minor"] = "must not be negative"
    if wrong:
        raise Invalid(
            "return.invalid",
            f"This cannot be a return: {'; '.join(f'{k} {v}' for k, v in wrong.items())}.",
            "Correct these fields and send it again.",
            wrong,
        )


def claimed(message: ChannelReturn, line: ChannelReturnLine, item: ItemRef) -> Claim:
    """What the channel credits for a line, net of the tax inside."""
    inside = line.tax_minor if message.prices_include_tax else 0
    return Claim(
        title=line.title or item.name,
        reason=line.reason,
        net_minor=line.amount_minor - inside,
        tax_minor=line.tax_minor,
        tax_rate_bp=line.tax_rate,
    )


def piece(item_id: str, claim: Claim, part: Match, done_of: tuple[int, int]) -> Piece:
    """Matched units with their share of the line's claim; `done_of` says how many came before."""
    done, units = done_of
    share = replace(
        claim,
        net_minor=claim_share(claim.net_minor, units, (done, part.quantity)),
        tax_minor=claim_share(claim.tax_minor, units, (done, part.quantity)),
    )
    return Piece(part.sold.line_id if part.sold else "", item_id, part.quantity, share)


def credited(message: ChannelReturn, charge: ChannelCharge) -> CreditedCharge:
    """A charge given back, net of the tax inside."""
    inside = charge.tax_minor if message.prices_include_tax else 0
    return CreditedCharge(
        charge.title, charge.amount_minor - inside, charge.tax_minor, charge.tax_rate
    )


def counted(pieces: Mapping[str, Sequence[Piece]]) -> TakenIn:
    """How many units of a report belong to sales, and how many to none."""
    matched = sum(p.quantity for group in pieces.values() for p in group if p.line_id)
    blind = sum(p.quantity for group in pieces.values() for p in group if not p.line_id)
    return TakenIn(Outcome.NEW, (), matched, blind)
