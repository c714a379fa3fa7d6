"""Which documents an address of the list asks for: every view, filter and page is a link. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from oms.accounting.model import DocumentKind
from oms.accounting.queries import InvoicePage, Named
from oms.web.translations import N_

PAGE: Final = 50
TEXT_MAX: Final = 100
MONTHS: Final = 12
INVOICES: Final = "/invoices"


class View(msgspec.Struct, frozen=True):
    """A tab: documents of one kind, or all."""

    name: str
    word: str
    kind: str = ""


VIEWS: Final = (
    View("all", N_("All")),
    View("invoices", N_("Invoices"), DocumentKind.INVOICE.value),
    View("credit-notes", N_("Credit notes"), DocumentKind.CREDIT_NOTE.value),
)
_BY_NAME: Final = {view.name: view for view in VIEWS}


class Month(msgspec.Struct, frozen=True):
    """A month to choose: ``2026-11``, how it is shown, and where it begins and ends."""

    id: str
    name: str
    from_ms: int
    before_ms: int


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the address of a list says. `after` is the id of the last document before."""

    view: str = VIEWS[0].name
    text: str = ""
    month: str = ""
    customer: str = ""
    after: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.month or self.customer)

    def url(self, **changes: str) -> str:
        """The address with something changed, from the first page."""
        changed = replace(self, **{"after": "", **changes})
        fields = {
            "view": changed.view,
            "q": changed.text,
            "month": changed.month,
            "customer": changed.customer,
            "after": changed.after,
        }
        return f"{INVOICES}?{urlencode({name: value for name, value in fields.items() if value})}"


def wish(query: Mapping[str, str]) -> Wish:
    """What an address asks for; a view nobody knows is all."""
    view = query.get("view", "")
    return Wish(
        view=view if view in _BY_NAME else VIEWS[0].name,
        text=query.get("q", "").strip()[:TEXT_MAX],
        month=query.get("month", ""),
        customer=query.get("customer", ""),
        after=query.get("after", ""),
    )


def months(now_ms: int, time_zone: str, names: Mapping[int, str]) -> list[Month]:
    """The last twelve months of the merchant's calendar, this one first."""
    zone = ZoneInfo(time_zone)
    today = datetime.fromtimestamp(now_ms / 1_000, UTC).astimezone(zone)
    year, month = today.year, today.month
    found = []
    for _ in range(MONTHS):
        following = (year + month // 12, month % 12 + 1)
        found.append(
            Month(
                f"{year}-{month:02d}",
                f"{names[month]} {year}",
                _start_ms(year, month, zone),
                _start_ms(*following, zone),
            )
        )
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found


def wanted(
    asked: Wish, month: Month | None, channel_ids: tuple[str, ...] | None, named: Named | None
) -> InvoicePage:
    """The question; `named` is what the text may mean, `channel_ids` are those within reach."""
    return InvoicePage(
        kind=_BY_NAME[asked.view].kind,
        customer_id=asked.customer,
        named=named,
        channel_ids=channel_ids,
        issued_from_ms=month.from_ms if month else None,
        issued_before_ms=month.before_ms if month else None,
        before=asked.after,
        count=PAGE + 1,
    )


def _start_ms(year: int, month: int, zone: ZoneInfo) -> int:
    return round(datetime(year, month, 1, tzinfo=zone).timestamp() * 1_000)
