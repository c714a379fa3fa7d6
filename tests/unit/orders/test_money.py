"""A line's money per unit: whatever is taken in whatever order, the parts sum to the whole."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract.messages import ChannelLine, ChannelOrder, PaymentTerms
from oms.kernel.address import Address
from oms.kernel.errors import Refused
from oms.orders.intake.model import price
from oms.orders.money import cancelled_share, split_units, units_share, whole_units

MINOR = st.integers(0, 10**9)


def told(
    *lines: tuple[int, int, int, int], order_discount: int = 0, includes_tax: bool = True
) -> ChannelOrder:
    """An order of lines given as (quantity, line total, line discount, tax rate)."""
    return ChannelOrder(
        external_id="1",
        placed_at_ms=1,
        currency="EUR",
        ship_to=Address("DE"),
        lines=tuple(
            ChannelLine(
                external_id=str(position),
                sku=str(position),
                quantity=quantity,
                unit_price_minor=total // quantity,
                line_total_minor=total,
                discount_minor=discount,
                tax_rate=rate,
            )
            for position, (quantity, total, discount, rate) in enumerate(lines)
        ),
        prices_include_tax=includes_tax,
        payment_terms=PaymentTerms.PAID_ON_CHANNEL,
        discount_minor=order_discount,
    )


def refund(order: ChannelOrder, *takings: tuple[int, int]) -> list[int]:
    """What each taking of (line, units) gives back, one after the other."""
    lines = price(order).lines
    taken: dict[int, int] = {}
    amounts = []
    for line, count in takings:
        amounts.append(sum(units_share(lines[line].split, taken.get(line, 0), count)))
        taken[line] = taken.get(line, 0) + count
    return amounts


GOLDEN = {
    "150+60, order discount 42, refund the 150 item": refund(
        told((1, 15_000, 0, 0), (1, 6_000, 0, 0), order_discount=4_200), (0, 1)
    ),
    "6+4, order discount 1, refund item 1": refund(
        told((1, 600, 0, 0), (1, 400, 0, 0), order_discount=100), (0, 1)
    ),
    "3 x 100 with -10%, return 2": refund(told((3, 30_000, 3_000, 0)), (0, 2)),
    "3 x 10.00, discount 1.00: refund 2 then 1 must equal 29.00": refund(
        told((3, 3_000, 100, 0)), (0, 2), (0, 1)
    ),
    "39.99 + 7% tax, full refund": refund(told((1, 3_999, 0, 700), includes_tax=False), (0, 1)),
    "3 x 3.33, discount 1.00, 19% exclusive: 3 single returns = paid": refund(
        told((3, 999, 100, 1_900), includes_tax=False), (0, 1), (0, 1), (0, 1)
    ),
}


def test_every_golden_refund_is_right(shared_design: Path) -> None:
    cases = json.loads((shared_design / "refund_golden.json").read_text())

    assert {case["case"]: sum(GOLDEN[case["case"]]) for case in cases} == {
        case["case"]: case["expected_minor"] for case in cases
    }


@given(net=MINOR, tax=MINOR, quantity=st.integers(1, 10**6))
def test_a_split_has_every_unit_and_every_cent(net: int, tax: int, quantity: int) -> None:
    split = split_units(net, tax, quantity)

    assert sum(count for count, _, _ in split) == quantity
    assert units_share(split, 0, quantity) == (net, tax)
    assert len(split) <= 3


@given(net=MINOR, tax=MINOR, quantity=st.integers(1, 1_000))
def test_no_unit_costs_more_than_a_cent_more_than_another(
    net: int, tax: int, quantity: int
) -> None:
    prices = {net + tax for _, net, tax in split_units(net, tax, quantity)}

    assert max(prices) - min(prices) <= 1


def test_units_whose_price_divides_all_cost_the_same() -> None:
    split = split_units(2_500, 500, 3)

    assert [unit_net + unit_tax for _, unit_net, unit_tax in split] == [1_000, 1_000]
    assert split == ((2, 833, 167), (1, 834, 166))


@settings(max_examples=40)
@given(data=st.data())
def test_invoices_from_the_front_and_cancels_from_the_back_sum_to_the_line(
    data: st.DataObject,
) -> None:
    quantity = data.draw(st.integers(1, 40))
    split = split_units(data.draw(MINOR), data.draw(MINOR), quantity)
    shipped = cancelled = 0
    net = tax = 0

    while shipped + cancelled < quantity:
        count = data.draw(st.integers(1, quantity - shipped - cancelled))
        if data.draw(st.booleans()):
            share = units_share(split, shipped, count)
            shipped += count
        else:
            share = cancelled_share(split, cancelled, count)
            cancelled += count
        net, tax = net + share[0], tax + share[1]

    assert (net, tax) == units_share(split, 0, quantity)


def test_more_units_than_were_sold_cannot_be_taken() -> None:
    with pytest.raises(Refused, match="more are more than were sold"):
        units_share(split_units(100, 0, 3), 2, 2)


@settings(max_examples=40)
@given(data=st.data())
def test_discounts_and_tax_are_spread_over_lines_without_a_rest(data: st.DataObject) -> None:
    lines = data.draw(
        st.lists(
            st.tuples(
                st.integers(1, 50),
                st.integers(0, 10**6),
                st.just(0),
                st.sampled_from([0, 700, 1_900]),
            ),
            min_size=1,
            max_size=8,
        )
    )
    discount = data.draw(st.integers(0, sum(total for _, total, _, _ in lines)))
    order = told(*lines, order_discount=discount, includes_tax=data.draw(st.booleans()))

    priced = price(order)

    goods = sum(total for _, total, _, _ in lines) - discount
    expected = goods if order.prices_include_tax else goods + priced.tax_minor
    assert priced.total_minor == expected
    assert priced.goods_minor == sum(line.net_minor for line in priced.lines)
    assert all(line.net_minor >= 0 <= line.tax_minor for line in priced.lines)


def test_tax_the_channel_names_is_taken_as_it_is() -> None:
    order = told((2, 2_000, 0, 1_900))
    line = ChannelLine(
        external_id="0",
        sku="0",
        quantity=2,
        unit_price_minor=1_000,
        line_total_minor=2_000,
        tax_minor=300,
        tax_rate=1_900,
    )

    [priced] = price(
        ChannelOrder(
            external_id="1",
            placed_at_ms=1,
            currency="EUR",
            ship_to=Address("DE"),
            lines=(line,),
            prices_include_tax=True,
            payment_terms=order.payment_terms,
        )
    ).lines

    assert (priced.net_minor, priced.tax_minor) == (1_700, 300)


def test_a_set_counts_when_all_its_parts_are_there() -> None:
    assert whole_units({"p": 2, "q": 1}, {"p": 5, "q": 9}) == 2
    assert whole_units({"p": 2, "q": 1}, {"p": 5}) == 0
