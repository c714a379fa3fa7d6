"""The two databases behind one face: engines, connections, and what differs between them."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from oms.kernel.errors import Invalid, Overloaded, Stale, Unavailable

Dialect = Literal["sqlite", "postgresql"]

READERS: Final = 4
WRITERS: Final = 4  # a few threads: more only queue for the same two cores and row locks
SQLITE_BUSY_MS: Final = 30_000  # another process may hold the write lock for a long batch
RECYCLE_S: Final = 1_800  # plans made on empty tables must not live for ever
CONNECT_S: Final = 5  # a server that does not answer by then is away
POOL_WAIT_S: Final = 10  # longer than any batch; a caller who waits more is told to come back

NOTHING_CHANGED: Final = "database.unavailable"
COMMIT_UNKNOWN: Final = "database.commit_unknown"

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
        kind = self.url.get_backend_name()
        if kind not in ("sqlite", "postgresql"):
            raise ValueError(f"databases of kind '{kind}' are not supported")
        self.dialect: Dialect = "sqlite" if kind == "sqlite" else "postgresql"
        if self.dialect == "sqlite":
            if not self.url.database or self.url.database == ":memory:":
                raise ValueError("SQLite needs a file: each connection would see its own memory")
            self._turns: _Turns | None = _Turns()
            self._writer = _sqlite_engine(self.url, "BEGIN IMMEDIATE")
            self._reader = self._still = _sqlite_engine(self.url, "BEGIN", "query_only = ON")
        else:
            self._turns = None
            self._writer = _postgresql_engine(self.url)
            self._reader = self._writer.execution_options(postgresql_readonly=True)
            self._still = self._reader.execution_options(isolation_level="REPEATABLE READ")

    @property
    def engine(self) -> sa.Engine:
        """The writing engine: for migrations and tests."""
        return self._writer

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that commits if the block ends well."""
        if self._turns is None:
            with _lend(self._writer) as connection:
                yield connection
        else:
            with self._turns.mine(), _lend(self._writer) as connection:
                yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection for looking only: the database itself refuses changes through it."""
        with _lend(self._reader) as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """The same, but all statements see one moment: for checks and exports of a live system."""
        with _lend(self._still) as connection:
            yield connection

    def analyze(self) -> None:
        """Refresh statistics: needed after migration and bulk import (see docs/performance.md)."""
        with self.writing() as connection:
            connection.exec_driver_sql("ANALYZE")
        self._writer.dispose()

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()


class _Turns:
    """A lock that is given in the order it was asked for.

    The plain one goes to whoever runs at the moment, which under load is always the gate.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    @contextmanager
    def mine(self) -> Iterator[None]:
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            ticket = threading.Lock()
            ticket.acquire()
            self._waiting.append(ticket)
        ticket.acquire()  # until the one before hands over; it stays `_taken` for us

    def _leave(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


@contextmanager
def _lend(engine: sa.Engine) -> Iterator[sa.Connection]:
    try:
        with engine.connect() as connection:
            transaction = connection.begin()
            try:
                yield connection
            except BaseException:
                transaction.rollback()
                raise
            _commit(transaction)
    except sa.exc.DBAPIError as error:
        raise _translated(error) from error
    except sa.exc.TimeoutError as error:
        raise Overloaded(
            "database.busy", "Every connection to the database is in use.", "Repeat in a second."
        ) from error


def _commit(transaction: sa.RootTransaction) -> None:
    try:
        transaction.commit()
    except sa.exc.DBAPIError as error:
        translated = _translated(error)
        # SQLite and a server that still talks say for certain that nothing was kept.
        if isinstance(translated, Unavailable) and _is_psycopg(error):
            raise Unavailable(
                COMMIT_UNKNOWN,
                "The database went away while it confirmed; the change may or may not be kept.",
                "Look before you repeat, or repeat with the same Idempotency-Key: that is safe.",
            ) from error
        raise translated from error


def _translated(error: sa.exc.DBAPIError) -> Exception:
    state = getattr(error.orig, "sqlstate", None) or ""
    words = str(error.orig)
    if state.startswith(_CONFLICT):
        return Stale("database.conflict", "Another change came first.", "Repeat the request.")
    if error.connection_invalidated or state.startswith(_LOST) or _sqlite_is_away(words):
        return Unavailable(
            NOTHING_CHANGED,
            f"The database cannot be used at the moment: {words.splitlines()[0] if words else ''}",
            "Nothing was changed. Repeat when the database (or its disk) is back.",
        )
    if isinstance(error, sa.exc.DataError):
        return Invalid(
            "database.value_refused",
            "A value cannot be kept: a number is too large or a text holds a NUL character.",
            "Correct it and repeat.",
        )
    if isinstance(error, sa.exc.OperationalError) and not state:
        return _postgresql_unreachable(error)
    return error


def _sqlite_is_away(words: str) -> bool:
    signs = ("disk is full", "unable to open", "disk I/O", "database is locked", "readonly")
    return any(sign in words for sign in signs)


def _postgresql_unreachable(error: sa.exc.OperationalError) -> Exception:
    # psycopg gives no SQLSTATE when it could not connect at all; sqlite's are told apart above.
    if _is_psycopg(error):
        return Unavailable(
            NOTHING_CHANGED,
            f"The database does not answer: {str(error.orig).splitlines()[0]}",
            "Check that it runs and that the address in the settings is right, then repeat.",
        )
    return error


def _is_psycopg(error: sa.exc.DBAPIError) -> bool:
    return type(error.orig).__module__.startswith("psycopg")


def _sqlite_engine(url: URL, begin: str, *more_pragmas: str) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=sa.pool.QueuePool,
        pool_size=READERS,
        max_overflow=READERS,
        pool_timeout=POOL_WAIT_S,
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
            *more_pragmas,
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
        pool_timeout=POOL_WAIT_S,
        connect_args={"connect_timeout": CONNECT_S},
        isolation_level="READ COMMITTED",
        query_cache_size=2_000,
        hide_parameters=True,  # personal data has no place in error texts
    )
