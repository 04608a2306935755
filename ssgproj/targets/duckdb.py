"""DuckDB: a file, or `:memory:`.

A run is one transaction. A file that is not there yet is built beside its place under `NAME.building`, statement by statement, and renamed at
the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from ssgproj.errors import SsgError
from ssgproj.project.model import Column, Model, SchemaObjects
from ssgproj.project.types import Kind
from ssgproj.targets.base import Schema
from ssgproj.targets.ddl.duckdb import DuckdbRenderer
from ssgproj.targets.ddl.names import quote
from ssgproj.targets.duckdb_session import DuckdbSession
from ssgproj.targets.errors import reduce_duckdb

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class DuckdbDestination:
    """One DuckDB database."""

    name = "duckdb"
    dialect = "duckdb"
    computes_generated = True
    takes_dictionaries = False

    def __init__(self, path: Path | None, default_schema: str | None = None) -> None:
        self.path = path
        self.default_schema = default_schema
        self._memory: DuckDBPyConnection | None = None

    @contextmanager
    def session(self, schema: Schema) -> Iterator[DuckdbSession]:
        building = None
        if self.path is not None and not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            building = self.path.with_name(self.path.name + ".building")
            _clear_leftover(building)
        connection = self._connect(building)
        if building is not None:
            # Once, at the end: nobody needs what a killed run would have left.
            connection.execute("SET wal_autocheckpoint = '1TB'")
        session = DuckdbSession(connection, schema, self.default_schema, building=building is not None)
        try:
            if building is None:
                session.catalog.execute("BEGIN TRANSACTION", "beginning")
            try:
                yield session
            finally:
                if building is None and not session.committed:
                    session.rollback()
        finally:
            if self.path is not None:
                connection.close()
            if building is not None and not session.committed:
                _remove(building)
        if building is not None and self.path is not None and session.committed:
            if self.path.exists():
                _remove(building)
                raise SsgError(f"`{self.path.name}` appeared while it was being built", "run again")
            building.rename(self.path)

    def identity(self) -> str:
        if self.path is None:
            return f"duckdb:memory:{id(self)}"
        if self.path.exists():
            status = self.path.stat()
            return f"file:{status.st_dev}:{status.st_ino}"
        return f"file:{self.path.resolve()}"

    def read(self, model: Model, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        from ssgproj.generators.arrow import arrow_type

        names = list(columns) if columns is not None else [c.name for c in model.columns]
        if self.path is not None and not self.path.exists():
            raise SsgError(f"`{self.path.name}` is not there", "ssg run")
        connection = self._connect(None, read_only=True)
        place = DuckdbRenderer(_EMPTY, self.default_schema).table(model.table)
        selected = ", ".join(_read_expression(model.column(n)) for n in names)
        target = pa.schema([pa.field(n, arrow_type(model.column(n).type)) for n in names])
        try:
            relation = connection.sql(f"SELECT {selected} FROM {place}")
            make = relation.to_arrow_reader if hasattr(relation, "to_arrow_reader") else relation.fetch_arrow_reader
            reader = make(100_000)
            for batch in reader:
                arrays = [column.cast(f.type) for column, f in zip(batch.columns, target, strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, schema=target)
        except duckdb.Error as error:
            raise reduce_duckdb(error, str(model.table), "reading") from None
        finally:
            if self.path is not None:
                connection.close()

    def _connect(self, building: Path | None, read_only: bool = False) -> DuckDBPyConnection:
        if self.path is None:
            if self._memory is None:
                self._memory = duckdb.connect(":memory:")
                self._memory.execute("SET TimeZone = 'UTC'")
                self._memory.execute("SET enable_progress_bar = false")
            return self._memory
        path = building or self.path
        try:
            connection = duckdb.connect(str(path), read_only=read_only)
        except duckdb.Error as error:
            raise _refused(self.path, error) from None
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")  # it is drawn on standard output, which is for data
        return connection


_EMPTY = Schema((), SchemaObjects(), "duckdb")


def _refused(path: Path, error: duckdb.Error) -> SsgError:
    text = str(error)
    if "lock" in text.lower():
        holder = re.search(r"PID (\d+)", text)
        who = f" (process {holder[1]})" if holder else ""
        return SsgError(f"`{path.name}` is open in another process{who}", "close it there, then run again")
    if "not a valid DuckDB database" in text:
        return SsgError(f"`{path.name}` is a file, but not a DuckDB database", "name another file in profiles.yml")
    return SsgError(f"`{path.name}` cannot be opened as a DuckDB database (`{type(error).__name__}`)", "ssg debug")


def _clear_leftover(building: Path) -> None:
    """Remove what a killed run left, unless another run is at it right now."""
    if not building.exists():
        return
    try:
        duckdb.connect(str(building)).close()
    except duckdb.Error as error:
        if "lock" in str(error).lower():
            raise SsgError(f"Another run is building `{building.stem}`", "wait for it to end, then run again") from None
    _remove(building)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)


def _read_expression(column: Column) -> str:
    from ssgproj.generators.arrow import arrow_type

    name = quote(column.name)
    kind = column.type.kind
    canonical, brackets = arrow_type(column.type), ""
    while pa.types.is_list(canonical):
        canonical, brackets = canonical.value_type, brackets + "[]"
    if pa.types.is_string(canonical):
        return f"CAST({name} AS VARCHAR{brackets}) AS {name}"
    if kind is Kind.TIME and column.type.with_time_zone:
        return f"CAST({name} AS TIME) AS {name}"
    if kind is Kind.INTERVAL:
        return f"epoch_us({name}) AS {name}"
    if column.type.kind is Kind.ARRAY and column.type.element and column.type.element.kind is Kind.INTERVAL:
        return f"list_transform({name}, lambda x: epoch_us(x)) AS {name}"
    return name


def open(path: str, root: Path, default_schema: str | None) -> DuckdbDestination:
    """`path` is what follows `duckdb:///`; relative paths are relative to the project."""
    if not path:
        raise SsgError("The DuckDB destination names no file", "write `duckdb:///target/NAME.duckdb`")
    if path == ":memory:":
        return DuckdbDestination(None, default_schema)
    return DuckdbDestination((root / path).resolve() if not Path(path).is_absolute() else Path(path), default_schema)
