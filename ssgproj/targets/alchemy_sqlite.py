"""SQLite: a file, or `:memory:`. A run is one transaction; a file that is not there yet is built beside its place and renamed.

References are not enforced while rows go in, but verified over all tables of the run before it ends.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import Model, SchemaObjects, TableName
from ssgproj.targets.base import Existing, Schema
from ssgproj.targets.ddl.names import quote, quoted_list
from ssgproj.targets.ddl.sqlite import SqliteRenderer
from ssgproj.targets.errors import violated_check
from ssgproj.targets.keys import integer_keys
from ssgproj.targets.rows import computed_by, plain, tuples

_BIGGEST = 2**63 - 1


class SqliteDestination:
    """One SQLite database."""

    name = "sqlite"
    dialect = "sqlite"
    computes_generated = True
    takes_dictionaries = False

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._memory: sqlite3.Connection | None = None

    @contextmanager
    def session(self, schema: Schema) -> Iterator[SqliteSession]:
        building = None
        if self.path is not None and not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            building = self.path.with_name(self.path.name + ".building")
        connection = self._connect(building)
        session = SqliteSession(connection, schema)
        try:
            session.begin()
            if building is not None:
                session.clear()
            try:
                yield session
            finally:
                if not session.committed:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
            if building is not None and self.path is not None and session.committed:
                connection.close()
                building.rename(self.path)
                _remove(building)
        finally:
            if self.path is not None:
                connection.close()
            if building is not None and not session.committed and not session.refused:
                _remove(building)

    def identity(self) -> str:
        if self.path is None:
            return f"sqlite:memory:{id(self)}"
        if self.path.exists():
            status = self.path.stat()
            return f"file:{status.st_dev}:{status.st_ino}"
        return f"file:{self.path.resolve()}"

    def read(self, model: Model, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        from ssgproj.targets.values import to_arrow

        names = list(columns) if columns is not None else [c.name for c in model.columns]
        if self.path is not None and not self.path.exists():
            raise SsgError(f"`{self.path.name}` is not there", "ssg run")
        connection = self._connect(None)
        table = SqliteRenderer(Schema((model,), SchemaObjects(), "sqlite"), lambda *_: True).name(model.table)
        try:
            cursor = connection.execute(f"SELECT {quoted_list(names)} FROM {quote(table)}")
            while rows := cursor.fetchmany(50_000):
                yield to_arrow(rows, [model.column(n) for n in names])
        except sqlite3.Error as error:
            raise reduce(error, "reading", model) from None
        finally:
            if self.path is not None:
                connection.close()

    def _connect(self, building: Path | None) -> sqlite3.Connection:
        if self.path is None:
            if self._memory is None:
                self._memory = sqlite3.connect(":memory:", isolation_level=None)
            return self._memory
        try:
            return sqlite3.connect(building or self.path, isolation_level=None, timeout=1)
        except sqlite3.Error as error:
            raise SsgError(f"`{self.path.name}` cannot be opened (`{type(error).__name__}`)", "ssg debug") from None


def _remove(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


_WORDS = (
    (re.compile(r"UNIQUE constraint failed: (?P<place>[^\n]+)"), "A unique or primary key is violated"),
    (re.compile(r"NOT NULL constraint failed: (?P<place>[^\n]+)"), "A column that must not be NULL has no value"),
    (re.compile(r"FOREIGN KEY constraint failed"), "A foreign key is violated"),
    (re.compile(r"cannot store (?P<kind>\w+) value in"), "A value has the wrong form for its column's type"),
)


_CHECK = re.compile(r"CHECK constraint failed: (?P<check>.*)", re.DOTALL)


def reduce(error: sqlite3.Error, doing: str, model: Model | None = None) -> SsgError:
    """A SQLite error without values: only columns are taken from its text."""
    text = str(error)
    table = f" on table `{model.table}`" if model else ""
    if model and (found := _CHECK.search(text)):
        return violated_check(model, "sqlite", found["check"], doing)
    for pattern, words in _WORDS:
        if match := pattern.search(text):
            place = match.groupdict().get("place")
            listed = ", ".join(part.split(".")[-1] for part in place.split(", ")) if place else ""
            column = f", column `{listed}`" if listed else ""
            return RunError(f"{words}{table}{column}, while {doing}")
    if "locked" in text or "busy" in text:
        return SsgError("The SQLite destination is locked by another process", "wait for it to end, then run again")
    if "disk is full" in text or "disk I/O" in text:
        return SsgError("The destination's disk is full or cannot be written")
    if "not a database" in text:
        return SsgError("The destination is a file, but not a SQLite database", "name another file in profiles.yml")
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return SsgError(f"The destination refused with `{name}`{table}, while {doing}")


class SqliteSession:
    """One transaction."""

    def __init__(self, connection: sqlite3.Connection, schema: Schema) -> None:
        self.connection = connection
        self.schema = schema
        self.committed = False
        self.refused = False
        self._scratch = sqlite3.connect(":memory:", isolation_level=None)
        self.sql = SqliteRenderer(schema, self._accepts, self._stands)
        self._indexes: dict[object, Model] = {}

    def begin(self) -> None:
        try:
            self.execute("PRAGMA foreign_keys = OFF", "beginning")
            self.execute("BEGIN IMMEDIATE", "beginning")
        except SsgError:
            self.refused = True
            raise

    def clear(self) -> None:
        """Drop what a killed run left in a file that is only being built."""
        for (name,) in self._rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'", "beginning"
        ):
            self.execute(f"DROP TABLE {quote(name)}", "beginning")

    def _accepts(self, table: str, create: str, expressions: list[str]) -> bool:
        """Whether SQLite takes a statement and knows every function in these expressions over the table."""
        scratch = self._scratch
        try:
            scratch.execute("BEGIN")
            scratch.execute(create)
            for expression in expressions:
                scratch.execute(f"EXPLAIN SELECT ({expression}) FROM {table}")
        except sqlite3.Error:
            return False
        finally:
            with suppress(sqlite3.Error):
                scratch.execute("ROLLBACK")
        return True

    def existing(self, model: Model) -> Existing | None:
        standing = self._columns(model)
        if not standing:
            return None
        keys = [k for k in integer_keys(model) if k in standing]
        table = quote(self.sql.name(model.table))
        wanted = ", ".join(
            [f"(SELECT count(*) FROM {table})", *(f"(SELECT max({quote(k)}) FROM {table})" for k in keys)]
        )
        row = self._rows(f"SELECT {wanted}", "looking at", model)[0]
        return Existing(row[0], {k: int(v) for k, v in zip(keys, row[1:], strict=True) if v is not None})

    def _stands(self, table: TableName) -> bool:
        return bool(self._rows(f"PRAGMA table_xinfo({quote(self.sql.name(table))})", "looking for tables"))

    def _columns(self, model: Model) -> set[str]:
        return {
            r[1] for r in self._rows(f"PRAGMA table_xinfo({quote(self.sql.name(model.table))})", "looking at", model)
        }

    def computed(self, model: Model) -> set[str]:
        """The columns that SQLite computes."""
        rows = self._rows(f"PRAGMA table_xinfo({quote(self.sql.name(model.table))})", "looking at", model)
        return {row[1] for row in rows if row[6] in (2, 3)}

    def create(self, models: Sequence[Model]) -> None:
        for model in models:
            if not model.columns:
                self.sql.notes.append(f"Table `{model.table}` is left out: SQLite has no tables without columns")
                continue
            statement = self.sql.create(model)
            self.execute(statement, "creating", model)
            with suppress(sqlite3.Error):
                self._scratch.execute(statement)
            self._indexes[model.table] = model

    def empty(self, models: Sequence[Model]) -> None:
        self._refuse_outsiders(models, "emptied")
        numbered = self._rows("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'", "emptying")
        for model in models:
            self.execute(f"DELETE FROM {quote(self.sql.name(model.table))}", "emptying", model)
            if numbered:
                self._many(
                    "DELETE FROM sqlite_sequence WHERE name = ?", [(self.sql.name(model.table),)], "emptying", model
                )

    def drop(self, models: Sequence[Model]) -> None:
        self._refuse_outsiders(models, "dropped")
        for model in models:
            self.execute(f"DROP TABLE IF EXISTS {quote(self.sql.name(model.table))}", "dropping", model)

    def _refuse_outsiders(self, models: Sequence[Model], done: str) -> None:
        own = {self.sql.name(m.table) for m in models}
        rows = self._rows(
            "SELECT m.name, f.\"table\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
            "looking at references",
        )
        for child, parent in sorted(rows):
            if parent in own and child not in own:
                raise SsgError(
                    f"Table `{parent}` cannot be {done}: table `{child}` refers to it and is not part of this run",
                    f"select it too, or run `DROP TABLE {child}`",
                )

    def load(self, model: Model, batches: Iterable[pa.RecordBatch]) -> int:
        table, rows = quote(self.sql.name(model.table)), 0
        if not model.columns:
            return sum(b.num_rows for b in batches)
        for batch in computed_by(batches, self.computed(model)):
            names = batch.schema.names
            if not names:
                for _ in range(batch.num_rows):
                    self.execute(f"INSERT INTO {table} DEFAULT VALUES", "loading", model)
            else:
                places = ", ".join("?" * len(names))
                statement = f"INSERT INTO {table} ({quoted_list(names)}) VALUES ({places})"
                self._many(statement, tuples(batch, _values), "loading", model)
            rows += batch.num_rows
        return rows

    def finish(self, models: Sequence[Model]) -> tuple[str, ...]:
        for model in models:
            if model.table in self._indexes:
                for index in model.indexes:
                    if statement := self.sql.index(model, index):
                        self.execute(statement, "creating indexes", model)
                if self.sql.same:
                    for statement in model.vendor:
                        self.execute(statement, "running a vendor statement", model)
        for model in [m for m in models if m.columns]:
            rows = self._rows(
                f"PRAGMA foreign_key_check({quote(self.sql.name(model.table))})", "checking references", model
            )
            if rows:
                raise RunError(f"Table `{model.table}` has rows that refer to no row of `{rows[0][2]}`")
        return tuple(n for n in dict.fromkeys(self.sql.notes) if n)

    def commit(self) -> None:
        self.execute("COMMIT", "committing")
        self.committed = True

    def execute(self, statement: str, doing: str, model: Model | None = None) -> None:
        try:
            self.connection.execute(statement)
        except sqlite3.Error as error:
            raise reduce(error, doing, model) from None

    def _many(self, statement: str, rows: Iterable[tuple[Any, ...]], doing: str, model: Model) -> None:
        try:
            self.connection.executemany(statement, rows)
        except sqlite3.Error as error:
            raise reduce(error, doing, model) from None

    def _rows(self, statement: str, doing: str, model: Model | None = None) -> list[tuple[Any, ...]]:
        try:
            return self.connection.execute(statement).fetchall()
        except sqlite3.Error as error:
            raise reduce(error, doing, model) from None


def _values(array: pa.Array) -> list[Any]:
    values = plain(array)
    if pa.types.is_uint64(array.type):
        return [str(v) if v is not None and v > _BIGGEST else v for v in values]
    return values
