"""`oms worker`: a background process at scale."""

import os

import click

from oms.cli.system import config_option, settings


@click.command("worker")
@config_option
def command(config: str) -> None:
    """Run a background worker: reactions, effects and jobs, woken through Redis."""
    from oms.bootstrap import run_worker
    from oms.platform import logging

    chosen = settings(config or os.environ.get("OMS_CONFIG") or "scale")
    if chosen.worker.mode != "arq":
        raise click.UsageError('The settings say worker.mode = "embedded": oms serve runs it all.')
    logging.configure(chosen.log)
    run_worker(chosen)
