"""Change-sets on both databases: applied whole or refused with the reason, declined, never lost."""

from msgspec.structs import replace

from connectors.contract.messages import ChannelOrder
from oms.kernel.address import Address
from oms.kernel.errors import NotFound, OMSError, Refused
from oms.kernel.events import Cause
from oms.ledger.model import Account
from oms.orders.cancels.model import Cancel, LineQuantity
from oms.orders.cancels.service import cancel
from oms.orders.changes import store
from oms.orders.changes.machine import ChangeState
from oms.orders.changes.model import ApplyChange, ChangeSet, DeclineChange
from oms.orders.changes.service import apply, decline
from oms.orders.events import HoldReleased, LinesCancelled, OrderChanged
from oms.orders.intake.model import Outcome, TakenIn
from oms.orders.machine import LineState
from oms.sourcing import service as sourcing
from oms.sourcing.model import Source
from tests.integration.orders.shop import STOCK, Shop, line, order
from tests.integration.orders.test_take_in import POST

S = LineState
BEFORE = order("W-1", line("A", 3), line("B", 2), charges=(POST,))
BO = Cause(actor="user:bo")


def retold(shop: Shop, told: ChannelOrder) -> TakenIn:
    [taken] = shop.place(told)
    assert taken.outcome is Outcome.CHANGED
    return taken


def applied(shop: Shop, *change_ids: str) -> list[ChangeSet | OMSError]:
    with shop.uow.begin() as tx:
        return apply(tx, [ApplyChange(change_id=each, cause=BO) for each in change_ids])


def follow(shop: Shop, told: ChannelOrder) -> str:
    """Take BEFORE in, retell it, apply the change; answers the order's id."""
    shop.place(BEFORE)
    change = retold(shop, told)
    [answer] = applied(shop, change.change_id)
    assert isinstance(answer, ChangeSet), answer
    assert answer.state is ChangeState.APPLIED
    assert shop.broken_checks() == []
    return change.order_id


def test_the_differences_are_told_in_words(shop: Shop) -> None:
    shop.place(BEFORE)
    told = replace(BEFORE, lines=(line("A", 2), line("C")), charges=(), note="blue, please")

    change = retold(shop, told)

    with shop.uow.read() as reader:
        [kept] = store.changes_of(reader, [change.order_id])
    assert kept.state is ChangeState.PROPOSED
    assert kept.order == told
    assert kept.differences == (
        "note:  -> blue, please",
        "total_minor: 5300 -> 3000",
        "lines[A].quantity: 3 -> 2",
        "lines[A].net_minor: 2500 -> 1667",
        "lines[A].tax_minor: 500 -> 333",
        "lines[C]: nothing -> 1 of C",
        "lines[B]: 2 of B -> nothing",
        'charges: [["shipping",250,50]] -> []',
    )


def test_the_same_change_told_again_is_one_change_set(shop: Shop) -> None:
    shop.place(BEFORE)
    told = replace(BEFORE, note="x")

    first, again = retold(shop, told), retold(shop, told)

    assert first.change_id == again.change_id
    assert shop.count("order_change") == 1


def test_fewer_units_are_a_cancel_with_its_money(shop: Shop) -> None:
    order_id = follow(shop, replace(BEFORE, lines=(line("A", 1),)))

    assert shop.states(order_id) == {S.ALLOCATED: 1, S.CANCELLED: 4}
    [told] = shop.told(order_id, LinesCancelled)
    assert sorted((each.quantity, each.net_minor + each.tax_minor) for each in told.lines) == [
        (2, 2_000),
        (2, 2_000),
    ]


def test_more_units_or_another_price_write_the_line_anew(shop: Shop) -> None:
    order_id = follow(shop, replace(BEFORE, lines=(line("A", 5, 900), line("B", 2))))

    facts = shop.facts(order_id)
    assert [(each.quantity, each.net_minor + each.tax_minor) for each in facts.lines] == [
        (5, 4_500),
        (2, 2_000),
    ]
    assert facts.total_minor == 6_800
    assert shop.states(order_id) == {S.OPEN: 5, S.ALLOCATED: 2}
    assert shop.units(Account.AVAILABLE, "A") == 3 * STOCK
    [told] = shop.told(order_id, OrderChanged)
    assert told.item_ids == (shop.item_id("A"),)


def test_new_lines_new_charges_and_a_new_address_are_taken_over(shop: Shop) -> None:
    leeds = Address("GB", name="Ada King", city="Leeds", postal_code="LS1")
    told = replace(
        BEFORE,
        lines=(*BEFORE.lines, line("SET"), line("WHAT")),
        charges=(replace(POST, amount_minor=600),),
        ship_to=leeds,
        note="ring twice",
    )

    order_id = follow(shop, told)

    facts = shop.facts(order_id)
    assert (facts.ship_to, facts.extra, facts.version) == (leeds, {"note": "ring twice"}, 2)
    assert [each.external_id for each in facts.lines] == ["A", "B", "SET", "WHAT"]
    assert facts.charges[0].net_minor + facts.charges[0].tax_minor == 600
    assert facts.total_minor == 5_000 + 2_000 + 600
    assert shop.states(order_id) == {S.ALLOCATED: 5, S.OPEN: 3 + 1}
    assert shop.scalar("SELECT reason FROM order_hold") == "unknown_listing"


def test_told_as_it_is_now_the_order_is_the_same_again(shop: Shop) -> None:
    told = replace(BEFORE, note="x")
    follow(shop, told)

    [again] = shop.place(told)
    [back] = shop.place(BEFORE)

    assert again.outcome is Outcome.SAME
    assert back.outcome is Outcome.CHANGED


def test_what_the_channel_takes_back_that_was_cancelled_here_changes_nothing(shop: Shop) -> None:
    [taken] = shop.place(BEFORE)
    line_id = shop.facts(taken.order_id).lines[0].id
    with shop.uow.begin() as tx:
        cancel(tx, [Cancel(order_id=taken.order_id, lines=(LineQuantity(line_id, 1),))])

    change = retold(shop, replace(BEFORE, lines=(line("A", 2), line("B", 2))))
    applied(shop, change.change_id)

    assert shop.states(taken.order_id) == {S.ALLOCATED: 4, S.CANCELLED: 1}
    assert shop.broken_checks() == []


def test_what_is_being_packed_does_not_change_any_more(shop: Shop) -> None:
    [taken] = shop.place(BEFORE)
    changes = [
        retold(shop, replace(BEFORE, ship_to=Address("GB", city="Leeds"))),
        retold(shop, replace(BEFORE, lines=(line("A", 4), line("B", 2)))),
        retold(shop, replace(BEFORE, lines=(line("A", 2), line("B", 2)))),
        retold(shop, replace(BEFORE, currency="EUR")),
    ]
    shop.move_all(taken.order_id, "release")
    before = (shop.facts(taken.order_id), shop.slices(taken.order_id))

    answers = applied(shop, *(each.change_id for each in changes))

    assert [each.code for each in answers if isinstance(each, Refused)] == [
        "change.too_late",
        "change.too_late",
        "order.units_not_free",
        "change.other_contract",
    ]
    assert (shop.facts(taken.order_id), shop.slices(taken.order_id)) == before


def test_two_changes_of_one_order_are_applied_one_after_the_other(shop: Shop) -> None:
    [taken] = shop.place(BEFORE)
    first = retold(shop, replace(BEFORE, lines=(line("A", 2), line("B", 2))))
    second = retold(shop, replace(BEFORE, lines=(line("A", 1), line("B", 2))))

    answers = applied(shop, first.change_id, second.change_id, first.change_id, "chs_x")

    assert [isinstance(each, OMSError) for each in answers] == [False, False, True, True]
    assert isinstance(answers[3], NotFound)
    assert shop.states(taken.order_id) == {S.ALLOCATED: 3, S.CANCELLED: 2}
    assert shop.broken_checks() == []


def test_a_declined_change_leaves_the_order_and_is_not_asked_again(shop: Shop) -> None:
    [taken] = shop.place(BEFORE)
    change = retold(shop, replace(BEFORE, note="x"))
    before = shop.facts(taken.order_id)

    with shop.uow.begin() as tx:
        [answer] = decline(
            tx, [DeclineChange(change_id=change.change_id, reason="too late", cause=BO)]
        )
    [late] = applied(shop, change.change_id)

    assert isinstance(answer, ChangeSet)
    assert answer.state is ChangeState.DECLINED
    assert isinstance(late, Refused)
    assert shop.facts(taken.order_id) == before
    assert shop.scalar("SELECT decided_by FROM order_change") == "user:bo"


def test_a_retelling_without_a_difference_is_the_same_order(shop: Shop) -> None:
    """A caller that leaves the moment out tells another one each time."""
    shop.place(BEFORE)

    [again] = shop.place(replace(BEFORE, placed_at_ms=BEFORE.placed_at_ms + 1))

    assert (again.outcome, again.change_id) == (Outcome.SAME, "")
    assert shop.count("order_change") == 0


def test_money_the_channel_tells_of_later_is_a_difference(shop: Shop) -> None:
    shop.place(replace(BEFORE, payments=()))

    change = retold(shop, BEFORE)

    with shop.uow.read() as reader:
        [kept] = store.changes_of(reader, [change.order_id])
    assert kept.differences == ('payments: [] -> [["paid_on_channel",5000,""]]',)


def test_a_channel_that_goes_back_and_forth_is_followed_each_time(shop: Shop) -> None:
    shop.place(BEFORE)
    blue = replace(BEFORE, note="blue")
    there = retold(shop, blue)
    applied(shop, there.change_id)
    back = retold(shop, BEFORE)
    applied(shop, back.change_id)
    assert shop.facts(there.order_id).extra == {}

    again = retold(shop, blue)
    [answer] = applied(shop, again.change_id)

    assert isinstance(answer, ChangeSet), answer
    assert shop.facts(there.order_id).extra == {"note": "blue"}
    assert shop.place(blue)[0].outcome is Outcome.SAME


def test_what_was_declined_is_not_asked_again(shop: Shop) -> None:
    shop.place(BEFORE)
    change = retold(shop, replace(BEFORE, note="x"))
    with shop.uow.begin() as tx:
        decline(tx, [DeclineChange(change_id=change.change_id)])

    again = retold(shop, replace(BEFORE, note="x"))

    with shop.uow.read() as reader:
        [kept] = store.changes_of(reader, [change.order_id])
    assert again.change_id == change.change_id
    assert kept.state is ChangeState.DECLINED


def test_a_line_that_is_known_after_the_change_waits_for_no_name_any_more(shop: Shop) -> None:
    [taken] = shop.place(order("W-1", line("WHAT", 2)))
    change = retold(shop, order("W-1", line("A", 2, external_id="WHAT")))

    applied(shop, change.change_id)

    with shop.uow.begin() as tx:
        sourcing.source(tx, [Source(order_id=taken.order_id)])
    assert shop.states(taken.order_id) == {S.ALLOCATED: 2}
    [released] = shop.told(taken.order_id, HoldReleased)
    assert released.item_ids == (shop.item_id("A"),)
    assert shop.broken_checks() == []
