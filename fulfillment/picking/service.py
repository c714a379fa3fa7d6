"""Picking over a list: off the shelf by item or by scan, put back, written off when not found."""

from collections import Counter
from collections.abc import Sequence

from fulfillment import model
from fulfillment.events import CountNeeded
from fulfillment.model import Fulfilment, Pile, in_state
from fulfillment.picking.model import (
    Pick,
    PickScans,
    ReportShort,
    Unpick,
    require_on_list,
    scanned_item,
)
from fulfillment.work.service import (
    Job,
    Progress,
    done,
    fulfilment_of,
    made,
    progress,
    step,
)
from oms.catalog import queries as catalog
from oms.inventory import service as inventory
from oms.kernel.errors import OMSError
from oms.ledger import journal, posting
from oms.orders.machine import LineState
from oms.orders.model import LineMove, Slice
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction


def pick(tx: Transaction, commands: Sequence[Pick]) -> list[Progress | OMSError]:
    """Units leave the shelf for the cart."""

    def plan(command: Pick, _: Fulfilment, own: Sequence[Slice]) -> list[LineMove]:
        return model.moves_for("pick", Pile(in_state(own, LineState.RELEASED)), command.units)

    return progress(tx, commands, plan)


def pick_scanned(tx: Transaction, commands: Sequence[PickScans]) -> list[Progress | OMSError]:
    """The same for what a scanner read; a wrong item, or one too many, is refused in words."""
    texts = {scan.barcode for command in commands for scan in command.scans}
    items = catalog.items_by_barcode(tx, texts)

    def plan(command: PickScans, fulfilment: Fulfilment, own: Sequence[Slice]) -> list[LineMove]:
        counts: Counter[str] = Counter()
        by_id = {}
        for scan in command.scans:
            item = items.get(scan.barcode)
            units = scanned_item(scan, item)
            if item is not None:
                by_id[item.id] = item
                counts[item.id] += units.quantity
        wanted = [model.Units(item_id, count) for item_id, count in counts.items()]
        for units in wanted:
            require_on_list(by_id[units.item_id], units, fulfilment, own)
        return model.moves_for("pick", Pile(in_state(own, LineState.RELEASED)), wanted)

    return progress(tx, commands, plan)


def unpick(tx: Transaction, commands: Sequence[Unpick]) -> list[Progress | OMSError]:
    """Picked units go back to the shelf and wait to be picked again."""

    def plan(command: Unpick, _: Fulfilment, own: Sequence[Slice]) -> list[LineMove]:
        return model.moves_for("unpick", Pile(in_state(own, LineState.PICKED)), command.units)

    return progress(tx, commands, plan)


def report_short(tx: Transaction, commands: Sequence[ReportShort]) -> list[Progress | OMSError]:
    """Units were not found: they leave the books, the order is sourced again, a count is due."""

    def plan(command: ReportShort, _: Fulfilment, own: Sequence[Slice]) -> list[LineMove]:
        pile = Pile(in_state(own, LineState.RELEASED))
        return model.moves_for("short_pick", pile, command.units, command.reason)

    def work(batch: Sequence[ReportShort]) -> list[Progress | OMSError]:
        jobs = step(tx, batch, plan)
        _write_off(tx, done(jobs))
        return [job if isinstance(job, OMSError) else made(job) for job in jobs]

    return in_rounds(commands, fulfilment_of, work)


def _write_off(tx: Transaction, jobs: Sequence[Job]) -> None:
    """Units nobody can find leave the books at their average cost."""
    missing = [(job, item_id, units) for job in jobs for item_id, units in _missing(job).items()]
    if not missing:
        return
    costs = inventory.take_cost(tx, [(item_id, units) for _, item_id, units in missing])
    currency = inventory.cost_currency(tx)
    entries = []
    for (job, item_id, units), cost in zip(missing, costs, strict=True):
        if cost:
            entries.append(
                posting.entry(
                    "stock_lost",
                    {"cost": cost},
                    currency,
                    order_id=job.fulfilment.order_id,
                    document_id=job.fulfilment.id,
                )
            )
        event = CountNeeded(
            entity=job.fulfilment.node_id,
            item_id=item_id,
            missing=units,
            reason=next(move.reason for move in job.moves),
        )
        tx.emit(event, job.cause)
    journal.post(tx, entries)


def _missing(job: Job) -> Counter[str]:
    item_of = {piece.id: piece.item_id for piece in job.slices}
    missing: Counter[str] = Counter()
    for move in job.moves:
        missing[item_of[move.slice_id]] += move.quantity
    return missing
