"""Which returns an address of the list asks for: every view, filter and page is a link. Pure."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec
from msgspec.structs import replace

from oms.web.translations import N_
from returns.worklists.queries import Named, ReturnSet, ReturnsWanted

PAGE: Final = 50
TEXT_MAX: Final = 100
RETURNS: Final = "/returns"


class View(msgspec.Struct, frozen=True):
    """A tab: a set of returns; work is sorted by who waits longest."""

    name: str
    word: str
    among: ReturnSet | None
    is_work: bool = True
    is_urgent: bool = False


# fmt: off
VIEWS: Final = (
    View("to-inspect", N_("To inspect"),    ReturnSet.TO_INSPECT),
    View("to-decide",  N_("To decide"),     ReturnSet.TO_DECIDE, is_urgent=True),
    View("expected",   N_("On their way"),  ReturnSet.EXPECTED),
    View("incomplete", N_("Incomplete"),    ReturnSet.INCOMPLETE),
    View("refused",    N_("Refused goods"), ReturnSet.REFUSED),
    View("closed",     N_("Closed"),        ReturnSet.DONE, is_work=False),
    View("all",        N_("All"),           None, is_work=False),
)
# fmt: on
_BY_NAME: Final = {view.name: view for view in VIEWS}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the address of a list says. `after` is the id of the last return before."""

    view: str = VIEWS[0].name
    text: str = ""
    channel: str = ""
    node: str = ""
    after: str = ""

    @property
    def chosen(self) -> View:
        return _BY_NAME[self.view]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside the view narrows the list."""
        return bool(self.text or self.channel or self.node)

    def url(self, **changes: str) -> str:
        """The address with something changed, from the first page."""
        changed = replace(self, **{"after": "", **changes})
        fields = {
            "view": changed.view,
            "q": changed.text,
            "channel": changed.channel,
            "node": changed.node,
            "after": changed.after,
        }
        return f"{RETURNS}?{urlencode({name: value for name, value in fields.items() if value})}"


def wish(query: Mapping[str, str]) -> Wish:
    """What an address asks for; what it names and nobody knows is left out."""
    view = query.get("view", "")
    return Wish(
        view=view if view in _BY_NAME else VIEWS[0].name,
        text=query.get("q", "").strip()[:TEXT_MAX],
        channel=query.get("channel", ""),
        node=query.get("node", ""),
        after=query.get("after", ""),
    )


def wanted(asked: Wish, channel_ids: tuple[str, ...] | None, named: Named | None) -> ReturnsWanted:
    """The question; `named` is what the text may mean, `channel_ids` are those within reach."""
    return ReturnsWanted(
        among=asked.chosen.among,
        named=named,
        channel_id=asked.channel,
        node_id=asked.node,
        channel_ids=channel_ids,
        is_work=asked.chosen.is_work,
        after=asked.after,
        count=PAGE + 1,
    )
