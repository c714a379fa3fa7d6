"""An order's money and the shares of its units, decided without a database."""

import pytest
from msgspec.structs import replace

from oms.accounting.crediting.model import credit_units, part_cost, restocked_later
from oms.accounting.invoicing.model import free_units, goods_line
from oms.accounting.model import (
    BACK,
    OUT,
    Charges,
    DocumentKind,
    Flow,
    Line,
    OrderAccount,
    Reason,
    ReturnedCost,
    Settlement,
    Sold,
    cut,
    number_of,
    settle,
    shared_cost,
)
from oms.accounting.settling.model import cancel, reinstate
from oms.kernel.errors import Stale
from oms.orders.events import ChargeShare, LinesCancelled, LineShare, LinesReinstated
from oms.orders.facts import LineFacts
from oms.orders.money import split_units, units_share
from returns.events import InspectedLine

EMPTY = OrderAccount(order_id="ord_1", currency="GBP")


def line_facts(net_minor: int, tax_minor: int, quantity: int) -> LineFacts:
    return LineFacts(
        id="lin_1",
        position=1,
        external_id="1",
        listing_sku="MUG",
        item_id="itm_1",
        title="Mug",
        quantity=quantity,
        unit_price_minor=0,
        net_minor=net_minor,
        tax_minor=tax_minor,
        tax_rate_bp=2000,
        unit_split=split_units(net_minor, tax_minor, quantity),
        parts=(("itm_1", 1),),
        extra={},
    )


def on_invoice(line: Line, invoice_id: str = "inv_1") -> Sold:
    return Sold(DocumentKind.INVOICE, Reason.SHIPPED, "ord_1", invoice_id, 1, line)


def on_credit(line: Line) -> Sold:
    return Sold(DocumentKind.CREDIT_NOTE, Reason.RETURNED, "ord_1", "cn", 1, line)


def came_back(quantity: int) -> InspectedLine:
    return InspectedLine(
        return_line_id="rtl_1",
        line_id="lin_1",
        item_id="itm_1",
        quantity=quantity,
        disposition="restock",
        restocked=True,
        claimed_net_minor=1,
        claimed_tax_minor=1,
        tax_rate_bp=0,
        title="",
    )


@pytest.mark.parametrize(
    ("account", "captured", "expected"),
    [
        (replace(EMPTY, invoiced_minor=600), 1000, Settlement(apply_minor=600)),
        (replace(EMPTY, invoiced_minor=600), 400, Settlement(apply_minor=400)),
        (replace(EMPTY, cancelled_minor=300), 1000, Settlement(release_minor=300)),
        (replace(EMPTY, cancelled_minor=300), 0, Settlement()),
        (replace(EMPTY, cancelled_minor=300), 800, Settlement(release_minor=100)),
        (
            replace(EMPTY, invoiced_minor=1000, applied_minor=1000, credited_minor=200),
            1000,
            Settlement(refund_minor=200),
        ),
        (replace(EMPTY, invoiced_minor=1000, credited_minor=200), 0, Settlement()),
        (
            replace(EMPTY, invoiced_minor=1000, credited_minor=200),
            1000,
            Settlement(apply_minor=800, release_minor=200),
        ),
        (replace(EMPTY, invoiced_minor=1000), 1100, Settlement(apply_minor=1000)),
        (
            replace(
                EMPTY,
                invoiced_minor=1000,
                applied_minor=1000,
                credited_minor=600,
                reversed_minor=600,
            ),
            1000,
            Settlement(apply_minor=-600),
        ),
    ],
    ids=[
        "a deposit pays what is invoiced",
        "as far as it goes",
        "a paid cancel goes back",
        "an unpaid one does not",
        "a half paid one only as far as the rest does not need it",
        "a paid return goes back",
        "an unpaid one lowers what is owed",
        "money after a return pays what is left of the invoice",
        "money nobody can explain stays",
        "money of an undone shipment waits until the goods leave",
    ],
)
def test_money_follows_documents(
    account: OrderAccount, captured: int, expected: Settlement
) -> None:
    settled, done = settle(account, 1000, captured)

    assert done == expected
    assert settle(settled, 1000, captured)[1] == Settlement()


def test_a_cut_of_a_split_is_worth_what_the_whole_says_of_these_units() -> None:
    split = split_units(1000, 190, 7)

    for first in range(7):
        for count in range(8 - first):
            part = cut(split, first, count)
            assert units_share(part, 0, count) == units_share(split, first, count)


def test_units_invoiced_in_turn_sum_to_the_line() -> None:
    line = line_facts(1000, 190, 7)

    parts = [goods_line(line, first, count, 0) for first, count in ((0, 3), (3, 1), (4, 3))]

    assert sum(part.net_minor for part in parts) == 1000
    assert sum(part.tax_minor for part in parts) == 190


def test_returned_units_are_the_first_ones_invoiced_and_not_yet_credited() -> None:
    line = line_facts(1000, 190, 3)
    first = on_invoice(goods_line(line, 0, 2, 100))
    second = on_invoice(goods_line(line, 2, 1, 77), "inv_2")

    one = credit_units([first, second], came_back(1), 1)
    rest = credit_units([first, second, on_credit(one[0])], came_back(2), 2)

    assert [(each.first_unit, each.corrects_id) for each in (*one, *rest)] == [
        (0, "inv_1"),
        (1, "inv_1"),
        (2, "inv_2"),
    ]
    assert sum(each.net_minor + each.tax_minor for each in (*one, *rest)) == 1190
    assert sum(each.cost_minor for each in (*one, *rest)) == 177


def test_units_that_are_not_invoiced_cannot_be_credited_yet() -> None:
    sold = [on_invoice(goods_line(line_facts(1000, 0, 2), 0, 1, 0))]

    with pytest.raises(Stale, match="1 returned units"):
        credit_units(sold, came_back(2), 2)


def test_units_of_an_undone_shipment_are_the_next_to_be_invoiced() -> None:
    line = line_facts(1000, 190, 5)
    first, second = goods_line(line, 0, 2, 0), goods_line(line, 2, 2, 0)
    undone = replace(first, corrects_id="inv_1", corrects_position=1)
    sold = [
        on_invoice(first),
        on_invoice(second, "inv_2"),
        Sold(DocumentKind.CREDIT_NOTE, Reason.UNDONE, "ord_1", "cn", 1, undone),
    ]

    assert free_units(line, sold, 3) == [(0, 2), (4, 1)]
    assert free_units(line, [*sold, on_invoice(first, "inv_3")], 3) == [(4, 1)]


def test_shares_of_a_cost_sum_to_it() -> None:
    shares = [shared_cost(1000, 7, before, 1) for before in range(7)]

    assert sum(shares) == 1000
    assert max(shares) - min(shares) <= 1


def test_parts_of_a_bundle_come_back_at_what_they_had_cost() -> None:
    out = [Flow("lin_1", "shp_1", "mug", OUT, 2, 601), Flow("lin_1", "shp_1", "jug", OUT, 1, 9)]
    back = Flow("lin_1", "7", "mug", BACK, 1, 300)

    assert part_cost(out, "mug", 1) + part_cost([*out, back], "mug", 1) == 601


def test_units_for_sale_after_all_bring_the_rest_of_their_cost() -> None:
    costs = [
        ReturnedCost("rtl_1", 1, units=3, cost_minor=100, restocked_units=0, restocked_minor=0)
    ]

    one = restocked_later(costs, 1)
    costs.append(ReturnedCost("rtl_1", 2, 0, 0, 1, one))

    assert one + restocked_later(costs, 2) == 100


def test_charges_are_let_go_with_the_last_unit_and_come_back_with_it() -> None:
    goods, charge = LineShare("lin_1", 1, 500, 100), ChargeShare("chg_1", 50, 10)
    gone = LinesCancelled(entity="ord_1", lines=(goods,), charges=(charge,))
    back = LinesReinstated(entity="ord_1", lines=(goods,), charges=(charge,))

    cancelled, amount = cancel(EMPTY, gone)
    again, minus = reinstate(cancelled, back)

    assert (amount, minus) == (660, -660)
    assert cancelled.charges is Charges.CANCELLED
    assert again == EMPTY


def test_charges_already_invoiced_are_not_let_go() -> None:
    gone = LinesCancelled(entity="ord_1", lines=(), charges=(ChargeShare("chg_1", 50, 10),))

    account, amount = cancel(replace(EMPTY, charges=Charges.INVOICED), gone)

    assert (account.charges, amount) == (Charges.INVOICED, 0)


def test_numbers_read_as_people_expect_them() -> None:
    assert number_of(DocumentKind.INVOICE, 42) == "INV-000042"
    assert number_of(DocumentKind.CREDIT_NOTE, 1_234_567) == "CN-1234567"
