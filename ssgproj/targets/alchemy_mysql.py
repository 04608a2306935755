"""MariaDB and MySQL. CREATE and ALTER commit there by themselves, so new tables are made, filled and constrained in a database of
their own (`NAME_ssg_staging`) and moved into place by one RENAME TABLE, which is atomic. A run that only adds to tables that exist is
one transaction. If a run does both, the tables that exist are copied into the staging database first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlalchemy.exc import SQLAlchemyError

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import ForeignKey, Model, TableName
from ssgproj.project.refusals import why_refused
from ssgproj.project.types import Kind
from ssgproj.targets.alchemy_mysql_load import CAPABILITY, Field, can_load, load
from ssgproj.targets.base import Existing, Schema
from ssgproj.targets.ddl.mysql import LIMIT, MysqlRenderer, is_bits, quoted_list
from ssgproj.targets.ddl.names import quote_backtick
from ssgproj.targets.errors import check_hint
from ssgproj.targets.keys import integer_keys, missing_parent
from ssgproj.targets.rows import computed_by, plain, tuples
from ssgproj.targets.sqlalchemy import make_engine

if TYPE_CHECKING:
    from sqlalchemy import URL

ROWS_AT_ONCE = 5_000
WORTH_A_NOTE = 100_000
"""Rows from which it matters that they went in by INSERT."""


class MysqlDestination:
    """One MariaDB or MySQL database."""

    dialect = "mysql"
    computes_generated = True
    takes_dictionaries = False

    def __init__(self, url: URL) -> None:
        self.url = url
        self.name = url.get_backend_name()

    @contextmanager
    def session(self, schema: Schema) -> Iterator[MysqlSession]:
        with self._connection() as connection:
            session = MysqlSession(connection, schema)
            session.begin()
            try:
                yield session
            finally:
                session.end()

    def identity(self) -> str:
        with self._connection() as connection:
            cursor = connection.cursor()
            cursor.execute(
                "SHOW VARIABLES WHERE Variable_name IN ('server_uid', 'server_uuid', 'hostname', 'port', 'datadir')"
            )
            found = dict(cursor.fetchall())
            cursor.execute("SELECT DATABASE()")
            database = cursor.fetchone()[0]
        server = (
            found.get("server_uid") or found.get("server_uuid") or f"{found.get('hostname')}:{found.get('datadir')}"
        )
        return f"mysql:{server}:{found.get('port')}:{database}"

    def read(self, model: Model, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        from ssgproj.project.model import SchemaObjects
        from ssgproj.targets.values import to_arrow

        names = list(columns) if columns is not None else [c.name for c in model.columns]
        table = MysqlRenderer(Schema((model,), SchemaObjects(), "mysql"), True, lambda t: t.name).name(model.table)
        with self._connection() as connection:
            cursor = connection.cursor()
            try:
                cursor.execute(
                    "SELECT column_name, data_type FROM information_schema.columns "
                    "WHERE table_schema = DATABASE() AND table_name = %s",
                    (table,),
                )
                kinds = {name: kind.lower() for name, kind in cursor.fetchall()}
                selected = ", ".join(_read_expression(model, n, kinds.get(n, "")) for n in names)
                cursor.execute(f"SELECT {selected} FROM {quote_backtick(table)}")
                while rows := cursor.fetchmany(50_000):
                    yield to_arrow(rows, [model.column(n) for n in names])
            except connection.Error as error:
                raise reduce(error, "reading", model) from None

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        """A connection of the driver's own: its bulk INSERT is what is fast."""
        query = dict(self.url.query)
        if self.url.get_driver_name() in ("pymysql", "mysqldb"):
            query.setdefault("charset", "utf8mb4")
        local = CAPABILITY if self.url.get_driver_name() == "pymysql" else {}
        engine = make_engine(self.url.set(query=query), connect_args=local)
        try:
            pooled = engine.raw_connection()
        except (SQLAlchemyError, Exception) as error:
            raise SsgError(
                f"Cannot connect to the {self.name} destination: {why_refused(error)}",
                "correct the URL (`profiles.yml` says which variable holds it), then: ssg debug",
            ) from None
        connection: Any = pooled.driver_connection
        try:
            cursor = connection.cursor()
            cursor.execute("SET NAMES utf8mb4")
            cursor.execute("SET time_zone = '+00:00'")
            cursor.execute("SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
            yield connection
        finally:
            with suppress(Exception):
                pooled.close()
            engine.dispose()


def _read_expression(model: Model, name: str, kind: str) -> str:
    """A column as the text or number that `to_arrow` knows; `kind` is the catalogue's word for its type."""
    quoted = quote_backtick(name)
    if kind == "bit" and model.column(name).type.kind is Kind.BIT:
        return f"LPAD(BIN({quoted}), {model.column(name).type.length or 1}, '0')"
    if kind in ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"):
        return f"ST_AsText({quoted})"
    return f"CAST({quoted} AS CHAR)" if kind in ("date", "datetime", "timestamp", "time") else quoted


_CODES = {
    1062: "A unique or primary key is violated",
    1169: "A unique or primary key is violated",
    1452: "A foreign key is violated",
    1216: "A foreign key is violated",
    1048: "A column that must not be NULL has no value",
    1263: "A column that must not be NULL has no value",
    1364: "A column that must not be NULL has no value",
    4025: "A check is violated",
    3819: "A check is violated",
    1406: "A text is too long for its column",
    1264: "A number is out of its column's range",
    1265: "A value has the wrong form for its column's type",
    1292: "A value has the wrong form for its column's type",
    1366: "A value has the wrong form for its column's type",
}
_IMPOSSIBLE = (1005, 1215, 1822, 1825, 3780)
"""A reference between columns that MariaDB or MySQL cannot compare."""
_NAMES = (
    re.compile(r"for key '(?P<name>[^']+)'$"),
    re.compile(r"CONSTRAINT `(?P<name>[^`]+)` FOREIGN KEY"),
    re.compile(r"^CONSTRAINT `(?P<name>[^`]+)` failed"),
    re.compile(r"Check constraint '(?P<name>[^']+)' is violated"),
)
_COLUMNS = (
    re.compile(r"^Column '(?P<name>[^']+)' cannot be null"),
    re.compile(r"NULL supplied to NOT NULL column '(?P<name>[^']+)'"),
    re.compile(r"for column '(?P<name>[^']+)' at row"),
    re.compile(r"for column `[^`]+`\.`[^`]+`\.`(?P<name>[^`]+)` at row"),
    re.compile(r"^Field '(?P<name>[^']+)' doesn't have"),
)


def reduce(error: Exception, doing: str, model: Model | None = None) -> SsgError:
    """A driver's error by its number; only names are taken from its text."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else None
    text = str(error.args[1]) if len(error.args) > 1 else ""
    constraint = next((m["name"] for p in _NAMES if (m := p.search(text))), None)
    column = next((m["name"] for p in _COLUMNS if (m := p.search(text))), None)
    message = _CODES.get(code or 0) or f"The destination refused with error {code or type(error).__name__}"
    if constraint and code in _CODES:
        message += f": `{constraint}`"
    if model:
        message += f" on table `{model.table}`"
    if column and code in _CODES:
        message += f", column `{column}`"
    message += f", while {doing}"
    if model and code in (4025, 3819):
        return RunError(message, check_hint(model))
    return RunError(message) if code in _CODES else SsgError(message)


class MysqlSession:
    """One run."""

    def __init__(self, connection: Any, schema: Schema) -> None:
        self.connection = connection
        self.schema = schema
        self.database = str(self._fetch("SELECT DATABASE(), VERSION()", "beginning")[0][0])
        self.mariadb = "mariadb" in str(self._fetch("SELECT VERSION()", "beginning")[0][0]).lower()
        self.sql = MysqlRenderer(schema, self.mariadb, self._place)
        self.staging = f"{self.database[:50]}_ssg_staging"
        self.old = f"{self.database[:50]}_ssg_old"
        self._staged: dict[TableName, Model] = {}
        self._copied: set[TableName] = set()
        self._dropped: dict[TableName, Model] = {}
        self._emptied: dict[TableName, Model] = {}
        self._direct: dict[TableName, Model] = {}
        self._vendor: list[tuple[Model, str]] = []
        self._locked = False
        self._loads = can_load(connection)

    def begin(self) -> None:
        if self._fetch("SELECT GET_LOCK(CONCAT('ssg.', LEFT(MD5(DATABASE()), 32)), 0)", "beginning")[0][0] != 1:
            raise SsgError("Another run is filling this database", "wait for it to end, then run again")
        self._locked = True
        self.execute("SET autocommit = 0", "beginning")
        self._clean()

    def _clean(self) -> None:
        """Remove what a killed run left, and what a finished one moved away."""
        for name in (self.staging, self.old):
            if self._fetch(f"SHOW DATABASES LIKE {_pattern(name)}", "beginning"):
                self.execute("SET foreign_key_checks = 0", "beginning")
                self.execute(f"DROP DATABASE {quote_backtick(name)}", "clearing what an earlier run left")
                self.execute("SET foreign_key_checks = 1", "beginning")

    def end(self) -> None:
        with suppress(Exception):
            self.connection.rollback()
            if self._locked:
                self._clean()
                self._fetch("SELECT RELEASE_LOCK(CONCAT('ssg.', LEFT(MD5(DATABASE()), 32)))", "ending")

    def _place(self, table: TableName) -> str:
        """Where a table stands during the run."""
        database = self.staging if table in self._staged else self.database
        return f"{quote_backtick(database)}.{quote_backtick(self.sql.name(table))}"

    def _stands(self, table: TableName) -> bool:
        return bool(self._columns(table))

    def _columns(self, table: TableName) -> set[str]:
        query = "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
        return {r[0] for r in self._fetch(query, "looking at", (self.database, self.sql.name(table)))}

    def computed(self, model: Model) -> set[str]:
        """The columns that MariaDB computes."""
        query = (
            "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s "
            "AND generation_expression <> ''"
        )
        database = self.staging if model.table in self._staged else self.database
        return {r[0] for r in self._fetch(query, "looking at", (database, self.sql.name(model.table)))}

    def existing(self, model: Model) -> Existing | None:
        if model.table in self._dropped and model.table not in self._staged:
            return None
        standing = self._columns(model.table)
        if not standing and model.table not in self._staged:
            return None
        if model.table in self._emptied:
            return Existing(0, {})
        keys = [k for k in integer_keys(model) if k in standing or model.table in self._staged]
        place = self._place(model.table)
        wanted = [f"(SELECT COUNT(*) FROM {place})", *(f"(SELECT MAX({quote_backtick(k)}) FROM {place})" for k in keys)]
        row = self._fetch(f"SELECT {', '.join(wanted)}", "looking at")[0]
        return Existing(int(row[0]), {k: int(v) for k, v in zip(keys, row[1:], strict=True) if v is not None})

    def create(self, models: Sequence[Model]) -> None:
        LIMIT.refuse(models, {m.table: self.sql.name(m.table) for m in models})
        self._stage()
        for model in models:
            if not model.columns:
                self.sql.notes.append(f"Table `{model.table}` is left out: MariaDB has no tables without columns")
                continue
            self._staged[model.table] = model
            statement = self.sql.create(model, self._accepts(model))
            self.execute(statement, "creating", model)

    def _stage(self) -> None:
        name = quote_backtick(self.staging)
        if not self._fetch(f"SHOW DATABASES LIKE {_pattern(self.staging)}", "preparing"):
            self.execute(
                f"CREATE DATABASE {name} CHARACTER SET utf8mb4",
                "creating the staging database (the role needs the right to)",
            )
            if collation := self._fetch(
                "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name = %s",
                "preparing",
                (self.database,),
            ):
                self.execute(
                    f"ALTER DATABASE {name} CHARACTER SET {collation[0][0]} COLLATE {collation[0][1]}", "preparing"
                )
        self.execute(f"USE {name}", "preparing")

    def _accepts(self, model: Model) -> Any:
        def accepts(statement: str) -> bool:
            try:
                self.connection.cursor().execute(statement)
            except self.connection.Error:
                return False
            self.execute(f"DROP TABLE {quote_backtick(self.sql.name(model.table))}", "preparing", model)
            return True

        return accepts

    def empty(self, models: Sequence[Model]) -> None:
        self._refuse_outsiders(models, "emptied")
        self._emptied.update({m.table: m for m in models})

    def drop(self, models: Sequence[Model]) -> None:
        self._refuse_outsiders(models, "dropped")
        self._dropped.update({m.table: m for m in models})

    def _references(
        self, where: str, values: tuple[Any, ...]
    ) -> list[tuple[str, str, str, list[str], list[str], str, str]]:
        """(table, constraint, parent, columns, parent's columns, on update, on delete)."""
        rows = self._fetch(
            "SELECT k.table_name, k.constraint_name, k.referenced_table_name, k.column_name, k.referenced_column_name, "
            "r.update_rule, r.delete_rule FROM information_schema.key_column_usage k "
            "JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema "
            "AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name "
            f"WHERE k.table_schema = %s AND k.referenced_table_name IS NOT NULL AND {where} "
            "ORDER BY k.table_name, k.constraint_name, k.ordinal_position",
            "looking at references",
            (self.database, *values),
        )
        found: dict[tuple[str, str], tuple[str, str, str, list[str], list[str], str, str]] = {}
        for table, name, parent, column, to, update, delete in rows:
            entry = found.setdefault((table, name), (table, name, parent, [], [], update, delete))
            entry[3].append(column)
            entry[4].append(to)
        return list(found.values())

    def _refuse_outsiders(self, models: Sequence[Model], done: str) -> None:
        own = {self.sql.name(m.table).lower() for m in models}
        for child, _, parent, *_ in self._references("1 = 1", ()):
            if parent.lower() in own and child.lower() not in own:
                raise SsgError(
                    f"Table `{parent}` cannot be {done}: table `{child}` refers to it and is not part of this run",
                    f"select it too, or run `DROP TABLE {child}`",
                )

    def load(self, model: Model, batches: Iterable[pa.RecordBatch]) -> int:
        if not model.columns:
            return sum(b.num_rows for b in batches)
        if model.table not in self._staged:
            if self._staged:
                self._copy(model)
            else:
                self._open_directly(model)
        place, rows = self._place(model.table), 0
        self.execute("SET foreign_key_checks = 0", "loading")
        for batch in computed_by(batches, self.computed(model)):
            names = batch.schema.names
            if names and self._loads:
                self._load_data(place, batch, model)
                rows += batch.num_rows
                continue
            bits = [n for n in names if is_bits(model.column(n).type)]
            shapes = [self.sql.same and model.column(n).type.kind is Kind.GEOMETRY for n in names]
            values = ", ".join("ST_GeomFromText(%s)" if shape else "%s" for shape in shapes)
            statement = f"INSERT INTO {place} ({quoted_list(names)}) VALUES ".replace("%", "%%") + f"({values})"
            for start in range(0, batch.num_rows, ROWS_AT_ONCE):
                part = batch.slice(start, ROWS_AT_ONCE)
                ready = list(tuples(part, plain, dict.fromkeys(bits, _bits))) if names else [()] * part.num_rows
                self._many(statement, ready, "loading", model)
            rows += batch.num_rows
        if model.table in self._staged:
            self.connection.commit()
        if not self._loads and rows >= WORTH_A_NOTE:
            self.sql.notes.append(
                "Rows went in by INSERT: with `local_infile` on, the server takes them several times faster"
            )
        return rows

    def _load_data(self, place: str, batch: pa.RecordBatch, model: Model) -> None:
        fields, arrays = [], []
        for field, array in zip(batch.schema, batch.columns, strict=True):
            kind = model.column(field.name).type
            around, ready = None, array
            if is_bits(kind):
                around, ready = "CAST(@ AS UNSIGNED)", pa.array(_bits(array), pa.uint64())
            elif self.sql.same and kind.kind is Kind.GEOMETRY:
                around = "ST_GeomFromText(@)"
            elif pa.types.is_binary(array.type):
                around = "UNHEX(@)"
            fields.append(Field(field.name, around))
            arrays.append(ready)
        ready_batch = pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
        try:
            load(self.connection, place, fields, ready_batch)
        except self.connection.Error as error:
            raise reduce(error, "loading", model) from None

    def _open_directly(self, model: Model) -> None:
        """Begin to change a table that exists, in the run's one transaction."""
        if model.table in self._direct:
            return
        self._direct[model.table] = model
        if model.table in self._emptied:
            self.execute("SET foreign_key_checks = 0", "emptying")
            self.execute(f"DELETE FROM {self._place(model.table)}", "emptying", model)

    def _copy(self, model: Model) -> None:
        """Bring a table that exists into the staging database, to be changed there and swapped in with the new ones."""
        if not self._copied:
            self._refuse_outsiders(self.schema.models, "changed together with new tables")
        standing = self._place(model.table)
        columns = [c.name for c in model.columns if c.generated is None]
        name = quote_backtick(self.sql.name(model.table))
        self.execute(f"CREATE TABLE {name} LIKE {standing}", "copying", model)
        if model.table not in self._emptied:
            listed = quoted_list(columns)
            self.execute(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM {standing}", "copying", model)
        self._staged[model.table] = model
        self._copied.add(model.table)
        self._dropped[model.table] = model
        # A reference follows the table it leads to when that is moved away, so its owner has to be made anew as well.
        own = {self.sql.name(m.table).lower(): m for m in self.schema.models}
        for child, *_ in self._references("k.referenced_table_name = %s", (self.sql.name(model.table),)):
            other = own.get(child.lower())
            if other is not None and other.table not in self._staged:
                self._copy(other)

    def finish(self, models: Sequence[Model]) -> tuple[str, ...]:
        for model in models:
            if model.table not in self._staged and model.table in self._emptied:
                if self._staged:
                    self._copy(model)
                else:
                    self._open_directly(model)
        self.execute("SET foreign_key_checks = 1", "checking")
        staged = list(self._staged.values())
        for model in staged:
            if model.table not in self._copied and (parts := self.sql.additions(model)):
                self.execute(f"ALTER TABLE {self._place(model.table)} {', '.join(parts)}", "adding keys", model)
        for model in staged:
            if model.table in self._copied:
                for part in self._copied_references(model):
                    self.execute(f"ALTER TABLE {self._place(model.table)} {part}", "adding references", model)
            else:
                for key in model.foreign_keys:
                    if key.to_table in self._staged or self._stands(key.to_table):
                        self._add_reference(model, key)
                    else:
                        self.sql.notes.append(missing_parent(model, key))
            if self.sql.same and model.table not in self._copied:
                self._vendor += [(model, statement) for statement in model.vendor]
        for model in models:
            if model.table in self._direct:
                self._check_references(model)
        return tuple(dict.fromkeys(n for n in self.sql.notes if n))

    def _add_reference(self, model: Model, key: ForeignKey) -> None:
        """Verified by a query: with its own check MariaDB copies the whole table to add a reference."""
        possible = True
        self.execute("SET foreign_key_checks = 0", "adding references")
        try:
            self.connection.cursor().execute(f"ALTER TABLE {self._place(model.table)} {self.sql.reference(model, key)}")
        except self.connection.Error as error:
            if not error.args or error.args[0] not in _IMPOSSIBLE:
                raise reduce(error, "adding references", model) from None
            possible = False
        self.execute("SET foreign_key_checks = 1", "adding references")
        child, parent = self._place(model.table), self._place(key.to_table)
        self._verify(model, child, parent, key.columns, key.to_columns, str(key.to_table))
        if not possible:
            place = f"`{model.table}` ({', '.join(key.columns)}) to `{key.to_table}`"
            self.sql.notes.append(f"The reference of {place} holds but cannot stand in MariaDB: it does not take it")

    def _copied_references(self, model: Model) -> list[str]:
        names = {self.sql.name(t).lower(): t for t in self._staged}
        parts = []
        for _, name, parent, columns, to, update, delete in self._references(
            "k.table_name = %s", (self.sql.name(model.table),)
        ):
            table = names.get(parent.lower())
            place = self._place(table) if table else f"{quote_backtick(self.database)}.{quote_backtick(parent)}"
            parts.append(
                f"ADD CONSTRAINT {quote_backtick(name)} FOREIGN KEY ({quoted_list(columns)}) REFERENCES {place} "
                f"({quoted_list(to)}) ON UPDATE {update} ON DELETE {delete}"
            )
        return parts

    def _check_references(self, model: Model) -> None:
        for _, _, parent, columns, to, _, _ in self._references("k.table_name = %s", (self.sql.name(model.table),)):
            there = f"{quote_backtick(self.database)}.{quote_backtick(parent)}"
            self._verify(model, self._place(model.table), there, columns, to, parent)

    def _verify(
        self, model: Model, child: str, parent: str, columns: Sequence[str], to: Sequence[str], called: str
    ) -> None:
        present = " AND ".join(f"c.{quote_backtick(n)} IS NOT NULL" for n in columns)
        same = " AND ".join(f"p.{quote_backtick(b)} = c.{quote_backtick(a)}" for a, b in zip(columns, to, strict=True))
        found = self._fetch(
            f"SELECT 1 FROM {child} c WHERE {present} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {same}) LIMIT 1",
            "checking references",
        )
        if found:
            raise RunError(f"Table `{model.table}` has rows whose `{', '.join(columns)}` refer to no row of `{called}`")

    def commit(self) -> None:
        if not self._staged:
            for model in self._emptied.values():
                if model.table not in self._dropped:
                    self._open_directly(model)
        self.execute(f"USE {quote_backtick(self.database)}", "committing")
        if not self._staged:
            if self._dropped:
                self.execute("SET foreign_key_checks = 0", "dropping")
                standing = [m for m in self._dropped.values() if self._stands(m.table)]
                if standing:
                    places = ", ".join(self._place(m.table) for m in standing)
                    self.execute(f"DROP TABLE {places}", "dropping tables")
            self.connection.commit()
            return
        self.connection.commit()
        moves = []
        away = [m for m in self._dropped.values() if self._stands(m.table)]
        if away:
            self.execute(
                f"CREATE DATABASE IF NOT EXISTS {quote_backtick(self.old)} CHARACTER SET utf8mb4", "committing"
            )
        for model in away:
            name = quote_backtick(self.sql.name(model.table))
            moves.append(f"{quote_backtick(self.database)}.{name} TO {quote_backtick(self.old)}.{name}")
        for table in self._staged:
            name = quote_backtick(self.sql.name(table))
            moves.append(f"{quote_backtick(self.staging)}.{name} TO {quote_backtick(self.database)}.{name}")
        self.execute(f"RENAME TABLE {', '.join(moves)}", "moving the tables into place")
        for model, statement in self._vendor:
            self.execute(statement, "running a vendor statement", model)

    def execute(self, statement: str, doing: str, model: Model | None = None) -> None:
        try:
            self.connection.cursor().execute(statement)
        except self.connection.Error as error:
            raise reduce(error, doing, model) from None

    def _many(self, statement: str, rows: list[tuple[Any, ...]], doing: str, model: Model) -> None:
        try:
            self.connection.cursor().executemany(statement, rows)
        except self.connection.Error as error:
            raise reduce(error, doing, model) from None

    def _fetch(self, query: str, doing: str, values: tuple[Any, ...] | None = None) -> list[tuple[Any, ...]]:
        try:
            cursor = self.connection.cursor()
            cursor.execute(query, values)
            return list(cursor.fetchall())
        except self.connection.Error as error:
            raise reduce(error, doing) from None


def _pattern(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%").replace("'", "''") + "'"


def _bits(array: pa.Array) -> list[int | None]:
    """The text of a BIT as the number that the driver takes for it."""
    return [None if v is None else int(v, 2) for v in array.to_pylist()]
