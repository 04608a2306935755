"""The source of a test: tables of the models' columns and types in DuckDB, with the rows that are given."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ssgproj.errors import SsgError
from ssgproj.project.names import table_text
from ssgproj.project.types import Kind, SqlType
from ssgproj.targets.ddl.names import quote
from ssgproj.targets.ddl.types import duckdb_type

if TYPE_CHECKING:
    import duckdb

    from ssgproj.project.model import Column, Model
    from ssgproj.project.unit_test import Given


def open_database() -> duckdb.DuckDBPyConnection:
    """A database in memory that can read and write nothing else."""
    import duckdb

    connection = duckdb.connect(
        ":memory:", config={"enable_external_access": "false", "threads": "1", "autoinstall_known_extensions": "false"}
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET lock_configuration = true")
    return connection


def table_type(t: SqlType) -> str:
    """DuckDB's spelling of a column's type; a decimal of any precision keeps its digits as a float does."""
    return "DOUBLE" if t.kind is Kind.DECIMAL and t.precision is None else duckdb_type(t)


def create_table(connection: duckdb.DuckDBPyConnection, name: str, model: Model, given: Given | None) -> None:
    """The table with its rows. Raises SsgError for a value that is none of its column's type."""
    import duckdb

    columns = ", ".join(f"{quote(c.name)} {table_type(c.type)}" for c in model.columns)
    try:
        connection.execute(f"CREATE TABLE {quote(name)} ({columns})")
    except duckdb.Error as error:
        raise SsgError(
            f"The table `{table_text(model.table)}` cannot be made: {first_line(error)}", f"look at {model.path}"
        ) from None
    if given is None or not given.rows.rows:
        return
    filled = [c for c in model.columns if c.name in given.rows.columns]
    marks = ", ".join(f"CAST(? AS {table_type(c.type)})" for c in filled)
    insert = f"INSERT INTO {quote(name)} ({', '.join(quote(c.name) for c in filled)}) VALUES ({marks})"
    if not filled:
        connection.execute(
            f"INSERT INTO {quote(name)} SELECT {', '.join('NULL' for _ in model.columns)} FROM range({len(given.rows.rows)})"
        )
        return
    for number, row in enumerate(given.rows.rows):
        _insert(connection, insert, filled, row, f"row {number + 1} of `{table_text(model.table)}`")


def _insert(
    connection: duckdb.DuckDBPyConnection, insert: str, filled: Sequence[Column], row: Mapping[str, Any], where: str
) -> None:
    import duckdb

    values = [_value(row.get(c.name), c, where) for c in filled]
    try:
        connection.execute(insert, values)
    except duckdb.Error:
        for column, value in zip(filled, values, strict=True):
            try:
                connection.execute(f"SELECT CAST(? AS {table_type(column.type)})", [value])
            except duckdb.Error:
                raise _no_value(row.get(column.name), column, where) from None
        raise


def _value(value: Any, column: Column, where: str) -> Any:
    """A value of YAML or CSV as DuckDB takes it."""
    t = column.type
    if value is None:
        return None
    if t.kind is Kind.JSON:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if t.kind in (Kind.INTEGER, Kind.YEAR) and not isinstance(value, bool | int) and not _is_whole(value):
        raise _no_value(value, column, where)
    if t.kind is Kind.BINARY and isinstance(value, str) and value.startswith("\\x"):
        try:
            return bytes.fromhex(value[2:])
        except ValueError:
            raise _no_value(value, column, where) from None
    if t.kind is Kind.INTERVAL and isinstance(value, int | float):
        return timedelta(seconds=value)
    if t.kind is Kind.BOOLEAN and isinstance(value, int | float) and value not in (0, 1):
        raise _no_value(value, column, where)
    if t.kind is Kind.ARRAY and isinstance(value, str) and value.startswith("{"):
        return f"[{value[1:-1]}]"
    if isinstance(value, list | dict) and not _is_nested(t):
        raise _no_value(value, column, where)
    if t.kind is Kind.STRING and t.length is not None and len(str(value)) > t.length:
        raise _no_value(value, column, where)
    if isinstance(value, bool) and t.kind not in (Kind.BOOLEAN, Kind.INTEGER):
        return "true" if value else "false"
    return value


def _is_whole(value: Any) -> bool:
    try:
        return float(value) == int(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def _is_nested(t: SqlType) -> bool:
    return t.kind in (Kind.ARRAY, Kind.STRUCT, Kind.MAP, Kind.JSON)


def _no_value(value: Any, column: Column, where: str) -> SsgError:
    shown = str(value) if len(str(value)) <= 60 else str(value)[:57] + "..."
    return SsgError(
        f"`{shown}` in {where} is no value for column `{column.name}` of type `{column.type.text}`",
        "write a value of that type",
    )


def first_line(error: Exception) -> str:
    """DuckDB's message without the query that it repeats."""
    text = str(error).strip().splitlines()
    return text[0].rstrip(".") if text else type(error).__name__
