"""The one place where things are put together: who hears of what, which jobs run, what is checked.

`open_system` makes a working system of the settings, `create_app` serves it, `run_worker` works for
it; everything else here is a table to read.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from config.settings import FOLDER, Settings, load
from connectors.contract.capabilities import BuysLabels
from connectors.contract.manifest import Manifest, Surroundings
from connectors.contract.registry import discover
from connectors.engine.file_import import tables as _file_imports  # noqa: F401 - known to migrations
from fulfillment import effects as labels
from fulfillment import events as floor
from fulfillment import queries as floor_queries
from fulfillment.effects import Carriers
from fulfillment.releasing.service import release_due
from oms.accounting import events as books
from oms.accounting import queries as accounting_queries
from oms.accounting import reactions as accounting
from oms.catalog import events as catalog
from oms.catalog import queries as catalog_queries
from oms.customers import events as customers
from oms.http.services import Services
from oms.inventory import events as stock
from oms.inventory import queries as inventory_queries
from oms.inventory import service as inventory
from oms.inventory.reservations import events as reservations
from oms.kernel.clock import Clock
from oms.kernel.events import Event
from oms.ledger import check as ledger_check
from oms.ledger.check import Check
from oms.orders import events as orders
from oms.orders import queries as order_queries
from oms.orders import reactions as order_reactions
from oms.payments import effects as gateways
from oms.payments import events as payments
from oms.payments import queries as payment_queries
from oms.payments import reactions as payment_reactions
from oms.payments.answers import service as payment_answers
from oms.platform import events as platform
from oms.platform import idempotency, inbox, logging
from oms.platform.clock import now_ms
from oms.platform.database import Database
from oms.platform.dispatch import Dispatcher, Effect, Reaction, Subscriber
from oms.platform.embedded_worker import EmbeddedWorker
from oms.platform.gate import Gate
from oms.platform.http_client import HttpClient
from oms.platform.jobs import Job, Jobs, every
from oms.platform.migrations import is_current, upgrade
from oms.platform.secrets import Secrets, open_secrets
from oms.platform.security import sessions
from oms.platform.security.keys import Keyring
from oms.platform.security.links import Links
from oms.platform.transaction import UnitOfWork
from oms.sourcing import events as sourcing
from oms.sourcing import reactions as sourcing_reactions
from returns import events as returns
from returns import queries as return_queries

if TYPE_CHECKING:
    from litestar import Litestar

    from oms.http.edge import Edge

# Which subscribers hear of which fact, by name: the name is kept beside what waits in the outbox.
# fmt: off
SUBSCRIBERS: Final[Mapping[type[Event], tuple[str, ...]]] = {
    orders.OrderPlaced:           ("payments.record",),
    catalog.ListingPut:           ("orders.map_lines",),
    orders.LinesReopened:         ("sourcing.retry_open",),
    orders.LinesReinstated:       ("sourcing.source_again", "accounting.keep_books"),
    orders.HoldReleased:          ("sourcing.source_again",),
    orders.OrderChanged:          ("sourcing.source_again",),
    orders.LinesCancelled:        ("accounting.keep_books", "sourcing.retry_open"),
    orders.OrderChargesDue:       ("accounting.keep_books",),
    stock.StockReceived:          ("sourcing.retry_open",),
    stock.StockAdjusted:          ("sourcing.retry_open",),
    reservations.ReservationReleased: ("sourcing.retry_open",),
    reservations.ReservationExpired:  ("sourcing.retry_open",),
    sourcing.RetryUnfinished:     ("sourcing.retry_open",),
    floor.ShipmentShipped:        ("accounting.keep_books",),
    payments.PaymentCaptured:     ("accounting.keep_books",),
    returns.ReturnInspected:      ("accounting.keep_books",),
    returns.ReturnRegraded:       ("accounting.keep_books",),
    returns.ReturnAbandoned:      ("accounting.keep_books",),
    floor.ShipmentUndone:         ("accounting.keep_books",),
    floor.LabelRequested:         ("fulfilment.buy_labels",),
    floor.LabelVoidRequested:     ("fulfilment.void_labels",),
    payments.AuthoriseRequested:  ("payments.ask_gateways",),
    payments.CaptureRequested:    ("payments.ask_gateways",),
    payments.VoidRequested:       ("payments.ask_gateways",),
    payments.RefundRequested:     ("payments.ask_gateways",),
    payments.AnswersMissing:      ("payments.sweep",),
}
# fmt: on

UNHEARD: Final[frozenset[type[Event]]] = frozenset(
    {
        # Facts for the feed, the audit and the order's timeline.
        *(catalog.ItemPut, catalog.ChannelPut, customers.CustomerAdded),
        *(stock.NodePut, stock.StockRuleSet, stock.BufferSet, stock.ChannelNodesSet),
        *(platform.KeyIssued, platform.KeyRevoked, platform.UserPut, platform.PasswordSet),
        *(platform.WorkRetried, platform.WorkDismissed),
        *(books.InvoiceIssued, books.CreditNoteIssued),
        *(floor.FulfilmentRequested, floor.FulfilmentAnswered, floor.ParcelTracked),
        *(floor.ParcelPacked, floor.ParcelUnpacked, floor.LabelBought, floor.LabelVoided),
        # For people: screens show them where somebody has to act.
        *(orders.LinesMoved, orders.HoldPlaced, orders.LinesMapped, sourcing.OrderWaiting),
        *(orders.OrderChangeProposed, orders.OrderChangeDeclined),
        *(orders.PayloadQuarantined, orders.PayloadEdited),
        *(orders.QuarantineResolved, orders.QuarantineDismissed, floor.CountNeeded),
        *(payments.PaymentAuthorised, payments.PaymentDeclined, payments.CaptureDeclined),
        *(payments.CaptureNotCovered, payments.PaymentVoided, payments.RefundPayable),
        *(payments.RefundSucceeded, payments.RefundFailed),
        *(reservations.ReservationHeld, reservations.ReservationUsed),
        *(returns.ReturnRequested, returns.ReturnDecided, returns.ReturnReceived),
        *(returns.ReturnRefused, returns.ReturnSent, returns.ReturnLost, returns.ReturnClosed),
        *(returns.ReturnReconsidered, returns.ReturnSentBack),
    }
)

CHECKS: Final[tuple[Check, ...]] = (
    *ledger_check.CHECKS,
    *catalog_queries.CHECKS,
    *inventory_queries.CHECKS,
    *order_queries.CHECKS,
    *payment_queries.CHECKS,
    *floor_queries.CHECKS,
    *return_queries.CHECKS,
    *accounting_queries.CHECKS,
)

JOBS: Final[tuple[Job, ...]] = (
    every(5, "fulfilment.release_due", release_due),
    every(300, "payments.look_for_doubt", payment_answers.look_for_doubt),
    every(10, "inventory.expire_reservations", inventory.expire_reservations),
    every(3_600, "platform.reap_idempotency", idempotency.reap),
    every(3_600, "platform.reap_sessions", sessions.reap),
    every(86_400, "platform.forget_messages", inbox.forget),
)


CARRIERS: Final = FOLDER / "carriers"


class System(msgspec.Struct, frozen=True):
    """A system put together. `worker` drains and runs jobs in this process when it is started."""

    settings: Settings
    database: Database
    uow: UnitOfWork
    gate: Gate
    dispatcher: Dispatcher
    jobs: Jobs
    worker: EmbeddedWorker
    http: HttpClient
    secrets: Secrets
    carriers: Carriers


Beside = Callable[[System], AbstractContextManager[None]]
"""What runs in the same process as the server, for as long as it does."""


@contextmanager
def open_system(settings: Settings, clock: Clock = now_ms) -> Iterator[System]:
    """A working system on an up-to-date database; closed in order when the block ends."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    upgrade(database)
    http = HttpClient()
    names = {event: list(heard) for event, heard in SUBSCRIBERS.items()}
    uow = UnitOfWork(database, clock, names)
    surroundings = Surroundings(http=http, clock=clock)
    carriers = _carriers(surroundings)
    work = _work(uow, surroundings, carriers)
    subscribers = {
        event: [Subscriber(name, work[name]) for name in heard]
        for event, heard in SUBSCRIBERS.items()
    }
    dispatcher = Dispatcher(uow, subscribers)
    gate = Gate(uow)
    jobs = Jobs(uow, JOBS)
    system = System(
        settings=settings,
        database=database,
        uow=uow,
        gate=gate,
        dispatcher=dispatcher,
        jobs=jobs,
        worker=EmbeddedWorker(uow, dispatcher, jobs, http.close),
        http=http,
        secrets=_secrets(settings),
        carriers=carriers,
    )
    try:
        yield system
    finally:
        gate.close()
        database.close()


def create_app(settings: Settings | None = None, beside: Beside | None = None) -> "Edge":
    """The web application, for `uvicorn oms.bootstrap:create_app --factory` (`oms serve`).

    The system is opened when the server starts and closed when it has answered the last request.
    What runs `beside` it in this process (the demo's traffic) is entered and left with it.
    """
    # Commands do without the web framework, which takes as long to import as all the rest.
    from oms.http.app import application  # noqa: PLC0415 - see above
    from oms.http.edge import Edge  # noqa: PLC0415 - see above
    from oms.web.routes import pages  # noqa: PLC0415 - see above

    chosen = settings or load()
    if settings is None:
        logging.configure(chosen.log)

    @asynccontextmanager
    async def opened(app: "Litestar") -> AsyncIterator[None]:
        with open_system(chosen) as system:
            app.state.services = _services(system)
            async with _draining(system):
                with beside(system) if beside else nullcontext():
                    yield

    return Edge(application(chosen, pages(), [opened]), chosen.http, chosen.log)


def run_worker(settings: Settings) -> None:
    """Work at scale until told to stop (`oms worker`)."""
    from oms.platform import arq_worker  # noqa: PLC0415 - only workers need a queue

    with open_system(settings) as system:
        work = arq_worker.Work(system.uow, system.dispatcher, system.jobs, system.http.close)
        arq_worker.run(work, settings.redis.url)


def _services(system: System) -> Services:
    return Services(
        settings=system.settings,
        uow=system.uow,
        gate=system.gate,
        jobs=system.jobs,
        keyring=Keyring(system.uow),
        links=Links(system.secrets),
        carriers=system.carriers,
        is_migrated=lambda: is_current(system.database),
        checks=CHECKS,
    )


@asynccontextmanager
async def _draining(system: System) -> AsyncIterator[None]:
    """Drain in this process, or wake those that do, until the last request is answered."""
    if system.settings.worker.mode == "embedded":
        system.worker.start()
        yield
        await asyncio.to_thread(system.worker.stop)
    else:
        from oms.platform import arq_worker  # noqa: PLC0415 - only needed at scale

        waker = arq_worker.Waker(system.settings.redis.url)
        system.uow.after_commit(waker.wake)
        yield
        await waker.close()


def _work(
    uow: UnitOfWork, surroundings: Surroundings, carriers: Carriers
) -> Mapping[str, Reaction | Effect]:
    """What each subscriber does; effects are given what they talk through."""
    asker = gateways.AskGateways(uow, _gateways(surroundings))
    return {
        "payments.record": payment_reactions.record,
        "payments.receive_told": payment_reactions.receive_told,
        "orders.map_lines": order_reactions.map_lines,
        "sourcing.retry_open": sourcing_reactions.retry_open,
        "sourcing.source_again": sourcing_reactions.source_again,
        "accounting.keep_books": accounting.keep_books,
        "fulfilment.buy_labels": labels.BuyLabels(uow, carriers),
        "fulfilment.void_labels": labels.VoidLabels(carriers),
        "payments.ask_gateways": asker,
        "payments.sweep": gateways.Sweep(uow, asker),
    }


def _carriers(surroundings: Surroundings) -> Carriers:
    """A carrier for every price list in config/carriers, by the name of its file."""
    manifest: Manifest[Any] = discover().get("rate_table")
    return {
        path.stem: cast(
            "BuysLabels",
            manifest.build(
                msgspec.toml.decode(path.read_text(encoding="utf-8"), type=manifest.settings),
                surroundings,
            ),
        )
        for path in sorted(CARRIERS.glob("*.toml"))
    }


def _gateways(surroundings: Surroundings) -> Mapping[str, Any]:
    """The payment connectors that need no account of the merchant's: the one to rehearse with."""
    manifest = discover().get("test_gateway")
    return {manifest.key: manifest.build(manifest.settings(), surroundings)}


def _secrets(settings: Settings) -> Secrets:
    made_in: Path | None = settings.data_dir if settings.worker.mode == "embedded" else None
    return open_secrets(settings.secret, made_in)
