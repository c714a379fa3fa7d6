"""Which label a box needs: the carrier's offer that suits, the cash to collect, the label kept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from connectors.contract.parcels import CarrierQuote, Label, LabelRequest
from fulfillment.machine import PARCEL, ParcelState
from fulfillment.model import Parcel
from oms.kernel.errors import Refused
from oms.kernel.events import SYSTEM, Cause
from oms.orders.facts import OrderFacts
from oms.orders.money import units_share, whole_units


class RequestLabels(msgspec.Struct, frozen=True, kw_only=True):
    """Want labels for closed boxes; no `parcel_ids` means all of the fulfilment order's.

    Without a `carrier` or `service` the cheapest offer that is there in time is taken.
    """

    fulfilment_id: str
    parcel_ids: tuple[str, ...] = ()
    carrier: str = ""
    service: str = ""
    cause: Cause = SYSTEM


class VoidLabel(msgspec.Struct, frozen=True, kw_only=True):
    """Take the label off a box that has not left."""

    parcel_id: str
    cause: Cause = SYSTEM


class Consignment(msgspec.Struct, frozen=True, kw_only=True):
    """Boxes of one fulfilment order that travel together, and what to ask a carrier for them.

    `collect_minor` is the cash to take at the door; the first box carries it. `shipping_choice` is
    what the customer chose, `deadline_ms` when it must be there, if anybody said.
    """

    fulfilment_id: str
    parcel_ids: tuple[str, ...]
    request: LabelRequest
    carrier: str = ""
    shipping_choice: str = ""
    deadline_ms: int | None = None


class LabelOf(msgspec.Struct, frozen=True):
    """A bought label and the parcel it is for."""

    parcel_id: str
    label: Label
    collect_minor: int = 0
    cause: Cause = SYSTEM


class Cash(msgspec.Struct, frozen=True):
    """What of an order is in other labelled boxes already: units by (line, item), and charges."""

    units: Mapping[tuple[str, str], int]
    has_charges: bool


def best_offer(quotes: Sequence[CarrierQuote], wanted: Consignment) -> CarrierQuote:
    """What the customer chose, if it is offered; else the cheapest that is there in time, else the
    fastest. Offers in another currency than the order's count only when there are no others.
    """
    chosen = [each for each in quotes if _is_choice(each, wanted.shipping_choice)]
    offers = chosen or list(quotes)
    offers = [each for each in offers if each.currency == wanted.request.currency] or offers
    if not offers:
        raise Refused(
            "label.no_offer",
            f"No carrier takes these parcels to {wanted.request.ship_to.country}.",
            "Set up a carrier that serves the address, or ship without a label of ours.",
        )
    by = wanted.deadline_ms
    timely = [each for each in offers if by is None or (each.deliver_by_ms or by) <= by]
    if timely:
        return min(timely, key=lambda each: (each.amount_minor, each.carrier, each.service))
    return min(offers, key=lambda each: (each.deliver_by_ms or 0, each.amount_minor, each.service))


def cash_to_collect(order: OrderFacts, before: Cash, now: Mapping[tuple[str, str], int]) -> int:
    """Due at the door for units `now` by (line, item), gross, in minor units.

    Units take their shares as invoices do: after the units that were labelled `before`. The first
    box collects all charges, and what was paid with the order pays for the first boxes.
    """
    after = Counter(before.units)
    after.update(now)
    paid = sum(note.amount_minor for note in order.payments if note.amount_minor > 0)
    charges = sum(charge.net_minor + charge.tax_minor for charge in order.charges)
    done = _gross(order, before.units) + (charges if before.has_charges else 0)
    return max(0, _gross(order, after) + charges - paid) - max(0, done - paid)


def _gross(order: OrderFacts, units: Mapping[tuple[str, str], int]) -> int:
    """What the whole line units among these cost, tax included."""
    goods = 0
    for line in order.lines:
        if not line.parts:
            continue  # nothing is known under its listing yet: none of it is in a box
        parts = dict(line.parts)
        there = {item_id: units.get((line.id, item_id), 0) for item_id in parts}
        goods += sum(units_share(line.unit_split, 0, whole_units(parts, there)))
    return goods


def labelled(parcel: Parcel, bought: LabelOf) -> Parcel:
    """The box with its label on it."""
    label = bought.label
    return replace(
        parcel,
        state=PARCEL.after(parcel.state, "label"),
        carrier=label.carrier,
        service=label.service,
        tracking_number=label.tracking_number,
        tracking_url=label.tracking_url,
        label_id=label.external_id,
        label_cost_minor=label.amount_minor,
        label_currency=label.currency,
        label_extra=label.extra,
        labels_bought=parcel.labels_bought + 1,
        collect_minor=bought.collect_minor,
    )


def without_label(parcel: Parcel) -> Parcel:
    """The box with its label taken off."""
    return replace(
        parcel,
        state=PARCEL.after(parcel.state, "void_label"),
        carrier="",
        service="",
        tracking_number="",
        tracking_url="",
        label_id="",
        label_cost_minor=0,
        label_currency="",
        label_extra={},
        collect_minor=0,
    )


def to_label(parcels: Iterable[Parcel], wanted: Sequence[str]) -> list[Parcel]:
    """The closed boxes without a label among `parcels` (those `wanted`), or `Refused`."""
    chosen = [parcel for parcel in parcels if not wanted or parcel.id in wanted]
    missing = set(wanted) - {parcel.id for parcel in chosen}
    if missing:
        raise Refused(
            "parcel.not_here",
            f"Parcel {min(missing)} does not belong to this fulfilment order.",
            "Scan the box again.",
        )
    ready = [parcel for parcel in chosen if parcel.state is ParcelState.PACKED]
    if not ready:
        raise Refused(
            "label.nothing_to_label",
            "No closed box is without a label.",
            "Pack first; a label that is there can be printed again.",
        )
    return ready


def _is_choice(quote: CarrierQuote, choice: str) -> bool:
    return bool(choice) and choice.casefold() in (
        quote.service.casefold(),
        f"{quote.carrier}/{quote.service}".casefold(),
        quote.title.casefold(),
    )
