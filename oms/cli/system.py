"""What subcommands share: the settings, an opened system, and failures in one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from config.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from rich.console import Console

    from oms.bootstrap import System

WIDE: Final = 200  # columns of what is piped to a file or a program

F = TypeVar("F", bound=Callable[..., Any])

config_option = click.option(
    "--config",
    default="",
    metavar="FILE",
    help="Settings: a TOML file, or 'scale'. Default: embedded, or OMS_CONFIG.",
)


def settings(config: str) -> Settings:
    """The settings, or one line that says which of them cannot be used."""
    try:
        chosen = load(config)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    _expect_address(chosen.database_url)
    return chosen


def _expect_address(url: str) -> None:
    """The text itself is not told: it may hold a password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        address = make_url(url)
        kind, place = address.get_backend_name(), address.database
    except (ArgumentError, ValueError):
        kind, place = "", ""
    if kind not in ("sqlite", "postgresql") or (kind == "sqlite" and place in (None, ":memory:")):
        raise click.ClickException(
            "The setting database.url (OMS_DATABASE_URL) is no address of a database that can be "
            "used. Write postgresql://USER:PASSWORD@HOST/NAME or sqlite:////FOLDER/FILE."
        )


def console() -> "Console":
    """Where tables go: as wide as the terminal, and wide enough for any row where there is none."""
    from rich.console import Console

    shown = Console(highlight=False)
    return shown if shown.is_terminal else Console(highlight=False, width=WIDE)


@contextmanager
def opened(config: str) -> Iterator["System"]:
    """A working system without its worker: for commands that look or do one thing."""
    from oms.bootstrap import open_system
    from oms.platform import logging

    chosen = settings(config)
    logging.configure(chosen.log)
    with open_system(chosen) as system:
        yield system
