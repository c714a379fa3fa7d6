"""What the demo's customers order: repeatable, calibrated, and sometimes wrong on purpose."""

from collections import Counter
from datetime import UTC, datetime
from statistics import mean

import msgspec
import phonenumbers
import pytest

from connectors.contract.messages import ChannelOrder, PaymentTerms, order_total_minor
from oms.kernel.clock import DAY_MS, HOUR_MS
from oms.kernel.errors import Invalid
from oms.orders.intake import model as intake
from oms.simulator.traffic import Plan, Traffic
from oms.simulator.world import load_world

MONDAY_NOON_IN_JAKARTA_MS = int(datetime(2026, 11, 2, 5, tzinfo=UTC).timestamp()) * 1000
THREE_AT_NIGHT_MS = MONDAY_NOON_IN_JAKARTA_MS - 9 * HOUR_MS
WORLD = load_world()
TRAFFIC = Traffic(WORLD, seed=1)
SPEED = WORLD.merchant.speed


def plans(count: int) -> list[Plan]:
    return [TRAFFIC.plan(number, MONDAY_NOON_IN_JAKARTA_MS) for number in range(1, count + 1)]


PLANS = plans(1_500)


def test_the_same_seed_and_number_give_the_same_order() -> None:
    again = Traffic(WORLD, seed=1)

    assert [again.plan(n, MONDAY_NOON_IN_JAKARTA_MS) for n in (1, 77, 1_000)] == [
        PLANS[0],
        PLANS[76],
        PLANS[999],
    ]


def test_another_seed_gives_other_orders() -> None:
    other = Traffic(WORLD, seed=2).plan(1, MONDAY_NOON_IN_JAKARTA_MS)

    assert other.order.ship_to != PLANS[0].order.ship_to


def test_every_order_can_be_taken_in_and_its_parts_sum_to_the_total_it_states() -> None:
    for plan in PLANS:
        intake.check(plan.order)
        priced = intake.price(plan.order)
        stated = plan.order.total_minor or 0

        assert priced.total_minor in (stated, stated - 100_000)  # the second is a lie


def test_some_orders_state_a_total_that_their_parts_do_not_sum_to() -> None:
    lies = [plan for plan in PLANS if plan.order.total_minor != order_total_minor(plan.order)]

    assert 2 <= len(lies) <= 25


def test_an_order_has_a_number_of_its_own_on_its_channel() -> None:
    names = {(plan.channel, plan.order.external_id) for plan in PLANS}

    assert len(names) == len(PLANS)


def test_channels_have_the_share_of_orders_the_merchant_says() -> None:
    counts = Counter(plan.channel for plan in PLANS)

    assert counts["webshop"] / len(PLANS) == pytest.approx(0.34, abs=0.04)
    assert counts["phone"] / len(PLANS) == pytest.approx(0.08, abs=0.03)


def test_marketplace_baskets_are_as_small_as_the_calibration_says() -> None:
    lines = [len(plan.order.lines) for plan in PLANS if plan.channel == "pasarnusa"]

    assert lines.count(1) / len(lines) == pytest.approx(0.967, abs=0.03)


def test_popular_items_are_ordered_far_more_often_than_rare_ones() -> None:
    skus = Counter(line.gtin for plan in PLANS for line in plan.order.lines)
    ranked = [count for _, count in skus.most_common()]

    assert ranked[0] > 6 * ranked[60]


def test_phones_are_valid_and_mail_goes_to_domains_for_examples() -> None:
    parties = [plan.order.customer for plan in PLANS if plan.order.customer]
    phones = {party.phone for party in parties if party.phone}

    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in phones)
    assert {party.email.rpartition("@")[2] for party in parties if party.email} <= {
        "example.com",
        "example.net",
        "example.org",
    }


def test_customers_come_again() -> None:
    buyers = Counter(plan.order.ship_to.name + plan.order.ship_to.line1 for plan in PLANS)

    assert sum(1 for count in buyers.values() if count > 1) > 150


def test_card_orders_bring_a_token_and_those_paid_at_the_door_bring_nothing() -> None:
    card = next(plan.order for plan in PLANS if plan.channel == "webshop")
    cash = next(plan.order for plan in PLANS if plan.channel == "phone")

    assert card.payment_terms is PaymentTerms.CAPTURE_ON_SHIP
    assert card.payments[0].amount_minor == order_total_minor(card)
    assert cash.payment_terms is PaymentTerms.COD
    assert cash.payments == ()


def test_an_unreadable_payload_is_no_order() -> None:
    broken = [plan.unreadable for plan in PLANS if plan.unreadable]

    assert len(broken) >= 3
    for payload in broken:
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(payload, type=ChannelOrder)


def test_a_changed_order_has_the_same_name_and_other_contents() -> None:
    changes = [plan for plan in PLANS if plan.changed]

    assert len(changes) >= 5
    for plan in changes:
        assert plan.changed is not None
        assert plan.changed.order.external_id == plan.order.external_id
        assert intake.content_hash(plan.changed.order) != intake.content_hash(plan.order)
        intake.check(plan.changed.order)


def test_some_lines_are_named_as_nobody_told_us() -> None:
    unknown = [line.sku for plan in PLANS for line in plan.order.lines if line.sku[:4] == "NEW-"]

    assert 5 <= len(unknown) <= 45


def test_half_a_house_is_never_ordered() -> None:
    with pytest.raises(Invalid):
        intake.check(msgspec.structs.replace(PLANS[0].order, lines=(), charges=()))
    assert max(len(plan.order.lines) for plan in PLANS) <= 15


def test_at_noon_an_order_comes_every_one_to_three_seconds() -> None:
    gaps_s = [TRAFFIC.gap_ms(n, MONDAY_NOON_IN_JAKARTA_MS, SPEED) / 1000 for n in range(800)]

    assert 1 <= mean(gaps_s) <= 3


def test_nights_are_quieter_and_not_dead() -> None:
    noon = mean(TRAFFIC.gap_ms(n, MONDAY_NOON_IN_JAKARTA_MS, SPEED) for n in range(800))
    night = mean(TRAFFIC.gap_ms(n, THREE_AT_NIGHT_MS, SPEED) for n in range(800))

    assert noon * 1.5 < night < 10_000


def test_the_past_is_as_busy_as_its_hours_were() -> None:
    start_ms = MONDAY_NOON_IN_JAKARTA_MS - 5 * DAY_MS

    moments = TRAFFIC.history(2_000, start_ms, MONDAY_NOON_IN_JAKARTA_MS)

    hours = Counter(datetime.fromtimestamp(at / 1000, UTC).hour for at in moments)
    assert len(moments) == 2_000
    assert moments == sorted(moments)
    assert start_ms <= moments[0]
    assert moments[-1] < MONDAY_NOON_IN_JAKARTA_MS
    assert hours[4] > 10 * hours[20]  # eleven in the morning and three at night in Jakarta


def test_about_one_customer_in_twenty_sends_something_back() -> None:
    back = sum(TRAFFIC.wants_back(f"SO-{number:06d}", "webshop") for number in range(3_000))

    assert 0.03 < back / 3_000 < 0.065


def test_a_till_scans_barcodes_and_a_marketplace_has_names_of_its_own() -> None:
    till = next(plan.order for plan in PLANS if plan.channel == "till")
    market = next(plan.order for plan in PLANS if plan.channel == "orchidmall")

    assert till.lines[-1].sku == till.lines[-1].gtin
    assert market.lines[-1].sku.startswith("OM-")
