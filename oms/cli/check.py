"""`oms check`: prove that stock, money and orders agree."""

import sys

import click

from oms.cli.system import config_option, console, opened


@click.command("check")
@config_option
def command(config: str) -> None:
    """Prove that stock, money and orders agree; show the rows that break what does not.

    Ends with 1 when something is broken.
    """
    from oms.bootstrap import CHECKS
    from oms.ledger import check

    out = console()
    broken = 0
    with opened(config) as system, system.uow.snapshot() as reader:
        for outcome in check.run(reader, CHECKS):
            words = f"{outcome.check.name}: {outcome.check.sentence}"
            broken += not outcome.holds
            mark = "[green]holds[/]   " if outcome.holds else "[red]BROKEN[/]  "
            out.print(mark + words, soft_wrap=True)
            for row in outcome.rows:
                cells = ", ".join(f"{k}={v}" for k, v in row.items())
                out.print("          " + cells, soft_wrap=True, markup=False)
            if outcome.count > len(outcome.rows):
                out.print(f"          … {outcome.count - len(outcome.rows)} more rows")
    out.print(f"{len(CHECKS)} checks, {broken} broken.")
    sys.exit(1 if broken else 0)
