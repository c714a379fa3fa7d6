"""`oms migrate`: create or update the database's tables."""

import click

from oms.cli.system import config_option, settings


@click.command("migrate")
@config_option
def command(config: str) -> None:
    """Create or update the database's tables. Safe to run at every start and twice at once."""
    from oms.platform.database import Database
    from oms.platform.migrations import upgrade

    chosen = settings(config)
    chosen.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(chosen.database_url)
    upgrade(database)
    click.echo(f"The {database.dialect} database is up to date.")
    database.close()
