"""`oms check`: prove that stock, money and orders agree."""

import sys

import click

from oms.cli.system import config_option, opened


@click.command("check")
@config_option
def command(config: str) -> None:
    """Prove that stock, money and orders agree; show the rows that break what does not.

    Ends with 1 when something is broken.
    """
    from rich.console import Console

    from oms.bootstrap import CHECKS
    from oms.ledger import check

    console = Console(highlight=False)
    broken = 0
    with opened(config) as system, system.uow.snapshot() as reader:
        for outcome in check.run(reader, CHECKS):
            if outcome.holds:
                console.print(f"[green]holds[/]   {outcome.check.name}: {outcome.check.sentence}")
                continue
            broken += 1
            console.print(f"[red]BROKEN[/]  {outcome.check.name}: {outcome.check.sentence}")
            for row in outcome.rows:
                console.print("          " + ", ".join(f"{k}={v}" for k, v in row.items()))
            if outcome.count > len(outcome.rows):
                console.print(f"          … {outcome.count - len(outcome.rows)} more rows")
    console.print(f"{len(CHECKS)} checks, {broken} broken.")
    sys.exit(1 if broken else 0)
