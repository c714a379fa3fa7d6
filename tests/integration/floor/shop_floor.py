"""The orders' small shop with people on the floor: carriers, barcodes, a 3PL, books that listen."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from msgspec.structs import replace

from connectors.carriers.rate_table.connector import RateTableCarrier, rate_table
from connectors.contract.capabilities import BuysLabels
from connectors.contract.messages import ChannelOrder
from connectors.contract.parcels import TrackingEvent, TrackingStatus
from fulfillment import effects, queries, service
from fulfillment import queries as floor_read
from fulfillment.events import LabelRequested, LabelVoidRequested
from fulfillment.express import effects as express
from fulfillment.express.model import Fulfil, Fulfilled
from fulfillment.handoff.model import Answer, Say
from fulfillment.labels.model import RequestLabels
from fulfillment.machine import ParcelState
from fulfillment.model import Fulfilment, Parcel, Units
from fulfillment.packing.model import Box, Pack, Packed
from fulfillment.picking.model import Pick
from fulfillment.releasing.model import Release
from fulfillment.shipping.model import Ship, Shipped
from fulfillment.tracking.model import Report
from oms.accounting import queries as accounting_read
from oms.accounting import reactions as accounting
from oms.accounting import tables as _books  # noqa: F401 - makes all tables known
from oms.catalog import service as catalog
from oms.catalog.model import Barcode, PutItem
from oms.customers import tables as _customers  # noqa: F401 - makes all tables known
from oms.inventory import queries as inventory_read
from oms.inventory import service as inventory
from oms.inventory.documents.model import Adjustment
from oms.inventory.model import NodeKind, PutNode
from oms.kernel.address import Address, Coordinates
from oms.kernel.errors import OMSError
from oms.kernel.events import Event
from oms.ledger import check, journal
from oms.ledger.model import Account
from oms.orders import queries as orders_read
from oms.orders.events import OrderPlaced
from oms.orders.holds import service as holds
from oms.orders.holds.model import HoldRecord, PlaceHold, ReleaseHold
from oms.orders.machine import HoldStage
from oms.payments import queries as payments_read
from oms.payments import reactions as payments
from oms.platform.dispatch import Dispatcher, Subscriber, subscriptions
from oms.platform.event_log import event_table
from returns import queries as returns_read
from tests.integration.orders.shop import STOCK, Shop, line, order

T = TypeVar("T")
CARRIERS = Path(__file__).parents[3] / "config" / "carriers"
PROOFS = (
    *check.CHECKS,
    *inventory_read.CHECKS,
    *orders_read.CHECKS,
    *payments_read.CHECKS,
    *floor_read.CHECKS,
    *returns_read.CHECKS,
    *accounting_read.CHECKS,
)
BARCODES = {"A": "4006381333931", "B": "9780201379624", "C": "5901234123457"}
CASE_OF_A = "14006381333938"
"""Six of item A."""


class ShopFloor(Shop):
    """The shop with the verbs of the floor; whatever is refused fails the test, unless `try_`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        text = (CARRIERS / "kestrel.toml").read_text(encoding="utf-8")
        table = rate_table(text, "kestrel.toml")
        collecting = tuple(replace(each, collects_cash=True) for each in table.services)
        self.carriers: dict[str, BuysLabels] = {
            "kestrel": RateTableCarrier(replace(table, services=collecting))
        }
        subscribers: dict[type[Event], list[Subscriber]] = {
            event: [Subscriber("accounting.keep_books", accounting.keep_books)]
            for event in accounting.HEARD
        }
        subscribers[OrderPlaced] = [Subscriber("payments.record", payments.record)]
        buying = effects.BuyLabels(self.uow, self.carriers)
        subscribers[LabelRequested] = [Subscriber("fulfillment.buy_labels", buying)]
        voiding = effects.VoidLabels(self.carriers)
        subscribers[LabelVoidRequested] = [Subscriber("fulfillment.void_labels", voiding)]
        self.uow.subscriptions = subscriptions(subscribers)
        self.dispatcher = Dispatcher(self.uow, subscribers)

    def furnish(self, stock: int = STOCK) -> None:
        super().furnish(stock)
        with self.uow.begin() as tx:
            items = [
                PutItem(sku=sku, name=f"Item {sku}", weight_g=500, barcodes=_barcodes(sku))
                for sku in BARCODES
            ]
            expect(catalog.put_items(tx, items))
            at = Coordinates(52.4, -1.5)
            partner = PutNode(
                code="3PL",
                name="Partner",
                kind=NodeKind.THIRD_PARTY,
                address=Address("GB", name="Partner", city="Coventry", at=at),
            )
            expect(inventory.put_nodes(tx, [partner]))

    def do(self, step: Any, *commands: Any) -> Any:
        """Run a step of the floor over commands in one transaction; none may be refused."""
        return expect(self.attempt(step, *commands))

    def attempt(self, step: Any, *commands: Any) -> list[Any]:
        with self.uow.begin() as tx:
            return list(step(tx, commands))

    def refusal(self, step: Any, command: Any) -> OMSError:
        """Why a step is refused."""
        [answer] = self.attempt(step, command)
        assert isinstance(answer, OMSError), f"not refused: {answer}"
        return answer

    def ordered(self, external_id: str = "W1", **quantities: int) -> str:
        """Place an order of so many units by SKU and answer its id."""
        wanted = quantities or {"A": 1}
        lines = [line(sku, quantity) for sku, quantity in wanted.items()]
        return self.place(order(external_id, *lines))[0].order_id

    def placed(self, told: ChannelOrder) -> str:
        return self.place(told)[0].order_id

    def released(self, order_id: str) -> list[Fulfilment]:
        [made] = self.do(service.release, Release(order_id=order_id))
        return list(made.fulfilments)

    def packed(self, order_id: str) -> Packed:
        """Release, pick and pack an order that one node serves, in one box."""
        [fulfilment] = self.released(order_id)
        self.do(service.pick, Pick(fulfilment_id=fulfilment.id))
        [done] = self.do(service.pack, Pack(fulfilment_id=fulfilment.id))
        assert isinstance(done, Packed)
        return done

    def labelled(self, packed: Packed) -> list[Parcel]:
        self.do(service.request_labels, RequestLabels(fulfilment_id=packed.fulfilment_id))
        self.drain()
        return self.parcels(packed.order_id)

    def shipped(self, order_id: str) -> Shipped:
        """All steps to the dock and off it, one by one."""
        packed = self.packed(order_id)
        self.labelled(packed)
        [done] = self.do(service.ship, Ship(fulfilment_id=packed.fulfilment_id))
        self.drain()
        assert isinstance(done, Shipped)
        return done

    def fulfilled(self, *order_ids: str) -> list[Fulfilled]:
        """Ship orders in one go."""
        answers = self.try_fulfil(*order_ids)
        self.drain()
        return expect(answers)

    def try_fulfil(self, *order_ids: str) -> list[Fulfilled | OMSError]:
        commands = [Fulfil(order_id=each) for each in order_ids]
        return express.fulfil_many(self.uow, self.carriers, commands)

    def delivered(self, order_id: str) -> None:
        for parcel in self.parcels(order_id):
            if parcel.state is ParcelState.SHIPPED:
                self.scan(parcel, TrackingStatus.DELIVERED)

    def scan(self, parcel: Parcel, status: TrackingStatus, at_ms: int = 0, name: str = "") -> Any:
        """A carrier reads the label; answers what followed."""
        at = at_ms or self.clock.now_ms
        event = TrackingEvent(
            external_id=name or f"{status}@{at}",
            tracking_number=parcel.tracking_number,
            status=status,
            at_ms=at,
        )
        [done] = self.do(service.track, Report(event=event))
        self.drain()
        return done

    def say(self, fulfilment_id: str, answer: Answer, reason: str = "") -> Fulfilment:
        [done] = self.do(
            service.say, Say(fulfilment_id=fulfilment_id, answer=answer, reason=reason)
        )
        assert isinstance(done, Fulfilment)
        return done

    def hold(
        self, order_id: str, stage: HoldStage, line_id: str = "", fulfilment_id: str = ""
    ) -> HoldRecord:
        command = PlaceHold(
            order_id=order_id,
            stage=stage,
            reason="look at it",
            line_id=line_id,
            fulfilment_id=fulfilment_id,
        )
        [done] = self.do(holds.place_holds, command)
        assert isinstance(done, HoldRecord)
        return done

    def unhold(self, hold: HoldRecord) -> None:
        self.do(holds.release_holds, ReleaseHold(hold_id=hold.id))

    def fulfilments(self, order_id: str) -> list[Fulfilment]:
        with self.uow.read() as reader:
            return queries.fulfilments_of(reader, [order_id])

    def parcels(self, order_id: str) -> list[Parcel]:
        with self.uow.read() as reader:
            return queries.parcels_of(reader, [order_id])

    def units_of(self, **quantities: int) -> tuple[Units, ...]:
        """So many units by SKU, as commands name them."""
        return tuple(Units(self.item_id(sku), count) for sku, count in quantities.items())

    def box(self, **quantities: int) -> Box:
        return Box(units=self.units_of(**quantities))

    def drain(self) -> None:
        """Let everything follow that follows, carriers included."""
        for _ in range(10):
            done = self.dispatcher.drain_reactions()
            done += asyncio.run(self.dispatcher.drain_effects())
            if not done:
                return

    def empty(self, node: str, sku: str) -> None:
        """Nothing of an item is left at a node."""
        lines = ((self.item_id(sku), -self.units_at("node:available", sku, node)),)
        adjustment = Adjustment(node_id=self.node_id(node), reason="flood", lines=lines)
        self.do(inventory.adjust, adjustment)

    def units_at(self, account: str, sku: str, node: str = "") -> int:
        return self.units(Account(account), sku, node)

    def journal(self, account: str) -> int:
        """The balance of an account of the books, debit positive."""
        with self.uow.read() as reader:
            return journal.balances(reader).get((account, "GBP"), 0)

    def actors(self, kind: str) -> list[str]:
        """Who caused the events of a kind, oldest first."""
        statement = sa.select(event_table.c.actor).where(event_table.c.type == kind)
        with self.uow.read() as reader:
            return [row.actor for row in reader.fetch(statement.order_by(event_table.c.number))]

    def expect_proven(self) -> None:
        """Every check of the whole system holds."""
        with self.uow.read() as reader:
            broken = [each for each in check.run(reader, PROOFS) if not each.holds]
        assert not broken, "\n".join(f"{each.check.name}: {each.rows}" for each in broken)


def expect(answers: Sequence[T | OMSError]) -> list[T]:
    for each in answers:
        assert not isinstance(each, OMSError), f"{each.code}: {each.sentence} {each.fields}"
    return [each for each in answers if not isinstance(each, OMSError)]


def _barcodes(sku: str) -> tuple[Barcode, ...]:
    return (Barcode(BARCODES[sku]), *([Barcode(CASE_OF_A, 6)] if sku == "A" else []))
