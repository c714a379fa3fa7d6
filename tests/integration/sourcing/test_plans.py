"""No statement on an order's way walks a table that grows with orders, items or time."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from oms.inventory import service as inventory
from oms.inventory.reservations.model import Reserve
from oms.kernel.events import SYSTEM
from oms.orders.cancels.model import Cancel
from oms.orders.cancels.service import cancel
from oms.orders.changes.model import ApplyChange
from oms.orders.changes.service import apply
from oms.orders.holds.model import HoldRecord, PlaceHold, ReleaseHold
from oms.orders.holds.service import place_holds, release_holds
from oms.orders.machine import HoldStage
from oms.orders.quarantine import service as quarantine
from oms.orders.quarantine.model import Quarantine
from oms.sourcing import service as sourcing
from tests.integration.orders.shop import Shop, line, order

SMALL = {"node", "channel_node"}
"""Tables that are read whole on purpose: a merchant has few of these."""


@pytest.fixture
def shop(shop: Shop) -> Shop:
    if shop.database.dialect != "sqlite":
        pytest.skip("plans are read on SQLite; PostgreSQL's depend on statistics")
    return shop


def walked(shop: Shop, statement: str, parameters: Any) -> set[str]:
    """Tables that SQLite reads from end to end for a statement."""
    with shop.uow.read() as reader:
        rows = reader.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plan = [str(row[3]) for row in rows]
    tables = set(sa.inspect(shop.database.engine).get_table_names())
    scans = (re.match(r"SCAN (\w+)", step) for step in plan)
    return {found[1] for found in scans if found} & tables


def test_no_statement_walks_a_table_that_grows(shop: Shop) -> None:
    seen: dict[str, Any] = {}

    def note(*given: Any) -> None:
        _, _, statement, parameters, _, is_many = given
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            seen[statement] = parameters[0] if is_many else parameters

    sa.event.listen(shop.database.engine, "before_cursor_execute", note)
    live(shop)
    sa.event.remove(shop.database.engine, "before_cursor_execute", note)

    assert len(seen) > 30
    found = {text: walked(shop, text, given) - SMALL for text, given in seen.items()}
    assert {text: tables for text, tables in found.items() if tables} == {}


def live(shop: Shop) -> None:
    """What happens to orders before a node works on them."""
    told = order("1", line("A", 2), line("B"))
    [taken] = shop.place(told)
    [changed] = shop.place(order("1", line("A", 3), line("B")))
    with shop.uow.begin() as tx:
        apply(tx, [ApplyChange(change_id=changed.change_id)])
        sourcing.retry_open(tx, [shop.item_id("A")])
        hold = PlaceHold(order_id=taken.order_id, stage=HoldStage.SHIP, reason="x")
        [placed] = place_holds(tx, [hold])
        assert isinstance(placed, HoldRecord)
        release_holds(tx, [ReleaseHold(hold_id=placed.id)])
        cancel(tx, [Cancel(order_id=taken.order_id)])
        lines = ((shop.item_id("C"), 1),)
        inventory.reserve(tx, [Reserve(channel_id=shop.channel_id, lines=lines)])
        inventory.expire_reservations(tx)
        bad = Quarantine(channel_id=shop.channel_id, source="s", code="c", words="w", payload="p")
        quarantine.quarantine(tx, [bad])
        quarantine.settle(tx, {(shop.channel_id, "x"): taken.order_id}, SYSTEM)
