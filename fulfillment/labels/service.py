"""Labels over a list: asked for, kept when bought, taken off and given back."""

from collections import defaultdict
from collections.abc import Sequence

from fulfillment import model, store
from fulfillment.events import LabelBought, LabelRequested, LabelVoided, LabelVoidRequested
from fulfillment.labels.model import (
    LabelOf,
    RequestLabels,
    VoidLabel,
    labelled,
    to_label,
    without_label,
)
from fulfillment.machine import ParcelState
from fulfillment.model import Parcel
from oms.kernel.errors import OMSError
from oms.kernel.events import SYSTEM, Cause
from oms.platform.batches import in_rounds
from oms.platform.transaction import Transaction


def request_labels(
    tx: Transaction, commands: Sequence[RequestLabels]
) -> list[tuple[Parcel, ...] | OMSError]:
    """Ask for labels; the effect on `label.requested` buys them. Answers the boxes they are for."""
    ids = [command.fulfilment_id for command in commands]
    known = store.fulfilments(tx, ids)
    boxes: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in store.lock_parcels_of(tx, ids):
        boxes[parcel.fulfilment_id].append(parcel)
    answers: list[tuple[Parcel, ...] | OMSError] = []
    for command in commands:
        try:
            fulfilment = known.get(command.fulfilment_id)
            if fulfilment is None:
                raise model.unknown("fulfilment", command.fulfilment_id)
            ready = to_label(boxes[fulfilment.id], command.parcel_ids)
        except OMSError as refusal:
            answers.append(refusal)
            continue
        event = LabelRequested(
            entity=fulfilment.id,
            order_id=fulfilment.order_id,
            parcel_ids=tuple(parcel.id for parcel in ready),
            carrier=command.carrier,
            service=command.service,
        )
        tx.emit(event, command.cause)
        answers.append(tuple(ready))
    return answers


def settle_labels(tx: Transaction, bought: Sequence[LabelOf]) -> list[Parcel | OMSError]:
    """Keep what a carrier sold. The same label again changes nothing; one that is no longer
    needed (the box was opened, or has another label) is given back.
    """
    now = store.lock_parcels(tx, [each.parcel_id for each in bought])
    answers: list[Parcel | OMSError] = []
    kept: dict[str, LabelOf] = {}
    for each in bought:
        parcel = now.get(each.parcel_id)
        if parcel is None:
            answers.append(model.unknown("parcel", each.parcel_id))
            continue
        if parcel.state is ParcelState.PACKED:
            parcel = now[parcel.id] = labelled(parcel, each)
            kept[parcel.id] = each
            tx.emit(label_bought(parcel), each.cause)
        elif parcel.label_id != each.label.external_id:
            tx.emit(_orphaned(parcel, each), each.cause)
        answers.append(parcel)
    store.save_parcels(tx, [now[parcel_id] for parcel_id in kept])
    store.keep_documents(tx, [(parcel_id, each.label) for parcel_id, each in kept.items()])
    return answers


def void_labels(tx: Transaction, commands: Sequence[VoidLabel]) -> list[Parcel | OMSError]:
    """Take labels off boxes that have not left; the effect gives them back to the carrier."""
    return in_rounds(commands, lambda c: c.parcel_id, lambda batch: _void(tx, batch))


def settle_voided(
    tx: Transaction, event: LabelVoidRequested, refunded_minor: int | None, cause: Cause = SYSTEM
) -> None:
    """A carrier took a label back."""
    voided = LabelVoided(
        entity=event.entity,
        order_id=event.order_id,
        carrier=event.carrier,
        label_id=event.label_id,
        refunded_minor=refunded_minor,
    )
    tx.emit(voided, cause)


def label_bought(parcel: Parcel) -> LabelBought:
    return LabelBought(
        entity=parcel.id,
        order_id=parcel.order_id,
        carrier=parcel.carrier,
        service=parcel.service,
        tracking_number=parcel.tracking_number,
        cost_minor=parcel.label_cost_minor,
        currency=parcel.label_currency,
    )


def _void(tx: Transaction, commands: Sequence[VoidLabel]) -> list[Parcel | OMSError]:
    known = store.lock_parcels(tx, [command.parcel_id for command in commands])
    answers: list[Parcel | OMSError] = []
    changed = []
    for command in commands:
        try:
            parcel = known.get(command.parcel_id)
            if parcel is None:
                raise model.unknown("parcel", command.parcel_id)
            bare = without_label(parcel)
        except OMSError as refusal:
            answers.append(refusal)
            continue
        tx.emit(_void_requested(parcel), command.cause)
        changed.append(bare)
        answers.append(bare)
    store.save_parcels(tx, changed)
    store.drop_documents(tx, [parcel.id for parcel in changed])
    return answers


def _orphaned(parcel: Parcel, bought: LabelOf) -> LabelVoidRequested:
    """A label nobody needs any more: paid for, and to be given back."""
    return LabelVoidRequested(
        entity=parcel.id,
        order_id=parcel.order_id,
        carrier=bought.label.carrier,
        label_id=bought.label.external_id,
        tracking_number=bought.label.tracking_number,
    )


def _void_requested(parcel: Parcel) -> LabelVoidRequested:
    return LabelVoidRequested(
        entity=parcel.id,
        order_id=parcel.order_id,
        carrier=parcel.carrier,
        label_id=parcel.label_id,
        tracking_number=parcel.tracking_number,
    )
