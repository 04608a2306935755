"""Streaming batches into one table by COPY."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from psycopg.copy import QueuedLibpqWriter

from ssgproj.errors import SsgError
from ssgproj.generators.arrow import decoded_batch
from ssgproj.targets.ddl.names import quoted_list
from ssgproj.targets.postgres_copy import PostgresColumn, copy_form
from ssgproj.targets.rows import computed_by

if TYPE_CHECKING:
    import pyarrow as pa
    from psycopg import Connection, Cursor

    from ssgproj.project.model import Model

_ROWS_AT_ONCE = 8192
"""Rows that are encoded together: a whole batch's bytes would be held three times over, here, in the driver and on their way."""
_QUEUED = 64
"""Pieces of 128 kB on their way to the server: several batches' encoding ahead of it."""


class _Writer(QueuedLibpqWriter):
    """A thread of the writer's own sends what is queued while the next batch is made. psycopg's queue holds 128 MB where the server is slower."""

    def __init__(self, cursor: Cursor[Any]) -> None:
        super().__init__(cursor)
        self._queue = type(self._queue)(_QUEUED)


def stream_in(
    connection: Connection[Any],
    table: str,
    model: Model,
    known: Mapping[str, PostgresColumn],
    batches: Iterable[pa.RecordBatch],
    *,
    frozen: bool = False,
) -> int:
    """Append batches to `table` (SQL), whose columns are `known`; returns the rows. `frozen`: the table was made in this transaction, so nobody
    else can see its rows before. Raises psycopg's errors as they are, and SsgError."""
    rows = 0
    stream = computed_by(batches, {n for n, c in known.items() if c.generated})
    first = next(stream, None)
    if first is None:
        return 0
    if missing := [n for n in first.schema.names if n not in known]:
        raise SsgError(
            f"Table `{model.table}` has no column `{missing[0]}` in the destination", "ssg run --full-refresh"
        )
    if not first.schema.names:
        total: int = first.num_rows + sum(b.num_rows for b in stream)
        connection.execute(f"INSERT INTO {table} SELECT FROM generate_series(1, {total})".encode())
        return total

    def pieces() -> Iterator[pa.RecordBatch]:
        nonlocal rows
        for batch in chain((first,), stream):
            rows += batch.num_rows
            for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
                yield decoded_batch(batch.slice(start, _ROWS_AT_ONCE))

    form = copy_form(decoded_batch(first.slice(0, 0)).schema, known, str(model.table))
    statement = (
        f"COPY {table} ({quoted_list(first.schema.names)}) FROM STDIN ({form.options}{', FREEZE' if frozen else ''})"
    )
    with connection.cursor() as cursor, cursor.copy(statement.encode(), writer=_Writer(cursor)) as copy:
        for chunk in form.encode(pieces()):
            copy.write(chunk)
    return rows
