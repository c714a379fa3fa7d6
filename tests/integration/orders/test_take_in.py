"""Taking orders in on both databases: once, whole, with what belongs to them."""

from concurrent.futures import wait

from msgspec.structs import replace

from connectors.contract.messages import ChannelCharge, ChannelLine, ChannelParty, ChargeKind
from oms.kernel.errors import Invalid, NotFound
from oms.kernel.events import Cause
from oms.orders.events import OrderPlaced
from oms.orders.intake.model import Outcome, TakeIn
from oms.orders.intake.service import take_in
from oms.orders.machine import LineState
from oms.platform.gate import Gate
from oms.platform.idempotency import Key
from oms.sourcing.service import place
from tests.integration.orders.shop import Shop, line, order

POST = ChannelCharge(kind=ChargeKind.SHIPPING, title="Post", amount_minor=300, tax_rate=2_000)


def test_a_new_order_is_kept_as_it_was_told(shop: Shop) -> None:
    told = order("W-1", line("A", 2), line("SET"), charges=(POST,), note="ring twice")

    [taken] = shop.take_in(told)
    facts = shop.facts(taken.order_id)

    assert (facts.number, facts.external_id, facts.extra) == (
        "SO-000001",
        "W-1",
        {"note": "ring twice"},
    )
    assert (facts.total_minor, facts.tax_minor) == (3_300, 333 + 167 + 50)
    assert [(each.listing_sku, each.quantity, each.net_minor) for each in facts.lines] == [
        ("A", 2, 1_667),
        ("SET", 1, 833),
    ]
    assert [(each.kind, each.net_minor, each.tax_minor) for each in facts.charges] == [
        ("shipping", 250, 50)
    ]
    assert shop.states(taken.order_id) == {LineState.OPEN: 2 + 3}
    assert shop.broken_checks() == []


def test_the_number_follows_without_a_gap_over_transactions(shop: Shop) -> None:
    first = shop.place(order("1", line("A")), order("2", line("A")))
    second = shop.place(order("3", line("A")))

    numbers = [each.number for each in (*first, *second)]
    assert numbers == ["SO-000001", "SO-000002", "SO-000003"]


def test_the_same_order_told_again_is_the_same(shop: Shop) -> None:
    [first] = shop.place(order("W-1", line("A")))
    before = len(shop.events())

    [again] = shop.place(order("W-1", line("A")))

    assert (again.order_id, again.outcome) == (first.order_id, Outcome.SAME)
    assert shop.count("sales_order") == 1
    assert len(shop.events()) == before


def test_twins_in_one_batch_are_one_order(shop: Shop) -> None:
    told = order("W-1", line("A"))

    answers = shop.place(told, told, order("W-2", line("A")), told)

    assert [each.outcome for each in answers] == [
        Outcome.NEW,
        Outcome.SAME,
        Outcome.NEW,
        Outcome.SAME,
    ]
    assert len({each.order_id for each in answers}) == 2


def test_a_bad_order_in_a_batch_spoils_nobody_elses(shop: Shop) -> None:
    good, bad, other = shop.try_place(
        order("1", line("A")), order("2", line("A", 0)), order("3", line("B"))
    )

    assert isinstance(bad, Invalid)
    assert bad.fields == {"lines[0].quantity": "must be from 1 to 1000000000"}
    assert shop.count("sales_order") == 2
    assert not isinstance(good, Exception)
    assert not isinstance(other, Exception)


def test_an_unknown_channel_is_named(shop: Shop) -> None:
    with shop.uow.begin() as tx:
        [answer] = take_in(tx, [TakeIn(channel_id="chn_x", order=order("1", line("A")))])

    assert isinstance(answer, NotFound)
    assert "chn_x" in answer.sentence


def test_an_order_of_charges_alone_tells_that_they_are_due(shop: Shop) -> None:
    [taken] = shop.place(order("1", charges=(POST,)))

    assert shop.events(taken.order_id) == ["order.placed", "order.charges_due"]
    assert shop.facts(taken.order_id).total_minor == 300
    assert shop.broken_checks() == []


def test_an_unknown_listing_is_kept_and_held(shop: Shop) -> None:
    [taken] = shop.place(order("1", line("A"), line("WHAT", title="A hat")))
    facts = shop.facts(taken.order_id)

    assert [(each.item_id is None, each.title) for each in facts.lines] == [
        (False, "Item A"),
        (True, "A hat"),
    ]
    assert shop.states(taken.order_id) == {LineState.ALLOCATED: 1, LineState.OPEN: 1}
    assert "order.hold_placed" in shop.events(taken.order_id)
    assert shop.broken_checks() == []


def test_the_placed_event_says_who_asked_and_what_the_channel_says_about_money(shop: Shop) -> None:
    command = replace(shop.take(order("1", line("A")))[0], cause=Cause(actor="key:shop"))

    with shop.uow.begin() as tx:
        take_in(tx, [command])

    [placed] = shop.told(shop.scalar("SELECT id FROM sales_order"), OrderPlaced)
    assert (placed.total_minor, placed.currency) == (1_000, "GBP")
    assert [(each.tender, each.amount_minor) for each in placed.payments] == [
        ("paid_on_channel", 1_000)
    ]
    assert shop.scalar("SELECT DISTINCT actor FROM event WHERE type = 'order.placed'") == "key:shop"


def test_buyers_are_recognised_and_guests_are_nobody(shop: Shop) -> None:
    ada = ChannelParty(email="ADA@example.org")
    answers = shop.place(
        order("1", line("A")),
        order("2", line("A"), customer=ada),
        order("3", line("A"), customer=None),
    )

    customers = [shop.facts(each.order_id).customer_id for each in answers]
    assert customers[0] == customers[1]
    assert customers[2] is None
    assert shop.count("customer") == 1


def test_an_order_of_a_thousand_lines_takes_as_many_statements_as_one_of_two(shop: Shop) -> None:
    def lines(count: int) -> list[ChannelLine]:
        return [line("ABCDE"[n % 5], external_id=str(n)) for n in range(count)]

    shop.place(order("warm", line("A")))
    with shop.counted() as small:
        shop.place(order("small", *lines(2)))
        few = len(small)
    with shop.counted() as large:
        [taken] = shop.place(order("large", *lines(1_100)))
        many = len(large)

    assert many <= few
    assert sum(shop.states(taken.order_id).values()) == 1_100
    assert shop.broken_checks() == []


def test_a_batch_costs_a_fraction_of_a_statement_per_order(shop: Shop) -> None:
    shop.place(order("warm", line("A")))
    batch = [order(str(n), line("ABCDE"[n % 5])) for n in range(120)]

    with shop.counted() as statements:
        shop.place(*batch)
        count = len(statements)

    assert count <= 0.2 * len(batch)


def test_an_order_of_its_own_costs_few_round_trips(shop: Shop) -> None:
    shop.place(order("warm", line("A"), line("B")))
    shop.place(order("warm too", line("A"), line("B")))

    commands = shop.take(order("1", line("A"), line("B")))
    with shop.counted() as statements:
        with shop.uow.begin() as tx:
            place(tx, commands)
        count = len(statements)

    assert count <= {"postgresql": 11, "sqlite": 17}[shop.database.dialect]


def test_an_order_costs_few_statements_through_the_gate_with_everything(shop: Shop) -> None:
    """The key of the request is looked up and kept, events are told. Lower these when you can."""
    shop.place(order("warm", line("A"), line("B")))
    shop.place(order("warm too", line("A"), line("B")))
    [alone] = shop.take(order("alone", line("A"), line("B")))
    many = shop.take(*(order(str(n), line("ABCDE"[n % 5])) for n in range(120)))
    keys = [Key("key:1", str(n), "hash") for n in range(len(many))]
    gate = Gate(shop.uow)

    with shop.counted() as statements:
        gate.submit(place, alone, Key("key:1", "alone", "hash")).result(10)
        single = len(statements)
    with shop.counted() as statements:
        wait(gate.submit_all(place, many, keys), 10)
        batched = len(statements)
    gate.close()

    assert shop.count("sales_order") == 2 + 1 + len(many)
    assert single <= {"postgresql": 12, "sqlite": 18}[shop.database.dialect]
    assert batched <= 0.2 * len(many)
