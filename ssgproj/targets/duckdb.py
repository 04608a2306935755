"""DuckDB: a file, or `:memory:`.

A run is one transaction. A file that is not there yet is built beside its place under `NAME.building` and renamed at the end.

DuckDB has foreign keys only in CREATE TABLE, and checks them row by row against what stands already. So a table is created when its
first rows come, after its parents; a table that refers to itself is filled from a bare copy, parents before children; and a
reference that cannot be kept (a cycle) is left out, verified by a query at the end, and noted.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import Column, ForeignKey, Model, SchemaObjects, TableName
from ssgproj.project.types import Kind
from ssgproj.targets.base import Existing, Schema
from ssgproj.targets.ddl.duckdb import DuckdbRenderer
from ssgproj.targets.ddl.names import literal, qualified, quote, quoted_list
from ssgproj.targets.errors import reduce_duckdb
from ssgproj.targets.keys import integer_keys

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS_AT_ONCE = 200_000
"""Batches are put together up to this many rows: one INSERT of many rows uses all cores, many small ones do not."""

MOST_WAVES = 200
"""How deep a table may refer to itself before its reference is verified by a query instead of kept as a constraint."""


class DuckdbDestination:
    """One DuckDB database."""

    name = "duckdb"
    dialect = "duckdb"
    computes_generated = True

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
        session = DuckdbSession(connection, schema, self.default_schema)
        try:
            session.execute("BEGIN TRANSACTION", "beginning")
            try:
                yield session
            finally:
                if not session.committed:
                    session.rollback()
            if building is not None and session.committed:
                session.execute("CHECKPOINT", "writing the file")
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
    name = quote(column.name)
    kind = column.type.kind
    if kind in (Kind.UUID, Kind.JSON, Kind.ENUM, Kind.BIT, Kind.GEOMETRY):
        return f"CAST({name} AS VARCHAR) AS {name}"
    if kind is Kind.TIME and column.type.with_time_zone:
        return f"CAST({name} AS TIME) AS {name}"
    if kind is Kind.INTERVAL:
        return f"epoch_us({name}) AS {name}"
    return name


class DuckdbSession:
    """One transaction."""

    def __init__(self, connection: DuckDBPyConnection, schema: Schema, default_schema: str | None) -> None:
        self.connection = connection
        self.schema = schema
        self.sql = DuckdbRenderer(schema, default_schema)
        self.committed = False
        self._scratch: DuckDBPyConnection | None = None
        self._pending: dict[TableName, Model] = {}
        self._bare_keys: dict[TableName, Model] = {}
        self._made: set[TableName] = set()
        self._verify: list[tuple[Model, ForeignKey]] = []
        self._notes: list[str] = []
        self._stages = 0

    # What stands

    def existing(self, model: Model) -> Existing | None:
        if not self._stands(model.table):
            return None
        standing = self._columns(model.table)
        keys = [k for k in integer_keys(model) if k in standing]
        wanted = ", ".join(["count(*)", *(f"max({quote(k)})" for k in keys)])
        row = self._rows(f"SELECT {wanted} FROM {self.sql.table(model.table)}", "looking at", model)[0]
        return Existing(row[0], {k: int(v) for k, v in zip(keys, row[1:], strict=True) if v is not None})

    def _stands(self, table: TableName) -> bool:
        place = self.sql.place(table)
        found = self._rows(
            "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() "
            f"AND schema_name = {literal(place.schema or '')} AND table_name = {literal(place.name)}",
            "looking for",
        )
        return bool(found)

    def _columns(self, table: TableName) -> dict[str, str]:
        place = self.sql.place(table)
        return dict(
            self._rows(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = current_database() "
                f"AND schema_name = {literal(place.schema or '')} AND table_name = {literal(place.name)}",
                "looking at",
            )
        )

    # Making

    def create(self, models: Sequence[Model]) -> None:
        schemas = {self.sql.place(m.table).schema for m in models} | {name for name, _ in self.schema.objects.schemas}
        schemas |= {self.sql.place(t.name).schema for t in self.schema.objects.types}
        for name in sorted(s for s in schemas if s and s != "main"):
            self._define(f"CREATE SCHEMA IF NOT EXISTS {quote(name)}", "creating schemas")
        for named in self.schema.objects.types:
            if named.kind == "enum" and not self._type_stands(named.name):
                self._define(self.sql.enum(named), "creating types")
        for sequence in self.schema.objects.sequences:
            self._create_sequence(sequence.name, sequence.options)
        for model in models:
            if not model.columns:
                self._notes.append(f"Table `{model.table}` is left out: DuckDB has no tables without columns")
                continue
            for column in model.columns:
                if own := self.sql.column_sequence(model, column):
                    self._create_sequence(own.name, own.options)
            self._pending[model.table] = model

    def _define(self, sql: str, doing: str) -> None:
        """Run a statement here and in the empty database that tables are tried in."""
        self.execute(sql, doing)
        self._try(sql)

    def _create_sequence(self, name: TableName, options: tuple[tuple[str, int | str | bool], ...]) -> None:
        place = self.sql.place(name)
        found = self._rows(
            "SELECT 1 FROM duckdb_sequences() WHERE database_name = current_database() "
            f"AND schema_name = {literal(place.schema or '')} AND sequence_name = {literal(place.name)}",
            "looking for sequences",
        )
        sql = self.sql.sequence(name, options)
        if found:
            self._try(sql)
        else:
            self._define(sql, "creating sequences")

    def _type_stands(self, name: TableName) -> bool:
        place = self.sql.place(name)
        return bool(
            self._rows(
                "SELECT 1 FROM duckdb_types() WHERE database_name = current_database() "
                f"AND schema_name = {literal(place.schema or '')} AND type_name = {literal(place.name)}",
                "looking for types",
            )
        )

    def _try(self, sql: str) -> bool:
        if self._scratch is None:
            self._scratch = duckdb.connect(":memory:")
            for name, _ in self.schema.objects.schemas:
                self._scratch.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(name)}")
        try:
            self._scratch.execute(sql)
        except duckdb.Error:
            return False
        return True

    def _make(self, model: Model, self_references: bool = True) -> None:
        """Create a table with what can stand by now."""
        del self._pending[model.table]
        referenced = any(
            fk.to_table == model.table for other in self.schema.models for fk in other.foreign_keys
        )
        keep: list[ForeignKey] = []
        for key in model.foreign_keys:
            itself = key.to_table == model.table
            if itself and not self_references:
                self._leave_out(model, key, "its rows refer to one another in a circle, or too deeply")
            elif itself or self._can_refer(key):
                keep.append(key)
            elif key.to_table in self._pending:
                self._leave_out(model, key, "it is part of a cycle")
            elif self._stands(key.to_table):
                self._leave_out(model, key, "what it refers to is not a key there")
        if dropped := [k for k in keep if k.on_delete or k.on_update]:
            listed = ", ".join(f"`{', '.join(k.columns)}`" for k in dropped)
            self._notes.append(f"DuckDB has no ON DELETE or ON UPDATE: they are left out of `{model.table}` ({listed})")
        inline = referenced or (bool(model.unique) and not self._adds_unique())
        plan = self.sql.create(model, inline, keep, self._accepts(model))
        for key in keep:
            if self.sql.reference(key) not in plan.create:
                apart = self.sql.place(key.to_table).schema != self.sql.place(model.table).schema
                self._leave_out(model, key, "it leads to another schema" if apart else "DuckDB does not take it")
        self._notes.extend(plan.notes)
        self._define(plan.create, f"creating table `{model.table}`")
        if not inline and self.sql.keys(model):
            self._bare_keys[model.table] = model
        for comment in self.sql.comments(model):
            self.execute(comment, f"commenting table `{model.table}`")
        self._made.add(model.table)

    def _adds_unique(self) -> bool:
        """Whether this DuckDB can add a unique constraint to a table: from version 2."""
        probe = "CREATE TEMP TABLE ssg_probe (a INTEGER); ALTER TABLE ssg_probe ADD UNIQUE (a)"
        able = self._try(probe)
        self._try("DROP TABLE IF EXISTS ssg_probe")
        return able

    def _accepts(self, model: Model) -> Callable[[str], bool]:
        drop = f"DROP TABLE {self.sql.table(model.table)}"
        if (schema := self.sql.place(model.table).schema) and schema != "main":
            self._try(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
        for key in model.foreign_keys:
            if key.to_table != model.table:
                self._mirror(key.to_table)

        def accepts(sql: str) -> bool:
            if not self._try(sql):
                return False
            self._try(drop)
            return True

        return accepts

    def _mirror(self, table: TableName) -> None:
        """A standing table's shape in the scratch database, for references to it."""
        place = self.sql.place(table)
        rows = self._rows(
            "SELECT sql FROM duckdb_tables() WHERE database_name = current_database() "
            f"AND schema_name = {literal(place.schema or '')} AND table_name = {literal(place.name)}",
            "looking at",
        )
        keys = self._keys_of(table)
        if rows and keys:
            types = self._columns(table)
            named = sorted({c for k in keys for c in k})
            columns = ", ".join(f"{quote(c)} {types[c]}" for c in named)
            uniques = ", ".join(f"UNIQUE ({quoted_list(k)})" for k in keys)
            self._try(f"CREATE TABLE {self.sql.table(table)} ({columns}, {uniques})")

    def _keys_of(self, table: TableName) -> list[tuple[str, ...]]:
        place = self.sql.place(table)
        rows = self._rows(
            "SELECT constraint_column_names FROM duckdb_constraints() WHERE database_name = current_database() "
            f"AND schema_name = {literal(place.schema or '')} AND table_name = {literal(place.name)} "
            "AND constraint_type IN ('PRIMARY KEY', 'UNIQUE')",
            "looking at",
        )
        return [tuple(r[0]) for r in rows]

    def _can_refer(self, key: ForeignKey) -> bool:
        return key.to_table not in self._pending and any(
            set(k) == set(key.to_columns) for k in self._keys_of(key.to_table)
        )

    def _leave_out(self, model: Model, key: ForeignKey, why: str) -> None:
        self._verify.append((model, key))
        place = f"`{model.table}` ({', '.join(key.columns)}) to `{key.to_table}`"
        self._notes.append(f"The reference of {place} holds but does not stand in DuckDB: {why}")

    # Removing

    def empty(self, models: Sequence[Model]) -> None:
        """Tables that others refer to are dropped and made again as they were: DuckDB cannot delete child and parent in one
        transaction."""
        tables = [m.table for m in models]
        self._refuse_outsiders(tables, "emptied")
        referenced = self._references()
        places = [self.sql.place(t) for t in tables]
        tangled = {p for p in places if any(p == parent for _, parent in referenced)}
        tangled |= {child for child, parent in referenced if parent in tangled}
        for place in places:
            if place not in tangled:
                self.execute(f"DELETE FROM {qualified(place)}", f"emptying table `{place.name}`")
        ordered = _children_first(tangled, referenced)
        remake: list[list[str]] = []
        for place in ordered:
            remake.append(self._definition(place))
            self.execute(f"DROP TABLE {qualified(place)}", f"emptying table `{place.name}`")
        for statements in reversed(remake):
            for statement in statements:
                self.execute(statement, "emptying tables")

    def _definition(self, place: TableName) -> list[str]:
        """The statements that make a standing table again."""
        where = (
            f"database_name = current_database() AND schema_name = {literal(place.schema or '')} "
            f"AND table_name = {literal(place.name)}"
        )
        doing = f"looking at table `{place.name}`"
        sql, comment = self._rows(f"SELECT sql, comment FROM duckdb_tables() WHERE {where}", doing)[0]
        # Before version 2 the catalogue's text leaves out a table's references to itself.
        for own, to in self._rows(
            f"SELECT constraint_column_names, referenced_column_names FROM duckdb_constraints() WHERE {where} "
            "AND constraint_type = 'FOREIGN KEY' AND constraint_text = ''",
            doing,
        ):
            key = f"FOREIGN KEY ({quoted_list(own)}) REFERENCES {qualified(place)} ({quoted_list(to)})"
            sql = f"{sql.rstrip().removesuffix(';').removesuffix(')').rstrip().removesuffix(',')}, {key});"
        statements = [sql]
        if comment:
            statements.append(f"COMMENT ON TABLE {qualified(place)} IS {literal(comment)}")
        for name, text in self._rows(
            f"SELECT column_name, comment FROM duckdb_columns() WHERE {where} AND comment IS NOT NULL", doing
        ):
            statements.append(f"COMMENT ON COLUMN {qualified(place)}.{quote(name)} IS {literal(text)}")
        statements += [r[0] for r in self._rows(f"SELECT sql FROM duckdb_indexes() WHERE {where} AND sql IS NOT NULL", doing)]
        return statements

    def _references(self) -> list[tuple[TableName, TableName]]:
        """(child, parent) of every foreign key that stands."""
        rows = self._rows(
            "SELECT schema_name, table_name, referenced_table, constraint_text FROM duckdb_constraints() "
            "WHERE database_name = current_database() AND constraint_type = 'FOREIGN KEY'",
            "looking at references",
        )
        found = []
        for schema, table, parent, text in rows:
            match = re.search(r'REFERENCES (?:(?P<schema>"(?:[^"]|"")+"|\w+)\.)?(?:"(?:[^"]|"")+"|\w+)\s*\(', text)
            parent_schema = match["schema"] if match and match["schema"] else schema
            found.append((TableName(table, schema), TableName(parent, parent_schema.strip('"').replace('""', '"'))))
        return found

    def _refuse_outsiders(self, tables: Iterable[TableName], done: str) -> None:
        places = {self.sql.place(t) for t in tables}
        for child, parent in self._references():
            if parent in places and child not in places:
                raise SsgError(
                    f"Table `{parent.name}` cannot be {done}: `{child}` refers to it and is not part of this run",
                    f"select it too, or run `DROP TABLE {child}`",
                )

    def drop(self, models: Sequence[Model]) -> None:
        tables = [m.table for m in models if self._stands(m.table)]
        self._refuse_outsiders(tables, "dropped")
        for place in _children_first({self.sql.place(t) for t in tables}, self._references()):
            self.execute(f"DROP TABLE {qualified(place)}", f"dropping table `{place.name}`")
        used = " ".join(str(r[0]) for r in self._rows("SELECT sql FROM duckdb_tables() WHERE NOT internal", "looking"))
        own = [s.name for m in models for c in m.columns if (s := self.sql.column_sequence(m, c))]
        for name in dict.fromkeys([*own, *(s.name for s in self.schema.objects.sequences)]):
            if quote(name.name) not in used and name.name not in used:
                self.execute(f"DROP SEQUENCE IF EXISTS {self.sql.table(name)}", "dropping sequences")
        types = {r[0] for r in self._rows("SELECT data_type FROM duckdb_columns() WHERE NOT internal", "looking")}
        for named in self.schema.objects.types:
            if named.kind == "enum" and self._type_stands(named.name) and not _enum_used(named.labels, types):
                self.execute(f"DROP TYPE {self.sql.table(named.name)}", "dropping types")

    # Filling

    def load(self, model: Model, batches: Iterable[pa.RecordBatch]) -> int:
        if not model.columns:
            return sum(b.num_rows for b in batches)
        stream = iter(batches)
        first = next(stream, None)
        if first is None:
            return 0
        batches = itertools.chain((first,), stream)
        itself = [k for k in model.foreign_keys if k.to_table == model.table]
        if itself and (model.table in self._pending or self._refers_to_itself(model.table)):
            return self._load_in_waves(model, itself, batches)
        if model.table in self._pending:
            self._make(model)
        return self._insert(model, self.sql.table(model.table), batches)

    def _refers_to_itself(self, table: TableName) -> bool:
        place = self.sql.place(table)
        return any(child == parent == place for child, parent in self._references())

    def _insert(self, model: Model, target: str, batches: Iterable[pa.RecordBatch]) -> int:
        loaded = 0
        doing = "loading"
        for table in _grouped(batches):
            names = quoted_list(table.schema.names)
            self.connection.register("ssg_batch", table)
            try:
                self.execute(f"INSERT INTO {target} ({names}) SELECT {names} FROM ssg_batch", doing, model)
            finally:
                with suppress(duckdb.Error):  # refused in a transaction that has failed
                    self.connection.unregister("ssg_batch")
            loaded += table.num_rows
        return loaded

    def _load_in_waves(self, model: Model, itself: list[ForeignKey], batches: Iterable[pa.RecordBatch]) -> int:
        """Fill a table that refers to itself: rows go in after the rows they refer to."""
        self._stages += 1
        stage, levels = quote(f"ssg_stage_{self._stages}"), quote(f"ssg_levels_{self._stages}")
        rows = [c for c in model.columns if c.generated is None]
        types = ", ".join(f"{quote(c.name)} {self.sql.column_type(c.type)}" for c in rows)
        self.execute(f"CREATE TEMP TABLE {stage} ({types})", "preparing", model)
        loaded = self._insert(model, stage, batches)
        target = self.sql.table(model.table)
        pending = model.table in self._pending
        deepest = self._level(model, itself, stage, levels, None if pending else target)
        names = quoted_list(c.name for c in rows)
        if pending:
            self._make(model, self_references=deepest is not None)
        elif deepest is None:
            raise RunError(f"Rows of `{model.table}` refer to one another in a circle, which DuckDB cannot load")
        if deepest is None:
            self.execute(f"INSERT INTO {target} ({names}) SELECT {names} FROM {stage} ORDER BY rowid", "loading", model)
        for level in range(0 if deepest is None else deepest + 1):
            self.execute(
                f"INSERT INTO {target} ({names}) SELECT {names} FROM {stage} s JOIN {levels} l ON l.r = s.rowid "
                f"WHERE l.level = {level} ORDER BY s.rowid",
                "loading",
                model,
            )
        self.execute(f"DROP TABLE {stage}; DROP TABLE IF EXISTS {levels}", "loading", model)
        return loaded

    def _level(
        self, model: Model, itself: list[ForeignKey], stage: str, levels: str, standing: str | None
    ) -> int | None:
        """Number the rows by how many steps they are from a row that refers to none; None if some never get a number."""
        self.execute(f"CREATE TEMP TABLE {levels} (r BIGINT, level INTEGER)", "preparing", model)

        def ready(key: ForeignKey, among: str | None) -> str:
            nulls = " OR ".join(f"s.{quote(c)} IS NULL" for c in key.columns)
            pairs = list(zip(key.to_columns, key.columns, strict=True))
            ways = [nulls]
            for place, alias in ((among, "p"), (standing, "e")):
                if place:
                    same = " AND ".join(f"{alias}.{quote(to)} = s.{quote(own)}" for to, own in pairs)
                    ways.append(f"EXISTS (SELECT 1 FROM {place} {alias} WHERE {same})")
            return f"({' OR '.join(ways)})"

        total = self._rows(f"SELECT count(*) FROM {stage}", "preparing", model)[0][0]
        done, level = 0, 0
        placed = f"(SELECT p0.* FROM {stage} p0 JOIN {levels} l0 ON l0.r = p0.rowid)"
        while done < total and level < MOST_WAVES:
            conditions = " AND ".join(ready(key, placed if level else None) for key in itself)
            self.execute(
                f"INSERT INTO {levels} SELECT s.rowid, {level} FROM {stage} s "
                f"WHERE NOT EXISTS (SELECT 1 FROM {levels} x WHERE x.r = s.rowid) AND {conditions}",
                "preparing",
                model,
            )
            now = self._rows(f"SELECT count(*) FROM {levels}", "preparing", model)[0][0]
            if now == done:
                return None
            done, level = now, level + 1
        return level - 1 if done == total else None

    # Finishing

    def finish(self, models: Sequence[Model]) -> tuple[str, ...]:
        while waiting := [m for m in models if m.table in self._pending]:
            free = [m for m in waiting if not any(k.to_table in self._pending for k in m.foreign_keys if k.to_table != m.table)]
            self._make((free or waiting)[0])
        for model in models:
            if model.table in self._bare_keys:
                self._add_keys(model)
            if model.table in self._made:
                self._add_indexes(model)
        for child, key in self._verify:
            self._check_reference(child, key)
        for model in models:
            self._set_sequences(model)
        self._verify.clear()
        return tuple(dict.fromkeys(self._notes))

    def _add_keys(self, model: Model) -> None:
        target = self.sql.table(model.table)
        keys = [model.primary_key.columns] if model.primary_key else []
        keys += [u.columns for u in model.unique]
        generated = {c.name for c in model.columns if c.generated is not None}
        # DuckDB looks for duplicates only on COMMIT and then names no table.
        for piece in self.sql.keys(model):
            statement = f"ALTER TABLE {target} ADD {piece.sql}"
            if not self._try(statement):
                if piece.note:
                    self._notes.append(piece.note)
                continue
            self.execute(statement, "adding keys", model)
        for columns in keys:
            if not generated.intersection(columns):
                self._check_unique(model, columns)
        del self._bare_keys[model.table]

    def _check_unique(self, model: Model, columns: tuple[str, ...]) -> None:
        listed = quoted_list(columns)
        present = " AND ".join(f"{quote(c)} IS NOT NULL" for c in columns)
        found = self._rows(
            f"SELECT 1 FROM {self.sql.table(model.table)} WHERE {present} GROUP BY {listed} HAVING count(*) > 1 LIMIT 1",
            "checking keys",
            model,
        )
        if found:
            raise RunError(f"Values of the key `{', '.join(columns)}` of table `{model.table}` are not unique")

    def _add_indexes(self, model: Model) -> None:
        for number, index in enumerate(model.indexes):
            piece = self.sql.index(model, index, number)
            if piece.sql and self._try(piece.sql):
                self.execute(piece.sql, "creating indexes", model)
            elif piece.note:
                self._notes.append(piece.note)

    def _check_reference(self, child: Model, key: ForeignKey) -> None:
        present = " AND ".join(f"c.{quote(n)} IS NOT NULL" for n in key.columns)
        same = " AND ".join(
            f"p.{quote(to)} = c.{quote(own)}" for own, to in zip(key.columns, key.to_columns, strict=True)
        )
        found = self._rows(
            f"SELECT 1 FROM {self.sql.table(child.table)} c WHERE {present} "
            f"AND NOT EXISTS (SELECT 1 FROM {self.sql.table(key.to_table)} p WHERE {same}) LIMIT 1",
            "checking references",
            child,
        )
        if found:
            columns = ", ".join(key.columns)
            raise RunError(f"Table `{child.table}` has rows whose `{columns}` refer to no row of `{key.to_table}`")

    def _set_sequences(self, model: Model) -> None:
        for column in model.columns:
            name = self.sql.default_sequence(model, column)
            if name is None:
                continue
            options = dict(column.identity.options) if column.identity else {}
            shared = next((s for s in self.schema.objects.sequences if s.name == name), None)
            options = options or dict(shared.options if shared else ())
            down = int(options.get("increment", 1)) < 0
            extreme = "min" if down else "max"
            value = self._rows(
                f"SELECT {extreme}({quote(column.name)}) FROM {self.sql.table(model.table)}", "setting sequences", model
            )[0][0]
            if value is not None:
                self._advance(name, int(value), down)

    def _advance(self, name: TableName, value: int, down: bool) -> None:
        place = self.sql.place(name)
        rows = self._rows(
            "SELECT last_value, min_value, max_value, increment_by FROM duckdb_sequences() WHERE database_name = current_database() "
            f"AND schema_name = {literal(place.schema or '')} AND sequence_name = {literal(place.name)}",
            "setting sequences",
        )
        if not rows:
            return
        last, lowest, highest, increment = rows[0]
        if not lowest <= value <= highest or (last is not None and (last <= value if down else last >= value)):
            return
        called = literal(self.sql.table(name))
        if self._rows("SELECT 1 FROM duckdb_functions() WHERE function_name = 'setval' LIMIT 1", "setting sequences"):
            self._rows(f"SELECT setval({called}, {value})", "setting sequences")
            return
        # Before version 2 a sequence can only be moved by drawing from it.
        step = int(increment)
        current = self._rows(f"SELECT nextval({called})", "setting sequences")[0][0]
        if (more := (value - current + (step - 1 if step > 0 else step + 1)) // step) > 0:
            self._rows(f"SELECT count(nextval({called})) FROM range({more})", "setting sequences")

    def commit(self) -> None:
        self.execute("COMMIT", "committing")
        self.committed = True

    def rollback(self) -> None:
        try:
            self.connection.execute("ROLLBACK")
        except duckdb.Error:
            return  # the transaction is over already, or the database is gone with it

    # Talking to the database

    def execute(self, sql: str, doing: str, model: Model | None = None) -> None:
        try:
            self.connection.execute(sql)
        except duckdb.Error as error:
            raise reduce_duckdb(error, str(model.table) if model else None, doing) from None

    def _rows(self, sql: str, doing: str, model: Model | None = None) -> list[tuple[Any, ...]]:
        try:
            return list(self.connection.execute(sql).fetchall())
        except duckdb.Error as error:
            raise reduce_duckdb(error, str(model.table) if model else None, doing) from None


def _grouped(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        waiting.append(_plain(batch))
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= ROWS_AT_ONCE or size >= 256 * 2**20:
            yield pa.Table.from_batches(waiting)
            waiting, rows, size = [], 0, 0
    if rows:
        yield pa.Table.from_batches(waiting)


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Decimals that DuckDB's Arrow reader does not know, as text."""
    if not any(pa.types.is_decimal256(f.type) for f in batch.schema):
        return batch
    arrays = [a.cast(pa.string()) if pa.types.is_decimal256(a.type) else a for a in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _children_first(
    places: Iterable[TableName], references: Iterable[tuple[TableName, TableName]]
) -> list[TableName]:
    """Order tables so that each comes before those it refers to. DuckDB's references have no cycles but to oneself."""
    left = set(places)
    edges = {(c, p) for c, p in references if c != p}
    ordered: list[TableName] = []
    while left:
        free = sorted(t for t in left if not any(p == t and c in left for c, p in edges))
        ordered += free or sorted(left)
        left -= set(ordered)
    return ordered


def _enum_used(labels: tuple[str, ...], types: Iterable[str]) -> bool:
    shown = "ENUM(" + ", ".join(literal(label) for label in labels) + ")"
    return any(shown in str(t) for t in types)


def open(path: str, root: Path, default_schema: str | None) -> DuckdbDestination:
    """`path` is what follows `duckdb:///`; relative paths are relative to the project."""
    if path in ("", ":memory:"):
        return DuckdbDestination(None, default_schema)
    return DuckdbDestination((root / path).resolve() if not Path(path).is_absolute() else Path(path), default_schema)
