"""The database brought up to this code: by one process at a time, all of it or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from oms.platform.database import Database

FOLDER: Final = Path(__file__).parent
_LOCK: Final = 7_406_271  # any number that nobody else locks by


def upgrade(database: Database) -> bool:
    """Migrate to the newest revision; False if the database was there already.

    Processes that start together wait for one another. A failure leaves everything as it was.
    """
    with _alone(database) as connection:
        if _revision(connection) == newest():
            return False
        command.upgrade(config(connection), "head")
    database.analyze()  # plans made on empty tables are slow for ever
    return True


def is_current(database: Database) -> bool:
    """Whether the database has the newest revision."""
    with database.reading() as connection:
        return _revision(connection) == newest()


@cache
def newest() -> str | None:
    """The revision that this code needs; None while there is none."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def config(connection: sa.Connection) -> Config:
    """What Alembic needs to work on an open connection."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    return made


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _alone(database: Database) -> Iterator[sa.Connection]:
    """A writing transaction while no other process migrates."""
    with database.writing() as connection:  # on SQLite it has the only pen
        if database.dialect == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        yield connection
