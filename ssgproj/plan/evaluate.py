"""SQL conditions over columns of values, evaluated by an in-memory DuckDB.

The texts come from models: they were translated to DuckDB's SQL by sqlglot from a parsed condition, so there is one expression, no statement.
The connection can read nothing: external access is off.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from ssgproj.project.types import SqlType

_ROWS = "ssg_rows"


class CannotEvaluateError(Exception):
    """DuckDB does not understand the expression."""


_local = threading.local()


def _connection() -> duckdb.DuckDBPyConnection:
    """This thread's own database."""
    if not hasattr(_local, "connection"):
        _local.connection = _open()
    return _local.connection  # type: ignore[no-any-return]


def _open() -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(":memory:", config={"enable_external_access": "false", "threads": "1"})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE MACRO cardinality(x) AS len(x)")
    connection.execute("CREATE MACRO btrim(x) AS trim(x)")
    for prefix in ("json", "jsonb"):
        connection.execute(
            f"CREATE MACRO {prefix}_typeof(x) AS CASE json_type(x::JSON) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' "
            "WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' ELSE 'number' END"
        )
    return connection


def quote(name: str) -> str:
    """A name as DuckDB and PostgreSQL write it."""
    return '"' + name.replace('"', '""') + '"'


def constant(sql: str, sql_type: str | None = None) -> Any:
    """The value of an expression without columns. Raises CannotEvaluateError."""
    import duckdb

    try:
        rows = _connection().execute(f"SELECT {f'CAST({sql} AS {sql_type})' if sql_type else sql}").fetchall()
    except duckdb.Error:
        raise CannotEvaluateError(sql) from None
    return rows[0][0] if rows else None


def columns(rows: pa.Table, expressions: Sequence[str]) -> pa.Table:
    """The values of SQL expressions over rows, as columns `e0, e1, ...`. Raises CannotEvaluateError."""
    import duckdb

    connection = _connection()
    selected = ", ".join(f"({e}) AS e{i}" for i, e in enumerate(expressions))
    connection.register(_ROWS, rows)
    try:
        return connection.sql(f"SELECT {selected} FROM {_ROWS}").to_arrow_table()
    except duckdb.Error:
        raise CannotEvaluateError(", ".join(expressions)) from None
    finally:
        connection.unregister(_ROWS)


@lru_cache(maxsize=10_000)
def understands(expression: str, names: tuple[str, ...], types: tuple[SqlType, ...]) -> bool:
    """Whether DuckDB can evaluate an expression over columns of these names and types."""
    import pyarrow as pa

    from ssgproj.generators.arrow import arrow_type

    empty = pa.table({name: pa.array([], type=arrow_type(t)) for name, t in zip(names, types, strict=True)})
    try:
        columns(empty, [expression])
    except CannotEvaluateError:
        return False
    return True


def fails_for_null(expression: str, column: str, sql_type: SqlType) -> bool:
    """Whether a condition on one column is false, rather than NULL, where the column is NULL."""
    import pyarrow as pa

    from ssgproj.generators.arrow import arrow_type

    rows = pa.table({column: pa.nulls(1, arrow_type(sql_type))})
    try:
        return columns(rows, [expression]).column(0)[0].as_py() is False
    except CannotEvaluateError:
        return False
