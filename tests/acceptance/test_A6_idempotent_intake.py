"""A6: the same channel order twice is one order; a changed payload becomes a change-set."""

from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from oms.catalog import service as catalog
from oms.catalog.model import PutChannel
from oms.orders.changes.queries import ChangePage, change_sets
from oms.orders.intake.model import Outcome, TakeIn, TakenIn
from oms.platform.gate import Gate
from oms.sourcing import service as sourcing
from tests.integration.orders.shop import Shop, line, order

TOLD = order("W-1", line("A", 2), line("B", 1))


def test_the_same_order_told_by_many_callers_at_once_is_one_order(shop: Shop) -> None:
    """Two processes' gates on one database, and forty callers that all say the same."""
    other = Shop(shop.url)
    gates = [Gate(shop.uow), Gate(other.uow)]
    [command] = shop.take(TOLD)

    def tell(number: int) -> TakenIn:
        return gates[number % 2].submit(sourcing.place, command).result()

    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(tell, range(40)))
    for gate in gates:
        gate.close()
    other.close()

    assert len({each.order_id for each in answers}) == 1
    assert sorted(each.outcome for each in answers) == [Outcome.NEW] + [Outcome.SAME] * 39
    assert shop.count("sales_order") == 1
    assert sum(shop.states(answers[0].order_id).values()) == 3
    assert shop.broken_checks() == []


def test_a_changed_payload_becomes_a_change_set_and_never_a_second_order(shop: Shop) -> None:
    [first] = shop.place(TOLD)
    before = (shop.facts(first.order_id), shop.slices(first.order_id))

    [changed] = shop.place(replace(TOLD, lines=(line("A", 1), line("B", 1))))

    assert (changed.outcome, changed.order_id) == (Outcome.CHANGED, first.order_id)
    assert shop.count("sales_order") == 1
    assert (shop.facts(first.order_id), shop.slices(first.order_id)) == before
    with shop.uow.read() as reader:
        [waiting] = change_sets(reader, ChangePage())
    assert waiting.id == changed.change_id
    assert "lines[A].quantity: 2 -> 1" in waiting.differences


def test_two_channels_may_use_the_same_number(shop: Shop) -> None:
    [ours] = shop.place(TOLD)
    with shop.uow.begin() as tx:
        catalog.put_channels(tx, [PutChannel(code="other", name="Other", currency="GBP")])
    other_id = shop.scalar("SELECT id FROM channel WHERE code = :name", "other")

    with shop.uow.begin() as tx:
        [theirs] = sourcing.place(tx, [TakeIn(channel_id=other_id, order=TOLD)])

    assert isinstance(theirs, TakenIn)
    assert theirs.outcome is Outcome.NEW
    assert theirs.order_id != ours.order_id
