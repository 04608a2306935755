"""PostgreSQL: `COPY (SELECT ...) TO STDOUT`, as text, which keeps every type exact."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv

from ssgproj.errors import RunError
from ssgproj.project.types import Kind, parse_type
from ssgproj.source.failures import reduced
from ssgproj.vocabularies.text import from_text

if TYPE_CHECKING:
    from ssgproj.project.types import SqlType

BLOCK = 4 << 20
_SPELLING = (
    "SET client_encoding = 'UTF8'",
    "SET datestyle = 'ISO'",
    "SET intervalstyle = 'iso_8601'",
    "SET timezone = 'UTC'",
    "SET bytea_output = 'hex'",
    "SET extra_float_digits = 1",
)


def describe(connection: Any, sql: str) -> list[tuple[str, SqlType | None]]:
    """Names and types, from the extended protocol, which refuses a text of several statements."""
    import psycopg

    try:
        connection.execute("SELECT 1")  # opens the transaction if there is none
        result = connection.pgconn.prepare(b"", sql.encode())
        if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result, "utf-8")
        result = connection.pgconn.describe_prepared(b"")
        if result.nfields == 0:
            raise RunError("The statement is not a query: it gives no columns")
        found = [(result.fname(i).decode(), result.ftype(i), result.fmod(i)) for i in range(result.nfields)]
        names = connection.execute(
            "SELECT format_type(t.oid, m.mod), t.typtype, (SELECT format_type(b.oid, t.typtypmod) FROM pg_type b WHERE b.oid = t.typbasetype)"
            " FROM unnest(%s::oid[], %s::int[]) WITH ORDINALITY AS m(oid, mod, n) JOIN pg_type t ON t.oid = m.oid ORDER BY m.n",
            [[oid for _, oid, _ in found], [mod for _, _, mod in found]],
        ).fetchall()
    except psycopg.Error as e:
        raise reduced("The source refuses the query", e, sql) from None
    return [(name, _type(*row)) for (name, _, _), row in zip(found, names, strict=True)]


def stream(connection: Any, sql: str, batch_rows: int) -> Generator[list[Any], None, None]:
    """Batches as one function per column, from its type to its array. `describe` has seen that `sql` is one statement."""
    import psycopg
    from psycopg import sql as composed

    body = sql.rstrip().rstrip(";")
    statement = composed.SQL("COPY (\n{}\n) TO STDOUT (FORMAT csv)").format(composed.SQL(body))
    try:
        with connection.cursor() as cursor:
            for setting in _SPELLING:
                cursor.execute(setting)
            with cursor.copy(statement) as copy:
                held: list[Any] = []
                size = 0
                for row in copy:
                    held.append(row)
                    size += len(row)
                    if len(held) >= batch_rows or size >= BLOCK:
                        yield _columns(b"".join(held))
                        held, size = [], 0
                if held:
                    yield _columns(b"".join(held))
    except psycopg.Error as e:
        raise reduced("The query failed at the source", e) from None


def _columns(block: bytes) -> list[Any]:
    fields = _fields(block)
    names = [f"c{i}" for i in range(fields)]
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(block),
            read_options=pa.csv.ReadOptions(
                column_names=names, use_threads=False, block_size=max(len(block) + 1, 1 << 16)
            ),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        raise RunError("The source sent text that is not UTF-8") from None
    return [partial(_array, table.column(i)) for i in range(fields)]


def _array(texts: pa.ChunkedArray, type_: SqlType, target: pa.DataType) -> pa.Array:
    chunk = texts.combine_chunks()
    array = chunk if isinstance(chunk, pa.Array) else pa.concat_arrays(chunk.chunks)
    return from_text(array, type_, target)


def _fields(block: bytes) -> int:
    """How many fields the first record has."""
    count, quoted = 1, False
    for byte in block:
        if byte == 0x22:
            quoted = not quoted
        elif not quoted and byte == 0x2C:
            count += 1
        elif not quoted and byte == 0x0A:
            break
    return count


def _type(text: str, kind: str, base: str | None) -> SqlType:
    type_ = parse_type(base or text, dialect="postgres")
    if type_.kind is Kind.OTHER and kind == "e":
        from dataclasses import replace

        return replace(type_, kind=Kind.ENUM)
    return type_


def select_expression(column: str, type_: SqlType) -> str:
    """How to select a quoted column so that its text is in the spelling of vocabularies."""
    if type_.kind is Kind.ARRAY:
        return f"array_to_json({column})::text"
    if type_.kind is Kind.STRUCT:
        return f"to_json({column})::text"
    if type_.kind is Kind.MONEY:
        return f"{column}::numeric"
    return column
