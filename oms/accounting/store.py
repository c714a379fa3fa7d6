"""Rows of accounting to values and back, set-based; an order's account is locked before others."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.accounting.model import (
    UNDONE,
    Cancelled,
    Charges,
    Document,
    DocumentKind,
    Flow,
    Line,
    LineKind,
    OrderAccount,
    Reason,
    ReturnedCost,
    Sold,
    Taken,
)
from oms.accounting.tables import (
    bundle_flow,
    cancellation,
    invoice,
    invoice_line,
    order_account,
    returned_cost,
)
from oms.orders.money import Split
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_WANTED: Final = ParameterRows("wanted", id=sa.Text)
_NUMBERS: Final = ParameterRows("numbered", number=sa.BigInteger)
_BIG: Final = sa.BigInteger
_split: Final = msgspec.json.Decoder(Split)

_ACCOUNTS = (
    sa.select(order_account)
    .select_from(_WANTED.source.join(order_account, order_account.c.order_id == _WANTED.c.id))
    .order_by(order_account.c.order_id)
)
_LOCK_ACCOUNTS = _ACCOUNTS.with_for_update(of=order_account)
_SOURCES = (
    sa.select(invoice.c.source)
    .select_from(_WANTED.source.join(invoice, invoice.c.source == _WANTED.c.id))
    .where(invoice.c.kind == sa.bindparam("kind"))
)
_SIGN = sa.case((invoice.c.kind == DocumentKind.INVOICE.value, 1), else_=-1)
_INVOICED_UNITS = (
    sa.select(
        invoice_line.c.line_id,
        sa.cast(sa.func.sum(_SIGN * invoice_line.c.quantity), _BIG).label("units"),
        sa.cast(sa.func.sum(_SIGN * invoice_line.c.cost_minor), _BIG).label("cost_minor"),
    )
    .select_from(
        _WANTED.source.join(invoice_line, invoice_line.c.line_id == _WANTED.c.id).join(
            invoice, invoice.c.id == invoice_line.c.invoice_id
        )
    )
    .where(invoice.c.reason != Reason.RETURNED.value)
    .group_by(invoice_line.c.line_id)
)
_GOODS_LINES = (
    sa.select(
        invoice.c.kind.label("document_kind"), invoice.c.reason, invoice.c.order_id, invoice_line
    )
    .select_from(
        _WANTED.source.join(invoice_line, invoice_line.c.line_id == _WANTED.c.id).join(
            invoice, invoice.c.id == invoice_line.c.invoice_id
        )
    )
    .order_by(invoice.c.kind.desc(), invoice.c.serial, invoice_line.c.position)
)
_ORDERS_OF_LINES = (
    sa.select(invoice_line.c.line_id, invoice.c.order_id)
    .select_from(
        _WANTED.source.join(invoice_line, invoice_line.c.line_id == _WANTED.c.id).join(
            invoice, invoice.c.id == invoice_line.c.invoice_id
        )
    )
    .distinct()
)
_DOCUMENTS = sa.select(invoice).select_from(
    _WANTED.source.join(invoice, invoice.c.id == _WANTED.c.id)
)
_RETURNED = sa.select(returned_cost).select_from(
    _WANTED.source.join(returned_cost, returned_cost.c.return_line_id == _WANTED.c.id)
)
_OF_SHIPMENTS = (
    sa.select(invoice.c.shipment_id, invoice.c.id)
    .select_from(_WANTED.source.join(invoice, invoice.c.shipment_id == _WANTED.c.id))
    .where(invoice.c.kind == DocumentKind.INVOICE.value)
)
_CHARGE_LINES = (
    sa.select(invoice_line)
    .select_from(_WANTED.source.join(invoice_line, invoice_line.c.invoice_id == _WANTED.c.id))
    .where(invoice_line.c.kind == LineKind.CHARGE.value)
    .order_by(invoice_line.c.invoice_id, invoice_line.c.position)
)
_FLOWS = sa.select(bundle_flow).select_from(
    _WANTED.source.join(bundle_flow, bundle_flow.c.line_id == _WANTED.c.id)
)
_CANCELLED = sa.select(cancellation.c.event_number).select_from(
    _NUMBERS.source.join(cancellation, cancellation.c.event_number == _NUMBERS.c.number)
)


def accounts(reader: Reader, order_ids: Iterable[str]) -> dict[str, OrderAccount]:
    return {row.order_id: _account(row) for row in _fetch(reader, _ACCOUNTS, order_ids)}


def lock_accounts(tx: Transaction, order_ids: Iterable[str]) -> dict[str, OrderAccount]:
    """The accounts of these orders, locked; new ones begin empty."""
    wanted = sorted(set(order_ids))
    known = {row.order_id: _account(row) for row in _fetch(tx, _LOCK_ACCOUNTS, wanted)}
    new = [order_id for order_id in wanted if order_id not in known]
    if new:
        empty = [OrderAccount(order_id=order_id) for order_id in new]
        tx.insert_new(order_account, [msgspec.structs.asdict(each) for each in empty])
        again = _fetch(tx, _LOCK_ACCOUNTS, new)  # somebody else may have been faster
        known |= {row.order_id: _account(row) for row in again}
    return known


def save_accounts(tx: Transaction, changed: Iterable[OrderAccount]) -> None:
    tx.update(order_account, [msgspec.structs.asdict(each) for each in changed], ["order_id"])


def known_sources(reader: Reader, kind: DocumentKind, sources: Iterable[str]) -> set[str]:
    """Those of the sources that a document of this kind is about already."""
    return {row.source for row in _fetch(reader, _SOURCES, sources, kind=kind.value)}


def invoiced(reader: Reader, line_ids: Iterable[str]) -> dict[str, Taken]:
    """Units of order lines that are invoiced, less those whose shipment was undone."""
    return {
        row.line_id: Taken(row.units, row.cost_minor)
        for row in _fetch(reader, _INVOICED_UNITS, line_ids)
    }


def sold(reader: Reader, line_ids: Iterable[str]) -> dict[str, list[Sold]]:
    """Invoice lines, then credit lines, of order lines; each in the order of their numbers."""
    found: dict[str, list[Sold]] = defaultdict(list)
    for row in _fetch(reader, _GOODS_LINES, line_ids):
        found[row.line_id].append(
            Sold(
                row.document_kind,
                row.reason,
                row.order_id,
                row.invoice_id,
                row.position,
                _line(row),
            )
        )
    return found


def invoices_of_shipments(reader: Reader, shipment_ids: Iterable[str]) -> dict[str, str]:
    """The invoice of each of these shipments that has one."""
    return {row.shipment_id: row.id for row in _fetch(reader, _OF_SHIPMENTS, shipment_ids)}


def charge_lines(reader: Reader, invoice_ids: Iterable[str]) -> dict[str, list[Sold]]:
    """Charges on these invoices."""
    found: dict[str, list[Sold]] = defaultdict(list)
    for row in _fetch(reader, _CHARGE_LINES, invoice_ids):
        sold = Sold(DocumentKind.INVOICE, "", None, row.invoice_id, row.position, _line(row))
        found[row.invoice_id].append(sold)
    return found


def orders_of_lines(reader: Reader, line_ids: Iterable[str]) -> dict[str, str]:
    """Which order an invoiced line belongs to."""
    return {row.line_id: row.order_id for row in _fetch(reader, _ORDERS_OF_LINES, line_ids)}


def headers(reader: Reader, ids: Iterable[str]) -> dict[str, sa.Row[Any]]:
    """Headers of documents by id, as rows."""
    return {row.id: row for row in _fetch(reader, _DOCUMENTS, ids)}


def returned_costs(reader: Reader, return_line_ids: Iterable[str]) -> dict[str, list[ReturnedCost]]:
    """Cost of accepted units by return line."""
    found: dict[str, list[ReturnedCost]] = defaultdict(list)
    for row in _fetch(reader, _RETURNED, return_line_ids):
        fields = dict(zip(returned_cost.c.keys(), row, strict=True))
        found[row.return_line_id].append(ReturnedCost(**fields))
    return found


def flows(reader: Reader, line_ids: Iterable[str]) -> dict[str, list[Flow]]:
    """What left and came back of bundle lines, part by part."""
    found: dict[str, list[Flow]] = defaultdict(list)
    for row in _fetch(reader, _FLOWS, line_ids):
        flow = Flow(
            row.line_id, row.source, row.item_id, row.direction, row.quantity, row.cost_minor
        )
        found[row.line_id].append(flow)
    return found


def known_cancellations(reader: Reader, numbers: Iterable[int]) -> set[int]:
    wanted = [(number,) for number in sorted(set(numbers))]
    rows = reader.fetch(_CANCELLED, _NUMBERS(wanted)) if wanted else ()
    return {row.event_number for row in rows}


def add_documents(tx: Transaction, new: Sequence[tuple[int, str, Document]]) -> None:
    """Write documents, given with their serials and numbers."""
    tx.insert(
        invoice,
        [_document_row(serial, number, each, tx.now_ms) for serial, number, each in new],
    )
    tx.insert(
        invoice_line,
        [
            _line_row(each.id, position, line)
            for _, _, each in new
            for position, line in enumerate(each.lines, start=1)
        ],
    )


def add_flows(tx: Transaction, new: Sequence[Flow]) -> None:
    tx.insert(bundle_flow, [msgspec.structs.asdict(each) for each in new])


def undo_flows(tx: Transaction, undone: Sequence[Flow]) -> None:
    """Let parts of bundles that left have never left."""
    keys = ("line_id", "source", "item_id")
    rows = [{name: getattr(each, name) for name in keys} for each in undone]
    tx.update(bundle_flow, [row | {"direction": UNDONE} for row in rows], keys)


def add_returned_costs(tx: Transaction, new: Sequence[ReturnedCost]) -> None:
    tx.insert(returned_cost, [msgspec.structs.asdict(each) for each in new])


def add_cancellations(tx: Transaction, new: Sequence[Cancelled]) -> None:
    rows = [msgspec.structs.asdict(each) | {"at_ms": tx.now_ms} for each in new]
    tx.insert(cancellation, rows)


def line_of(row: sa.Row[Any]) -> Line:
    """A row of `invoice_line` as a value."""
    return _line(row)


def _fetch(
    reader: Reader, statement: sa.Select[Any], ids: Iterable[str], **params: Any
) -> Sequence[sa.Row[Any]]:
    wanted = [(each,) for each in sorted(set(ids))]
    return reader.fetch(statement, _WANTED(wanted), **params) if wanted else ()


def _account(row: sa.Row[Any]) -> OrderAccount:
    fields = dict(zip(order_account.c.keys(), row, strict=True))
    return OrderAccount(**fields | {"charges": Charges(fields["charges"])})


_LINE_FIELDS: Final = Line.__struct_fields__


def _line(row: sa.Row[Any]) -> Line:
    fields = {name: getattr(row, name) for name in _LINE_FIELDS}
    fields |= {"kind": LineKind(row.kind), "unit_split": _split.decode(row.unit_split)}
    return Line(**fields)


def _line_row(invoice_id: str, position: int, line: Line) -> dict[str, Any]:
    row = msgspec.structs.asdict(line)
    row["invoice_id"], row["position"] = invoice_id, position
    row["unit_split"] = msgspec.json.encode(line.unit_split).decode()
    return row


_COPIED: Final = (
    *("id", "kind", "source", "reason", "order_id", "order_number", "channel_id", "customer_id"),
    *("shipment_id", "return_id", "corrects_id", "supplied_at_ms", "currency", "tax_minor"),
    *("total_minor", "locale", "prices_include_tax"),
)


def _document_row(serial: int, number: str, document: Document, at_ms: int) -> dict[str, Any]:
    row = {name: getattr(document, name) for name in _COPIED}
    return row | {
        "serial": serial,
        "number": number,
        "issued_at_ms": at_ms,
        "net_minor": document.total_minor - document.tax_minor,
        "buyer": msgspec.json.encode(document.buyer).decode(),
        "ship_to": msgspec.json.encode(document.ship_to).decode() if document.ship_to else "",
    }
