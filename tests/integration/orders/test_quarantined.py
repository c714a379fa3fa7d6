"""Quarantine on both databases: kept whole, repaired beside, run again, decided once."""

import msgspec

from connectors.contract.messages import ChannelOrder
from oms.kernel.errors import Invalid, NotFound, OMSError, Refused
from oms.kernel.events import Cause
from oms.orders.intake.model import TakenIn
from oms.orders.quarantine import service, store
from oms.orders.quarantine.machine import QuarantineState
from oms.orders.quarantine.model import Dismiss, Edit, Quarantine, Quarantined, Rerun
from oms.sourcing.service import place
from tests.integration.orders.shop import Shop, line, order

BAD = order("W-1", line("A", 0))
BO = Cause(actor="user:bo")


def as_json(told: ChannelOrder) -> str:
    return msgspec.json.encode(told).decode()


def kept(shop: Shop, payload: str = as_json(BAD), source: str = "orders.csv:7") -> Quarantined:
    command = Quarantine(
        channel_id=shop.channel_id,
        source=source,
        external_id="W-1",
        code="order.invalid",
        words="lines[0].quantity must be at least 1",
        payload=payload,
        rows=2,
    )
    with shop.uow.begin() as tx:
        [found] = service.quarantine(tx, [command])
    return found


def rerun(shop: Shop, quarantine_id: str, told: ChannelOrder | None = None) -> TakenIn | OMSError:
    with shop.uow.begin() as tx:
        [answer] = service.rerun(
            tx, [Rerun(quarantine_id=quarantine_id, order=told, cause=BO)], place
        )
    return answer


def now(shop: Shop, quarantine_id: str) -> Quarantined:
    with shop.uow.begin() as tx:
        return store.lock_by_id(tx, [quarantine_id])[quarantine_id]


def test_a_payload_is_kept_whole_once_per_source(shop: Shop) -> None:
    strange = "ü\t\"'\\ {not json"

    first = kept(shop, strange)
    again = kept(shop, strange)

    assert first == again
    assert now(shop, first.id).payload == strange
    assert shop.events(first.id) == ["quarantine.opened"]


def test_told_again_with_another_fault_the_newer_one_stands(shop: Shop) -> None:
    first = kept(shop)

    again = kept(shop, "worse")

    assert again.id == first.id
    assert now(shop, first.id).payload == "worse"


def test_a_repaired_payload_becomes_an_order_and_what_came_is_kept(shop: Shop) -> None:
    bad = kept(shop)
    repaired = as_json(order("W-1", line("A", 2)))

    with shop.uow.begin() as tx:
        service.edit(tx, [Edit(quarantine_id=bad.id, payload=repaired, cause=BO)])
    taken = rerun(shop, bad.id)

    after = now(shop, bad.id)
    assert isinstance(taken, TakenIn)
    assert taken.units == {"allocated": 2}
    assert (after.payload, after.edited) == (bad.payload, repaired)
    assert (after.state, after.order_id) == (QuarantineState.RESOLVED, taken.order_id)
    assert after.decided_by == "user:bo"
    assert shop.broken_checks() == []


def test_what_still_cannot_be_an_order_stays_with_the_new_reason(shop: Shop) -> None:
    bad = kept(shop, "{not json")

    unreadable = rerun(shop, bad.id)
    assert now(shop, bad.id).code == bad.code, "the reason it came here for is the better one"
    still_bad = rerun(shop, bad.id, order("W-1", line("A", -1)))

    after = now(shop, bad.id)
    assert isinstance(unreadable, Invalid)
    assert unreadable.code == "quarantine.unreadable"
    assert isinstance(still_bad, Invalid)
    assert (after.state, after.code) == (QuarantineState.OPEN, "order.invalid")
    assert "lines[0].quantity" in after.words


def test_a_connector_can_read_the_payload_again(shop: Shop) -> None:
    bad = kept(shop, "raw;rows")

    taken = rerun(shop, bad.id, order("W-1", line("A")))

    assert isinstance(taken, TakenIn)
    assert now(shop, bad.id).state is QuarantineState.RESOLVED


def test_what_was_decided_stays_decided(shop: Shop) -> None:
    bad = kept(shop)
    with shop.uow.begin() as tx:
        [dismissed] = service.dismiss(
            tx, [Dismiss(quarantine_id=bad.id, reason="a test", cause=BO)]
        )
    assert isinstance(dismissed, Quarantined)

    told_again = kept(shop, "other")
    late = rerun(shop, bad.id)
    with shop.uow.begin() as tx:
        [edit, unknown] = service.edit(
            tx,
            [Edit(quarantine_id=bad.id, payload="x"), Edit(quarantine_id="qua_x", payload="x")],
        )

    assert told_again.state is QuarantineState.DISMISSED
    assert isinstance(late, Refused)
    assert isinstance(edit, Refused)
    assert isinstance(unknown, NotFound)
    assert now(shop, bad.id).payload == bad.payload
