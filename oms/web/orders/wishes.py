"""Which orders a desk's address asks for: every view, filter and page is a link. Pure."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec
from msgspec.structs import replace

from oms.orders.listing.queries import OrdersWanted
from oms.orders.worklists.model import OrderSet, ReasonKind, Sorting
from oms.web.translations import N_

PAGE: Final = 50
TEXT_MAX: Final = 100
DESK: Final = "/orders"


class DeskView(msgspec.Struct, frozen=True):
    """A tab: a set of orders, how it is sorted, and whether its number is shown as a warning."""

    name: str
    word: str
    among: OrderSet | None
    sorting: Sorting
    is_counted: bool = True


# fmt: off
VIEWS: Final = (
    DeskView("attention",  N_("Needs attention"), OrderSet.ATTENTION,  Sorting.DUE),
    DeskView("open",       N_("All open"),        OrderSet.OPEN,       Sorting.DUE),
    DeskView("to-release", N_("To release"),      OrderSet.TO_RELEASE, Sorting.DUE),
    DeskView("to-pick",    N_("To pick"),         OrderSet.TO_PICK,    Sorting.DUE),
    DeskView("to-pack",    N_("To pack"),         OrderSet.TO_PACK,    Sorting.DUE),
    DeskView("packed",     N_("Packed"),          OrderSet.PACKED,     Sorting.DUE),
    DeskView("late",       N_("Late"),            OrderSet.LATE,       Sorting.DUE),
    DeskView("all",        N_("All"),             None,                Sorting.NEWEST, False),
)
# fmt: on
_BY_NAME: Final = {view.name: view for view in VIEWS}
_REASONS: Final = frozenset(ReasonKind)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the address of a desk says. `after` is where the page before ended."""

    view: str = VIEWS[0].name
    text: str = ""
    channel: str = ""
    node: str = ""
    reason: str = ""
    after: str = ""

    @property
    def chosen(self) -> DeskView:
        return _BY_NAME[self.view]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside the view narrows the list."""
        return bool(self.text or self.channel or self.node or self.reason)

    def url(self, **changes: str) -> str:
        """The address of this desk with something changed, from its first page."""
        changed = replace(self, **{"after": "", **changes})
        fields = {
            "view": changed.view,
            "q": changed.text,
            "channel": changed.channel,
            "node": changed.node,
            "why": changed.reason,
            "after": changed.after,
        }
        return f"{DESK}?{urlencode({name: value for name, value in fields.items() if value})}"


def wish(query: Mapping[str, str]) -> Wish:
    """What an address asks for; what it names and nobody knows is left out."""
    view = query.get("view", "")
    return Wish(
        view=view if view in _BY_NAME else VIEWS[0].name,
        text=query.get("q", "").strip()[:TEXT_MAX],
        channel=query.get("channel", ""),
        node=query.get("node", ""),
        reason=reason if (reason := query.get("why", "")) in _REASONS else "",
        after=query.get("after", ""),
    )


def wanted(asked: Wish, channel_ids: tuple[str, ...] | None) -> OrdersWanted:
    """The question to the order book; `channel_ids` are those within reach."""
    at, _, id_ = asked.after.partition("~")
    return OrdersWanted(
        among=OrderSet(asked.reason) if asked.reason else asked.chosen.among,
        sorting=asked.chosen.sorting,
        text=asked.text,
        channel_id=asked.channel,
        node_id=asked.node,
        channel_ids=channel_ids,
        after=(int(at), id_) if at.isdecimal() and id_ else None,
        count=PAGE + 1,
    )


def ending(at_ms: int | None, order_id: str) -> str:
    """The place after an order, for the address of the next page."""
    return f"{2**53 if at_ms is None else at_ms}~{order_id}"
