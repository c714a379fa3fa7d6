"""A7: a payload that cannot be an order is kept whole with a reason, editable, re-runnable."""

import msgspec
from msgspec.structs import replace

from oms.kernel.errors import OMSError
from oms.orders.intake.model import TakenIn
from oms.orders.quarantine import queries, service
from oms.orders.quarantine.machine import QuarantineState
from oms.orders.quarantine.model import Edit, Quarantine, Rerun
from oms.orders.quarantine.queries import QuarantinePage
from oms.sourcing import service as sourcing
from tests.integration.orders.shop import Shop, line, order


def test_a_bad_order_waits_with_its_reason_until_a_person_has_repaired_it(shop: Shop) -> None:
    told = order("W-1", line("A", 2), line("B", 0))
    payload = msgspec.json.encode(told).decode()

    [refused] = shop.try_place(told)
    assert isinstance(refused, OMSError)
    assert refused.fields == {"lines[1].quantity": "must be from 1 to 1000000000"}
    with shop.uow.begin() as tx:
        service.quarantine(
            tx,
            [
                Quarantine(
                    channel_id=shop.channel_id,
                    source="orders.jsonl:12",
                    external_id="W-1",
                    code=refused.code,
                    words=refused.sentence,
                    payload=payload,
                )
            ],
        )

    with shop.uow.read() as reader:
        [waiting] = queries.payloads(reader, QuarantinePage())
    assert (waiting.payload, waiting.source) == (payload, "orders.jsonl:12")
    assert "lines[1].quantity" in waiting.words

    repaired = msgspec.json.encode(replace(told, lines=(told.lines[0], line("B", 3)))).decode()
    with shop.uow.begin() as tx:
        service.edit(tx, [Edit(quarantine_id=waiting.id, payload=repaired)])
    with shop.uow.begin() as tx:
        [taken] = service.rerun(tx, [Rerun(quarantine_id=waiting.id)], sourcing.place)

    assert isinstance(taken, TakenIn)
    assert taken.units == {"allocated": 5}
    with shop.uow.read() as reader:
        assert queries.payloads(reader, QuarantinePage()) == []
        [resolved] = queries.payloads(reader, QuarantinePage(state=QuarantineState.RESOLVED))
    assert (resolved.payload, resolved.order_id) == (payload, taken.order_id)
    assert shop.broken_checks() == []
