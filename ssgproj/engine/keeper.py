"""Keys that cannot be computed, kept in files while a run lasts, for the references to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from ssgproj.engine.keys import KeyWriter, kept_columns, key_schema, mapped_keys
from ssgproj.engine.world import key_file, key_files

if TYPE_CHECKING:
    from ssgproj.plan.plan import Plan


@dataclass(slots=True)
class Keeper:
    """Writes the columns that references take, one file a pass. `complete` are the nodes of which there will be no more rows."""

    plan: Plan
    spill: Path
    complete: set[str] = field(default_factory=set)
    _writers: dict[tuple[str, int], KeyWriter] = field(default_factory=dict)

    def columns(self, node: str) -> list[str]:
        """What is kept of a node."""
        return kept_columns(self.plan.tables[node])

    def keep(self, node: str, pass_: int, batch: pa.RecordBatch) -> None:
        """Write a batch's key columns. Nothing is added to a node that is complete: what refers to it may have been made already."""
        if node in self.complete or not self.columns(node):
            return
        self._writer(node, pass_).write(batch)

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
        for key in [k for k in self._writers if k[0] == node]:
            self._close(key)
        parts = [mapped_keys(f) for files in key_files(self.spill, node).values() for f in files]
        return pa.concat_tables(parts) if parts else key_schema(self.plan.tables[node]).empty_table()

    def close(self) -> None:
        """Close all files."""
        for key in list(self._writers):
            self._close(key)

    def _writer(self, node: str, pass_: int) -> KeyWriter:
        if (node, pass_) not in self._writers:
            part = len(key_files(self.spill, node).get(pass_, ()))
            self._writers[node, pass_] = KeyWriter(key_file(self.spill, node, pass_, part), self.plan.tables[node])
        return self._writers[node, pass_]

    def _close(self, key: tuple[str, int]) -> None:
        self._writers.pop(key).close()
