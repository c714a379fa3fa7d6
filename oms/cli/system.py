"""What subcommands share: the settings, an opened system, and failures in one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from config.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from oms.bootstrap import System

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
        return load(config)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def opened(config: str) -> Iterator["System"]:
    """A working system without its worker: for commands that look or do one thing."""
    from oms.bootstrap import open_system
    from oms.platform import logging

    chosen = settings(config)
    logging.configure(chosen.log)
    with open_system(chosen) as system:
        yield system
