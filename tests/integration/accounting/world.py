"""A small shop for tests of money: orders come in, ship, are cancelled, come back, are proven."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

import msgspec
import sqlalchemy as sa

from connectors.contract.messages import (
    ChannelCharge,
    ChannelOrder,
    ChannelPayment,
    ChargeKind,
    PaymentTerms,
)
from connectors.payments.test_gateway.connector import RehearsalGateway, RehearsalSettings
from fulfillment import tables as fulfillment_tables
from fulfillment.events import ShipmentShipped, ShipmentUndone, ShippedLine
from oms.accounting import queries, reactions, tables
from oms.accounting.model import OrderAccount
from oms.accounting.queries import InvoicePage, InvoiceRow, InvoiceView
from oms.catalog import service as catalog
from oms.catalog.model import ItemKind, PutChannel, PutItem, PutPart
from oms.customers import tables as customer_tables
from oms.inventory import queries as inventory_queries
from oms.inventory import service as inventory
from oms.inventory.documents.model import Receipt, ReceiptLine
from oms.inventory.model import PutNode
from oms.kernel.address import Address
from oms.kernel.clock import ManualClock
from oms.kernel.events import Cause, Event, Recorded
from oms.ledger import check
from oms.orders.cancels import service as cancels
from oms.orders.cancels.model import Cancel, Reinstate
from oms.orders.changes import service as changes
from oms.orders.changes.model import ApplyChange
from oms.orders.changes.queries import ChangePage, change_sets
from oms.orders.events import OrderChanged, OrderPlaced
from oms.orders.facts import OrderFacts
from oms.orders.intake import service as intake
from oms.orders.intake.model import TakeIn
from oms.orders.queries import orders_for
from oms.orders.service import move
from oms.payments import effects
from oms.payments import events as payment_events
from oms.payments import queries as payment_queries
from oms.payments import reactions as payment_reactions
from oms.payments.model import Payment, Refund
from oms.platform.database import Database, metadata
from oms.platform.dispatch import Dispatcher, Subscriber, subscriptions
from oms.platform.transaction import UnitOfWork
from returns.events import CreditedCharge, InspectedLine, ReturnInspected
from tests.integration.accounting.shop import (
    Sold,
    channel,
    channel_line,
    expect_none,
    item,
    moves,
    quantities_of,
    returned,
    whole,
)

NOON_MS = 1_700_000_000_000
TABLES = (fulfillment_tables, customer_tables, tables)
GB = Address(country="GB", name="Ada Lovelace", line1="1 Dorset St", city="London")
PROOFS = (
    *check.CHECKS,
    *inventory_queries.CHECKS,
    *payment_queries.CHECKS,
    *queries.CHECKS,
)


class World:
    """One channel, one warehouse, two items with stock, a bundle, a gateway to rehearse with."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.clock = ManualClock(NOON_MS)
        self.gateway = RehearsalGateway(RehearsalSettings(), self.clock)
        subscribers: dict[type[Event], list[Subscriber]] = {
            event: [Subscriber("accounting.keep_books", reactions.keep_books)]
            for event in reactions.HEARD
        }
        subscribers[OrderPlaced] = [Subscriber("payments.record", payment_reactions.record)]
        told = Subscriber("payments.receive_told", payment_reactions.receive_told)
        subscribers[OrderChanged] = [told]
        self.uow = UnitOfWork(self.database, self.clock)
        asker = effects.AskGateways(self.uow, {"test_gateway": self.gateway})
        for event in (
            payment_events.AuthoriseRequested,
            payment_events.CaptureRequested,
            payment_events.VoidRequested,
            payment_events.RefundRequested,
        ):
            subscribers[event] = [Subscriber("payments.ask_gateways", asker)]
        sweep = Subscriber("payments.sweep", effects.Sweep(self.uow, asker))
        subscribers[payment_events.AnswersMissing] = [sweep]
        self.uow.subscriptions = subscriptions(subscribers)
        self.asker = asker
        self._dispatcher = Dispatcher(self.uow, subscribers)
        self._numbers = count(1)
        self.told: dict[str, ChannelOrder] = {}

    def close(self) -> None:
        self.database.close()

    def furnish(self) -> "World":
        """Make channel, items, warehouse and stock."""
        with self.uow.begin() as tx:
            put = PutChannel(code="web", name="Webshop", currency="GBP", country="GB")
            whole(catalog.put_channels(tx, [put]))
            mug, jug = PutItem(sku="MUG", name="Mug"), PutItem(sku="JUG", name="Jug")
            whole(catalog.put_items(tx, [mug, jug]))
            parts = (PutPart("MUG", 2), PutPart("JUG", 1))
            bundle = PutItem(sku="SET", name="Tea set", kind=ItemKind.BUNDLE, parts=parts)
            whole(catalog.put_items(tx, [bundle]))
            whole(inventory.put_nodes(tx, [PutNode(code="LEEDS", name="Leeds", address=GB)]))
        self.receive("MUG", 10_000, 300)
        self.receive("JUG", 10_000, 700)
        return self

    def receive(self, sku: str, units: int, unit_cost_minor: int) -> None:
        with self.uow.begin() as tx:
            node = inventory.nodes(tx)[0]
            line = ReceiptLine(item(tx, sku).id, units, unit_cost_minor)
            receipt = Receipt(node_id=node.id, lines=(line,), currency="GBP")
            whole(inventory.receive(tx, [receipt]))

    def order(
        self,
        *lines: Sold,
        charges: Sequence[tuple[int, int, int]] = (),
        discount_minor: int = 0,
        terms: PaymentTerms = PaymentTerms.PAID_ON_CHANNEL,
        payments: Sequence[ChannelPayment] = (),
        includes_tax: bool = False,
        **more: Any,
    ) -> OrderFacts:
        """Take an order in and record how it is paid; charges are (amount, tax, rate)."""
        number = next(self._numbers)
        told = ChannelOrder(
            external_id=f"W{number}",
            placed_at_ms=self.clock.now_ms,
            currency="GBP",
            ship_to=GB,
            lines=tuple(channel_line(position, line) for position, line in enumerate(lines)),
            prices_include_tax=includes_tax,
            payment_terms=terms,
            payments=tuple(payments),
            discount_minor=discount_minor,
            charges=tuple(
                ChannelCharge(
                    kind=ChargeKind.SHIPPING,
                    title="Postage",
                    amount_minor=amount,
                    tax_minor=tax,
                    tax_rate=rate,
                )
                for amount, tax, rate in charges
            ),
            **more,
        )
        self.told[order_id := self._take_in(told)] = told
        return self.facts(order_id)

    def paid_later(self, order: OrderFacts, *payments: ChannelPayment) -> None:
        """The channel tells an order again, now with these payments, and somebody agrees."""
        self._take_in(msgspec.structs.replace(self.told[order.id], payments=payments))
        with self.uow.begin() as tx:
            [proposed] = change_sets(tx, ChangePage(order_id=order.id))
            whole(changes.apply(tx, [ApplyChange(change_id=proposed.id)]))
        self.drain()

    def _take_in(self, told: ChannelOrder) -> str:
        with self.uow.begin() as tx:
            command = TakeIn(channel_id=channel(tx).id, order=told)
            order_id = whole(intake.take_in(tx, [command]))[0].order_id
        self.drain()
        return order_id

    def facts(self, order_id: str) -> OrderFacts:
        with self.uow.read() as reader:
            return orders_for(reader, [order_id])[0]

    def ship(self, order: OrderFacts, *quantities: int) -> str:
        """Ship so many units of each line (bundles: whole ones); answers the shipment's id."""
        parts = [
            (line.id, item_id, units * quantity)
            for line, quantity in zip(order.lines, quantities, strict=False)
            for item_id, units in line.parts
            if quantity
        ]
        return self.ship_parts(order, parts)

    def ship_parts(self, order: OrderFacts, parts: Iterable[tuple[str, str, int]]) -> str:
        """Ship (line id, item id, units) from the warehouse, and let everybody hear of it."""
        parts = list(parts)
        with self.uow.begin() as tx:
            node_id = inventory.nodes(tx)[0].id
            for name in ("allocate", "release", "ship_direct"):
                expect_none(move(tx, moves(tx, order, parts, (name, node_id))).refused)
            shipped = ShipmentShipped(
                entity=tx.new_id("shp"),
                order_id=order.id,
                node_id=node_id,
                number=f"SHP-{next(self._numbers)}",
                lines=tuple(ShippedLine(*part) for part in parts),
                shipped_at_ms=tx.now_ms,
            )
            tx.emit_first(shipped)
        self.drain()
        return shipped.entity

    def unship(self, order: OrderFacts, shipment_id: str) -> None:
        """The shipment never left: its units are on the dock again, and everybody hears of it."""
        (shipped,) = [
            each.event for each in self.heard(ShipmentShipped) if each.event.entity == shipment_id
        ]
        parts = [(units.line_id, units.item_id, units.quantity) for units in shipped.lines]
        with self.uow.begin() as tx:
            back = moves(tx, order, parts, ("unship_direct", shipped.node_id))
            expect_none(move(tx, back).refused)
            for name in ("recall", "deallocate"):
                expect_none(move(tx, moves(tx, order, parts, (name, shipped.node_id))).refused)
            undone = ShipmentUndone(
                entity=shipment_id,
                order_id=order.id,
                node_id=shipped.node_id,
                number=shipped.number,
                lines=shipped.lines,
                reason="told by mistake",
            )
            tx.emit(undone)
        self.drain()

    def cancel(self, order: OrderFacts, *quantities: int) -> None:
        """Cancel so many units of each line; none given: all that can be."""
        lines = quantities_of(order, quantities)
        with self.uow.begin() as tx:
            whole(cancels.cancel(tx, [Cancel(order_id=order.id, lines=lines)]))
        self.drain()

    def reinstate(self, order: OrderFacts, *quantities: int) -> None:
        lines = quantities_of(order, quantities)
        with self.uow.begin() as tx:
            whole(cancels.reinstate(tx, [Reinstate(order_id=order.id, lines=lines)]))
        self.drain()

    def come_back(
        self,
        order: OrderFacts,
        *quantities: int,
        restocked: bool = True,
        charges: Sequence[CreditedCharge] = (),
    ) -> str:
        """Accept so many units of each line back; answers the return's id."""
        lines = [
            (line.id, item_id, units * quantity)
            for line, quantity in zip(order.lines, quantities, strict=False)
            for item_id, units in line.parts
            if quantity
        ]
        units = [returned(*line, restocked=restocked) for line in lines]
        return self.inspected(units, order.id, charges)

    def inspected(
        self,
        lines: Iterable[InspectedLine],
        order_id: str | None = None,
        charges: Sequence[CreditedCharge] = (),
        customer_id: str | None = None,
    ) -> str:
        """Tell what an inspector accepted; answers the return's id."""
        with self.uow.begin() as tx:
            event = ReturnInspected(
                entity=tx.new_id("ret"),
                order_id=order_id,
                channel_id=channel(tx).id,
                customer_id=customer_id,
                currency="GBP",
                lines=tuple(lines),
                charges=tuple(charges),
            )
            tx.emit_first(event)
        self.drain()
        return event.entity

    def item_id(self, sku: str) -> str:
        with self.uow.read() as reader:
            return item(reader, sku).id

    def drain(self) -> None:
        """Let everything follow that follows, gateways included."""
        for _ in range(10):
            done = self._dispatcher.drain_reactions()
            done += asyncio.run(self._dispatcher.drain_effects())
            if not done:
                return

    def react(self, *events: Event) -> None:
        """Let accounting hear events as if they were told just now."""
        with self.uow.begin() as tx:
            for event in events:
                tx.emit(event)
        self.drain()

    def again(self, *recorded: Recorded[Any]) -> None:
        """Let accounting hear the very same events once more."""
        with self.uow.begin() as tx:
            reactions.keep_books(tx, list(recorded))

    def heard(self, kind: type[Event]) -> list[Recorded[Any]]:
        """Every event of a kind, as recorded."""
        tag = kind.__struct_config__.tag
        statement = sa.select(metadata.tables["event"]).where(sa.column("type") == tag)
        with self.uow.read() as reader:
            return [
                Recorded(
                    number=row.number,
                    sequence=row.sequence,
                    at_ms=row.at_ms,
                    cause=Cause(actor=row.actor),
                    event=msgspec.json.decode(row.body, type=kind),
                )
                for row in reader.fetch(statement.order_by(sa.column("number")))
            ]

    def documents(self, order: OrderFacts | None = None, kind: str = "") -> list[InvoiceRow]:
        """Invoices and credit notes, oldest first."""
        page = InvoicePage(order_id=order.id if order else "", kind=kind, count=200)
        with self.uow.read() as reader:
            return sorted(queries.invoices(reader, page), key=lambda each: each.number)

    def document(self, id_: str) -> InvoiceView:
        with self.uow.read() as reader:
            return queries.invoice_view(reader, id_)

    def account(self, order: OrderFacts) -> OrderAccount:
        with self.uow.read() as reader:
            return queries.order_account_of(reader, order.id)

    def payments(self, order: OrderFacts) -> list[Payment]:
        with self.uow.read() as reader:
            return payment_queries.payments_of(reader, order.id)

    def refunds(self, order: OrderFacts) -> list[Refund]:
        with self.uow.read() as reader:
            return payment_queries.refunds_of(reader, order.id)

    def balance(self, account: str) -> int:
        """A balance of the journal in pence, debit positive."""
        with self.uow.read() as reader:
            found = {line.account: line for line in queries.trial_balance(reader)}
        line = found.get(account)
        return line.debit_minor - line.credit_minor if line else 0

    def expect_proven(self) -> None:
        """Every check holds."""
        with self.uow.read() as reader:
            broken = [each for each in check.run(reader, PROOFS) if not each.holds]
        assert not broken, "\n".join(f"{each.check.name}: {each.rows}" for each in broken)

    def broken(self) -> list[str]:
        """Names of the checks that do not hold."""
        with self.uow.read() as reader:
            return [each.check.name for each in check.run(reader, PROOFS) if not each.holds]


def prepare(url: str) -> None:
    """Fill an empty database with tables and a furnished shop."""
    world = World(url)
    metadata.create_all(world.database.engine)
    world.furnish()
    world.close()
