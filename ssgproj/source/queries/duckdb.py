"""DuckDB: its own Arrow stream, with the types that Arrow does not have cast to text on the way."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.errors import RunError
from ssgproj.project.types import parse_type
from ssgproj.source.failures import reduced
from ssgproj.source.values import to_arrow
from ssgproj.spool import read_batches
from ssgproj.vocabularies.text import BadValueError, from_text, to_text

if TYPE_CHECKING:
    from ssgproj.project.types import SqlType

_AS_TEXT = (
    "uuid",
    "json",
    "enum",
    "hugeint",
    "uhugeint",
    "bit",
    "time with time zone",
    "time_tz",
    "union",
    "variant",
    "varint",
    "bignum",
)
_AS_TIMESTAMP = ("timestamp_s", "timestamp_ms", "timestamp_ns")
_EARLIEST, _LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999  # years 1 to 9999, in microseconds


def describe(connection: Any, sql: str) -> list[tuple[str, SqlType | None]]:
    """Names and types, without running the query."""
    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1:
            raise RunError(f"The text holds {len(statements)} statements, and one SELECT is allowed")
        if statements[0].type != duckdb.StatementType.SELECT:
            raise RunError("The statement is not a SELECT")
        found = connection.execute(f"DESCRIBE (\n{_body(sql)}\n)").fetchall()
    except duckdb.Error as e:
        raise reduced("The source refuses the query", e) from None
    return [(row[0], parse_type(row[1], dialect="duckdb")) for row in found]


def stream(connection: Any, sql: str, batch_rows: int) -> Generator[list[Any], None, None]:
    """Batches as one function per column, from its type to its array."""
    try:
        shape = connection.execute(f"DESCRIBE (\n{_body(sql)}\n)").fetchall()
        names = ", ".join(f"c{i}" for i in range(len(shape)))
        chosen = ", ".join(_select(f"c{i}", row[1]) for i, row in enumerate(shape))
        reader = read_batches(connection, f"SELECT {chosen} FROM (\n{_body(sql)}\n) AS q({names})", batch_rows)
        for batch in reader:
            yield [partial(_array, batch.column(i)) for i in range(batch.num_columns)]
    except (duckdb.Error, pa.ArrowException) as e:
        raise reduced("The query failed at the source", e) from None


def _body(sql: str) -> str:
    return sql.rstrip().rstrip(";")


def _select(column: str, type_name: str) -> str:
    lowered = type_name.lower()
    if lowered in _AS_TIMESTAMP:
        return f"CAST({column} AS TIMESTAMP)"
    return f"CAST({column} AS VARCHAR)" if lowered.startswith(_AS_TEXT) and not lowered.endswith("]") else column


def _array(array: pa.Array, type_: SqlType, target: pa.DataType) -> pa.Array:
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_large_string(array.type) or pa.types.is_string_view(array.type):
        array = pc.cast(array, pa.string())
    if pa.types.is_timestamp(array.type):
        _within_calendar(array)
    if array.type == target:
        return array
    if pa.types.is_string(array.type):
        return from_text(array, type_, target)
    if pa.types.is_string(target) and not pa.types.is_interval(array.type):
        return to_text(array, type_)
    if pa.types.is_nested(array.type) or pa.types.is_interval(array.type):
        return to_arrow([_interval(v) for v in array.to_pylist()], type_, target)
    try:
        return pc.cast(array, target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return from_text(to_text(array, type_), type_, target)


def _interval(value: Any) -> Any:
    if isinstance(value, pa.MonthDayNano):
        from datetime import timedelta

        if value.months:
            raise BadValueError(0, "an interval without months and years")
        return timedelta(days=value.days, microseconds=value.nanoseconds // 1000)
    return value


def _within_calendar(array: pa.Array) -> None:
    """DuckDB's infinity is a number in Arrow."""
    micros = pc.cast(pc.cast(array, pa.timestamp("us")) if array.type.tz is None else array, pa.int64())
    ends = pc.min_max(micros).as_py()
    if ends["min"] is not None and (ends["min"] < _EARLIEST or ends["max"] > _LATEST):
        raise BadValueError(0, "a time of the years 1 to 9999")
