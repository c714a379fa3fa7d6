"""Cancels on both databases: units go back to the shelf, their money is told, and all undone."""

from oms.kernel.errors import NotFound, OMSError, Refused
from oms.ledger.model import Account
from oms.orders.cancels.model import Cancel, LineQuantity, LinesChanged, Reinstate
from oms.orders.cancels.service import cancel, reinstate
from oms.orders.events import LinesCancelled, LinesReinstated
from oms.orders.machine import LineState
from tests.integration.orders.shop import STOCK, Shop, line, order
from tests.integration.orders.test_take_in import POST

S = LineState


def cancelled(shop: Shop, *commands: Cancel) -> list[LinesChanged | OMSError]:
    with shop.uow.begin() as tx:
        return cancel(tx, commands)


def test_a_part_of_a_line_is_cancelled_and_its_money_told(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A", 3), charges=(POST,)))
    [line_] = shop.facts(taken.order_id).lines

    [answer] = cancelled(
        shop, Cancel(order_id=taken.order_id, lines=(LineQuantity(line_.id, 1),), reason="late")
    )

    assert answer == LinesChanged(taken.order_id, (LineQuantity(line_.id, 1),))
    assert shop.states(taken.order_id) == {S.ALLOCATED: 2, S.CANCELLED: 1}
    assert shop.units(Account.AVAILABLE, "A") == 3 * STOCK - 2
    [told] = shop.told(taken.order_id, LinesCancelled)
    assert [(each.quantity, each.net_minor + each.tax_minor) for each in told.lines] == [(1, 1_000)]
    assert told.charges == ()
    assert shop.broken_checks() == []


def test_with_the_last_unit_the_charges_go_too(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A", 3), charges=(POST,)))
    [line_] = shop.facts(taken.order_id).lines
    cancelled(shop, Cancel(order_id=taken.order_id, lines=(LineQuantity(line_.id, 1),)))

    cancelled(shop, Cancel(order_id=taken.order_id))

    first, last = shop.told(taken.order_id, LinesCancelled)
    goods = [each.net_minor + each.tax_minor for each in (*first.lines, *last.lines)]
    charges = [each.net_minor + each.tax_minor for each in last.charges]
    assert (sum(goods), charges) == (3_000, [300])


def test_units_that_a_node_works_on_are_not_ours_to_cancel(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A", 3)))
    shop.move_all(taken.order_id, "release")

    [answer] = cancelled(shop, Cancel(order_id=taken.order_id))

    assert isinstance(answer, Refused)
    assert "node" in answer.remedy
    assert shop.states(taken.order_id) == {S.RELEASED: 3}


def test_two_cancels_of_one_order_in_a_batch_see_each_other(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A", 3)))
    [line_] = shop.facts(taken.order_id).lines
    two = Cancel(order_id=taken.order_id, lines=(LineQuantity(line_.id, 2),))

    [first, second, unknown] = cancelled(shop, two, two, Cancel(order_id="ord_x"))

    assert isinstance(first, LinesChanged)
    assert isinstance(second, Refused)
    assert isinstance(unknown, NotFound)
    assert shop.states(taken.order_id) == {S.ALLOCATED: 1, S.CANCELLED: 2}


def test_cancelled_sets_come_back_as_sets_with_their_money(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("SET", 2, 999)))
    cancelled(shop, Cancel(order_id=taken.order_id))
    assert shop.states(taken.order_id) == {S.CANCELLED: 6}

    with shop.uow.begin() as tx:
        [back] = reinstate(tx, [Reinstate(order_id=taken.order_id)])

    assert isinstance(back, LinesChanged)
    assert shop.states(taken.order_id) == {S.OPEN: 6}
    [gone] = shop.told(taken.order_id, LinesCancelled)
    [again] = shop.told(taken.order_id, LinesReinstated)
    assert again.lines == gone.lines
    assert sum(each.net_minor + each.tax_minor for each in gone.lines) == 1_998
    assert shop.broken_checks() == []
