"""`oms export`: the books for outside programs."""

import sys
from typing import TYPE_CHECKING

import click

from oms.cli.system import config_option, opened

if TYPE_CHECKING:
    from oms.ledger.vouchers import Names
    from oms.platform.transaction import Reader


@click.command("export")
@click.argument("program", type=click.Choice(["beancount", "hledger"]))
@click.option("--out", "target", type=click.Path(dir_okay=False), help="File; default: the screen.")
@click.option(
    "--detail",
    type=click.Choice(["daily", "monthly", "movement"]),
    default="daily",
    show_default=True,
    help="Net by day, by month, or every single movement.",
)
@config_option
def command(program: str, target: str | None, detail: str, config: str) -> None:
    """Write goods ledger and journal for beancount or hledger, which check them independently.

    Judge the file with `bean-check FILE` or `hledger check -f FILE`.
    """
    from oms.ledger import export
    from oms.ledger.vouchers import Detail

    with opened(config) as system, system.uow.snapshot() as reader:
        wanted = export.Export(export.Program(program), Detail(detail), _names(reader))
        if target is None:
            export.write(reader, sys.stdout, wanted)
            return
        with open(target, "w", encoding="utf-8") as out:  # noqa: PTH123 - click gives a text
            written = export.write(reader, out, wanted)
    click.echo(
        f"{target}: {written.transactions:,} transactions, {written.lines:,} lines,"
        f" {written.accounts:,} accounts."
    )


def _names(reader: "Reader") -> "Names":
    """SKUs and node codes in place of ids."""
    from oms.catalog import queries as catalog
    from oms.inventory import service as inventory
    from oms.ledger.vouchers import Names

    return Names(
        items=catalog.skus(reader),
        nodes={node.id: node.code for node in inventory.nodes(reader)},
    )
