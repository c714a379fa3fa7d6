"""Writes the revision that leads from the newest one to the tables as the code has them now.

`python -m oms.platform.migrations.autogenerate "what changed"`; with `--initial` instead of words
all revisions are replaced by one, which is only right before anybody keeps data.
"""

import importlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import oms
from oms.platform.database import Database, metadata
from oms.platform.migrations import FOLDER, config, upgrade

ROOT: Final = Path(oms.__file__).parents[1]
ROOMS: Final = ("oms", "connectors", "fulfillment", "returns")
VERSIONS: Final = FOLDER / "versions"
_INITIAL: Final = "--initial"
_PLATFORM: Final = (
    *("event_log", "idempotency", "inbox", "jobs", "transaction"),
    *("security.keys", "security.sessions", "security.users"),
)


def main(words: str) -> Path:
    """Write a revision and answer where it is. Exits with words when nothing has changed."""
    know_all_tables()
    if words == _INITIAL:
        for old in VERSIONS.glob("[0-9]*.py"):
            old.unlink()
    number = len(list(VERSIONS.glob("[0-9]*.py"))) + 1
    message = "All tables" if words == _INITIAL else words
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.sqlite3")
        upgrade(database)
        if not differences(database.engine):
            sys.exit("The tables are as the newest revision leaves them: nothing to write.")
        with database.writing() as connection:
            command.revision(config(connection), message, autogenerate=True, rev_id=f"{number:04}")
        database.close()
    (written,) = VERSIONS.glob(f"{number:04}*.py")
    _tidy(written)
    return written


def _tidy(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if "# ### " not in line]  # Alembic's hints to its user
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(path)], check=False)  # noqa: S603 - our own file


def know_all_tables() -> None:
    """Import every module that declares tables, so that `metadata` has them all."""
    for name in _modules():
        importlib.import_module(name)


def differences(engine: sa.Engine) -> list[object]:
    """What Alembic would change about a database to make it as the code says."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def _modules() -> Iterator[str]:
    yield from (f"oms.platform.{name}" for name in _PLATFORM)
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("tables.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


if __name__ == "__main__":
    print(main(sys.argv[1]) if len(sys.argv) == 2 else __doc__)  # noqa: T201 - a tool for developers
