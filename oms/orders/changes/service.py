"""Change-sets: keep what a channel wants changed, and apply or decline it when somebody decides."""

from collections.abc import Sequence

from oms.orders import queries
from oms.orders.changes import model, store
from oms.orders.changes.model import Proposal
from oms.orders.events import OrderChangeProposed
from oms.orders.intake.model import price
from oms.platform.transaction import Transaction


def propose(tx: Transaction, proposals: Sequence[Proposal]) -> list[str]:
    """Keep proposals; answers the ids of their change-sets. One told before is not kept twice."""
    names = [(each.order_id, each.content_hash) for each in proposals]
    ids = store.known_changes(tx, names)
    facts = {order.id: order for order in queries.orders_for(tx, [name[0] for name in names])}
    fresh = []
    for name, proposal in zip(names, proposals, strict=True):
        if name in ids:
            continue
        words = model.differences(facts[name[0]], proposal.order, price(proposal.order))
        ids[name] = tx.new_id("chs")
        fresh.append((ids[name], proposal, words))
        event = OrderChangeProposed(entity=name[0], change_id=ids[name], differences=words)
        tx.emit(event, proposal.cause)
    store.add_changes(tx, fresh)
    return [ids[name] for name in names]
