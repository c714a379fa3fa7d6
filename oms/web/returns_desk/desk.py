"""The desk: a return opened, its pieces graded by one key each, finished by one more."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from oms.accounting.crediting import queries as crediting
from oms.accounting.crediting.queries import Back, Prospect
from oms.catalog import queries as catalog
from oms.http.call import Call
from oms.http.reach import return_in_reach
from oms.platform.transaction import Reader
from oms.web.forms import Form, posted
from oms.web.guards import may_see
from oms.web.pages import formats, page
from oms.web.returns_desk import parts as table
from oms.web.returns_desk.finding import Scanned, scanned
from oms.web.returns_desk.outlook import Outlook, outlook, title_of
from oms.web.returns_desk.parts import Part
from oms.web.returns_desk.sheet import (
    DESK_COOKIE,
    WINDOW_DAYS,
    Sheet,
    sheet_of,
)
from oms.web.returns_desk.words import GRADES, REFUNDS, TARGET_TONES, TARGETS, TENDERS
from oms.web.translations import N_
from returns import service
from returns.desk.model import Desk
from returns.finishing.model import Finish

COOKIE_S: Final = 400 * 86_400  # as long as browsers keep one

UNKNOWN: Final = N_("Nothing is called “%(code)s”. Nothing was changed.")
ADDED: Final = N_("Nobody announced %(title)s: it is on the table now, too.")
OTHER: Final = N_("“%(code)s” is something else. Finish this return first, or open it now.")


class Said(msgspec.Struct, frozen=True):
    """What the desk answers to a scan; `url` leads to what was scanned."""

    tone: str
    words: str
    values: dict[str, str]
    url: str = ""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """The table as it stands: parts with their titles, what finishing would do, what is said.

    `current` is the part that is looked at next, if something says so.
    """

    parts: tuple[Part, ...]
    titles: tuple[str, ...]
    outlook: Outlook
    is_over: bool = False
    said: Said | None = None
    current: int | None = None


class ReturnDesk(Controller):
    path = "/returns/{return_id:str}"
    include_in_schema = False

    @get(guards=[may_see("returns:read")], sync_to_thread=True)
    def one(self, request: Call, return_id: FromPath[str]) -> Response[Any]:
        """The return; whoever may judge finds everything that waits on the table."""
        with request.reading() as reader:
            sheet = sheet_of(request, reader, return_id)
            parts = table.on_the_table(sheet.lines, sheet.waiting, sheet.missing)
            work = _work(request, reader, sheet, parts)
        answer = _page(request, sheet, work)
        chosen = request.query_params.get("node", "")
        if chosen and sheet.node and sheet.node.id == chosen:
            answer.set_cookie(
                Cookie(DESK_COOKIE, chosen, max_age=COOKIE_S, httponly=True, samesite="lax")
            )
        return answer

    @post("/draft", guards=[may_see("returns:write")], status_code=200)
    async def draft(self, request: Call, return_id: FromPath[str]) -> Response[Any]:
        """The table with something changed: a grade, a split, a scan. Nothing is kept."""
        form = await posted(request)
        await return_in_reach(request, return_id)
        sheet, work = await request.read(lambda reader: _drafted(request, reader, return_id, form))
        return _page(request, sheet, work)

    @post("/finish", guards=[may_see("returns:write")], status_code=200)
    async def finish(self, request: Call, return_id: FromPath[str]) -> Response[Any]:
        """Count in, judge, credit: all that was said would happen, or nothing."""
        form = await posted(request)
        id_ = await return_in_reach(request, return_id)
        node_id = form.required("node")
        request.caller.expect_node(node_id)
        sheet = await request.read(lambda reader: sheet_of(request, reader, return_id))
        command = Finish(
            return_id=id_,
            node_id=node_id,
            found=table.found_units(table.posted_parts(form, sheet.lines)),
            seen=form.required("seen"),
            is_over=bool(form.text("over")),
            cause=request.cause,
        )
        await request.submit(service.finish, command, Desk)
        return Redirect(f"/returns/{id_}?done=1", status_code=303)


def _page(request: Call, sheet: Sheet, work: Work) -> Response[Any]:
    return page(
        request,
        "returns_desk/desk.html",
        sheet=sheet,
        work=work,
        grades=GRADES,
        targets=TARGETS,
        tones=TARGET_TONES,
        tenders=TENDERS,
        refund_looks=REFUNDS,
        window_days=WINDOW_DAYS,
        is_done=request.query_params.get("done") == "1",
    )


def _drafted(request: Call, reader: Reader, return_id: str, form: Form) -> tuple[Sheet, Work]:
    sheet = sheet_of(request, reader, return_id)
    parts = table.posted_parts(form, sheet.lines)
    said, current, code = None, None, form.text("code", 100)
    if form.text("split"):
        current = form.number("split", 0, table.PARTS_MAX)
        parts = table.split(parts, current)
    if code:
        parts, said, current = _scanned(request, reader, parts, code)
    work = _work(request, reader, sheet, parts, is_over=bool(form.text("over")))
    return sheet, replace(work, said=said, current=current)


def _scanned(
    request: Call, reader: Reader, parts: list[Part], code: str
) -> tuple[list[Part], Said, int | None]:
    """An item lies on the table then, announced or not; anything else is told and linked."""
    found = scanned(request, reader, code)
    if found.item is not None:
        added = table.with_item(parts, found.item.id)
        place = [each.line_id or each.item_id for each in added].index(found.item.id)
        return added, Said("warn", ADDED, {"title": found.item.name}), place
    return parts, _other(found), None


def _other(found: Scanned) -> Said:
    if not found.returns and not found.orders:
        return Said("bad", UNKNOWN, {"code": found.code})
    url = f"/returns/{found.one_return}" if found.one_return else f"/returns/scan?code={found.code}"
    return Said("warn", OTHER, {"code": found.code}, url)


def _work(
    request: Call,
    reader: Reader,
    sheet: Sheet,
    parts: Sequence[Part],
    *,
    is_over: bool = False,
) -> Work:
    unknown = {part.item_id for part in parts} - sheet.items.keys()
    sheet.items.update(catalog.items_by_id(reader, unknown))
    now = _prospect(reader, sheet, table.credited(parts, sheet.lines))
    most = _prospect(reader, sheet, table.at_most(parts, sheet.lines))
    told = outlook(sheet, parts, (now, most), formats(request), is_over=is_over)
    return Work(
        parts=tuple(parts),
        titles=tuple(title_of(sheet, part) for part in parts),
        outlook=told,
        is_over=is_over,
    )


def _prospect(reader: Reader, sheet: Sheet, back: Sequence[Back]) -> Prospect:
    orders = [sheet.order] if sheet.order else []
    return crediting.prospect(reader, orders, list(back))
