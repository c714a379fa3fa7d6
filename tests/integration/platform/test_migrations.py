"""Migrations lead from nothing to exactly the tables the code has, on both databases, once."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from oms.platform import migrations
from oms.platform.database import Database, metadata
from oms.platform.migrations import autogenerate
from tests.integration.platform.tables import note_table
from tests.services.databases import Databases

MIGRATE = (
    "import sys; from oms.platform.database import Database; from oms.platform import migrations;"
    "print(migrations.upgrade(Database(sys.argv[1])))"
)


@pytest.fixture(autouse=True, scope="module")
def only_ours() -> Iterator[None]:
    """All tables of the product, without those of the tests beside this one."""
    autogenerate.know_all_tables()
    metadata.remove(note_table)
    yield
    metadata._add_table(note_table.name, None, note_table)


@pytest.fixture
def migrated(databases: Databases) -> Iterator[Database]:
    url = databases.copy_of("migrated", migrate)
    database = Database(url)
    yield database
    database.close()
    databases.drop(url)


def migrate(url: str) -> None:
    database = Database(url)
    assert migrations.upgrade(database)
    database.close()


def test_migrations_make_what_the_code_has(migrated: Database) -> None:
    assert autogenerate.differences(migrated.engine) == [], (
        'Run: python -m oms.platform.migrations.autogenerate "what changed" '
        "(or --initial while nobody keeps data)"
    )


def test_defaults_checks_keys_and_partial_indexes_are_the_same_too(
    migrated: Database, databases: Databases
) -> None:
    """Alembic does not compare these, so the tables are also made directly and compared."""
    url = databases.empty()
    direct = Database(url)
    metadata.create_all(direct.engine)

    assert constraints(migrated) == constraints(direct)

    direct.close()
    databases.drop(url)


def test_migrating_twice_is_migrating_once(migrated: Database) -> None:
    assert not migrations.upgrade(migrated)
    assert migrations.is_current(migrated)


def test_an_empty_database_is_not_current(database_url: str) -> None:
    database = Database(database_url)

    assert not migrations.is_current(database)
    database.close()


def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, database_url], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]

    answers = [process.communicate(timeout=60)[0].strip() for process in starting]

    assert [process.returncode for process in starting] == [0, 0]
    assert sorted(answers) == ["False", "True"]


def test_statistics_are_there_after_migrating(database_url: str) -> None:
    migrate(database_url)
    database = Database(database_url)
    looked_at = {
        "sqlite": "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'",
        "postgresql": "SELECT count(last_analyze) FROM pg_stat_user_tables WHERE relname = 'event'",
    }
    with database.reading() as connection:
        assert connection.exec_driver_sql(looked_at[database.dialect]).scalar() == 1
    database.close()


def constraints(database: Database) -> dict[str, list[str]]:
    """What the database itself says about every table, each thing as text."""
    inspector = sa.inspect(database.engine)
    return {
        table: sorted(
            str(_spelled_out(each))
            for look in (
                inspector.get_columns,
                inspector.get_check_constraints,
                inspector.get_unique_constraints,
                inspector.get_foreign_keys,
                inspector.get_indexes,
                lambda name: [inspector.get_pk_constraint(name)],
            )
            for each in look(table)
        )
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def _spelled_out(value: object) -> object:
    if isinstance(value, dict):
        return {key: _spelled_out(each) for key, each in value.items()}
    return value if isinstance(value, str | int | list | None) else str(value)
