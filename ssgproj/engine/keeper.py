"""Keys that cannot be computed, kept in files while a run lasts, for the references to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from ssgproj.engine.world import spill_name
from ssgproj.generators.arrow import arrow_type

if TYPE_CHECKING:
    from ssgproj.plan.plan import Plan


@dataclass(slots=True)
class Keeper:
    """Writes the columns that references take, one file a pass. `complete` are the nodes of which there will be no more rows."""

    plan: Plan
    spill: Path
    complete: set[str] = field(default_factory=set)
    _writers: dict[tuple[str, int], tuple[pa.OSFile, pa.ipc.RecordBatchFileWriter]] = field(default_factory=dict)

    def columns(self, node: str) -> list[str]:
        """What is kept of a node."""
        return list(dict.fromkeys(c for k in self.plan.tables[node].keys if not k.computed for c in k.columns))

    def keep(self, node: str, pass_: int, batch: pa.RecordBatch) -> None:
        """Write a batch's key columns. Nothing is added to a node that is complete: what refers to it may have been made already."""
        if node in self.complete or not self.columns(node):
            return
        schema = self._schema(node)
        arrays = [batch.column(c) for c in schema.names]
        self._writer(node, pass_).write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))

    def keeping(self, node: str, pass_: int, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Hand the batches on, with their key columns written on the way."""
        if node not in self.complete and self.columns(node):
            self._writer(node, pass_)  # there must be a file also where there are no rows
        for batch in batches:
            self.keep(node, pass_, batch)
            yield batch

    def finish(self, node: str) -> None:
        """There are no more rows of this node: its keys can be read."""
        for key in [k for k in self._writers if k[0] == node]:
            self._close(key)
        self.complete.add(node)

    def so_far(self, node: str) -> pa.Table:
        """The keys of an incomplete node that were kept; it may get more afterwards."""
        parts = []
        for key in [k for k in self._writers if k[0] == node]:
            self._close(key)
        for file in sorted(self.spill.glob(f"{spill_name(node)}.*.keys")):
            with pa.memory_map(str(file)) as source:
                parts.append(pa.ipc.open_file(source).read_all())
        return pa.concat_tables(parts) if parts else self._schema(node).empty_table()

    def close(self) -> None:
        """Close all files."""
        for key in list(self._writers):
            self._close(key)

    def _schema(self, node: str) -> pa.Schema:
        model = self.plan.tables[node].model
        return pa.schema([pa.field(c, arrow_type(model.column(c).type)) for c in self.columns(node)])

    def _writer(self, node: str, pass_: int) -> pa.ipc.RecordBatchFileWriter:
        if (node, pass_) not in self._writers:
            part = len(list(self.spill.glob(f"{spill_name(node)}.{pass_}.*.keys")))
            sink = pa.OSFile(str(self.spill / f"{spill_name(node)}.{pass_}.{part}.keys"), "wb")
            self._writers[node, pass_] = (sink, pa.ipc.new_file(sink, self._schema(node)))
        return self._writers[node, pass_][1]

    def _close(self, key: tuple[str, int]) -> None:
        sink, writer = self._writers.pop(key)
        writer.close()
        sink.close()
