"""What must hold between documents, orders, payments and the journal.

These statements read tables of several packages on purpose: that is what they compare.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.kernel.errors import OMSError
from oms.ledger.check import Check, Find, Row, from_statement
from oms.orders.money import Split, units_share
from oms.platform.transaction import Reader

_split: Final = msgspec.json.Decoder(Split)


def _from_text(text: str) -> Find:
    statement = sa.text(text)

    def find(reader: Reader) -> Iterator[Row]:
        for row in reader.stream(statement):
            yield row._asdict()

    return find


_SUMS = """
SELECT i.id, i.number, i.net_minor, i.tax_minor,
       CAST(COALESCE(SUM(l.net_minor), 0) AS BIGINT) AS lines_net_minor,
       CAST(COALESCE(SUM(l.tax_minor), 0) AS BIGINT) AS lines_tax_minor
FROM invoice i LEFT JOIN invoice_line l ON l.invoice_id = i.id
GROUP BY i.id, i.number, i.net_minor, i.tax_minor
HAVING COUNT(l.position) = 0
    OR SUM(l.net_minor) <> i.net_minor OR SUM(l.tax_minor) <> i.tax_minor
ORDER BY i.id
"""
_NUMBERS = """
SELECT kind, serial, number, missing FROM (
    SELECT kind, serial, number,
           serial - LAG(serial, 1, 0) OVER (PARTITION BY kind ORDER BY serial) - 1 AS missing
    FROM invoice
    UNION ALL
    SELECT c.name, c.value, 'last number given', c.value - COALESCE(
        (SELECT MAX(i.serial) FROM invoice i WHERE i.kind = c.name), 0)
    FROM counter c WHERE c.name IN ('invoice', 'credit_note')
) numbered
WHERE missing <> 0
ORDER BY kind, serial
"""
_SHIPPED = """
WITH left_us AS (
    SELECT s.order_id, s.line_id, s.item_id, CAST(SUM(CASE WHEN s.state IN (
        'shipped', 'delivered', 'lost', 'kept', 'return_requested', 'return_authorised',
        'return_in_transit', 'return_received', 'return_accepted', 'return_rejected'
    ) THEN s.quantity ELSE 0 END) AS BIGINT) AS units
    FROM line_slice s GROUP BY s.order_id, s.line_id, s.item_id
), whole AS (
    SELECT w.order_id, w.line_id, MIN(w.units / COALESCE(p.units, 1)) AS units
    FROM left_us w LEFT JOIN line_part p ON p.line_id = w.line_id AND p.item_id = w.item_id
    GROUP BY w.order_id, w.line_id
), sides AS (
    SELECT order_id, line_id, units AS shipped, 0 AS invoiced FROM whole
    UNION ALL
    SELECT i.order_id, l.line_id, 0,
           CASE WHEN i.kind = 'invoice' THEN l.quantity ELSE -l.quantity END
    FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
    WHERE i.reason <> 'returned' AND l.line_id IS NOT NULL
)
SELECT order_id, line_id, CAST(SUM(shipped) AS BIGINT) AS shipped,
       CAST(SUM(invoiced) AS BIGINT) AS invoiced
FROM sides GROUP BY order_id, line_id
HAVING SUM(shipped) <> SUM(invoiced) AND order_id NOT IN (
    SELECT h.order_id FROM shipment h JOIN outbox o ON o.entity = h.id)
ORDER BY order_id, line_id
"""
_ACCOUNTS = """
WITH sides AS (
    SELECT order_id, invoiced_minor AS kept_invoiced, credited_minor AS kept_credited,
           cancelled_minor AS kept_cancelled, reversed_minor AS kept_reversed,
           0 AS invoiced, 0 AS credited, 0 AS cancelled, 0 AS reversed
    FROM order_account
    UNION ALL
    SELECT order_id, 0, 0, 0, 0, CASE WHEN kind = 'invoice' THEN total_minor ELSE 0 END,
           CASE WHEN kind = 'credit_note' THEN total_minor ELSE 0 END, 0,
           CASE WHEN reason = 'undone' THEN total_minor ELSE 0 END
    FROM invoice WHERE order_id IS NOT NULL
    UNION ALL
    SELECT order_id, 0, 0, 0, 0, 0, 0, amount_minor, 0 FROM cancellation
)
SELECT order_id,
       CAST(SUM(kept_invoiced) AS BIGINT) AS kept_invoiced_minor,
       CAST(SUM(invoiced) AS BIGINT) AS invoiced_minor,
       CAST(SUM(kept_credited) AS BIGINT) AS kept_credited_minor,
       CAST(SUM(credited) AS BIGINT) AS credited_minor,
       CAST(SUM(kept_cancelled) AS BIGINT) AS kept_cancelled_minor,
       CAST(SUM(cancelled) AS BIGINT) AS cancelled_minor,
       CAST(SUM(kept_reversed) AS BIGINT) AS kept_reversed_minor,
       CAST(SUM(reversed) AS BIGINT) AS reversed_minor
FROM sides GROUP BY order_id
HAVING SUM(kept_invoiced) <> SUM(invoiced) OR SUM(kept_credited) <> SUM(credited)
    OR SUM(kept_cancelled) <> SUM(cancelled) OR SUM(kept_reversed) <> SUM(reversed)
ORDER BY order_id
"""


def _side(text: str, **params: str) -> sa.Subquery:
    """A statement that answers (order_id, minor)."""
    columns = sa.column("order_id", sa.Text), sa.column("minor", sa.BigInteger)
    return sa.text(text).bindparams(**params).columns(*columns).subquery()


def _differing(kept: sa.Subquery, booked: sa.Subquery, *, least: int | None = None) -> Find:
    """Orders whose `kept` amounts do not sum to the `booked` ones, or are below `least`."""
    none = sa.literal_column("0", sa.BigInteger)
    sides = sa.union_all(
        sa.select(kept.c.order_id, kept.c.minor.label("kept"), none.label("booked")),
        sa.select(booked.c.order_id, none, booked.c.minor),
    ).subquery("sides")
    kept_sum, booked_sum = sa.func.sum(sides.c.kept), sa.func.sum(sides.c.booked)
    is_wrong = kept_sum != booked_sum
    if least is not None:
        is_wrong = is_wrong | (kept_sum < least)
    return from_statement(
        sa.select(
            sides.c.order_id,
            sa.cast(kept_sum, sa.BigInteger).label("kept_minor"),
            sa.cast(booked_sum, sa.BigInteger).label("booked_minor"),
        )
        .group_by(sides.c.order_id)
        .having(is_wrong)
        .order_by(sides.c.order_id)
    )


_DEBITED = """
SELECT e.order_id, p.amount_minor AS minor
FROM journal_posting p JOIN journal_entry e ON e.id = p.entry_id WHERE p.account = :account
"""
_CREDITED = _DEBITED.replace("p.amount_minor AS", "-p.amount_minor AS")
_DEPOSITS = """
SELECT order_id, captured_minor AS minor FROM payment
UNION ALL SELECT order_id, -applied_minor - released_minor FROM order_account
"""
_RECEIVABLES = """
SELECT order_id, invoiced_minor - credited_minor - applied_minor + refund_due_minor AS minor
FROM order_account
"""
_REFUNDS_MISSING = """
SELECT COALESCE(order_id, '') AS order_id, amount_minor - refunded_minor AS minor FROM refund
"""
_REFUNDS_ASKED = """
SELECT COALESCE(order_id, '') AS order_id, amount_minor AS minor FROM refund
"""
_REFUNDS_OWED = """
SELECT order_id, released_minor + refund_due_minor AS minor FROM order_account
UNION ALL SELECT '', total_minor FROM invoice WHERE order_id IS NULL
"""
_TAX = """
SELECT COALESCE(order_id, '') AS order_id,
       CASE WHEN kind = 'invoice' THEN tax_minor ELSE -tax_minor END AS minor
FROM invoice
"""
_SHARES = sa.text(
    """
    SELECT l.line_id, i.kind, i.reason, i.number, l.invoice_id, l.position, l.first_unit,
           l.quantity, l.net_minor, l.tax_minor, l.tax_rate_bp, l.corrects_id, l.corrects_position,
           o.unit_split, o.tax_rate_bp AS sold_rate_bp
    FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id JOIN order_line o ON o.id = l.line_id
    ORDER BY l.line_id, i.kind DESC, i.serial, l.position
    """
)


def _wrong_shares(reader: Reader) -> Iterator[Row]:
    """Lines that do not say what exactly their units were sold for, or speak of a unit twice."""
    for _, rows in groupby(reader.stream(_SHARES), key=lambda row: row.line_id):
        yield from _wrong_shares_of_line(list(rows))


def _wrong_shares_of_line(rows: Sequence[sa.Row[Any]]) -> Iterator[Row]:
    corrected = {(row.invoice_id, row.position): row for row in rows if row.kind == "invoice"}
    twice = _units_twice(rows)
    for row in rows:
        sold, end = _sold_for(row), row.first_unit + row.quantity
        is_inside = row.kind == "invoice" or _is_inside(
            row, corrected.get((row.corrects_id, row.corrects_position))
        )
        is_right = sold == (row.net_minor, row.tax_minor, row.tax_rate_bp)
        if not is_right or not is_inside or any(row.first_unit <= unit < end for unit in twice):
            yield {
                "number": row.number,
                "position": row.position,
                "line_id": row.line_id,
                "first_unit": row.first_unit,
                "quantity": row.quantity,
                "net_minor": row.net_minor,
                "tax_minor": row.tax_minor,
                "sold_net_minor": sold[0],
                "sold_tax_minor": sold[1],
            }


def _units_twice(rows: Sequence[sa.Row[Any]]) -> list[int]:
    """Where runs of units begin that are invoiced twice, or credited without an invoice.

    A unit of an undone shipment is invoiced again, so what counts is invoices less reversals.
    """
    steps: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        side = 1 if row.reason == "returned" else 0
        sign = -1 if row.reason == "undone" else 1
        steps[row.first_unit][side] += sign
        steps[row.first_unit + row.quantity][side] -= sign
    wrong, invoiced, returned = [], 0, 0
    for unit in sorted(steps):
        invoiced, returned = invoiced + steps[unit][0], returned + steps[unit][1]
        if not 0 <= returned <= invoiced <= 1:
            wrong.append(unit)
    return wrong


def _is_inside(credit: sa.Row[Any], invoice: sa.Row[Any] | None) -> bool:
    """Whether a credit line speaks only of units that the line it corrects speaks of."""
    if invoice is None or credit.first_unit < invoice.first_unit:
        return False
    end: int = invoice.first_unit + invoice.quantity
    return bool(credit.first_unit + credit.quantity <= end)


def _sold_for(row: sa.Row[Any]) -> tuple[int, int, int]:
    """Net, tax and rate of the units a document's line names; nothing if they do not exist."""
    try:
        net, tax = units_share(_split.decode(row.unit_split), row.first_unit, row.quantity)
    except OMSError:
        return 0, 0, row.sold_rate_bp
    return net, tax, row.sold_rate_bp


CHECKS: Final = (
    Check(
        "invoice_sums",
        "Every invoice and credit note is the sum of its lines.",
        _from_text(_SUMS),
    ),
    Check(
        "invoice_numbers",
        "The numbers of invoices and of credit notes have no gap.",
        _from_text(_NUMBERS),
    ),
    Check(
        "invoices_shipped",
        "Exactly the units that left are invoiced.",
        _from_text(_SHIPPED),
    ),
    Check(
        "invoice_shares",
        "Every invoiced and credited unit has the price and tax it was sold for, once.",
        _wrong_shares,
    ),
    Check(
        "order_accounts",
        "The account of every order is the sum of its invoices, credit notes and cancels.",
        _from_text(_ACCOUNTS),
    ),
    Check(
        "captured_matched",
        "Every captured cent has paid an invoice, is due back, or lies as a deposit in the books.",
        _differing(
            _side(_DEPOSITS), _side(_CREDITED, account="Liabilities:CustomerDeposits"), least=0
        ),
    ),
    Check(
        "receivables",
        "The journal has of every order what invoices, credit notes and payments leave open.",
        _differing(_side(_RECEIVABLES), _side(_DEBITED, account="Assets:Receivable")),
    ),
    Check(
        "refunds_asked",
        "Whatever is due back to a customer was asked to be given back, once.",
        _differing(_side(_REFUNDS_OWED), _side(_REFUNDS_ASKED)),
    ),
    Check(
        "refunds_due",
        "The journal owes exactly the refunds that have not gone back yet.",
        _differing(_side(_REFUNDS_MISSING), _side(_CREDITED, account="Liabilities:RefundsDue")),
    ),
    Check(
        "tax",
        "The journal has exactly the tax of the invoices and credit notes of every order.",
        _differing(_side(_TAX), _side(_CREDITED, account="Liabilities:Tax")),
    ),
)
"""What must hold about documents and the money of orders."""
