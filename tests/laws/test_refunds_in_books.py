"""Random lives of real orders in a real database: the books are proven after every one."""

from typing import Final

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract.messages import PaymentTerms
from connectors.payments.test_gateway.wire import Fault, Operation
from oms.orders.facts import OrderFacts
from oms.orders.machine import LineState
from oms.orders.queries import slices_of
from oms.orders.service import SliceKey
from oms.payments.machine import RefundState
from tests.integration.accounting.shop import Sold
from tests.integration.accounting.world import World, prepare
from tests.services.databases import SqliteDatabases

HOUR_MS: Final = 3_600_000
TERMS: Final = (PaymentTerms.PAID_ON_CHANNEL, PaymentTerms.CAPTURE_ON_SHIP)
AGAIN: Final = (Fault.TIMEOUT, Fault.SERVER_ERROR, Fault.DUPLICATE)

sales = st.builds(
    lambda quantity, total, rate, sku: Sold(quantity, total, tax_rate=rate, sku=sku),
    st.integers(1, 4),
    st.integers(0, 20_000),
    st.sampled_from([0, 700, 1900, 2000]),
    st.sampled_from(["MUG", "JUG", "SET"]),
)
steps = st.lists(
    st.tuples(
        st.sampled_from(["ship", "cancel", "return", "fault", "undo"]),
        st.integers(0, 2),
        st.integers(1, 3),
    ),
    max_size=8,
)


class Life(msgspec.Struct, frozen=True):
    """An order to be, and what happens to it: (what, which line, how many units)."""

    terms: PaymentTerms
    sold: list[Sold]
    charge_minor: int
    includes_tax: bool
    steps: list[tuple[str, int, int]]


lives = st.builds(
    Life,
    terms=st.sampled_from(TERMS),
    sold=st.lists(sales, min_size=1, max_size=3),
    charge_minor=st.integers(0, 999),
    includes_tax=st.booleans(),
    steps=steps,
)


@given(life=lives)
@settings(max_examples=20)
def test_whatever_happens_to_an_order_the_books_prove_it(
    sqlite_databases: SqliteDatabases, life: Life
) -> None:
    url = sqlite_databases.copy_of("shop", prepare)
    world = World(url)
    charges = [(life.charge_minor, 0, 2000)] if life.charge_minor else []
    order = world.order(
        *life.sold, charges=charges, terms=life.terms, includes_tax=life.includes_tax
    )

    left: list[str] = []
    for number, step in enumerate(life.steps):
        take(world, order, (number, left), step)
    settle(world)

    world.expect_proven()
    expect_what_is_kept_is_paid(world, order, life.terms)
    world.close()
    sqlite_databases.drop(url)


def take(
    world: World, order: OrderFacts, so_far: tuple[int, list[str]], step: tuple[str, int, int]
) -> None:
    """One step of a life; `so_far` is its number and the shipments that left and stayed so."""
    (name, index, amount), (number, left_us) = step, so_far
    index %= len(order.lines)
    if name == "fault":
        operation = (Operation.CAPTURE, Operation.REFUND, Operation.AUTHORISE)[amount - 1]
        world.gateway.command(operation, AGAIN[number % len(AGAIN)])
        return
    if name == "undo":
        has_returns = any(each.reason == "returned" for each in world.documents(order))
        if left_us and not has_returns:
            world.unship(order, left_us.pop(index % len(left_us)))
        return
    quantities = [0] * len(order.lines)
    quantities[index] = min(amount, units_in(world, order, index, name))
    if not quantities[index]:
        return
    match name:
        case "ship":
            left_us.append(world.ship(order, *quantities))
        case "cancel":
            world.cancel(order, *quantities)
        case _:
            world.come_back(order, *quantities)


def units_in(world: World, order: OrderFacts, index: int, step: str) -> int:
    """Whole units of a line that the step can still take."""
    line = order.lines[index]
    state = LineState.SHIPPED if step == "return" else LineState.OPEN
    with world.uow.read() as reader:
        slices = slices_of(reader, SliceKey.ORDER, [order.id])
    counts = [
        sum(each.quantity for each in slices if is_part(each, line.id, item, state)) // units
        for item, units in line.parts
    ]
    if step == "return":
        credited = [
            line_.quantity
            for note in world.documents(order, "credit_note")
            if note.reason == "returned"
            for line_ in world.document(note.id).lines
            if line_.line_id == line.id
        ]
        return min(counts) - sum(credited)
    return min(counts)


def is_part(units: object, line_id: str, item_id: str, state: LineState) -> bool:
    named = (getattr(units, name) for name in ("line_id", "item_id", "state"))
    return tuple(named) == (line_id, item_id, state)


def settle(world: World) -> None:
    """Let every back-off end."""
    for _ in range(4):
        world.clock.advance(HOUR_MS)
        world.drain()


def expect_what_is_kept_is_paid(world: World, order: OrderFacts, terms: PaymentTerms) -> None:
    account = world.account(order)
    kept = account.invoiced_minor - account.credited_minor
    waiting = account.deposit_minor(sum(each.captured_minor for each in world.payments(order)))
    captured = sum(each.captured_minor for each in world.payments(order))
    refunds = world.refunds(order)
    back = sum(each.refunded_minor for each in refunds)
    to_come = account.to_come_minor(order.total_minor)
    assert all(each.state is RefundState.SUCCEEDED for each in refunds)
    assert account.receivable_minor == 0
    assert captured - back == kept + waiting
    if terms is PaymentTerms.PAID_ON_CHANNEL:
        assert captured == order.total_minor
    assert waiting <= to_come
