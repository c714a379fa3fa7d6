"""The unit of work: one transaction, its moment, who caused it, and the events it tells.

Nobody but `UnitOfWork.begin` commits. Everything is synchronous, so no lock
outlives a network call.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from oms.kernel.clock import Clock
from oms.kernel.events import SYSTEM, Cause, Event
from oms.kernel.ids import new_id
from oms.platform import event_log, rows
from oms.platform.database import Database, Dialect, metadata
from oms.platform.rows import BoundRows, Row

counter_table = sa.Table(
    "counter",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

EVENT_COUNTER: Final = "event"
_BUMP = (
    sa.update(counter_table)
    .where(counter_table.c.name == sa.bindparam("counter"))
    .values(value=counter_table.c.value + sa.bindparam("count"))
    .returning(counter_table.c.value)
)


class Reader:
    """A connection to look with, and the moment it looks from."""

    def __init__(self, connection: sa.Connection, dialect: Dialect, now_ms: int) -> None:
        self._connection, self.dialect, self.now_ms = connection, dialect, now_ms

    @property
    def connection(self) -> sa.Connection:
        """The connection itself, for what the methods below have no word for."""
        return self._connection

    @property
    def engine(self) -> sa.Engine:
        """Which database this is: for what a process remembers about one."""
        return self._connection.engine

    def fetch(
        self, statement: sa.sql.base.Executable, *bound: BoundRows, **params: Any
    ) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        """All rows of a statement; `bound` are its parameter rows."""
        return self.connection.execute(statement, self._parameters(bound, params)).all()

    def fetch_one(
        self, statement: sa.sql.base.Executable, *bound: BoundRows, **params: Any
    ) -> sa.Row[*tuple[Any, ...]] | None:
        return self.connection.execute(statement, self._parameters(bound, params)).first()

    def stream(
        self, statement: sa.sql.base.Executable, *bound: BoundRows, **params: Any
    ) -> Iterator[sa.Row[*tuple[Any, ...]]]:
        """Rows one by one in flat memory: for exports and checks."""
        options = {"yield_per": 1_000}
        yield from self.connection.execute(
            statement, self._parameters(bound, params), execution_options=options
        )

    def _parameters(self, bound: Sequence[BoundRows], params: dict[str, Any]) -> dict[str, Any]:
        for each in bound:
            params |= each.parameters(self.dialect)
        return params


class Transaction(Reader):
    """A connection to write with. Time is `now_ms`, ids come from `new_id`, facts go to `emit`."""

    def __init__(
        self, connection: sa.Connection, dialect: Dialect, now_ms: int, cause: Cause
    ) -> None:
        super().__init__(connection, dialect, now_ms)
        self.cause = cause
        self.pending: list[event_log.Pending] = []
        self._waiting: dict[sa.Table, tuple[str, Any]] = {}

    @property
    def connection(self) -> sa.Connection:
        """The connection, with all that was inserted before."""
        self.send_inserts()
        return self._connection

    def new_id(self, prefix: str) -> str:
        return new_id(prefix, self.now_ms)

    def emit(self, event: Event, cause: Cause | None = None) -> None:
        """Tell a fact; it is written, numbered and handed to subscribers when the work commits.

        `cause` is given when the work is done for several callers at once; else it is `tx.cause`.
        """
        self.pending.append(event_log.Pending(event, cause or self.cause, False))

    def emit_first(self, event: Event, cause: Cause | None = None) -> None:
        """The same for the first fact about a new entity, sparing a look-up."""
        self.pending.append(event_log.Pending(event, cause or self.cause, True))

    def run(self, statement: sa.sql.base.Executable, *bound: BoundRows, **params: Any) -> int:
        """Execute a statement that changes rows; answers how many."""
        result = self.connection.execute(statement, self._parameters(bound, params))
        return result.rowcount

    def insert(self, table: sa.Table, values: Sequence[Row]) -> None:
        """Insert many rows, all with the same columns.

        On PostgreSQL inserts wait for one another and go together, in one statement, as soon as
        anything else is read or written: a round trip costs more than a row.
        """
        if not values:
            return
        if self.dialect == "sqlite":
            self._insert(table, values, "")
            return
        if table in self._waiting:
            self.send_inserts()  # rows of one table keep their order
        columns = tuple(values[0])
        text = rows.insert_text(self.dialect, table, columns)
        self._waiting[table] = (text, rows.driver_values(self.dialect, values, columns))

    def send_inserts(self) -> None:
        """Let go what waits; whoever reads or commits does it by itself."""
        if self._waiting:
            waiting, self._waiting = list(self._waiting.values()), {}
            text = rows.together(tuple([text for text, _ in waiting]))
            parameters = tuple([value for _, values in waiting for value in values])
            self._connection.exec_driver_sql(text, parameters)

    def insert_new(self, table: sa.Table, values: Sequence[Row]) -> int:
        """Insert rows; those that collide with existing ones stay as they are. Answers how many."""
        return self._insert(table, values, "ON CONFLICT DO NOTHING")

    def upsert(self, table: sa.Table, values: Sequence[Row], keys: Sequence[str]) -> None:
        """Insert rows or replace the other columns of those with the same `keys`."""
        if not values:
            return
        others = ", ".join(f"{c} = excluded.{c}" for c in values[0] if c not in keys)
        action = f"DO UPDATE SET {others}" if others else "DO NOTHING"
        self._insert(table, values, f"ON CONFLICT ({', '.join(keys)}) {action}")

    def update(self, table: sa.Table, values: Sequence[Row], keys: Sequence[str]) -> int:
        """Update many rows found by `keys`; every other column given is set. Answers how many."""
        if not values:
            return 0
        sets = tuple(column for column in values[0] if column not in keys)
        text = rows.update_text(self.dialect, table, tuple(keys), sets)
        return self._run_driver(text, values, (*sets, *keys))

    def delete(self, table: sa.Table, values: Sequence[Row]) -> int:
        """Delete the rows that have these values, all of the same columns. Answers how many."""
        if not values:
            return 0
        columns = tuple(values[0])
        text = rows.delete_text(self.dialect, table, columns)
        return self._run_driver(text, values, columns)

    def next_numbers(self, counter: str, count: int) -> range:
        """`count` numbers that follow the last ones given, without a gap: undone by a rollback.

        The counter stays locked until the transaction ends, so take numbers late.
        """
        parameters = {"counter": counter, "count": count}
        last = self._connection.execute(_BUMP, parameters).scalar()  # no insert concerns a counter
        if last is None:
            self.insert_new(counter_table, [{"name": counter, "value": 0}])
            last = self._connection.execute(_BUMP, parameters).scalar_one()
        return range(last - count + 1, last + 1)

    def flush_events(self, subscriptions: event_log.Subscriptions) -> None:
        """Write what was told. The counter is locked to commit, so numbers grow in commit order."""
        if not self.pending:
            return
        pending, self.pending = self.pending, []
        first = self.next_numbers(EVENT_COUNTER, len(pending)).start
        # Read behind the counter's lock: another process may just have told of the same entity.
        last = event_log.last_sequences(self.fetch, pending)
        rows_ = event_log.event_rows(pending, first, last, self.now_ms)
        self.insert(event_log.event_table, rows_)
        outbox = event_log.outbox_rows(pending, first, subscriptions, self.now_ms)
        self.insert(event_log.outbox_table, outbox)

    def _insert(self, table: sa.Table, values: Sequence[Row], conflict: str) -> int:
        if not values:
            return 0
        columns = tuple(values[0])
        text = rows.insert_text(self.dialect, table, columns, conflict)
        return self._run_driver(text, values, columns)

    def _run_driver(self, text: str, values: Sequence[Row], columns: Sequence[str]) -> int:
        parameters = rows.driver_values(self.dialect, values, columns)
        return self.connection.exec_driver_sql(text, parameters).rowcount


class UnitOfWork:
    """Where transactions come from."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        subscriptions: event_log.Subscriptions | None = None,
    ) -> None:
        self.database, self.clock = database, clock
        self.subscriptions: Mapping[type[Event], Sequence[str]] = subscriptions or {}
        self._after_commit: list[Callable[[], None]] = []

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` after every commit that told an event: to wake whoever drains."""
        self._after_commit.append(callback)

    @contextmanager
    def begin(self, cause: Cause = SYSTEM) -> Iterator[Transaction]:
        """One transaction: commits if the block ends well, else nothing happened."""
        with self.database.writing() as connection:
            tx = Transaction(connection, self.database.dialect, self.clock(), cause)
            yield tx
            told = bool(tx.pending)
            tx.flush_events(self.subscriptions)
            tx.send_inserts()
        if told:
            for callback in self._after_commit:
                callback()

    @contextmanager
    def read(self) -> Iterator[Reader]:
        with self.database.reading() as connection:
            yield Reader(connection, self.database.dialect, self.clock())

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """The same, but all statements see one moment: for checks and exports of a live system."""
        with self.database.snapshot() as connection:
            yield Reader(connection, self.database.dialect, self.clock())
