"""`oms status`: queues, lag and throughput, live in the terminal."""

import time
from typing import TYPE_CHECKING, Final

import click

from oms.cli.system import config_option, console, opened

if TYPE_CHECKING:
    from rich.console import RenderableType

    from oms.platform.transaction import UnitOfWork

REFRESH_S: Final = 1.0


@click.command("status")
@click.option("--once", is_flag=True, help="Show it once and end.")
@config_option
def command(*, once: bool, config: str) -> None:
    """Watch orders, units by state, queues, lag and throughput. Ctrl-C ends it.

    Where there is no terminal it is shown once.
    """
    from rich.live import Live

    with opened(config) as system:
        view = _View(system.uow)
        out = console()
        if once or not out.is_terminal:
            out.print(view.draw())
            return
        with Live(view.draw(), console=out, auto_refresh=False) as live:
            try:
                while True:
                    time.sleep(REFRESH_S)
                    live.update(view.draw(), refresh=True)
            except KeyboardInterrupt:
                return


class _View:
    """Remembers the last look, so that it can say how fast things go."""

    def __init__(self, uow: "UnitOfWork") -> None:
        self._uow = uow
        self._last: tuple[float, int] | None = None

    def draw(self) -> "RenderableType":
        from rich.console import Group
        from rich.table import Table

        from oms.orders.units import queries as orders
        from oms.platform import audit, backlog, jobs

        with self._uow.read() as reader:
            depths = backlog.depths(reader)
            states = jobs.states(reader)
            newest = audit.last_number(reader)
            units = orders.units_by_state(reader)
        queues = Table("Subscriber", "Waiting", "Oldest", "Needs a person", title="Outbox")
        for depth in depths:
            aside = f"[red]{depth.set_aside}[/]" if depth.set_aside else "0"
            queues.add_row(depth.subscriber, f"{depth.waiting:,}", _ago(depth.lag_ms), aside)
        if not depths:
            queues.add_row("nothing waits", "0", "", "0")
        floor = Table("State", "Units", title="Units of order lines")
        for state, count in units.items():
            floor.add_row(state, f"{count:,}")
        clock = Table("Job", "Last error", title="Jobs")
        for job in states:
            clock.add_row(job.name, job.last_error or "none")
        return Group(f"{newest:,} events, {self._rate(newest):,.0f} a second", queues, floor, clock)

    def _rate(self, newest: int) -> float:
        now_s, before = time.monotonic(), self._last
        self._last = (now_s, newest)
        if before is None or now_s == before[0]:
            return 0.0
        return (newest - before[1]) / (now_s - before[0])


def _ago(ms: int) -> str:
    return f"{ms / 1000:.1f} s" if ms < 60_000 else f"{ms / 60_000:.0f} min"
