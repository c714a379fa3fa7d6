"""The books at a glance: who owes, what is to be paid back, every account, and what lies behind."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from oms.accounting import queries as accounting
from oms.accounting.model import OrderAccount
from oms.accounting.queries import TrialLine
from oms.http.call import Call
from oms.kernel.errors import NotFound
from oms.kernel.ids import expect_prefix
from oms.ledger import queries as ledger
from oms.ledger.queries import Posted
from oms.orders.listing import queries as listing
from oms.orders.listing.queries import OrderRow
from oms.payments import queries as payments
from oms.payments.machine import REFUND
from oms.payments.model import Refund, SettleRefund
from oms.payments.refunds import service as refunds
from oms.platform.transaction import Reader
from oms.web.forms import posted
from oms.web.guards import may_see
from oms.web.invoices.words import ROOTS, RULES
from oms.web.pages import page
from oms.web.returns_desk.words import REFUNDS, TENDERS

PAGE: Final = 50
SHOWN: Final = 25
BOOKS: Final = "/invoices/books"


class Owing(msgspec.Struct, frozen=True, kw_only=True):
    """An order whose customer owes something."""

    account: OrderAccount
    order: OrderRow | None


class ToPay(msgspec.Struct, frozen=True, kw_only=True):
    """A refund a person pays or decides about; `moves` are what its machine allows."""

    refund: Refund
    order: OrderRow | None
    moves: tuple[str, ...]


class Sum(msgspec.Struct, frozen=True):
    """Both sides of the trial balance in a currency; they are equal."""

    currency: str
    debit_minor: int
    credit_minor: int


@get(BOOKS, guards=[may_see("accounting:read")], include_in_schema=False, sync_to_thread=True)
def books(request: Call) -> Response[Any]:
    """What is owed to us, what we owe, and the balance of every account."""
    request.caller.expect_everywhere()
    after = request.query_params.get("after", "")
    with request.reading() as reader:
        owing = _owing(reader, after)
        to_pay = _to_pay(reader) if "payments:read" in request.caller.permissions else []
        balance = accounting.trial_balance(reader)
    return page(
        request,
        "invoices/books.html",
        owing=owing[:PAGE],
        older=f"{BOOKS}?{urlencode({'after': owing[PAGE - 1].account.order_id})}"
        if len(owing) > PAGE
        else "",
        after=after,
        to_pay=to_pay,
        shown=SHOWN,
        balance=balance,
        sums=sums(balance),
        roots=ROOTS,
        tenders=TENDERS,
        refund_looks=REFUNDS,
    )


@get(
    f"{BOOKS}/account",
    guards=[may_see("accounting:read")],
    include_in_schema=False,
    sync_to_thread=True,
)
def account(request: Call) -> Response[Any]:
    """What was posted to an account, newest first, each with the document or order behind it."""
    request.caller.expect_everywhere()
    name = request.query_params.get("name", "")
    currency = request.query_params.get("currency", "")
    before = request.query_params.get("before", "0")
    with request.reading() as reader:
        line = _account(reader, name, currency)
        span = (int(before) if before.isdecimal() else 0, PAGE + 1)
        found = ledger.postings(reader, name, currency, span)
        orders = listing.orders_by_id(reader, {each.order_id for each in found} - {""})
        documents = _document_numbers(reader, found)
    shown = found[:PAGE]
    here = {"name": name, "currency": currency}
    older = {**here, "before": str(shown[-1].id)} if len(found) > PAGE else {}
    return page(
        request,
        "invoices/account.html",
        line=line,
        posted=shown,
        numbers={row.id: row.number for row in orders},
        documents=documents,
        first=f"{BOOKS}/account?{urlencode(here)}" if before != "0" else "",
        older=f"{BOOKS}/account?{urlencode(older)}" if older else "",
        rules=RULES,
    )


@post(
    "/invoices/refunds/{refund_id:str}",
    guards=[may_see("payments:write")],
    include_in_schema=False,
    status_code=200,
)
async def settle(request: Call, refund_id: FromPath[str]) -> Response[Any]:
    """A refund was paid by hand, shall be tried again, or shall be paid by hand from now on."""
    form = await posted(request)
    request.caller.expect_everywhere()
    move = form.required("move")
    works = {"pay": refunds.pay, "retry": refunds.retry, "hand_over": refunds.hand_over}
    if move not in works:
        raise NotFound("refund.move", f"There is no '{move}' for a refund.", "Choose another one.")
    command = SettleRefund(
        refund_id=expect_prefix(refund_id, "ref"),
        reference=form.required("reference", 80) if move == "pay" else "",
        cause=request.cause,
    )
    await request.submit(works[move], command, Refund)
    return Redirect(f"{BOOKS}#to-pay", status_code=303)


PAGES: Final = (books, account, settle)


def sums(balance: Sequence[TrialLine]) -> list[Sum]:
    """Debits and credits by currency."""
    currencies = sorted({line.currency for line in balance})
    return [
        Sum(
            currency,
            sum(line.debit_minor for line in balance if line.currency == currency),
            sum(line.credit_minor for line in balance if line.currency == currency),
        )
        for currency in currencies
    ]


def _owing(reader: Reader, after: str) -> list[Owing]:
    accounts = accounting.receivables(reader, after, PAGE + 1)
    ids = [each.order_id for each in accounts]
    orders = {row.id: row for row in listing.orders_by_id(reader, ids)}
    return [Owing(account=each, order=orders.get(each.order_id)) for each in accounts]


def _to_pay(reader: Reader) -> list[ToPay]:
    found = payments.refunds_to_do(reader, count=SHOWN)
    ids = {each.order_id for each in found if each.order_id}
    orders = {row.id: row for row in listing.orders_by_id(reader, ids)}
    return [
        ToPay(
            refund=each,
            order=orders.get(each.order_id or ""),
            moves=_moves(each),
        )
        for each in found
    ]


def _moves(refund: Refund) -> tuple[str, ...]:
    """What a person may do; only a gateway can be asked again."""
    allowed = REFUND.allowed(refund.state)
    possible = ("pay", "hand_over", *(("retry",) if refund.gateway else ()))
    return tuple(name for name in possible if name in allowed)


def _account(reader: Reader, name: str, currency: str) -> TrialLine:
    for line in accounting.trial_balance(reader):
        if (line.account, line.currency) == (name, currency):
            return line
    raise NotFound(
        "account.not_found",
        f"Nothing was ever posted to an account '{name}' in '{currency}'.",
        "Choose one in the trial balance.",
    )


def _document_numbers(reader: Reader, found: Sequence[Posted]) -> dict[str, str]:
    """The numbers of the invoices and credit notes among what the entries are about."""
    ids = {each.document_id for each in found if each.document_id.startswith("inv_")}
    return accounting.numbers(reader, ids)
