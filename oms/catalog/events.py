"""Facts about items, channels and listings."""

from oms.kernel.events import Event


class ItemPut(Event, frozen=True, kw_only=True, tag="item.put"):
    """An item is new or was changed; the entity is the item."""

    sku: str
    kind: str
    version: int


class ChannelPut(Event, frozen=True, kw_only=True, tag="channel.put"):
    """A channel is new or was changed; the entity is the channel."""

    code: str
    version: int


class ListingPut(Event, frozen=True, kw_only=True, tag="listing.put"):
    """A channel's name now means this item; the entity is the item."""

    channel_id: str
    external_sku: str
