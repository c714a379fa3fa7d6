"""`oms connectors`: what can be connected."""

import click

from oms.cli.system import console


@click.command("connectors")
def command() -> None:
    """List the connectors that are installed and what each can do."""
    from rich.table import Table

    from connectors.contract.registry import discover

    manifests, refusals = discover().all()
    table = Table("Key", "Connector", "Kind", "Quality", "Can", box=None, pad_edge=False)
    for each in manifests:
        can = ", ".join(sorted(name.replace("_", " ") for name in each.capabilities))
        table.add_row(each.key, each.label, each.kind, each.quality, can)
    out = console()
    out.print(table)
    for refusal in refusals:
        out.print(f"[red]{refusal.key}[/] is not usable: {refusal.sentence} {refusal.remedy}")
