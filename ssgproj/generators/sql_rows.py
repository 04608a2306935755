"""SQL expressions over columns of values, computed by an in-memory DuckDB.

The texts come from models: they were parsed by sqlglot and written again in DuckDB's SQL, so each is one expression, no statement. The
connection, one for each thread, can read nothing but the rows: external access is off and stays off.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_ROWS = "ssg_rows"


class CannotEvaluateError(Exception):
    """DuckDB does not understand the expression. `reason` is what it says, which may quote values of the rows."""

    def __init__(self, expressions: str, reason: str = "") -> None:
        super().__init__(expressions)
        self.reason = reason


_local = threading.local()


def connection() -> duckdb.DuckDBPyConnection:
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


def literal(text: str) -> str:
    """A text as DuckDB and PostgreSQL write it."""
    return "'" + text.replace("'", "''") + "'"


def columns(rows: pa.Table, expressions: Sequence[str]) -> pa.Table:
    """The values of SQL expressions over rows, as columns `e0, e1, ...`. Raises CannotEvaluateError."""
    import duckdb

    database = connection()
    selected = ", ".join(f"({e}) AS e{i}" for i, e in enumerate(expressions))
    database.register(_ROWS, rows)
    try:
        return database.sql(f"SELECT {selected} FROM {_ROWS}").to_arrow_table()
    except duckdb.Error as error:
        raise CannotEvaluateError(", ".join(expressions), str(error).partition("\n")[0]) from None
    finally:
        database.unregister(_ROWS)
