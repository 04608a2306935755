"""Parts of Parquet datasets, each in files of its own, written by whoever made them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from ssgproj.errors import SsgError
from ssgproj.files import replaced_file
from ssgproj.targets.parquet import ROWS_A_GROUP, ParquetFile, writable
from ssgproj.targets.parts import Stored
from ssgproj.targets.rows import regrouped

if TYPE_CHECKING:
    from ssgproj.project.model import Model
    from ssgproj.targets.base import Schema


@dataclass(frozen=True, slots=True)
class ParquetParts:
    """A directory with the parts' files, `PART.N.parquet`."""

    directory: Path

    def prepare(self, schema: Schema, models: Sequence[Model]) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)

    def discard(self) -> None:
        """They go with the workspace."""

    def put(self, part: str, model: Model, batches: Iterator[pa.RecordBatch], rows_a_file: int | None) -> Stored:
        """Raises SsgError if a file cannot be written."""
        rows, files = 0, list[tuple[str, int]]()
        try:
            while (first := next(batches, None)) is not None:
                path = self.directory / f"{part}.{len(files)}.parquet"
                if written := _write(path, _up_to(rows_a_file, first, batches)):
                    files.append((path.name, path.stat().st_size))
                rows += written
        except OSError:
            raise SsgError(
                f"Cannot write `{model.table}` below `{self.directory.parent.name}` (is the disk full?)"
            ) from None
        return Stored(rows, tuple(files))

    def holds(self, part: str, stored: Stored) -> bool:
        for name, size in stored.files:
            try:
                if (self.directory / name).stat().st_size != size:
                    return False
            except OSError:
                return False
        return True


def _up_to(rows: int | None, first: pa.RecordBatch, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches until there are so many rows; None: all of them."""
    taken = first.num_rows
    yield first
    while rows is None or taken < rows:
        batch = next(batches, None)
        if batch is None:
            return
        taken += batch.num_rows
        yield batch


def _write(path: Path, batches: Iterator[pa.RecordBatch]) -> int:
    """Returns the rows written; without any there is no file."""
    rows = 0
    groups = map(writable, regrouped(batches, ROWS_A_GROUP))
    first = next(groups, None)
    if first is None:
        return 0
    with replaced_file(path) as file, closing(ParquetFile(file, first)) as writer:
        for group in chain([first], groups):
            writer.write(group)
            rows += group.num_rows
    return rows
