"""`oms demo`: a living system with demo data on this machine."""

import fcntl
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec
from msgspec.structs import replace

if TYPE_CHECKING:
    from config.settings import Settings
    from oms.bootstrap import System
    from oms.simulator.access import Access
    from oms.simulator.live import Figures, LiveTraffic
    from oms.simulator.traffic import Traffic

PORTS_TRIED: Final = 50
LINE_S: Final = 2.0  # between two summary lines in a terminal
LOG_LINE_S: Final = 30.0  # the same where they are kept
LINK_DAYS: Final = 30
STOP_S: Final = 1  # for requests that are being answered
LOCK: Final = "demo.lock"
LOG: Final = "demo.log"
ACCESS: Final = "demo-access.json"
FORGOTTEN: Final = ("oms.sqlite3", "oms.sqlite3-wal", "oms.sqlite3-shm", ACCESS, LOG)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    data: Path
    host: str
    port: int
    speed: float | None
    seed: int
    orders: int | None
    fresh: bool
    no_traffic: bool
    once: bool


@click.command("demo")
@click.option("--data", default="var", show_default=True, help="Folder it is kept in.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8000, show_default=True, help="Port; if taken, the next free one.")
@click.option("--speed", type=click.FloatRange(1, 5_000), help="Times real life; default: 480.")
@click.option("--seed", default=1, show_default=True, help="Another one makes other customers.")
@click.option("--orders", type=click.IntRange(0, 5_000), help="Orders of the past; default: 300.")
@click.option("--fresh", is_flag=True, help="Forget the data of earlier runs first.")
@click.option("--no-traffic", is_flag=True, help="Serve what there is; nobody orders anything.")
@click.option("--once", is_flag=True, help="Make the data, say how to come in, and end.")
def command(**options: object) -> None:
    """A living system on this machine: an Indonesian shop with orders coming in.

    Its data stays between runs. Ctrl-C ends it.
    """
    wish = msgspec.convert(
        {**options, "data": str(options["data"])}, Wish, dec_hook=lambda _, text: Path(str(text))
    )
    with _alone_in(wish.data):
        if wish.fresh:
            _forget(wish.data)
        listening = _listen(wish)
        settings = _settings(wish, listening.getsockname()[1])
        traffic = _prepare(wish, settings)
        if not wish.once:
            _serve(wish, settings, traffic, listening)
        listening.close()


def _prepare(wish: Wish, settings: "Settings") -> "Traffic":
    """Everything the server will find, and the words that say how to come in."""
    from oms.bootstrap import open_system
    from oms.kernel.clock import ManualClock
    from oms.platform import logging
    from oms.platform.clock import now_ms
    from oms.simulator import history
    from oms.simulator.access import open_access
    from oms.simulator.traffic import Traffic
    from oms.simulator.world import load_world

    logging.configure(settings.log, (wish.data / LOG).open("a", encoding="utf-8"))
    world = load_world()
    if wish.orders is not None:
        world = replace(world, merchant=replace(world.merchant, history_orders=wish.orders))
    traffic, clock, began_s = Traffic(world, wish.seed), ManualClock(now_ms()), time.time()
    with open_system(settings, clock) as system:
        with click.progressbar(length=100, label="Some days of orders", file=sys.stderr) as bar:
            done = history.seed(system, clock, traffic, lambda part: _advance(bar, part))
        if done:
            click.echo(f"{done} orders lived through in {time.time() - began_s:.0f} s.", err=True)
        accesses = open_access(system.uow, wish.data)
        _welcome(wish, settings, accesses, _status_link(system))
    return traffic


def _serve(wish: Wish, settings: "Settings", traffic: "Traffic", listening: socket.socket) -> None:
    """Run the server and, in a thread beside it, the traffic, until told to stop."""
    import uvicorn

    from oms.bootstrap import create_app
    from oms.simulator.live import LiveTraffic
    from oms.simulator.scene import Pace

    pace = Pace(wish.speed or traffic.world.merchant.speed)
    over = threading.Event()

    @contextmanager
    def beside(system: "System") -> Iterator[None]:
        if wish.no_traffic:
            yield
            return
        life = LiveTraffic(system, traffic, pace)
        life.start()
        threading.Thread(target=_tell, args=(life, over), name="summary", daemon=True).start()
        try:
            yield
        finally:
            over.set()
            life.stop()

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings, beside),
            loop="uvloop",
            http="httptools",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=STOP_S,
        )
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both ways to stop are one
    with suppress(KeyboardInterrupt):
        server.run([listening])
    click.echo(f"\nStopped. The data is kept in {wish.data}; 'oms demo' goes on from here.")
    sys.stdout.flush()
    os._exit(0)  # everything is closed; giving memory back piece by piece takes seconds


def _welcome(
    wish: Wish, settings: "Settings", accesses: Sequence["Access"], status_link: str
) -> None:
    url = settings.public_url
    width = max(len(access.email) for access in accesses)
    click.secho(f"\n{settings.brand.name}, an invented shop\n", bold=True)
    click.echo(f"  Address            {url}")
    click.echo(f"  API, described     {url}/api/v1/docs")
    if status_link:
        click.echo(f"  A customer's page  {url}{status_link}")
    click.echo(f"\n  {'Role':<12} {'Login':<{width}}  {'Password':<16}  API key")
    for access in accesses:
        click.echo(
            f"  {access.role:<12} {access.email:<{width}}  {access.password:<16}  {access.token}"
        )
    token = accesses[0].token
    click.echo(f"\n  Try: curl -H 'Authorization: Bearer {token}' '{url}/api/v1/orders?limit=3'")
    if wish.once:
        click.echo("\n  Nothing runs yet: start it without --once.\n")
    else:
        click.echo("\n  Ctrl-C stops it; its data stays. 'oms demo --fresh' begins again.\n")


def _status_link(system: "System") -> str:
    """The path of the page that a customer sees whose parcel left not long ago; "" without one."""
    from oms.kernel.clock import DAY_MS
    from oms.orders.status import LINK_PURPOSE
    from oms.platform.security.links import Links
    from oms.simulator.recent import latest_shipped_order

    order_id = latest_shipped_order(system.uow)
    if not order_id:
        return ""
    until_ms = system.uow.clock() + LINK_DAYS * DAY_MS
    return f"/track/{Links(system.secrets).sign(LINK_PURPOSE, order_id, until_ms)}"


def _tell(life: "LiveTraffic", over: threading.Event) -> None:
    """One line that changes where somebody looks, a line now and then where it is kept."""
    is_terminal = sys.stdout.isatty()
    while not over.wait(LINE_S if is_terminal else LOG_LINE_S):
        figures = life.figures()
        words = _words(figures) if figures else "reading what happened before …"
        click.echo(f"\r\x1b[K  {words}" if is_terminal else words, nl=not is_terminal)


def _words(figures: "Figures") -> str:
    return (
        f"{time.strftime('%H:%M:%S')}  orders {figures.placed}, shipped {figures.shipped},"
        f" delivered {figures.delivered}, returned {figures.returned}"
        f"  |  to release {figures.to_release}, to pick {figures.to_pick},"
        f" to pack {figures.to_pack}, on the way {figures.on_the_way}"
    )


def _settings(wish: Wish, port: int) -> "Settings":
    """Embedded and in the demo's own folder, whatever else is set up on this machine."""
    from config.settings import load
    from oms.simulator.world import load_world

    merchant = load_world().merchant
    fixed = {
        "OMS_DATA_DIR": str(wish.data),
        "OMS_DATABASE_URL": "",
        "OMS_WORKER_MODE": "embedded",
        "OMS_HTTP_HOST": wish.host,
        "OMS_HTTP_PORT": str(port),
        "OMS_BRAND_NAME": merchant.name,
        "OMS_BRAND_COLOUR": merchant.colour,
        "OMS_BRAND_EMAIL": merchant.email,
        "OMS_SELLER_TIME_ZONE": merchant.time_zone,
    }
    others = {name: value for name, value in os.environ.items() if name != "OMS_CONFIG"}
    return load(environment={"OMS_LOG_LEVEL": "warning", **others, **fixed})


def _listen(wish: Wish) -> socket.socket:
    """A socket at the wished port or the next free one; it is ours from here on."""
    for port in range(wish.port, wish.port + PORTS_TRIED):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((wish.host, port))
            listening.listen()
        except OSError:
            listening.close()
            continue
        if port != wish.port and not wish.once:
            click.echo(f"Port {wish.port} is taken, so it is {port}.", err=True)
        return listening
    raise click.ClickException(
        f"No port from {wish.port} to {wish.port + PORTS_TRIED - 1} can be had at {wish.host}. "
        "Choose another with --port."
    )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Nobody else's demo runs on this folder meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"A demo is running on {folder} already. Stop it, or name another folder with "
                "--data."
            ) from None
        yield


def _forget(folder: Path) -> None:
    """Only what a demo made: a merchant's own database is never in its way."""
    if (folder / FORGOTTEN[0]).exists() and not (folder / ACCESS).exists():
        raise click.ClickException(
            f"The database in {folder} was not made by a demo. Name another folder with --data."
        )
    for name in FORGOTTEN:
        (folder / name).unlink(missing_ok=True)


def _advance(bar: "click._termui_impl.ProgressBar[int]", part: float) -> None:
    bar.update(max(0, round(part * 100) - bar.pos))
