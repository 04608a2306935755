"""Keys that are kept: the columns that references take, of tables whose keys are not a function of the row number, as Arrow files."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import pyarrow as pa

from ssgproj.generators.arrow import arrow_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssgproj.plan.plan import TablePlan
    from ssgproj.project.model import Model

ROWS_A_CHUNK = 1_000_000
"""Keys are taken chunk by chunk, so that few large ones are faster than many small ones."""


def kept_columns(table: TablePlan) -> list[str]:
    """The columns of a table that have to be kept for others: keys that cannot be computed, and what generators read by key."""
    return list(dict.fromkeys([*(c for k in table.keys if not k.computed for c in k.columns), *table.read]))


class KeyWriter:
    """Writes the key columns of batches to a file. The file is complete when the writer is left without an exception."""

    def __init__(self, file: Path, model: Model, columns: Sequence[str]) -> None:
        self._columns = list(columns)
        self._schema = pa.schema([pa.field(c, arrow_type(model.column(c).type)) for c in columns])
        self._sink = pa.OSFile(str(file), "wb")
        self._writer = pa.ipc.new_file(self._sink, self._schema)
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def __enter__(self) -> KeyWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()
        self._sink.close()

    def write(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(pa.RecordBatch.from_arrays([batch.column(c) for c in self._columns], schema=self._schema))
        self._rows += batch.num_rows
        if self._rows >= ROWS_A_CHUNK:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            whole = pa.Table.from_batches(self._waiting, self._schema).combine_chunks()
            self._writer.write_table(whole)
        self._waiting, self._rows = [], 0
