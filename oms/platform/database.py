"""The two databases behind one face: engines, connections, and what differs between them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from oms.kernel.errors import OMSError, Stale, Unavailable

Dialect = Literal["sqlite", "postgresql"]

READERS: Final = 4
WRITERS: Final = 4  # a few threads: more only queue for the same two cores and row locks
SQLITE_BUSY_MS: Final = 30_000  # another process may hold the write lock for a long batch
RECYCLE_S: Final = 1_800  # plans made on empty tables must not live for ever

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_LOST: Final = ("08", "57P01", "57P02", "57P03", "53")  # connection, shutdown, out of resources
_CONFLICT: Final = ("40001", "40P01", "55P03")  # serialisation, deadlock, lock not available


class Database:
    """One SQLite file or PostgreSQL database.

    `writing()` and `reading()` lend a connection inside a transaction; they may be used from any
    thread. SQLite has one writer at a time, so the others wait here instead of in the file.
    """

    def __init__(self, url: str) -> None:
        self.url: URL = make_url(url)
        if self.url.get_backend_name() not in ("sqlite", "postgresql"):
            raise ValueError(f"databases of kind '{self.url.get_backend_name()}' are not supported")
        self.dialect: Dialect = "sqlite" if self.url.get_backend_name() == "sqlite" else "postgresql"
        self._write_lock = threading.Lock() if self.dialect == "sqlite" else None
        if self.dialect == "sqlite":
            self._writer = _sqlite_engine(self.url, "BEGIN IMMEDIATE")
            self._reader = _sqlite_engine(self.url, "BEGIN")
        else:
            self._writer = self._reader = _postgresql_engine(self.url)

    @property
    def engine(self) -> sa.Engine:
        """The writing engine: for migrations and tests."""
        return self._writer

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that commits if the block ends well."""
        if self._write_lock is None:
            with self._lend(self._writer) as connection:
                yield connection
        else:
            with self._write_lock, self._lend(self._writer) as connection:
                yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection for looking only; what is written through it may be lost."""
        with self._lend(self._reader) as connection:
            yield connection

    def analyze(self) -> None:
        """Refresh statistics: needed after migration and bulk import (see docs/performance.md)."""
        with self.writing() as connection:
            connection.exec_driver_sql("ANALYZE")
        self._writer.dispose()

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()

    @contextmanager
    def _lend(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        try:
            with engine.begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise _translated(error) from error


def _translated(error: sa.exc.DBAPIError) -> Exception:
    state = getattr(error.orig, "sqlstate", None) or ""
    words = str(error.orig)
    if state.startswith(_CONFLICT):
        return _stale()
    if error.connection_invalidated or state.startswith(_LOST) or _sqlite_is_away(words):
        return Unavailable(
            "database.unavailable",
            f"The database cannot be used at the moment: {words.splitlines()[0] if words else ''}",
            "Nothing was changed. Repeat when the database (or its disk) is back.",
        )
    if isinstance(error, sa.exc.OperationalError) and not state:
        return _postgresql_unreachable(error)
    return error


def _sqlite_is_away(words: str) -> bool:
    signs = ("disk is full", "unable to open", "disk I/O", "database is locked", "readonly")
    return any(sign in words for sign in signs)


def _postgresql_unreachable(error: sa.exc.OperationalError) -> Exception:
    # psycopg gives no SQLSTATE when it could not connect at all; sqlite errors are told apart above.
    if type(error.orig).__module__.startswith("psycopg"):
        return Unavailable(
            "database.unavailable",
            f"The database does not answer: {str(error.orig).splitlines()[0]}",
            "Check that it runs and that the address in the settings is right, then repeat.",
        )
    return error


def _stale() -> OMSError:
    return Stale("database.conflict", "Another change came first.", "Repeat the request.")


def _sqlite_engine(url: URL, begin: str) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=sa.pool.QueuePool,
        pool_size=READERS,
        max_overflow=READERS,
        connect_args={"check_same_thread": False},
        query_cache_size=2_000,
        hide_parameters=True,  # personal data has no place in error texts
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver's own mode deadlocks
        for pragma in (
            f"busy_timeout = {SQLITE_BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",  # the gate commits in groups, which makes full durability cheap
            "foreign_keys = ON",
            "cache_size = -65536",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql_engine(url: URL) -> sa.Engine:
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=WRITERS,
        max_overflow=READERS,
        pool_recycle=RECYCLE_S,
        isolation_level="READ COMMITTED",
        query_cache_size=2_000,
        hide_parameters=True,  # personal data has no place in error texts
    )
