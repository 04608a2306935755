"""A place for rows on their way: an in-process DuckDB that holds what fits in memory and spills the rest to a private directory.

Only this user can read that directory, and nothing of it outlives the `with` block. It never sees the source itself, only batches that were read from it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import duckdb

MEMORY = "512MB"


@contextmanager
def open_spool(memory: str = MEMORY) -> Iterator[Any]:
    """A DuckDB connection without a file, without extensions, without access to anything outside; times are UTC."""
    with tempfile.TemporaryDirectory(prefix="ssg-") as directory:
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory,
                "temp_directory": directory,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "python_enable_replacements": "false",
            },
        )
        try:
            with suppress(duckdb.Error):  # builds without ICU have no time zones, and keep times in UTC anyway
                connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET enable_progress_bar = false")
            yield connection
        finally:
            connection.close()


def insert_batches(connection: Any, table: str, batches: Iterator[Any]) -> int:
    """Make `table` of Arrow batches, of which there is at least one, and return how many rows it has."""
    rows = 0
    made = False
    for batch in batches:
        connection.register("incoming", batch_table(batch))
        if not made:
            connection.execute(f'CREATE TABLE "{table}" AS SELECT * FROM incoming')
            made = True
        else:
            connection.execute(f'INSERT INTO "{table}" SELECT * FROM incoming')
        connection.unregister("incoming")
        rows += batch.num_rows
    return rows


def batch_table(batch: Any) -> Any:
    """A one-batch table, which DuckDB scans in parallel."""
    import pyarrow as pa

    return pa.Table.from_batches([batch])


def read_batches(connection: Any, sql: str, batch_rows: int) -> Any:
    """The rows of a query on a DuckDB connection as a stream of Arrow batches, run as it is read."""
    relation = connection.sql(sql)
    reader = getattr(relation, "to_arrow_reader", None) or relation.fetch_arrow_reader
    return reader(batch_rows)
