"""Returns as channels report them: matched with what was sold, or blind; each once."""

from typing import Any

from connectors.contract.messages import (
    ChannelCharge,
    ChannelParty,
    ChannelReturn,
    ChannelReturnLine,
    ChargeKind,
)
from returns import service as returns
from returns.intake.model import TakeIn, TakenIn
from tests.integration.floor.warehouse import Warehouse
from tests.integration.orders.shop import line, order

ADA = ChannelParty(email="ada@example.org")


def back(sku: str, quantity: int = 1, each_minor: int = 900, **told: Any) -> ChannelReturnLine:
    fields: dict[str, Any] = {
        "external_id": sku,
        "sku": sku,
        "quantity": quantity,
        "unit_price_minor": each_minor,
        "amount_minor": each_minor * quantity,
        "tax_minor": 0,
    }
    return ChannelReturnLine(**(fields | told))


def report(floor: Warehouse, name: str, *lines: ChannelReturnLine, **told: Any) -> TakeIn:
    fields: dict[str, Any] = {
        "external_id": name,
        "at_ms": floor.clock.now_ms,
        "currency": "GBP",
        "lines": lines,
        "prices_include_tax": True,
        "customer": ADA,
    }
    message = ChannelReturn(**(fields | told))
    return TakeIn(channel_id=floor.channel_id, message=message, node_id=floor.node_id("LON"))


def bought(floor: Warehouse, name: str, quantity: int, day: int) -> str:
    """An order by Ada, delivered."""
    told = order(name, line("A", quantity), placed_at_ms=floor.clock.now_ms - 1_000 + day)
    order_id = floor.placed(told)
    floor.fulfilled(order_id)
    floor.delivered(order_id)
    return order_id


def take(floor: Warehouse, *commands: TakeIn) -> list[TakenIn]:
    taken = floor.do(returns.take_in, *commands)
    floor.drain()
    return [each for each in taken if isinstance(each, TakenIn)]


def test_goods_come_back_to_the_buyer_s_latest_purchases_first(floor: Warehouse) -> None:
    early, late = bought(floor, "W1", 2, day=1), bought(floor, "W2", 2, day=2)

    [taken] = take(floor, report(floor, "C1", back("A", 3)))

    assert (taken.outcome, taken.matched, taken.blind) == ("new", 3, 0)
    assert {each.order_id for each in taken.returns} == {early, late}
    assert floor.states(late) == {"return_accepted": 2}
    assert floor.states(early) == {"delivered": 1, "return_accepted": 1}
    assert (floor.credited_minor(late), floor.credited_minor(early)) == (2_000, 1_000)
    floor.expect_proven()


def test_what_no_purchase_explains_is_blind_and_counts_as_claimed(floor: Warehouse) -> None:
    order_id = bought(floor, "W1", 2, day=1)
    before = floor.units_at("node:available", "A")

    [taken] = take(floor, report(floor, "C1", back("A", 5)))

    assert (taken.matched, taken.blind) == (2, 3)
    assert floor.credited_minor(order_id) == 2_000
    assert floor.credited_minor("") == 2_000 + 3 * 900
    assert floor.units_at("node:available", "A") == before + 5
    assert floor.units_at("customer:unknown", "A") == -3
    floor.expect_proven()


def test_the_same_report_again_changes_nothing(floor: Warehouse) -> None:
    bought(floor, "W1", 2, day=1)
    command = report(floor, "C1", back("A", 1))

    [first, twice] = take(floor, command, command)
    [again] = take(floor, command)

    assert [first.outcome, twice.outcome, again.outcome] == ["new", "same", "same"]
    assert again.returns == first.returns
    assert floor.count("return_order") == 1


def test_a_named_order_is_matched_even_for_a_guest(floor: Warehouse) -> None:
    order_id = floor.placed(order("W1", line("A", 2), customer=None))
    floor.fulfilled(order_id)
    named = back("A", 1, order_external_id="W1", order_line_external_id="A")

    [taken] = take(floor, report(floor, "C1", named, customer=None))

    assert (taken.matched, taken.blind) == (1, 0)
    assert floor.states(order_id) == {"shipped": 1, "return_accepted": 1}
    floor.expect_proven()


def test_another_order_than_the_named_one_is_not_touched(floor: Warehouse) -> None:
    order_id = bought(floor, "W1", 2, day=1)

    [taken] = take(floor, report(floor, "C1", back("A", 1, order_external_id="W9")))

    assert (taken.matched, taken.blind) == (0, 1)
    assert floor.states(order_id) == {"delivered": 2}


def test_reports_of_one_batch_do_not_take_the_same_units(floor: Warehouse) -> None:
    order_id = bought(floor, "W1", 3, day=1)

    first, second = take(
        floor, report(floor, "C1", back("A", 2)), report(floor, "C2", back("A", 2))
    )

    assert [(each.matched, each.blind) for each in (first, second)] == [(2, 0), (1, 1)]
    assert floor.states(order_id) == {"return_accepted": 3}
    floor.expect_proven()


def test_purchases_after_the_return_do_not_explain_it(floor: Warehouse) -> None:
    bought(floor, "W1", 2, day=1)

    [taken] = take(floor, report(floor, "C1", back("A"), at_ms=floor.clock.now_ms - 5_000))

    assert (taken.matched, taken.blind) == (0, 1)


def test_a_bundle_comes_back_as_its_parts(floor: Warehouse) -> None:
    order_id = floor.placed(order("W1", line("SET", 2, 3_000)))
    floor.fulfilled(order_id)

    [taken] = take(floor, report(floor, "C1", back("SET", 1, 3_000)))

    assert (taken.matched, taken.blind) == (3, 0)
    assert floor.states(order_id) == {"shipped": 3, "return_accepted": 3}
    assert floor.credited_minor(order_id) == 3_000
    floor.expect_proven()


def test_charges_can_be_given_back_without_goods(floor: Warehouse) -> None:
    postage = ChannelCharge(
        kind=ChargeKind.SHIPPING, title="Postage", amount_minor=350, tax_minor=58, tax_rate=2_000
    )

    [taken] = take(floor, report(floor, "C1", charges=(postage,)))

    assert (len(taken.returns), taken.matched, taken.blind) == (1, 0, 0)
    view = floor.view(taken.returns[0].id)
    assert [(each.title, each.net_minor, each.tax_minor) for each in view.charges] == [
        ("Postage", 292, 58)
    ]
    assert floor.credited_minor("") == 350
    floor.expect_proven()


def test_an_unknown_listing_refuses_its_report_and_no_other(floor: Warehouse) -> None:
    strange, fine = floor.attempt(
        returns.take_in, report(floor, "C1", back("A"), back("Z")), report(floor, "C2", back("A"))
    )

    assert (strange.code, strange.fields) == ("return.unknown_listing", {"sku": "Z"})
    assert fine.blind == 1


def test_what_cannot_be_a_return_is_refused_with_every_place(floor: Warehouse) -> None:
    command = report(floor, "", back("A", 0), currency="XXQ")

    refused = floor.refusal(returns.take_in, command)

    assert set(refused.fields) == {"external_id", "currency", "lines[0].quantity"}


def test_a_stranger_does_not_become_a_customer(floor: Warehouse) -> None:
    customers = floor.count("customer")

    take(floor, report(floor, "C1", back("A"), customer=ChannelParty(email="eve@example.org")))

    assert floor.count("customer") == customers
