"""The `oms` command. A subcommand loads what it needs when it runs, so `--help` is quick."""

from importlib import import_module
from typing import Final

import click

from oms import __version__
from oms.kernel.errors import OMSError

# Name → (module, one line of help). The line stands here so that the list needs no import.
# fmt: off
COMMANDS: Final = {
    "demo":       ("oms.cli.demo",       "A living system with demo data on this machine."),
    "serve":      ("oms.cli.serve",      "Run the web server (and, embedded, the worker)."),
    "worker":     ("oms.cli.worker",     "Run a background worker on Redis."),
    "migrate":    ("oms.cli.migrate",    "Create or update the database's tables."),
    "import":     ("oms.cli.importing",  "Take in orders and returns from a file."),
    "export":     ("oms.cli.export",     "Write the books for beancount or hledger."),
    "check":      ("oms.cli.check",      "Prove that stock, money and orders agree."),
    "status":     ("oms.cli.status",     "Watch queues, lag and throughput."),
    "connectors": ("oms.cli.connectors", "List connectors and what each can do."),
    "keys":       ("oms.cli.keys",       "Make, list and revoke API keys."),
}
# fmt: on


class LazyGroup(click.Group):
    """A group that imports a subcommand when it is called, and tells failures in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = import_module(module).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except OMSError as error:
            raise Failed(error) from error
        except OSError as error:
            if not error.filename:
                raise
            raise click.ClickException(
                f"{error.filename} cannot be used: {error.strerror}. "
                "Name another place, or see to it that this user may write and read there."
            ) from error


class Failed(click.ClickException):
    """An expected failure as one line: what is wrong and what to do."""

    def __init__(self, error: OMSError) -> None:
        fields = "; ".join(f"{name}: {words}" for name, words in error.fields.items())
        parts = (error.sentence, fields and f"({fields})", error.remedy)
        super().__init__(" ".join(_ended(part) for part in parts if part))


def _ended(part: str) -> str:
    """What drivers say has no full stop, and would run into what to do."""
    return part if part.endswith((".", "!", "?", ":", ")")) else f"{part}."


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="oms")
def main() -> None:
    """Omnichannel order management: one order book, true stock, books that prove it."""
