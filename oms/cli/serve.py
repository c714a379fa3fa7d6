"""`oms serve`: the web server."""

import os
import socket
from typing import Final

import click

from oms.cli.system import config_option, settings

PORT: Final = click.IntRange(0, 65_535)


@click.command("serve")
@click.option("--host", default=None, help="Address to listen at; default: the settings'.")
@click.option("--port", default=None, type=PORT, help="Port to listen at; default: the settings'.")
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
    address = (host or chosen.http.host, chosen.http.port if port is None else port)
    _expect_free(*address)
    uvicorn.run(
        "oms.bootstrap:create_app",
        factory=True,
        host=address[0],
        port=address[1],
        workers=workers,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=20,
    )


def _expect_free(host: str, port: int) -> None:
    """Said before the system is opened, in one line instead of in the server's log."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} of {host} cannot be had: {error.strerror}. "
                "Name another with --port, or stop what listens there."
            ) from error
