"""Lists in pages, each ending in a cursor that continues after it, whatever is added meanwhile."""

import base64
import binascii
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from oms.kernel.errors import Invalid

LIMIT_MAX: Final = 500
LIMIT_USUAL: Final = 50

T = TypeVar("T")
K = TypeVar("K")

Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX, description="How many to give at most")]
Cursor = Annotated[
    str | None, QueryParameter(description="`next` of the page before; absent for the first page")
]

NodeId = Annotated[str, QueryParameter(name="nodeId", description="Only at this node")]
ChannelId = Annotated[str, QueryParameter(name="channelId", description="Only of this channel")]
OrderId = Annotated[str, QueryParameter(name="orderId", description="Only about this order")]


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some of a list, in its order. `next` is absent on the last page."""

    items: list[T]
    next: str | None = None


def cursor(*place: object) -> str:
    """An opaque text for a place in a list: the sort key of the last item given."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def place_of(text: str | None, kind: type[K]) -> K | None:
    """The place a cursor stands for, as `kind` (a tuple type); None for no cursor."""
    if text is None:
        return None
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        return msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=kind)
    except (binascii.Error, msgspec.DecodeError, UnicodeEncodeError):
        raise Invalid(
            "page.cursor",
            "This cursor is not one of ours, or is from another list.",
            "Give `next` exactly as it came with the page before.",
            {"cursor": "unknown"},
        ) from None


def page(items: list[T], limit: int, *last_place: Any) -> Page[T]:
    """A page of `items` that ends at the sort key `last_place`; one not full is the last."""
    return Page(items, cursor(*last_place) if items and len(items) >= limit else None)
