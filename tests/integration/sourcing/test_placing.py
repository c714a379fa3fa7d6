"""Orders find nodes as they come in: cheapest first, never more than there is, reasons kept."""

import pytest

from connectors.contract.messages import ChannelOrder
from oms.catalog import service as catalog
from oms.catalog.model import PutItem
from oms.inventory import service as inventory
from oms.inventory.model import PutBuffer, PutNode, PutStockRule
from oms.inventory.reservations.model import Reservation, Reserve
from oms.kernel.address import Address, Coordinates
from oms.kernel.errors import OMSError, Refused
from oms.ledger.model import Account
from oms.orders.intake.model import Outcome, Shortage, TakeIn, TakenIn
from oms.orders.machine import LineState
from oms.sourcing import queries
from oms.sourcing import service as sourcing
from oms.sourcing.events import OrderWaiting
from routing.model import Destination, Reason
from tests.integration.orders.shop import STOCK, Shop, line, order

S = LineState
EDINBURGH = Address("GB", name="Bo", at=Coordinates(55.9, -3.1))


def nodes_of(shop: Shop, order_id: str) -> dict[str, int]:
    """Allocated units by node code."""
    codes = {shop.node_id(code): code for code in ("LON", "MAN", "EDI")}
    found: dict[str, int] = {}
    for each in shop.slices(order_id):
        if each.state is S.ALLOCATED:
            code = codes[each.node_id]
            found[code] = found.get(code, 0) + each.quantity
    return found


def test_the_nearest_node_serves_when_it_can(shop: Shop) -> None:
    london, edinburgh = shop.place(
        order("1", line("A", 2), line("B")), order("2", line("A", 2), ship_to=EDINBURGH)
    )

    assert nodes_of(shop, london.order_id) == {"LON": 3}
    assert nodes_of(shop, edinburgh.order_id) == {"EDI": 2}
    assert london.units == {"allocated": 3}
    assert shop.broken_checks() == []


def test_orders_of_one_batch_leave_units_to_each_other(shop: Shop) -> None:
    batch = [order(str(n), line("A", 4)) for n in range(9)]

    answers = shop.place(*batch)

    allocated = sum(each.units.get("allocated", 0) for each in answers)
    waiting = sum(each.units.get("open", 0) for each in answers)
    assert (allocated, waiting) == (3 * STOCK, 6)
    assert shop.units(Account.AVAILABLE, "A") == 0
    assert shop.broken_checks() == []


def test_what_stock_does_not_cover_waits_and_says_why(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A", 3 * STOCK + 2)))

    assert taken.units == {"allocated": 30, "open": 2}
    [waiting] = shop.told(taken.order_id, OrderWaiting)
    assert [(each.quantity, each.reason) for each in waiting.units] == [(2, Reason.SHORT_STOCK)]


def test_an_order_that_may_not_wait_is_refused_without_a_trace(shop: Shop) -> None:
    before = (shop.count("event"), shop.count("customer"), shop.count("goods_entry"))

    [refused] = shop.try_place(order("1", line("A", 31)), shortage=Shortage.REFUSE)

    assert isinstance(refused, Refused)
    assert (refused.code, refused.fields) == ("stock.short", {"A": "1 units short"})
    assert (shop.count("event"), shop.count("customer"), shop.count("goods_entry")) == before
    assert shop.count("sales_order") == shop.count("sourcing_decision") == 0
    [again] = shop.place(order("1", line("A", 30)), shortage=Shortage.REFUSE)
    assert (again.outcome, again.number) == (Outcome.NEW, "SO-000001")


def test_a_refused_order_leaves_its_units_to_the_next_in_the_batch(shop: Shop) -> None:
    first, second, third = shop.try_place(
        order("1", line("A", 20)),
        order("2", line("A", 11), line("B")),
        order("3", line("A", 10)),
        shortage=Shortage.REFUSE,
    )

    assert [isinstance(each, OMSError) for each in (first, second, third)] == [False, True, False]
    assert shop.units(Account.AVAILABLE, "A") == 0
    assert shop.broken_checks() == []


def test_an_order_with_an_unknown_listing_may_not_wait_either(shop: Shop) -> None:
    [refused] = shop.try_place(order("1", line("A"), line("WHAT")), shortage=Shortage.REFUSE)

    assert isinstance(refused, Refused)
    assert shop.count("sales_order") == 0


def test_safety_stock_and_the_channels_buffer_are_never_promised(shop: Shop) -> None:
    with shop.uow.begin() as tx:
        inventory.put_stock_rules(
            tx,
            [PutStockRule(item_id=shop.item_id("A"), node_id=shop.node_id("LON"), safety_stock=3)],
        )
        inventory.put_buffers(tx, [PutBuffer(channel_id=shop.channel_id, units=5)])

    [taken] = shop.place(order("1", line("A", 30)))

    assert taken.units == {"allocated": 30 - 3 - 5, "open": 8}
    assert shop.units(Account.AVAILABLE, "A", "LON") >= 3
    assert shop.broken_checks() == []


def test_a_set_is_allocated_by_its_parts(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("SET", 3)))

    assert taken.units == {"allocated": 9}
    assert shop.units(Account.RESERVED, "A") == 6
    assert shop.units(Account.RESERVED, "B") == 3


def reserve(shop: Shop, sku: str, units: int) -> Reservation:
    lines = ((shop.item_id(sku), units),)
    with shop.uow.begin() as tx:
        [held] = inventory.reserve(tx, [Reserve(channel_id=shop.channel_id, lines=lines)])
    assert isinstance(held, Reservation)
    return held


def place_with(
    shop: Shop, reservation_id: str, told: ChannelOrder, *others: ChannelOrder
) -> list[TakenIn | OMSError]:
    """The others come first in the batch and bring nothing."""
    commands = [
        *shop.take(*others, shortage=Shortage.REFUSE),
        TakeIn(
            channel_id=shop.channel_id,
            order=told,
            reservation_id=reservation_id,
            shortage=Shortage.REFUSE,
        ),
    ]
    with shop.uow.begin() as tx:
        return sourcing.place(tx, commands)


def test_reserved_units_go_to_the_order_that_brings_the_reservation(shop: Shop) -> None:
    held = reserve(shop, "A", 30)

    stranger, owner = place_with(
        shop, held.id, order("owner", line("A", 30)), order("stranger", line("A"))
    )

    assert isinstance(stranger, Refused)
    assert not isinstance(owner, OMSError)
    assert owner.units == {"allocated": 30}
    assert shop.broken_checks() == []


def test_a_reservation_survives_the_refusal_of_its_order(shop: Shop) -> None:
    held = reserve(shop, "A", 5)

    with pytest.raises(Refused, match="1 units short"):
        place_with(shop, held.id, order("owner", line("A", 31)))

    assert shop.scalar("SELECT state FROM reservation") == "held"
    assert shop.units(Account.RESERVED, "A") == 5


def test_an_order_locks_its_claim_before_the_shelves_as_the_clock_does(shop: Shop) -> None:
    """The other way round, two processes would wait for each other."""
    held = reserve(shop, "A", 5)

    with shop.counted() as statements:
        place_with(shop, held.id, order("1", line("A", 5)))
        first_claim = next(n for n, text in enumerate(statements) if "JOIN reservation " in text)
        first_shelf = next(n for n, text in enumerate(statements) if "JOIN goods_balance " in text)

    assert first_claim < first_shelf


def test_an_expired_reservation_refuses_its_order_and_nobody_elses(shop: Shop) -> None:
    held = reserve(shop, "A", 5)
    shop.clock.advance(24 * 3_600_000)

    other, owner = place_with(
        shop, held.id, order("owner", line("A", 5)), order("other", line("A", 5))
    )

    assert isinstance(owner, Refused)
    assert owner.code == "reservation.expired"
    assert not isinstance(other, OMSError)


def test_the_decision_is_kept_with_every_term_and_can_be_made_again(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A", 2), line("B", 12)))

    with shop.uow.read() as reader:
        [decision] = queries.decisions(reader, taken.order_id)
        stored, again = queries.replay(reader, decision.id)

    assert stored == again
    assert {node.code for node in decision.question.nodes} == {"LON", "MAN", "EDI"}
    winner, *others = decision.answer.candidates
    assert winner.terms == decision.answer.cost
    assert all(
        row.terms.total
        == row.terms.fixed
        + row.terms.handling
        + row.terms.freight
        + row.terms.split
        + row.terms.unserved
        for row in (winner, *others)
    )


def test_the_decision_of_a_large_order_is_kept_small_and_whole(shop: Shop) -> None:
    lines = [line("ABCDE"[n % 5], external_id=str(n)) for n in range(1_100)]
    [taken] = shop.place(order("1", *lines))

    with shop.uow.read() as reader:
        [decision] = queries.decisions(reader, taken.order_id)
        stored, again = queries.replay(reader, decision.id)

    assert stored == again
    assert len(decision.question.demands) == 1_100
    size = int(shop.scalar("SELECT length(question) + length(answer) FROM sourcing_decision"))
    assert size < 60 * 1_100


def test_decisions_of_a_day_share_the_facts_about_nodes(shop: Shop) -> None:
    for n in range(4):
        shop.place(order(str(n), line("A")))

    assert shop.count("sourcing_decision") == 4
    assert shop.count("sourcing_world") == 1


@pytest.mark.parametrize("country", ["ZZ", "EU"])
def test_a_country_nobody_knows_the_place_of_is_served_as_one_abroad(
    shop: Shop, country: str
) -> None:
    """The freight table says how far that is taken to be; the others in the batch go on."""
    nowhere, known = shop.place(
        order("1", line("A"), ship_to=Address(country)), order("2", line("A"))
    )

    assert nowhere.units == known.units == {"allocated": 1}
    with shop.uow.read() as reader:
        [decision] = queries.decisions(reader, nowhere.order_id)
    assert decision.question.destination == Destination(country, None)
    assert {row.node_ids for row in decision.answer.candidates[:3]} == {
        (shop.node_id(code),) for code in ("LON", "MAN", "EDI")
    }


def test_what_no_node_ever_had_waits_and_cannot_be_reserved(shop: Shop) -> None:
    with shop.uow.begin() as tx:
        catalog.put_items(tx, [PutItem(sku="NEW", name="Not made yet")])

    [taken, other] = shop.place(order("1", line("NEW")), order("2", line("A")))
    command = Reserve(channel_id=shop.channel_id, lines=((shop.item_id("NEW"), 1),))
    with shop.uow.begin() as tx:
        [refused] = inventory.reserve(tx, [command])

    assert (taken.units, other.units) == ({"open": 1}, {"allocated": 1})
    [waiting] = shop.told(taken.order_id, OrderWaiting)
    assert [each.reason for each in waiting.units] == [Reason.NO_STOCK]
    assert isinstance(refused, Refused)
    assert list(refused.fields) == [shop.item_id("NEW")]
    assert shop.broken_checks() == []


def test_without_any_open_node_orders_come_in_and_wait(shop: Shop) -> None:
    closed = [
        PutNode(code=code, name=code, address=Address("GB"), active=False)
        for code in ("LON", "MAN", "EDI")
    ]
    with shop.uow.begin() as tx:
        inventory.put_nodes(tx, closed)

    [taken] = shop.place(order("1", line("A")))

    assert taken.units == {"open": 1}
    assert shop.broken_checks() == []
