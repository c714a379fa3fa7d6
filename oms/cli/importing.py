"""`oms import`: orders and returns from a file."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click

from oms.cli.system import config_option, opened
from oms.kernel.errors import Invalid, NotFound, Unavailable
from oms.kernel.events import Cause

if TYPE_CHECKING:
    from connectors.contract.capabilities import ReadsFiles
    from connectors.engine.file_import.model import Counts, Run
    from connectors.engine.file_import.service import Into
    from oms.bootstrap import System
    from oms.orders.quarantine.model import Quarantined
    from oms.platform.transaction import UnitOfWork

WAIT_S: Final = 5.0  # between attempts while the database or its disk is away
SHOWN: Final = 10  # reasons of what lies in quarantine; a wrong mapping has one for every row
ATTEMPTS: Final = 120  # ten minutes; the import resumes by itself whenever it is run again


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--channel", required=True, help="Code of the channel the orders belong to.")
@click.option(
    "--mapping",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML that says what the columns mean; see docs/import.md.",
)
@click.option("--returns-to", default="", help="Code of the node where reported returns arrived.")
@config_option
def command(*, file: Path, channel: str, mapping: Path, returns_to: str, config: str) -> None:
    """Take in the orders and returns of FILE (CSV or JSON lines, gzip too).

    Good rows go in; bad ones lie in quarantine with file, row, column and what to do. Running it
    again is safe: known orders stay as they are, and a killed import goes on where it stopped.
    """
    from connectors.engine.file_import import queries

    with opened(config) as system:
        connector = _reader(mapping, system)
        into = _into(system.uow, channel, returns_to)
        run = _patiently(system.uow, connector, file, into)
        system.dispatcher.drain_reactions()
        with system.uow.read() as reader:
            waiting = queries.waiting(reader, into.channel_id, file.name, SHOWN + 1)
    for line in (*_report(run.counts), *_refusals(file.name, waiting)):
        click.echo(line)


def _reader(mapping: Path, system: "System") -> "ReadsFiles":
    """The flat-file connector with this mapping; refusals name the mapping's file."""
    from connectors.contract.manifest import Surroundings
    from connectors.contract.registry import discover
    from oms.platform.http_client import HttpClient

    manifest = discover().get("flat_file")
    settings = manifest.settings(layout=_text(mapping), name=mapping.name)
    surroundings = Surroundings(http=HttpClient(), clock=system.uow.clock)
    return cast("ReadsFiles", manifest.build(settings, surroundings))


def _text(mapping: Path) -> str:
    try:
        return mapping.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Invalid(
            "layout.wrong",
            f"{mapping.name}: it is not UTF-8 text, so it is no mapping.",
            "Name a TOML file such as config/channels/example_orders.toml with --mapping.",
        ) from None


def _into(uow: "UnitOfWork", channel: str, returns_to: str) -> "Into":
    from connectors.engine.file_import.service import Into
    from oms.catalog import queries as catalog
    from oms.inventory import service as inventory

    with uow.read() as reader:
        try:
            channel_id = catalog.channel_by_code(reader, channel).id
        except NotFound as unknown:
            make = "Name one of them, or make it: docs/import.md, 'Before the first file'."
            remedy = f"{unknown.remedy} {make}"
            raise NotFound(unknown.code, unknown.sentence, remedy) from None
        nodes = [node for node in inventory.nodes(reader) if returns_to in ("", node.code)]
    if not nodes:
        raise NotFound(
            "node.not_found",
            f"There is no node '{returns_to}' for returns to arrive at."
            if returns_to
            else "There is no node yet, and reported returns have to arrive somewhere.",
            "Name another with --returns-to, or make it: docs/import.md, 'Before the first file'.",
        )
    return Into(channel_id=channel_id, returns_node_id=nodes[0].id, cause=Cause("import"))


def _patiently(uow: "UnitOfWork", connector: "ReadsFiles", file: Path, into: "Into") -> "Run":
    """Import, and go on when the database was away and is back: nothing is lost or doubled."""
    for attempt in range(ATTEMPTS):
        try:
            return _watched(uow, connector, file, into)
        except Unavailable as away:
            if attempt == ATTEMPTS - 1:
                raise
            click.echo(f"{away.sentence} Trying again in {WAIT_S:.0f} s.", err=True)
            time.sleep(WAIT_S)
        except KeyboardInterrupt:
            raise click.ClickException(
                "Stopped. What is in stays; the same command goes on from there."
            ) from None
    raise AssertionError


def _watched(uow: "UnitOfWork", connector: "ReadsFiles", file: Path, into: "Into") -> "Run":
    """One attempt with a live line of what was done so far."""
    from rich.console import Console
    from rich.progress import (
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    from connectors.engine.file_import import service

    words = "{task.completed:,} rows, {task.fields[orders]:,} orders, {task.fields[bad]:,} refused"
    columns = (SpinnerColumn(), TextColumn(f"{file.name}: {words}"), TimeElapsedColumn())
    console = Console(stderr=True)
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        task = progress.add_task("import", total=None, orders=0, bad=0)
        for run in service.import_file(uow, connector, file, into):
            counts = run.counts
            progress.update(
                task,
                completed=counts.rows.rows,
                orders=counts.orders_new,
                bad=counts.rows.quarantined,
            )
    return run


def _report(counts: "Counts") -> tuple[str, ...]:
    rows = counts.rows
    read = (
        f"{rows.rows:,} rows read = {rows.order_lines:,} order lines"
        f" + {rows.return_lines:,} return lines + {rows.charges:,} services and charges"
        f" + {rows.quarantined:,} in quarantine"
    )
    orders = (
        f"Orders: {counts.orders_new:,} new, {counts.orders_same:,} known already,"
        f" {counts.orders_changed:,} told differently (change-sets wait for a decision)."
    )
    returns = (
        f"Returns: {counts.returns_new:,} new, {counts.returns_same:,} known already;"
        f" {counts.units_returned_matched:,} units matched with a sale,"
        f" {counts.units_returned_blind:,} without one."
    )
    aside = f"Quarantine: {counts.quarantined:,} entries."
    return read, orders, returns, aside


def _refusals(file: str, waiting: Sequence["Quarantined"]) -> Iterator[str]:
    """What still waits of files of this name, with row, column and remedy, and what to do."""
    for each in waiting[:SHOWN]:
        place, _, _ = each.source.rpartition(" #")
        yield f"  {each.words}" if each.words.startswith(file) else f"  {place}: {each.words}"
    if len(waiting) > SHOWN:
        yield "  … and more: GET /api/v1/quarantine lists them all."
    if waiting:
        yield "Mend these rows in a copy of the file and import that: orders that are in stay."
