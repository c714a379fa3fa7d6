"""Builds one order or one return from its heading and its rows. Pure."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from connectors.contract.files import CellProblem
from connectors.contract.messages import (
    ChannelCharge,
    ChannelLine,
    ChannelOrder,
    ChannelPayment,
    ChannelReturn,
    ChannelReturnLine,
    PaymentTerms,
    order_total_minor,
    return_total_minor,
)
from connectors.marketplace.flat_file import cells
from connectors.marketplace.flat_file.complaints import Complaint
from connectors.marketplace.flat_file.goods import DISCOUNT_TOO_LARGE, GoodsReader, Sense
from connectors.marketplace.flat_file.heading import Heading
from connectors.marketplace.flat_file.layout import Layout, RowKind, Rule
from connectors.marketplace.flat_file.records import Record
from connectors.marketplace.flat_file.slots import NOWHERE, Misread, Slots
from oms.kernel.money import MAX_MINOR, spread, to_decimal

PROBLEMS_KEPT: Final = 20  # the first few show the pattern; mending them shows the rest

T = TypeVar("T")


class Row(msgspec.Struct, frozen=True):
    """A record and the rule that says what it is."""

    record: Record
    rule: Rule


class Misreads(Exception):
    """What is wrong with an order: the first few problems, never none."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        super().__init__(problems[0].sentence)
        self.problems = tuple(problems[:PROBLEMS_KEPT])


class DocumentReader:
    """Builds the messages of one file's mapping."""

    def __init__(self, layout: Layout, slots: Slots, goods: GoodsReader) -> None:
        self._goods = goods
        self._terms = layout.order.payment_terms
        self._is_included = layout.tax.prices_include_tax
        line = slots.of_part(layout.line)
        self._sku, self._id, self._gtin = line["sku"], line["id"], line["gtin"]
        self._tax = line["tax"]
        self._title, self._reason = line["title"], line["reason"]
        self._is_gift, self._returned_order = line["is_gift"], line["returned_order"]
        self._discount_column = slots.of(layout.order.discount).column
        self._total_column = slots.of(layout.order.total).column

    def order(self, heading: Heading, rows: Sequence[Row]) -> ChannelOrder:
        """The order of `rows`: its lines, charges and discounts. `Misreads` if it is not one."""
        discounts = _each(
            _of(rows, RowKind.DISCOUNT),
            lambda _, row: self._goods.read(row.record, heading, Sense.CREDITED),
        )
        discount = heading.discount_minor + sum(goods.total_minor for goods in discounts)
        order = ChannelOrder(
            external_id=heading.external_id,
            external_number=heading.number,
            placed_at_ms=heading.placed_at_ms,
            currency=heading.currency,
            ship_to=heading.ship_to,
            bill_to=heading.bill_to,
            customer=heading.customer,
            lines=self._order_lines(heading, rows, discount),
            charges=self._charges(_of(rows, RowKind.CHARGE), heading, Sense.CHARGED),
            prices_include_tax=self._is_included,
            payment_terms=self._terms,
            discount_minor=discount,
            total_minor=heading.total_minor,
            shipping_choice=heading.shipping_choice,
            deadline_ms=heading.deadline_ms,
            note=heading.note,
            is_test=heading.is_test,
            is_gift=heading.is_gift,
            is_fulfilled_by_channel=heading.is_fulfilled_by_channel,
        )
        return self._paid(order, heading, rows[0].record.row)

    def return_(self, heading: Heading, rows: Sequence[Row]) -> ChannelReturn:
        """The return of `rows`: its lines and credits. `Misreads` if it is not one."""
        lines = _each(
            _of(rows, RowKind.RETURN_LINE),
            lambda position, row: self._return_line(position, row, heading),
        )
        message = ChannelReturn(
            external_id=heading.external_id,
            at_ms=heading.placed_at_ms,
            currency=heading.currency,
            customer=heading.customer,
            ship_from=heading.ship_to,
            lines=tuple(lines),
            charges=self._charges(_of(rows, RowKind.RETURN_CHARGE), heading, Sense.CREDITED),
            prices_include_tax=self._is_included,
            note=heading.note,
        )
        _check_size(return_total_minor(message), rows[0].record.row)
        return message

    def _order_lines(
        self, heading: Heading, rows: Sequence[Row], discount_minor: int
    ) -> tuple[ChannelLine, ...]:
        taken = _of(rows, RowKind.ORDER_LINE)
        lines = _each(taken, lambda position, row: self._order_line(position, row, heading))
        if self._id is not NOWHERE:
            self._check_ids(taken, lines)
        if not discount_minor:
            return tuple(lines)
        nets = [line.line_total_minor - line.discount_minor for line in lines]
        if discount_minor > sum(nets):
            raise Misreads([problem(rows[0].record.row, self._discount_column, DISCOUNT_TOO_LARGE)])
        shares = spread(discount_minor, nets)
        return tuple(map(self._with_share, taken, lines, shares))

    def _with_share(self, row: Row, line: ChannelLine, share_minor: int) -> ChannelLine:
        """The line with tax on what its share of the order's discount leaves, if we compute it."""
        if self._tax.text(row.record.cells):
            return line
        net = line.line_total_minor - line.discount_minor - share_minor
        return replace(line, tax_minor=self._goods.tax_minor(net, line.tax_rate))

    def _order_line(self, position: int, row: Row, heading: Heading) -> ChannelLine:
        record, texts = row.record, row.record.cells
        goods = self._goods.read(record, heading, Sense.SOLD)
        return ChannelLine(
            external_id=self._id.words(texts) or str(position),
            sku=self._sku.read(texts, cells.identifier),
            quantity=goods.quantity,
            unit_price_minor=goods.unit_price_minor,
            line_total_minor=goods.total_minor,
            discount_minor=goods.discount_minor,
            tax_minor=goods.tax_minor,
            tax_rate=goods.rate,
            gtin=self._gtin.words(texts),
            title=self._title.words(texts),
            is_gift=self._is_gift.truth(texts),
            extra=record.extra,
        )

    def _return_line(self, position: int, row: Row, heading: Heading) -> ChannelReturnLine:
        record = row.record
        goods = self._goods.read(record, heading, Sense.RETURNED)
        return ChannelReturnLine(
            external_id=self._id.words(record.cells) or str(position),
            sku=self._sku.read(record.cells, cells.identifier),
            quantity=goods.quantity,
            unit_price_minor=goods.unit_price_minor,
            amount_minor=goods.net_minor,
            tax_minor=goods.tax_minor,
            tax_rate=goods.rate,
            gtin=self._gtin.words(record.cells),
            title=self._title.words(record.cells),
            reason=self._reason.words(record.cells),
            order_external_id=self._returned_order.words(record.cells) or None,
            extra=record.extra,
        )

    def _charges(
        self, rows: Sequence[Row], heading: Heading, sense: Sense
    ) -> tuple[ChannelCharge, ...]:
        return tuple(_each(rows, lambda _, row: self._charge(row, heading, sense)))

    def _charge(self, row: Row, heading: Heading, sense: Sense) -> ChannelCharge:
        goods = self._goods.read(row.record, heading, sense)
        code = self._sku.read(row.record.cells, cells.identifier)
        return ChannelCharge(
            kind=row.rule.charge,
            title=self._title.words(row.record.cells) or code,
            amount_minor=goods.net_minor,
            tax_minor=goods.tax_minor,
            tax_rate=goods.rate,
            code=code,
        )

    def _paid(self, order: ChannelOrder, heading: Heading, row: int) -> ChannelOrder:
        """The order with its payment, once its rows add up to what the file says."""
        total = order_total_minor(order)
        _check_size(total, row)
        if order.total_minor is not None and order.total_minor != total:
            stated = to_decimal(order.total_minor, order.currency)
            added = to_decimal(total, order.currency)
            complaint = Complaint(
                "order.total_differs",
                f"The rows add up to {added}, but the order's total says {stated}.",
                "Is a row missing, or a discount, charge or tax not mapped?",
            )
            raise Misreads([problem(row, self._total_column, complaint)])
        if order.payment_terms is not PaymentTerms.PAID_ON_CHANNEL or not total:
            return order
        payment = ChannelPayment(
            tender=heading.tender,
            amount_minor=total,
            reference=heading.payment_reference,
            at_ms=heading.placed_at_ms,
        )
        return replace(order, payments=(payment,))

    def _check_ids(self, rows: Sequence[Row], lines: Sequence[ChannelLine]) -> None:
        seen: set[str] = set()
        for row, line in zip(rows, lines, strict=True):
            if line.external_id in seen:
                complaint = Complaint(
                    "order.line_id_repeated",
                    f"Line {cells.quoted(line.external_id)} stands in this order already.",
                    "Give every line of an order its own id, or none.",
                )
                raise Misreads([problem(row.record.row, self._id.column, complaint)])
            seen.add(line.external_id)


def problem_of(row: int, misread: Misread) -> CellProblem:
    """The problem of a cell in a row."""
    return problem(misread.row or row, misread.column, misread.complaint)


def _each(rows: Sequence[Row], read: Callable[[int, Row], T]) -> list[T]:
    """What `read` makes of each row and its position from 1; all misread ones are told together."""
    values: list[T] = []
    problems: list[CellProblem] = []
    for position, row in enumerate(rows, 1):
        try:
            values.append(read(position, row))
        except Misread as misread:
            problems.append(problem_of(row.record.row, misread))
    if problems:
        raise Misreads(problems)
    return values


def _of(rows: Sequence[Row], kind: RowKind) -> list[Row]:
    return [row for row in rows if row.rule.row is kind]


def problem(row: int, column: str, complaint: Complaint) -> CellProblem:
    """A complaint at its place in the file."""
    return CellProblem(
        row=row,
        column=column,
        code=complaint.code,
        sentence=complaint.sentence,
        remedy=complaint.remedy,
    )


def _check_size(total_minor: int, row: int) -> None:
    if total_minor > MAX_MINOR:
        complaint = Complaint(
            "order.too_large", "The rows add up to more money than this system keeps.", "Check it."
        )
        raise Misreads([problem(row, "", complaint)])
