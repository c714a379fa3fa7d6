"""B2: every unit of every line is in exactly one state. Random walks are in tests/laws."""

import pytest
import sqlalchemy as sa

from oms.ledger import check
from oms.orders import queries
from oms.orders import service as orders
from oms.orders.cancels.model import Cancel, LineQuantity
from oms.orders.cancels.service import cancel
from oms.orders.machine import LineState
from oms.orders.model import LineMove
from tests.integration.orders.shop import Shop, line, order

S = LineState


def test_a_line_spread_over_six_states_still_has_all_its_units(shop: Shop) -> None:
    [taken] = shop.place(order("W-1", line("A", 31), line("SET", 2)))
    line_id = shop.facts(taken.order_id).lines[0].id
    with shop.uow.begin() as tx:
        cancel(tx, [Cancel(order_id=taken.order_id, lines=(LineQuantity(line_id, 2),))])
    for names, count in (
        (("release",), 1),
        (("release", "pick"), 2),
        (("release", "pick", "pack"), 3),
        (("release", "pick", "pack", "ship"), 4),
    ):
        piece = max(shop.slices(taken.order_id), key=lambda each: each.quantity)
        with shop.uow.begin() as tx:
            move = LineMove(piece.id, names[0], count, then=names[1:])
            assert orders.move(tx, [move]).refused == {}

    states = shop.states(taken.order_id)
    assert states.keys() >= {S.CANCELLED, S.RELEASED, S.PICKED, S.PACKED, S.SHIPPED, S.ALLOCATED}
    assert sum(states.values()) == 31 + 2 * 3
    assert shop.broken_checks() == []


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        ("UPDATE line_slice SET quantity = quantity + 1", "order_line_units"),
        ("DELETE FROM line_slice", "order_line_units"),
        ("UPDATE line_slice SET state = 'picked'", "order_units_in_ledger"),
        ("UPDATE order_line SET net_minor = net_minor - 1", "order_totals"),
        ("UPDATE order_line SET unit_split = '[[1,1,1]]'", "order_line_splits"),
    ],
)
def test_a_unit_or_a_cent_that_is_lost_behind_our_back_is_found(
    shop: Shop, harm: str, found: str
) -> None:
    shop.place(order("W-1", line("A", 3)))
    assert shop.broken_checks() == []

    with shop.database.engine.begin() as connection:
        connection.execute(sa.text(harm))

    with shop.uow.read() as reader:
        outcomes = {each.check.name: each for each in check.run(reader, queries.CHECKS)}
    assert not outcomes[found].holds
    assert outcomes[found].rows
