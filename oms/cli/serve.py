"""`oms serve`: the web server."""

import os

import click

from oms.cli.system import config_option, settings


@click.command("serve")
@click.option("--host", default=None, help="Address to listen at; default: the settings'.")
@click.option("--port", default=None, type=int, help="Port to listen at; default: the settings'.")
@click.option("--workers", default=1, show_default=True, help="Processes (PostgreSQL only).")
@config_option
def command(host: str | None, port: int | None, workers: int, config: str) -> None:
    """Run the web server; embedded, it also runs the worker."""
    import uvicorn

    chosen = settings(config)
    if workers > 1 and chosen.database_url.startswith("sqlite"):
        raise click.UsageError("SQLite has one writer: use one process, or PostgreSQL.")
    if config:
        os.environ["OMS_CONFIG"] = config  # the server's processes read the settings themselves
    uvicorn.run(
        "oms.bootstrap:create_app",
        factory=True,
        host=host or chosen.http.host,
        port=chosen.http.port if port is None else port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=20,
    )
