"""Reading the source: one SELECT as a stream of Arrow batches, in bounded memory, in canonical types.

The statement is sent as it is, and only if the database itself takes it for one statement. The connection is read-only and
has its timeout from whoever opened it (`source/connect.py`).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from ssgproj.errors import RunError
from ssgproj.generators.arrow import arrow_type
from ssgproj.source.queries import duckdb, postgres, rows
from ssgproj.vocabularies.text import BadValueError

if TYPE_CHECKING:
    from ssgproj.project.types import SqlType

BATCH_ROWS = 65_536


class Connection(Protocol):
    """An open, read-only connection: sqlglot's name of its SQL, and the driver's own object."""

    @property
    def dialect(self) -> str: ...

    @property
    def raw(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a query's result. `type` is None where the database does not say before it runs."""

    name: str
    type: SqlType | None


def describe_query(connection: Connection, sql: str) -> tuple[ResultColumn, ...]:
    """What a SELECT will give, without running it. Raises RunError if it is not exactly one statement, or not valid."""
    read = {"postgres": postgres.describe, "duckdb": duckdb.describe}.get(connection.dialect, rows.describe)
    return tuple(ResultColumn(name, type_) for name, type_ in read(connection.raw, sql))


def stream_query(
    connection: Connection,
    sql: str,
    types: Sequence[SqlType],
    *,
    names: Sequence[str] | None = None,
    arrow_types: Sequence[pa.DataType] | None = None,
    batch_rows: int = BATCH_ROWS,
) -> Generator[pa.RecordBatch, None, None]:
    """Run one SELECT and give its rows in batches, each column in the canonical type of `types` (or in that of `arrow_types`:
    a string there keeps the value's text, exact whatever its size). Columns are named `names`, else as the database does.

    Whoever may stop before the end must close it, or its connection stays busy. Raises RunError on failure, without a word of the database's own and without a value.
    """
    described = describe_query(connection, sql)
    if len(described) != len(types):
        raise RunError(f"The query gives {len(described)} columns, and {len(types)} were expected")
    wanted = list(arrow_types) if arrow_types is not None else [arrow_type(t) for t in types]
    titles = list(names) if names is not None else [c.name for c in described]
    schema = pa.schema([pa.field(n, t) for n, t in zip(titles, wanted, strict=True)])
    read = {"postgres": postgres.stream, "duckdb": duckdb.stream}.get(connection.dialect, rows.stream)
    # Closed here and now: an exception's traceback would keep the query open, and its connection waiting for it.
    with closing(read(connection.raw, sql, batch_rows)) as stream:
        for columns in stream:
            yield _batch(columns, described, types, schema)


def _batch(
    columns: Sequence[Any], described: Sequence[ResultColumn], types: Sequence[SqlType], schema: pa.Schema
) -> pa.RecordBatch:
    arrays = []
    for said, column, type_, target in zip(described, columns, types, schema.types, strict=True):
        try:
            arrays.append(column(type_, target))
        except BadValueError as e:
            raise RunError(
                f"A value of `{said.name}` in the source is not as its type says: expected {e.expected}",
                hint="correct the type, or convert the column in the query",
            ) from None
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
