"""What channels tell: orders drawn from calibrated habits, and the lies they tell now and then.

Pure: the same seed and the same number give the same order, whenever and wherever it is drawn.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from connectors.contract.messages import (
    ChannelCharge,
    ChannelLine,
    ChannelOrder,
    ChannelPayment,
    ChargeKind,
    PaymentTerms,
    order_total_minor,
)
from oms.kernel.address import distance_km
from oms.kernel.clock import DAY_MS, HOUR_MS
from oms.simulator.chances import (
    count_by_quantiles,
    count_by_shares,
    drawn_for,
    shuffled,
    span_h,
    zipf_weights,
)
from oms.simulator.customers import Person, as_told, person
from oms.simulator.world import Bundle, DemoChannel, Good, Profile, World

ESTIMATED_FROM: Final = 300  # orders: enough for how much stock a shelf needs
_BP: Final = 10_000
_TROUBLE: Final = ("authorise=decline", "capture=timeout", "capture=pending", "refund=5xx")
_encode: Final = msgspec.json.Encoder().encode


class Changed(msgspec.Struct, frozen=True):
    """The same order told again with other words."""

    after_h: float
    order: ChannelOrder


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One order and everything its customer and its channel will do about it, in hours from now.

    `unreadable` is set instead of a good `order` being told: the payload as it came.
    """

    number: int
    channel: str
    order: ChannelOrder
    unreadable: str = ""
    repeated_after_h: float | None = None
    changed: Changed | None = None
    cancelled_after_h: float | None = None
    cancels_whole: bool = True


class Traffic:
    """Draws orders for one seed."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.seed = world, seed
        self._zone = ZoneInfo(world.merchant.time_zone)
        goods = world.assortment.items
        weights = zipf_weights(len(goods), world.habits.popularity.zipf_s)
        self._goods = shuffled(drawn_for(seed, "popularity"), goods)
        self._weights = weights
        total = sum(weights)
        self._shares = {
            good.sku: weight / total for good, weight in zip(self._goods, weights, strict=True)
        }

    def popularity(self, sku: str) -> float:
        """The share of a stock item in all lines, bundles aside."""
        return self._shares[sku]

    def units_a_day(self, sku: str) -> float:
        """Units of a stock item that all customers together want on a mean day, about."""
        return self.world.habits.arrivals.orders_per_day * self._units_an_order * self._shares[sku]

    def plan(self, number: int, at_ms: int) -> Plan:
        """The order of this number, placed at `at_ms`."""
        rng = drawn_for(self.seed, "order", number)
        channels = self.world.merchant.channels
        channel = rng.choices(channels, [each.weight for each in channels])[0]
        profile = self.world.habits.profiles[channel.profile]
        order = self._order(rng, number, at_ms, (channel, profile))
        return self._with_lies(rng, number, (channel, profile), order)

    def gap_ms(self, number: int, now_ms: int, speed: float) -> int:
        """How long until the next order, `speed` times as fast as on a real day."""
        arrivals = self.world.habits.arrivals
        busy = max(self.busyness(now_ms), arrivals.least_hour)
        mean_ms = DAY_MS / (arrivals.orders_per_day * speed * busy)
        return max(1, int(drawn_for(self.seed, "gap", number).expovariate(1 / mean_ms)))

    def busyness(self, at_ms: int) -> float:
        """How busy the hour is: 1 is the mean."""
        moment = self._local(at_ms)
        arrivals = self.world.habits.arrivals
        weekday = arrivals.weekday_weights[moment.weekday()] / sum(arrivals.weekday_weights)
        hour = arrivals.hour_weights[moment.hour] / sum(arrivals.hour_weights)
        return weekday * 7 * hour * 24

    def history(self, count: int, start_ms: int, end_ms: int) -> list[int]:
        """`count` moments between the two, as busy as their hours are, oldest first."""
        rng = drawn_for(self.seed, "history")
        hours = range(start_ms, end_ms, HOUR_MS)
        chosen = rng.choices(hours, [self.busyness(hour) for hour in hours], k=count)
        moments = (hour + rng.randrange(HOUR_MS) for hour in chosen)
        return sorted(min(moment, end_ms - 1) for moment in moments)

    def wants_back(self, order_number: str, channel: str) -> bool:
        """Whether the customer of a delivered order will send something back."""
        profile = self._profile(channel)
        return drawn_for(self.seed, "back", order_number).random() < profile.return_rate

    @cached_property
    def _units_an_order(self) -> float:
        plans = [self.plan(-number, 0) for number in range(1, ESTIMATED_FROM + 1)]
        units = sum(line.quantity for plan in plans for line in plan.order.lines)
        return units / ESTIMATED_FROM

    def _profile(self, channel: str) -> Profile:
        found = next(each for each in self.world.merchant.channels if each.code == channel)
        return self.world.habits.profiles[found.profile]

    def _local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms / 1000, tz=self._zone)

    def _order(
        self, rng: Random, number: int, at_ms: int, of: tuple[DemoChannel, Profile]
    ) -> ChannelOrder:
        channel, profile = of
        buyer = self._buyer(rng, number, channel)
        party, ship_to = as_told(buyer, channel)
        lines = tuple(
            self._line(rng, position, ware, of)
            for position, ware in enumerate(self._wares(rng, profile), start=1)
        )
        external_id = channel.number.format(n=number)
        order = ChannelOrder(
            external_id=external_id,
            external_number=external_id,
            placed_at_ms=at_ms,
            deadline_ms=at_ms + (SHIP_BY_H + number * 7 % SHIP_BY_SPREAD_H) * HOUR_MS,
            currency=self.world.merchant.currency,
            customer=party,
            ship_to=ship_to,
            lines=lines,
            charges=self._shipping(buyer, lines, channel),
            prices_include_tax=True,
            payment_terms=channel.payment_terms,
            shipping_choice="REG",
            discount_minor=self._discount(rng, lines),
        )
        total_minor = order_total_minor(order)
        return replace(
            order,
            total_minor=total_minor,
            payments=self._payments(rng, order, channel, total_minor),
        )

    def _buyer(self, rng: Random, number: int, channel: DemoChannel) -> Person:
        """Regulars come again, the more often the lower their number; the others order once."""
        habits = self.world.habits.customers
        is_regular = rng.random() < habits.return_share
        place = int(habits.pool * rng.random() ** 2) if is_regular else habits.pool + number
        return person(self.world, self.seed, place, channel)

    def _wares(self, rng: Random, profile: Profile) -> list[Good | Bundle]:
        """Different things, as many as the profile's customers put into a basket."""
        count = (
            count_by_shares(rng, profile.lines)
            if profile.lines
            else count_by_quantiles(rng, profile.line_quantiles, profile.lines_max)
        )
        wares: dict[str, Good | Bundle] = {}
        while len(wares) < count:
            is_bundle = rng.random() < self.world.habits.popularity.bundle_share
            ware: Good | Bundle = (
                rng.choice(self.world.assortment.bundles)
                if is_bundle
                else rng.choices(self._goods, self._weights)[0]
            )
            wares[ware.sku] = ware
        return list(wares.values())

    def _line(
        self, rng: Random, position: int, ware: Good | Bundle, of: tuple[DemoChannel, Profile]
    ) -> ChannelLine:
        channel, profile = of
        quantity = (
            count_by_shares(rng, profile.units)
            if profile.units
            else count_by_quantiles(rng, profile.unit_quantiles, profile.units_max)
        )
        unit_minor = self.world.assortment.minor(ware.price)
        return ChannelLine(
            external_id=str(position),
            sku=listing_sku(channel, ware),
            gtin=ware.gtin,
            title=ware.english if channel.locale == "en" else ware.name,
            quantity=quantity,
            unit_price_minor=unit_minor,
            line_total_minor=unit_minor * quantity,
            tax_rate=self.world.assortment.tax_rate_bp,
        )

    def _discount(self, rng: Random, lines: Sequence[ChannelLine]) -> int:
        habits = self.world.habits.customers
        if rng.random() >= habits.discount_share:
            return 0
        return sum(line.line_total_minor for line in lines) * habits.discount_bp // _BP

    def _shipping(
        self, buyer: Person, lines: Sequence[ChannelLine], channel: DemoChannel
    ) -> tuple[ChannelCharge, ...]:
        habits = self.world.habits.customers
        if sum(line.line_total_minor for line in lines) >= habits.free_shipping_minor:
            return ()
        km = min(
            distance_km(buyer.city.at, self.world.city(node.city).at)
            for node in self.world.merchant.nodes
        )
        way = "near" if km <= habits.near_km else "island" if km <= habits.island_km else "far"
        return (
            ChannelCharge(
                kind=ChargeKind.SHIPPING,
                title="Shipping" if channel.locale == "en" else "Ongkos kirim",
                amount_minor=habits.shipping_minor[way],
                tax_rate=self.world.assortment.tax_rate_bp,
            ),
        )

    def _payments(
        self, rng: Random, order: ChannelOrder, channel: DemoChannel, total_minor: int
    ) -> tuple[ChannelPayment, ...]:
        trouble = rng.random() < self.world.habits.lies.gateway_trouble
        fault = rng.choice(_TROUBLE)
        if channel.payment_terms is PaymentTerms.COD or not total_minor:
            return ()
        if channel.payment_terms is PaymentTerms.CAPTURE_ON_SHIP:
            token = f"test:{fault}:{order.external_id}" if trouble else f"tok_{order.external_id}"
            note = ChannelPayment(tender="card", amount_minor=total_minor, reference=token)
        else:
            note = ChannelPayment(
                tender=f"{channel.code}_pay",
                amount_minor=total_minor,
                reference=f"{channel.code}-{order.external_id}",
                at_ms=order.placed_at_ms,
            )
        return (note,)

    def _with_lies(
        self, rng: Random, number: int, of: tuple[DemoChannel, Profile], order: ChannelOrder
    ) -> Plan:
        """The order as the channel really tells it. Every draw is made: none shifts others."""
        channel, profile = of
        lies, hours = self.world.habits.lies, self.world.habits.hours
        chance = {name: rng.random() < getattr(lies, name) for name in _ORDER_LIES}
        is_cancelled = rng.random() < profile.cancel_rate
        after = {name: span_h(rng, getattr(hours, name)) for name in ("repeat", "change", "cancel")}
        cancels_whole = rng.random() < 0.5 or len(order.lines) == 1
        if chance["unknown_listing"]:
            order = _with_unknown_listing(order, number)
        if chance["wrong_total"]:
            order = replace(order, total_minor=(order.total_minor or 0) + 100_000)
        return Plan(
            number=number,
            channel=channel.code,
            order=order,
            unreadable=broken_payload(order, number) if chance["unreadable"] else "",
            repeated_after_h=after["repeat"] if chance["told_twice"] else None,
            changed=Changed(after["change"], _with_more(order)) if chance["told_changed"] else None,
            cancelled_after_h=after["cancel"] if is_cancelled else None,
            cancels_whole=cancels_whole,
        )


SHIP_BY_H: Final = 8
SHIP_BY_SPREAD_H: Final = 23
"""Channels promise to ship after so many hours, some sooner than others."""

_ORDER_LIES: Final = ("told_twice", "told_changed", "unknown_listing", "unreadable", "wrong_total")


def listing_sku(channel: DemoChannel, ware: Good | Bundle) -> str:
    """What the channel calls a ware: a till scans, a marketplace has names of its own."""
    return ware.gtin if channel.kind == "pos" else channel.sku_prefix + ware.sku


def broken_payload(order: ChannelOrder, number: int) -> str:
    """The order as JSON that no longer is one: cut off, or with words where a number belongs."""
    text = _encode(order).decode()
    if number % 2:
        return text[: len(text) * 2 // 3]
    quantity = f'"quantity":{order.lines[0].quantity}'
    return text.replace(quantity, f'"quantity":"{order.lines[0].quantity} pcs"', 1)


def _with_unknown_listing(order: ChannelOrder, number: int) -> ChannelOrder:
    """The first line under a name nobody has told us of."""
    first = replace(order.lines[0], sku=f"NEW-{number:05d}", gtin="")
    return replace(order, lines=(first, *order.lines[1:]))


def _with_more(order: ChannelOrder) -> ChannelOrder:
    """One more unit of the first line, and totals that follow."""
    line = order.lines[0]
    total_minor = line.line_total_minor + line.unit_price_minor
    more = replace(line, quantity=line.quantity + 1, line_total_minor=total_minor)
    changed = replace(order, lines=(more, *order.lines[1:]))
    return replace(changed, total_minor=order_total_minor(changed))
