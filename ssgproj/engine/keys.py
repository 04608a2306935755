"""Keys that are kept: the columns that references take, of tables whose keys are not a function of the row number, as Arrow files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from ssgproj.generators.arrow import arrow_type, decoded

if TYPE_CHECKING:
    from ssgproj.plan.plan import TablePlan

ROWS_A_CHUNK = 1_000_000
"""Keys are taken chunk by chunk, so that few large ones are faster than many small ones."""


def kept_columns(table: TablePlan) -> list[str]:
    """The columns of a table that have to be kept for others: keys that cannot be computed, and what generators read by key."""
    return list(dict.fromkeys([*(c for k in table.keys if not k.computed for c in k.columns), *table.read]))


def key_schema(table: TablePlan) -> pa.Schema:
    """The columns of a table's key files."""
    return pa.schema([pa.field(c, arrow_type(table.model.column(c).type)) for c in kept_columns(table)])


def mapped_keys(file: Path) -> pa.Table:
    """The keys of a file, which stays on disk: the system may drop its pages when memory is short."""
    with pa.memory_map(str(file)) as source:
        return pa.ipc.open_file(source).read_all()


class KeyWriter:
    """Writes the key columns of batches to a file, which is complete when it is closed."""

    def __init__(self, file: Path, table: TablePlan) -> None:
        self._schema = key_schema(table)
        self._sink = pa.OSFile(str(file), "wb")
        self._writer = pa.ipc.new_file(self._sink, self._schema)
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        arrays = [decoded(batch.column(c)) for c in self._schema.names]
        self._waiting.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._rows += batch.num_rows
        if self._rows >= ROWS_A_CHUNK:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()
        self._sink.close()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, self._schema).combine_chunks())
        self._waiting, self._rows = [], 0
