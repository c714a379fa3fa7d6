"""What happened to customers."""

from oms.kernel.events import Event


class CustomerAdded(Event, frozen=True, tag="customer.added", kw_only=True):
    """Somebody nobody here knew bought, called or wrote."""

    channel_id: str
