"""SQL conditions over columns of values, evaluated by an in-memory DuckDB.

The texts come from models: they were translated to DuckDB's SQL by sqlglot from a parsed condition, so there is one expression, no statement.
The connection can read nothing: external access is off.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ssgproj.generators.sql_rows import CannotEvaluateError, columns, connection, quote

if TYPE_CHECKING:
    from ssgproj.project.types import SqlType

__all__ = ["CannotEvaluateError", "columns", "constant", "fails_for_null", "quote", "understands"]


def constant(sql: str, sql_type: str | None = None) -> Any:
    """The value of an expression without columns. Raises CannotEvaluateError."""
    import duckdb

    try:
        rows = connection().execute(f"SELECT {f'CAST({sql} AS {sql_type})' if sql_type else sql}").fetchall()
    except duckdb.Error:
        raise CannotEvaluateError(sql) from None
    return rows[0][0] if rows else None


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
