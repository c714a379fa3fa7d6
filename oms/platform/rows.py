"""Many rows in one statement, with text that never changes, on both databases.

`ParameterRows` is a FROM clause made of parameters (unnest on PostgreSQL, json_each on SQLite);
the builders below make bulk inserts and updates of the same kind.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from oms.platform.database import Dialect

_BETWEEN: Final = "\x1f"  # "unit separator": made to stand between fields, and nobody types it
_NUMBERS: Final = {int, bool, float, type(None)}
_PG: Final = sa.make_url("postgresql+psycopg://").get_dialect()()
Row = Mapping[str, Any]


class BoundRows:
    """Values for one `ParameterRows`, ready for either database."""

    def __init__(self, rows: "ParameterRows", values: Sequence[Sequence[Any]]) -> None:
        self._rows, self._values = rows, values

    def parameters(self, dialect: Dialect) -> dict[str, Any]:
        name, names = self._rows.name, self._rows.names
        if dialect == "sqlite":
            return {name: msgspec.json.encode(self._values).decode()}
        columns: Iterable[Sequence[Any]] = [()] * len(names)
        if self._values:
            columns = zip(*self._values, strict=True)
        return {f"{name}_{c}": array_literal(vs) for c, vs in zip(names, columns, strict=True)}


class ParameterRows:
    """Rows given at execution, to join with: ``WANTED = ParameterRows("wanted", id=sa.Text)``.

    Use ``WANTED.source`` in FROM, ``WANTED.c.id`` as column, ``WANTED([(…,), …])`` when executing.
    Values are tuples in the order of the columns. Statements stay constant, so they are cached.
    """

    def __init__(self, name: str, **columns: type[sa.types.TypeEngine[Any]]) -> None:
        self.name, self.names = name, tuple(columns)
        types = {column: made() for column, made in columns.items()}
        function = _RowsFunction(name, types)
        self.source = function.table_valued(
            *(sa.column(column, type_) for column, type_ in types.items()), name=name
        )
        self.c = self.source.c

    def __call__(self, values: Sequence[Sequence[Any]]) -> BoundRows:
        return BoundRows(self, values)


class _RowsFunction(FunctionElement[Any]):
    inherit_cache = True
    name = "parameter_rows"

    def __init__(self, label: str, types: Mapping[str, sa.types.TypeEngine[Any]]) -> None:
        self.rows_name, self.types = label, types
        # The literals put name and columns into SQLAlchemy's cache key; they are never rendered.
        super().__init__(*(sa.literal_column(f"{label}.{c}.{t!r}") for c, t in types.items()))


@compiles(_RowsFunction, "sqlite")
def _as_json_each(element: _RowsFunction, compiler: Any, **_: Any) -> str:
    parameter = compiler.process(sa.bindparam(element.rows_name, type_=sa.Text()))
    columns = (f"json_extract(value, '$[{i}]') AS {c}" for i, c in enumerate(element.types))
    return f"(SELECT {', '.join(columns)} FROM json_each({parameter}))"


@compiles(sa.sql.expression.Join, "sqlite")
def _from_rows_outwards(
    join: sa.sql.expression.Join, compiler: Any, from_linter: Any = None, **options: Any
) -> str:
    """Joins that begin with parameter rows start from them: SQLite keeps the order of CROSS JOIN.

    Left alone, its planner may walk a whole table and look for each row among the parameters.
    """
    if join.isouter or join.full or not _begins_with_rows(join):
        return str(compiler.visit_join(join, from_linter=from_linter, **options))
    del options["asfrom"]
    left = compiler.process(join.left, asfrom=True, from_linter=from_linter, **options)
    right = compiler.process(join.right, asfrom=True, from_linter=from_linter, **options)
    condition = compiler.process(join.onclause, from_linter=from_linter, **options)
    return f"{left} CROSS JOIN {right} ON {condition}"


def _begins_with_rows(clause: sa.FromClause) -> bool:
    while isinstance(clause, sa.sql.expression.Join):
        clause = clause.left
    return isinstance(getattr(clause, "element", None), _RowsFunction)


@compiles(_RowsFunction, "postgresql")
def _as_unnest(element: _RowsFunction, compiler: Any, **_: Any) -> str:
    arrays = (
        f"CAST({compiler.process(sa.bindparam(f'{element.rows_name}_{c}'))} AS {_pg_type(t)}[])"
        for c, t in element.types.items()
    )
    return f"(SELECT * FROM unnest({', '.join(arrays)}) AS r({', '.join(element.types)}))"


@lru_cache(maxsize=1_000)
def insert_text(
    dialect: Dialect, table: sa.Table, columns: tuple[str, ...], conflict: str = ""
) -> str:
    """INSERT of many rows; `conflict` is an ON CONFLICT clause."""
    head = f"INSERT INTO {table.name} ({', '.join(columns)})"
    if dialect == "sqlite":
        return f"{head} VALUES ({', '.join('?' * len(columns))}) {conflict}"
    return f"{head} SELECT * FROM unnest({_arrays(table, columns)}) {conflict}"


@lru_cache(maxsize=1_000)
def together(texts: tuple[str, ...]) -> str:
    """Several INSERTs as one PostgreSQL statement; foreign keys are checked when all are done."""
    *firsts, last = texts
    if not firsts:
        return last
    parts = ", ".join(f"part_{place} AS ({text})" for place, text in enumerate(firsts))
    return f"WITH {parts} {last}"


@lru_cache(maxsize=1_000)
def update_text(
    dialect: Dialect, table: sa.Table, keys: tuple[str, ...], sets: tuple[str, ...]
) -> str:
    """UPDATE of many rows found by `keys`, each with its own values of `sets`."""
    if dialect == "sqlite":
        assignments = ", ".join(f"{column} = ?" for column in sets)
        return f"UPDATE {table.name} SET {assignments} WHERE " + " AND ".join(
            f"{key} = ?" for key in keys
        )
    assignments = ", ".join(f"{column} = v.{column}" for column in sets)
    columns = (*sets, *keys)
    return (
        f"UPDATE {table.name} AS t SET {assignments}"
        f" FROM unnest({_arrays(table, columns)}) AS v({', '.join(columns)}) WHERE "
        + " AND ".join(f"t.{key} = v.{key}" for key in keys)
    )


@lru_cache(maxsize=1_000)
def delete_text(dialect: Dialect, table: sa.Table, keys: tuple[str, ...]) -> str:
    """DELETE of many rows found by `keys`."""
    if dialect == "sqlite":
        return f"DELETE FROM {table.name} WHERE " + " AND ".join(f"{key} = ?" for key in keys)
    return (
        f"DELETE FROM {table.name} AS t USING unnest({_arrays(table, keys)})"
        f" AS v({', '.join(keys)}) WHERE " + " AND ".join(f"t.{key} = v.{key}" for key in keys)
    )


def driver_values(dialect: Dialect, rows: Sequence[Row], columns: Sequence[str]) -> Any:
    """The rows as the driver wants them for the texts above."""
    if dialect == "sqlite":
        return [tuple([row[column] for column in columns]) for row in rows]
    return tuple([array_literal([row[column] for row in rows]) for column in columns])


def array_literal(values: Sequence[Any]) -> Any:
    """A column as PostgreSQL's text form of an array; what is neither text nor number stays a list.

    The driver escapes each element by a regular expression in Python, which took more time than
    everything else in a bulk insert; here whole columns are escaped at once.
    """
    try:
        joined = _BETWEEN.join(values)
    except TypeError:
        return _mixed_literal(values)
    if not values or joined.count(_BETWEEN) != len(values) - 1:
        return _mixed_literal(values)
    escaped = joined.replace("\\", "\\\\").replace('"', '\\"').replace(_BETWEEN, '","')
    return f'{{"{escaped}"}}'


def _mixed_literal(values: Sequence[Any]) -> Any:
    kinds = set(map(type, values))
    if kinds <= _NUMBERS:
        return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
    if all(value is None or isinstance(value, str) for value in values):
        return "{" + ",".join(["NULL" if v is None else _quoted(v) for v in values]) + "}"
    return list(values)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _arrays(table: sa.Table, columns: Sequence[str]) -> str:
    return ", ".join(f"%s::{_pg_type(table.c[column].type)}[]" for column in columns)


def _pg_type(type_: sa.types.TypeEngine[Any]) -> str:
    return type_.compile(_PG)
