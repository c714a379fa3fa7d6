"""Empty or prepared databases for one test each, of both kinds, behind one face."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

Prepare = Callable[[str], None]
"""Fills the empty database at this URL and closes its connections."""


class Databases(Protocol):
    """Where tests get databases from. URLs are SQLAlchemy's."""

    def empty(self) -> str:
        """The URL of a new empty database."""
        ...

    def copy_of(self, key: str, prepare: Prepare) -> str:
        """The URL of a new copy of the database that `prepare` makes once per process and `key`."""
        ...

    def drop(self, url: str) -> None:
        """Remove it, even if somebody is still connected."""
        ...


class SqliteDatabases:
    """Files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._originals: dict[str, Path] = {}

    def empty(self) -> str:
        return _sqlite_url(self._new_path())

    def copy_of(self, key: str, prepare: Prepare) -> str:
        if key not in self._originals:
            made, original = self._new_path(), self._new_path()
            prepare(_sqlite_url(made))
            with contextlib.closing(sqlite3.connect(made)) as connection:
                connection.execute("VACUUM INTO ?", (str(original),))  # one file, without its WAL
            self._originals[key] = original
        path = self._new_path()
        shutil.copyfile(self._originals[key], path)
        return _sqlite_url(path)

    def drop(self, url: str) -> None:
        path = url.removeprefix("sqlite:///")
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(path + suffix).unlink(missing_ok=True)

    def _new_path(self) -> Path:
        return self._folder / f"{uuid4().hex}.sqlite3"


class PostgresqlDatabases:
    """Databases of one cluster. `server_url` is libpq's, and its role may create databases."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._originals: dict[str, str] = {}

    def empty(self) -> str:
        return self._create("template0")

    def copy_of(self, key: str, prepare: Prepare) -> str:
        if key not in self._originals:
            url = self._create("template0")
            prepare(url)
            self._originals[key] = _name_in(url)
        return self._create(self._originals[key])

    def drop(self, url: str) -> None:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._execute(statement.format(sql.Identifier(_name_in(url))))

    def close(self) -> None:
        """Remove the originals."""
        for name in self._originals.values():
            self.drop(self._url(name))
        self._originals.clear()

    def _create(self, template: str) -> str:
        name = f"oms_test_{uuid4().hex}"
        names = sql.Identifier(name), sql.Identifier(template)
        with psycopg.connect(make_conninfo(self._server_url), autocommit=True) as connection:
            # Copying files is faster than logging every page; before 15 there was no other way.
            is_new = connection.info.server_version >= 150_000
            strategy = sql.SQL(" STRATEGY file_copy" if is_new else "")
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names) + strategy)
        return self._url(name)

    def _url(self, name: str) -> str:
        scheme, _, rest = self._server_url.partition("://")
        host, _, query = rest.partition("/")[0], "", rest.partition("?")[2]
        return f"{scheme}+psycopg://{host}/{name}" + (f"?{query}" if query else "")

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(make_conninfo(self._server_url), autocommit=True) as connection:
            connection.execute(statement)


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def _name_in(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]
