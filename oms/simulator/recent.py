"""What happened lately, for the words a demo greets with."""

from typing import Final

import msgspec

from fulfillment.events import ShipmentShipped
from oms.kernel.events import wire_name
from oms.platform import audit
from oms.platform.transaction import UnitOfWork

LOOK_BACK: Final = 1_000  # events

_decode: Final = msgspec.json.Decoder(ShipmentShipped).decode


def latest_shipped_order(uow: UnitOfWork) -> str:
    """The id of the order that shipped last; "" when none did lately."""
    with uow.read() as reader:
        newest = audit.last_number(reader)
        told = audit.after(
            reader, max(0, newest - LOOK_BACK), audit.PAGE_MAX, (wire_name(ShipmentShipped),)
        )
    return _decode(told[-1].body).order_id if told else ""
