"""Shipping in one go from start to end: a transaction, the carriers, a transaction.

No subscriber: whoever wants an order shipped now waits for it.
"""

import asyncio
from collections.abc import Sequence
from itertools import chain, islice

from msgspec.structs import replace

from fulfillment.effects import Bought, Carriers, buy_each
from fulfillment.express import service
from fulfillment.express.model import Depart, Fulfil, Fulfilled, Prepared
from oms.kernel.errors import OMSError
from oms.platform.gate import Gate
from oms.platform.transaction import UnitOfWork

Answer = Fulfilled | OMSError


async def fulfil(gate: Gate, carriers: Carriers, command: Fulfil) -> Fulfilled:
    """Ship one order through the gate. Raises what stops it; what was packed stays packed."""
    prepared = await asyncio.wrap_future(gate.submit(service.prepare, command))
    if not prepared.parcels:
        return Fulfilled(prepared.order_id, (), prepared.asked)
    bought = await buy_each(carriers, prepared.consignments)
    leaving = gate.submit(service.ship, _departure(command, bought))
    try:
        left = await asyncio.wrap_future(leaving)
    except OMSError as refusal:
        raise _cause_of(bought, refusal) from refusal
    return replace(left, asked=prepared.asked)


def fulfil_many(
    uow: UnitOfWork, carriers: Carriers, commands: Sequence[Fulfil]
) -> list[Fulfilled | OMSError]:
    """Ship many orders in two transactions, for imports and jobs; not from inside an event loop.

    One answer for each command, in order. Each order comes once.
    """
    with uow.begin() as tx:
        prepared = service.prepare(tx, commands)
    ready = [(c, p) for c, p in zip(commands, prepared, strict=True) if isinstance(p, Prepared)]
    wanted = chain.from_iterable(each.consignments for _, each in ready)
    bought = iter(asyncio.run(buy_each(carriers, list(wanted))))
    sold = {each.order_id: list(islice(bought, len(each.consignments))) for _, each in ready}
    leaving = [_departure(c, sold[each.order_id]) for c, each in ready if each.parcels]
    with uow.begin() as tx:
        left = service.ship(tx, leaving) if leaving else []
    answers = {each.order_id: answer for each, answer in zip(leaving, left, strict=True)}
    return [_answer(each, sold, answers) for each in prepared]


def _answer(
    prepared: Prepared | OMSError,
    sold: dict[str, list[Bought | OMSError]],
    answers: dict[str, Fulfilled | OMSError],
) -> Fulfilled | OMSError:
    if isinstance(prepared, OMSError):
        return prepared
    left = answers.get(prepared.order_id) or Fulfilled(prepared.order_id, ())
    if isinstance(left, OMSError):
        return _cause_of(sold[prepared.order_id], left)
    return replace(left, asked=prepared.asked)


def _departure(command: Fulfil, bought: Sequence[Bought | OMSError]) -> Depart:
    labels = chain.from_iterable(each for each in bought if not isinstance(each, OMSError))
    return Depart(order_id=command.order_id, labels=tuple(labels), cause=command.cause)


def _cause_of(bought: Sequence[Bought | OMSError], refusal: OMSError) -> OMSError:
    """Why an order did not leave: what the carrier said, if it sold no label."""
    return next((each for each in bought if isinstance(each, OMSError)), refusal)
