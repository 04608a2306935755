"""Parquet: a directory with one folder per table (`orders`, `shop.orders`), each a dataset of `part-NNNNN.parquet`.

A run builds the whole directory anew beside its place, as `NAME.building` (files that stay are hard-linked, not copied), and the two
change places in one step at the end. The same batches give the same bytes. Parquet has no constraints: what the model promises holds
because it was generated so.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ssgproj.errors import SsgError
from ssgproj.generators.arrow import arrow_type, decoded
from ssgproj.plan.plan import BATCH_ROWS
from ssgproj.project.model import Model, TableName
from ssgproj.project.types import Kind
from ssgproj.targets.base import Existing, Schema
from ssgproj.targets.rows import regrouped

if TYPE_CHECKING:
    from ssgproj.targets.parts import PartStore, Stored

ROWS_A_GROUP = BATCH_ROWS
"""A batch of the engine is written as it is."""
ROWS_A_FILE = 16 * ROWS_A_GROUP
_SAMPLE = 4096

_LOCK = ".ssg-lock"
_UNSAFE = set('./\\%:*?"<>|')
"""Written as `%2E` in a name: `.` because it separates the schema, the others because some file system refuses them."""


class ParquetDestination:
    """One directory of datasets."""

    name = "parquet"
    dialect = "duckdb"
    computes_generated = False
    takes_dictionaries = True

    def __init__(self, directory: Path, default_schema: str | None = None) -> None:
        self.directory = directory
        self.default_schema = default_schema

    def folder(self, table: TableName) -> str:
        """The name of a table's folder."""
        schema = table.schema or self.default_schema
        return ".".join(_file_name(part) for part in (schema, table.name) if part)

    @contextmanager
    def session(self, schema: Schema) -> Iterator[ParquetSession]:
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        if self.directory.exists() and not self.directory.is_dir():
            raise SsgError(
                f"`{self.directory.name}` is a file, not a directory", "name another directory in profiles.yml"
            )
        building = self.directory.with_name(self.directory.name + ".building")
        with _locked(building):
            self._recover()
            _clear(building)
            session = ParquetSession(self, building)
            try:
                yield session
            finally:
                shutil.rmtree(building, ignore_errors=True)

    def workspace(self, root: Path) -> Path:
        return self.directory.with_name(self.directory.name + ".parts")

    def store(self, place: Path) -> PartStore:
        from ssgproj.targets.parquet_parts import ParquetParts

        return ParquetParts(place / "rows")

    def standing(self, schema: Schema) -> Mapping[str, Existing | None]:
        session = ParquetSession(self, self.directory)
        return {m.node_id: session.existing(m) for m in schema.models}

    def identity(self) -> str:
        if self.directory.exists():
            status = self.directory.stat()
            return f"file:{status.st_dev}:{status.st_ino}"
        return f"file:{self.directory.resolve()}"

    def read(self, model: Model, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        names = list(columns) if columns is not None else [c.name for c in model.columns]
        folder = self.directory / self.folder(model.table)
        if not folder.is_dir():
            raise SsgError(f"`{model.table}` is not in `{self.directory.name}`", "ssg run")
        for part in _parts(folder):
            for batch in pq.ParquetFile(part).iter_batches(batch_size=ROWS_A_GROUP, columns=names):
                arrays = [_to(batch.column(n), arrow_type(model.column(n).type)) for n in names]
                yield pa.RecordBatch.from_arrays(arrays, names=names)

    def _recover(self) -> None:
        """Where directories cannot change places in one step, a run may have been killed between two."""
        old = self.directory.with_name(self.directory.name + ".old")
        if old.exists():
            if self.directory.exists():
                shutil.rmtree(old)
            else:
                old.rename(self.directory)


class ParquetSession:
    """One run: what it changes stands in the directory being built."""

    def __init__(self, destination: ParquetDestination, building: Path) -> None:
        self.destination = destination
        self.building = building
        self._touched: dict[str, Path] = {}
        self._dropped: set[str] = set()

    def existing(self, model: Model) -> Existing | None:
        folder = self._folder_now(self.destination.folder(model.table))
        if folder is None:
            return None
        keys = [c.name for c in model.columns if c.type.kind is Kind.INTEGER]
        rows, greatest = 0, dict[str, int]()
        for part in _parts(folder):
            file = pq.ParquetFile(part)
            rows += file.metadata.num_rows
            for name in keys:
                if (value := _greatest(file, name)) is not None:
                    greatest[name] = max(value, greatest.get(name, value))
        return Existing(rows, greatest)

    def _folder_now(self, name: str) -> Path | None:
        if name in self._touched:
            return self._touched[name]
        standing = self.destination.directory / name
        return standing if name not in self._dropped and standing.is_dir() else None

    def create(self, models: Sequence[Model]) -> None:
        for model in models:
            self._start(self.destination.folder(model.table))

    def empty(self, models: Sequence[Model]) -> None:
        for model in models:
            self._start(self.destination.folder(model.table))

    def _start(self, name: str) -> Path:
        folder = self.building / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._touched[name] = folder
        self._dropped.discard(name)
        return folder

    def drop(self, models: Sequence[Model]) -> None:
        for model in models:
            name = self.destination.folder(model.table)
            if name in self._touched:
                shutil.rmtree(self._touched.pop(name))
            self._dropped.add(name)

    def load(self, model: Model, batches: Iterable[pa.RecordBatch]) -> int:
        name = self.destination.folder(model.table)
        folder, number = self._room(name)
        rows = 0
        writer: ParquetFile | None = None
        try:
            for group in map(writable, regrouped(batches, ROWS_A_GROUP)):
                if writer is None:
                    file = folder / f"part-{number:05}.parquet"
                    writer = ParquetFile(file, group)
                writer.write(group)
                rows += group.num_rows
                if rows % ROWS_A_FILE == 0:
                    writer.close()
                    writer, number = None, number + 1
        except OSError:
            raise SsgError(f"Cannot write `{name}` (is the disk full?)") from None
        finally:
            if writer is not None:
                writer.close()
        return rows

    def adopt(self, model: Model, store: PartStore, parts: Sequence[tuple[str, Stored]]) -> None:
        from ssgproj.targets.parquet_parts import ParquetParts

        assert isinstance(store, ParquetParts)  # noqa: S101 - it is this destination's
        folder, number = self._room(self.destination.folder(model.table))
        files = [name for _, stored in parts for name, _ in stored.files]
        for place, name in enumerate(files, start=number):
            _link(store.directory / name, folder / f"part-{place:05}.parquet")

    def _room(self, name: str) -> tuple[Path, int]:
        """A folder of the directory being built with all the rows that the table has, and the number of the next file."""
        folder = self._touched.get(name)
        if folder is None:
            standing = self._folder_now(name)
            folder = self._start(name)
            for part in _parts(standing) if standing else ():
                _link(part, folder / part.name)
        parts = _parts(folder)
        if len(parts) == 1 and pq.ParquetFile(parts[0]).metadata.num_rows == 0:
            parts.pop().unlink()
        return folder, int(parts[-1].stem.removeprefix("part-")) + 1 if parts else 0

    def finish(self, models: Sequence[Model]) -> tuple[str, ...]:
        for model in models:
            folder = self._touched.get(self.destination.folder(model.table))
            if folder is not None and not _parts(folder):
                shape = pa.schema([pa.field(c.name, arrow_type(c.type)) for c in model.columns])
                pq.write_table(writable(shape.empty_table()), folder / "part-00000.parquet", compression="zstd")
        return ()

    def commit(self) -> None:
        standing = self.destination.directory
        for entry in sorted(standing.iterdir()) if standing.is_dir() else ():
            if entry.name not in self._dropped and entry.name not in self._touched:
                _link(entry, self.building / entry.name)
        (self.building / _LOCK).unlink(missing_ok=True)
        try:
            _exchange(self.building, standing)
        except OSError:
            raise SsgError(
                f"`{standing.name}` cannot be replaced (is it a mount point?)",
                "name a directory inside it in profiles.yml",
            ) from None


def _file_name(name: str) -> str:
    return "".join(f"%{ord(c):02X}" if c in _UNSAFE or ord(c) < 32 else c for c in name)


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*.parquet"), key=lambda p: (len(p.name), p.name))  # more than 99,999 too


def _link(source: Path, target: Path) -> None:
    """The same file or folder at another place, by hard links where the file system has them."""
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.is_dir():
        target.mkdir()
        for entry in source.iterdir():
            _link(entry, target / entry.name)
    else:
        try:
            target.hardlink_to(source)
        except OSError:
            shutil.copy2(source, target)


class ParquetFile:
    """A file being written, in row groups. Texts may come in dictionaries; readers are told of texts.

    How a column is written is judged by the first group: in a dictionary where values repeat, which others pay for without a gain; with least and
    greatest values, except of texts with a dictionary, where they tell readers nothing that it does not.
    """

    def __init__(self, file: Any, first: pa.Table) -> None:
        self._spread = {n for n in first.column_names if not _repeats(first.column(n))}
        schema = self._shaped(first).schema
        told = pa.schema([f.with_type(f.type.value_type) if pa.types.is_dictionary(f.type) else f for f in schema])
        self._writer = pq.ParquetWriter(file, schema, compression="zstd", store_schema=False, **self._options(told))
        self._writer.add_key_value_metadata({"ARROW:schema": base64.b64encode(told.serialize()).decode()})

    def write(self, group: pa.Table) -> None:
        """Write one row group."""
        self._writer.write_table(self._shaped(group), row_group_size=max(len(group), 1))

    def close(self) -> None:
        self._writer.close()

    def _shaped(self, group: pa.Table) -> pa.Table:
        """Without the dictionaries that hardly save anything."""
        for place, field in enumerate(group.schema):
            if pa.types.is_dictionary(field.type) and field.name in self._spread:
                values = decoded(group.column(place).combine_chunks())
                group = group.set_column(place, field.with_type(values.type), values)
        return group

    def _options(self, schema: pa.Schema) -> dict[str, Any]:
        if any(field.type.num_fields for field in schema):
            return {}  # Parquet has the leaves of such columns by paths of their own
        repeating = [n for n in schema.names if n not in self._spread]
        told = [f.name for f in schema if not (pa.types.is_string(f.type) and f.name in repeating)]
        return {"use_dictionary": repeating or False, "write_statistics": told or False}


def _repeats(column: pa.ChunkedArray) -> bool:
    """Whether each value comes twice and more, as far as the first rows tell."""
    if pa.types.is_dictionary(column.type):
        return len(column.chunk(0).dictionary) * 2 <= len(column)
    if column.type.num_fields:
        return True  # nested: not counted
    sample = column.slice(0, _SAMPLE)
    distinct: int = pc.count_distinct(sample, mode="only_valid").as_py()
    return bool(distinct * 2 <= len(sample) - sample.null_count)


def writable(table: pa.Table) -> pa.Table:
    """Decimals whose scale is below zero or beyond their precision, which Parquet does not have, in one that holds them."""
    fields = []
    for field in table.schema:
        kind = field.type
        if pa.types.is_decimal(kind) and not 0 <= kind.scale <= kind.precision:
            digits, scale = max(kind.precision - min(kind.scale, 0), kind.scale), max(kind.scale, 0)
            kind = pa.decimal128(digits, scale) if digits <= 38 else pa.decimal256(digits, scale)
        fields.append(field.with_type(kind))
    wanted = pa.schema(fields)
    return table if wanted.equals(table.schema) else table.cast(wanted)


def _to(array: pa.Array, kind: pa.DataType) -> pa.Array:
    return array if array.type == kind or not pa.types.is_decimal(kind) else array.cast(kind)


def _greatest(file: pq.ParquetFile, column: str) -> int | None:
    """From the files' own statistics."""
    names = file.schema_arrow.names
    if column not in names or not pa.types.is_integer(file.schema_arrow.field(column).type):
        return None
    paths = {file.metadata.schema.column(i).path: i for i in range(file.metadata.num_columns)}
    index = paths[column]
    found = []
    for group in range(file.metadata.num_row_groups):
        statistics = file.metadata.row_group(group).column(index).statistics
        if statistics is not None and statistics.has_min_max:
            found.append(int(statistics.max))
    return max(found) if found else None


def _clear(building: Path) -> None:
    """What a killed run left."""
    for entry in building.iterdir():
        if entry.name == _LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


@contextmanager
def _locked(building: Path) -> Iterator[None]:
    building.mkdir(exist_ok=True)
    with (building / _LOCK).open("w") as lock:
        with contextlib.suppress(ImportError):  # not on Windows
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                message = f"Another run is building `{building.stem}`"
                raise SsgError(message, "wait for it to end, then run again") from None
        yield


_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


def _exchange(new: Path, standing: Path) -> None:
    """Put `new` in the place of `standing`; where the system can, in one step that nothing can come between."""
    if not standing.exists():
        new.rename(standing)
        return
    if sys.platform == "linux":
        rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
        if (
            rename is not None
            and rename(_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(standing), _RENAME_EXCHANGE) == 0
        ):
            return
    old = standing.with_name(standing.name + ".old")
    standing.rename(old)
    new.rename(standing)
    shutil.rmtree(old)


def open(path: str, root: Path, default_schema: str | None) -> ParquetDestination:
    """`path` is what follows `parquet:///`; relative paths are relative to the project."""
    if not path:
        raise SsgError("The Parquet destination names no directory", "write `parquet:///target/parquet`")
    return ParquetDestination((root / path).absolute(), default_schema)
