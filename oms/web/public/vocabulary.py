"""What customers are told about every state there is. English; translated where it is shown."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from connectors.contract.parcels import TrackingStatus as T
from oms.orders.machine import LineState as S
from oms.orders.status import OrderStatus as O
from oms.web.translations import N_
from returns.machine import ReturnState as R

# fmt: off
STEPS: Final = (N_("Ordered"), N_("Packed"), N_("On its way"), N_("Delivered"))

STATUSES: Final[Mapping[O, str]] = {
    O.CHARGES_ONLY:            N_("Your order is complete"),
    O.CANCELLED:               N_("Your order was cancelled"),
    O.DRAFT:                   N_("Your order is being checked"),
    O.PLACED:                  N_("We have received your order"),
    O.BACKORDERED:             N_("We are waiting for your items to come in"),
    O.PARTLY_BACKORDERED:      N_("We are waiting for some of your items to come in"),
    O.ALLOCATED:               N_("Your order is set aside and will be packed soon"),
    O.PARTLY_ALLOCATED:        N_("Part of your order is set aside; we are waiting for the rest"),
    O.IN_FULFILMENT:           N_("Your order is being packed"),
    O.PARTLY_IN_FULFILMENT:    N_("Part of your order is being packed; the rest follows"),
    O.READY_FOR_PICKUP:        N_("Your order is ready to be collected"),
    O.PARTLY_READY_FOR_PICKUP: N_("Part of your order is ready to be collected"),
    O.SHIPPED:                 N_("Your order is on its way to you"),
    O.PARTLY_SHIPPED:          N_("Part of your order is on its way to you; the rest follows"),
    O.DELIVERED:               N_("Your order was delivered"),
    O.PARTLY_DELIVERED:        N_("Part of your order was delivered; the rest follows"),
    O.LOST:                    N_("Your order was lost on its way"),
    O.PARTLY_LOST:             N_("Part of your order was lost on its way"),
    O.RETURNING:               N_("Your return is under way"),
    O.PARTLY_RETURNING:        N_("Part of your order is on its way back"),
    O.RETURNED:                N_("We have your return"),
    O.PARTLY_RETURNED:         N_("We have part of your order back"),
}

STATES: Final[Mapping[S, str]] = {
    S.DRAFT:             N_("being checked"),
    S.OPEN:              N_("received"),
    S.BACKORDERED:       N_("on back-order"),
    S.ALLOCATED:         N_("set aside"),
    S.RELEASED:          N_("being prepared"),
    S.PICKED:            N_("being prepared"),
    S.PACKED:            N_("packed"),
    S.READY_FOR_PICKUP:  N_("ready to collect"),
    S.SHIPPED:           N_("on its way"),
    S.DELIVERED:         N_("delivered"),
    S.LOST:              N_("lost"),
    S.CANCELLED:         N_("cancelled"),
    S.KEPT:              N_("refunded, yours to keep"),
    S.RETURN_REQUESTED:  N_("return requested"),
    S.RETURN_AUTHORISED: N_("return approved"),
    S.RETURN_IN_TRANSIT: N_("return on its way"),
    S.RETURN_RECEIVED:   N_("return received"),
    S.RETURN_ACCEPTED:   N_("returned"),
    S.RETURN_REJECTED:   N_("return refused"),
}

SCANS: Final[Mapping[T, tuple[str, str]]] = {
    T.INFO_RECEIVED:        ("send",           N_("Announced to the carrier")),
    T.ACCEPTED:             ("package-check",  N_("Accepted by the carrier")),
    T.IN_TRANSIT:           ("truck",          N_("On its way")),
    T.OUT_FOR_DELIVERY:     ("truck",          N_("The courier is bringing it to you")),
    T.ATTEMPTED:            ("house",          N_("Delivery was tried")),
    T.AVAILABLE_FOR_PICKUP: ("store",          N_("Ready to be picked up")),
    T.DELIVERED:            ("circle-check",   N_("Delivered")),
    T.RETURNED_TO_SENDER:   ("undo-2",         N_("Going back to the sender")),
    T.LOST:                 ("triangle-alert", N_("Lost")),
    T.DAMAGED:              ("triangle-alert", N_("Damaged on its way")),
    T.EXCEPTION:            ("clock",          N_("Delayed")),
}

RETURNS: Final[Mapping[R, str]] = {
    R.REQUESTED:  N_("We are looking at it"),
    R.AUTHORISED: N_("Approved: send it back"),
    R.DECLINED:   N_("Not approved"),
    R.WITHDRAWN:  N_("Taken back by you"),
    R.RECEIVING:  N_("It reached us and is being checked"),
    R.CLOSED:     N_("Finished"),
}
# fmt: on


class Reason(StrEnum):
    """Why something goes back; the value is what the returns desk reads, too."""

    SIZE = N_("It does not fit")
    DAMAGED = N_("It came damaged")
    WRONG = N_("It is not what I ordered")
    DIFFERENT = N_("It is not as described")
    CHANGED_MIND = N_("I changed my mind")
    OTHER = N_("Something else")
