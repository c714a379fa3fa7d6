"""The memory of answers changes nothing but the time they take."""

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.kernel.address import Coordinates
from oms.sourcing.memo import DEMANDS_MAX, Memo
from oms.sourcing.model import Asked, World, question, world_id
from routing.model import (
    Demand,
    Destination,
    DistanceBand,
    Freight,
    NodeFacts,
    NodeKind,
    Policy,
    encode_answer,
)
from routing.solve import solve

FREIGHT = Freight(
    bands=(DistanceBand(up_to_km=None, base_minor=300, per_1000km_minor=150, per_kg_minor=40),)
)
POLICY = Policy(freight=FREIGHT, version="1", split_penalty_minor=100)
WORLD = World(
    currency="GBP",
    policy=POLICY,
    nodes=tuple(
        NodeFacts(
            node_id=f"nod_{n}",
            code=f"N{n}",
            kind=NodeKind.WAREHOUSE,
            country="GB",
            at=Coordinates(50.0 + n, -n),
            priority=n % 2,
            handling_unit_minor=10 * n,
        )
        for n in range(3)
    ),
)
ITEMS = ("itm_a", "itm_b", "itm_c", "itm_d")


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    pairs = draw(
        st.lists(
            st.tuples(st.sampled_from(["l1", "l2", "l3"]), st.sampled_from(ITEMS)),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    demands = tuple(
        Demand(line, item, draw(st.integers(1, 4)), weight_g=draw(st.sampled_from([200, 900])))
        for line, item in pairs
    )
    weights = {demand.item_id: demand.weight_g for demand in demands}
    demands = tuple(
        Demand(each.line_id, each.item_id, each.quantity, weights[each.item_id]) for each in demands
    )
    items = len({item for _, item in pairs})
    shelf = st.tuples(*[st.integers(0, 9)] * items)
    return Asked(
        order_ref=draw(st.sampled_from(["ord_1", "ord_2"])),
        destination=draw(
            st.sampled_from([Destination("GB", Coordinates(51.0, 0.0)), Destination("GB")])
        ),
        demands=demands,
        stock=tuple(draw(shelf) for _ in WORLD.nodes),
        closed=draw(st.sampled_from([(), ("nod_1",)])),
    )


@settings(max_examples=25)
@given(st.lists(asked(), min_size=2, max_size=8))
def test_every_answer_is_byte_for_byte_the_solvers(questions: list[Asked]) -> None:
    memo = Memo(remembered=4)
    fingerprint = world_id(WORLD)

    for each in [*questions, *questions]:
        remembered = memo.solve(fingerprint, WORLD, each)
        assert encode_answer(remembered) == encode_answer(solve(question(WORLD, each)))


def test_the_same_basket_under_other_names_is_asked_once() -> None:
    memo = Memo()
    shelves = ((5, 5),) * 3
    one = Asked("o1", Destination("GB"), (_demand("x", "i1"), _demand("y", "i2")), shelves)
    other = Asked("o2", Destination("GB"), (_demand("p", "i3"), _demand("q", "i4")), shelves)

    memo.solve("w", WORLD, one)
    answer = memo.solve("w", WORLD, other)

    assert len(memo) == 1
    assert [(each.line_id, each.item_id) for each in answer.allocations] == [
        ("p", "i3"),
        ("q", "i4"),
    ]


def _demand(line: str, item: str) -> Demand:
    return Demand(line, item, 1, 100)


def test_large_orders_are_answered_and_not_remembered() -> None:
    memo = Memo()
    demands = tuple(_demand(f"l{n}", f"itm_{n:02}") for n in range(DEMANDS_MAX + 1))
    stock = ((1,) * len(demands),) * len(WORLD.nodes)
    large = Asked("ord_1", Destination("GB"), demands, stock)

    answer = memo.solve(world_id(WORLD), WORLD, large)

    assert sum(each.quantity for each in answer.allocations) == len(demands)
    assert len(memo) == 0
