"""`oms keys`: access for programs."""

import click

from oms.cli.system import config_option, opened
from oms.kernel.clock import to_iso
from oms.kernel.errors import OMSError
from oms.kernel.events import Cause

_BY_HAND = Cause("command line")


@click.group("keys")
def command() -> None:
    """Make, list and revoke API keys."""


@command.command("issue")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="May be given several times.")
@config_option
def issue(name: str, roles: tuple[str, ...], config: str) -> None:
    """Make a key called NAME and print it. It is shown this once only."""
    from oms.platform.security import keys

    wanted = keys.IssueKey(name=name, roles=roles, cause=_BY_HAND)
    with opened(config) as system:
        with system.uow.begin(_BY_HAND) as tx:
            (key_id,) = keys.issue(tx, [wanted])
        click.echo(keys.token(key_id, wanted.secret))


@command.command("list")
@config_option
def list_(config: str) -> None:
    """List the keys that were issued."""
    from oms.platform.security import keys

    with opened(config) as system, system.uow.read() as reader:
        for key in keys.issued(reader):
            state = f"revoked {to_iso(key.revoked_at_ms)}" if key.revoked_at_ms else "active"
            click.echo(f"{key.id}  {key.name}  {', '.join(key.roles)}  {state}")


@command.command("revoke")
@click.argument("key_id")
@config_option
def revoke(key_id: str, config: str) -> None:
    """End a key. Programs that use it are refused within seconds."""
    from oms.platform.security import keys

    with opened(config) as system, system.uow.begin(_BY_HAND) as tx:
        (answer,) = keys.revoke(tx, [keys.RevokeKey(key_id, _BY_HAND)])
    if isinstance(answer, OMSError):
        raise answer
    click.echo(f"{key_id} is revoked.")
