"""PostgreSQL: the session is one transaction; rows stream in by COPY; keys, references and indexes come when the tables are full."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow as pa

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import Function, Model, NamedType, TableName
from ssgproj.project.names import split_name
from ssgproj.project.refusals import why_refused
from ssgproj.targets.base import Existing, Schema
from ssgproj.targets.ddl.names import literal, qualified, quote
from ssgproj.targets.ddl.postgres import LIMIT, PostgresRenderer
from ssgproj.targets.errors import check_hint, describe
from ssgproj.targets.keys import integer_keys
from ssgproj.targets.postgres_copy import PostgresColumn
from ssgproj.targets.postgres_load import stream_in
from ssgproj.targets.postgres_standing import SEGMENT, Standing
from ssgproj.targets.values import array_of, value_of

if TYPE_CHECKING:
    from psycopg import Connection

    from ssgproj.targets.parts import PartStore, Stored

_LOCK = int.from_bytes(hashlib.sha256(b"ssg run").digest()[:8], "big", signed=True)
"""One run at a time in one database."""

_VIOLATIONS = ("22", "23")


_NOT_UNDERSTOOD = "42"
"""The class of errors about what a statement says: syntax, unknown functions, names or types."""


class PostgresDestination:
    """One PostgreSQL database."""

    name = "postgres"
    dialect = "postgres"
    computes_generated = True
    takes_dictionaries = True

    def __init__(self, url: str, default_schema: str | None = None, *, unlogged: bool = False) -> None:
        self._url = url
        self.default_schema = default_schema
        self.unlogged = unlogged

    @contextmanager
    def session(self, schema: Schema) -> Iterator[PostgresSession]:
        with self.connect() as connection:
            session = PostgresSession(connection, schema, self)
            session.begin()
            try:
                yield session
            finally:
                if not session.committed and not connection.closed:
                    connection.rollback()

    def workspace(self, root: Path) -> Path:
        # One for each database; without the password, whose hash could be tried for.
        told = psycopg.conninfo.conninfo_to_dict(self._libpq_url())
        place = [str(told.get(k)) for k in ("host", "hostaddr", "port", "dbname")]
        return root / "target" / f"postgres-{hashlib.sha256(repr(place).encode()).hexdigest()[:8]}.parts"

    def store(self, place: Path) -> PartStore:
        from ssgproj.targets.postgres_parts import PostgresParts

        owner = hashlib.sha256(str(place.parent).encode()).hexdigest()[:16]
        return PostgresParts(self, f"ssg_parts_{place.name}", owner)

    def standing(self, schema: Schema) -> Mapping[str, Existing | None]:
        with self.connect() as connection:
            session = PostgresSession(connection, schema, self)
            return {m.node_id: session.existing(m) for m in schema.models}

    def identity(self) -> str:
        with self.connect() as connection:
            row = connection.execute(
                "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()) "
                "FROM pg_control_system()"
            ).fetchone()
        return f"postgres:{row[0]}:{row[1]}" if row else "postgres"

    def read(self, model: Model, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        from ssgproj.generators.arrow import arrow_type

        names = list(columns) if columns is not None else [c.name for c in model.columns]
        types = [model.column(n).type for n in names]
        fields = [pa.field(n, arrow_type(t)) for n, t in zip(names, types, strict=True)]
        selected = []
        for name, field in zip(names, fields, strict=True):
            if _is_keyed(field.type):
                selected.append(f"to_jsonb({quote(name)})::text")
                continue
            text = pa.types.is_string(field.type)
            inner = "::text[]" if pa.types.is_list(field.type) and pa.types.is_string(field.type.value_type) else ""
            if pa.types.is_decimal(field.type) and "money" in model.column(name).type.text.lower():
                inner = "::numeric"
            if pa.types.is_time(field.type):
                inner = "::time"
            selected.append(f"{quote(name)}{'::text' if text else inner}")
        with self.connect() as connection, connection.cursor(name="ssg_read", binary=True) as cursor:
            try:
                cursor.itersize = 20_000
                cursor.execute(f"SELECT {', '.join(selected)} FROM {own_rows(connection, model.table)}".encode())
                while rows := cursor.fetchmany(20_000):
                    columns_ = list(zip(*rows, strict=True)) if names else []
                    arrays = [_arrow(list(c), f.type) for c, f in zip(columns_, fields, strict=True)]
                    yield pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
            except psycopg.Error as error:
                raise reduce(error, "reading", model) from None

    def connect(self) -> Connection[Any]:
        """A connection of its own. Raises SsgError if there is none."""
        try:
            connection: Connection[Any] = psycopg.connect(self._libpq_url(), client_encoding="utf8")
            schema = self.default_schema
            path = f"{quote(schema)}, public" if schema and schema != "public" else "public"
            connection.execute(f"SET search_path = {path}".encode())
            connection.execute("SET TimeZone = 'UTC'; SET DateStyle = ISO; SET IntervalStyle = postgres")
            connection.commit()
        except psycopg.Error as error:
            raise SsgError(
                f"Cannot connect to the PostgreSQL destination: {why_refused(error)}",
                "correct the URL (`profiles.yml` says which variable holds it), then: ssg debug",
            ) from None
        return connection

    def _libpq_url(self) -> str:
        scheme, _, rest = self._url.partition("://")
        return f"postgresql://{rest}" if "+" in scheme or scheme == "postgres" else self._url


def _arrow(values: list[Any], kind: pa.DataType) -> pa.Array:
    import datetime as dt

    if pa.types.is_time(kind):
        values = [v.replace(tzinfo=None) if isinstance(v, dt.time) else v for v in values]
    if _is_keyed(kind):
        values = [None if v is None else value_of(v, kind) for v in values]
    return array_of(values, kind)


def _is_keyed(kind: pa.DataType) -> bool:
    """Whether there are names in it: a struct or a map, or an array of them."""
    return (pa.types.is_list(kind) and _is_keyed(kind.value_type)) or pa.types.is_struct(kind) or pa.types.is_map(kind)


def own_rows(connection: Connection[Any], table: TableName) -> str:
    """A table without those that inherit from it; a partitioned one, which has no rows of its own, with its partitions."""
    name = qualified(table)
    found = connection.execute("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(%s)", [name]).fetchone()
    return name if found and found[0] else f"ONLY {name}"


def reduce(error: psycopg.Error, doing: str, model: Model | None = None) -> SsgError:
    """A PostgreSQL error without its texts."""
    diag = error.diag
    state = error.sqlstate
    message = describe(
        state,
        type(error).__name__,
        table=diag.table_name or (str(model.table) if model else None),
        column=diag.column_name,
        constraint=diag.constraint_name,
        doing=doing,
    )
    if state and state[:2] in _VIOLATIONS:
        return RunError(message, check_hint(model) if state == "23514" and model else None)
    return SsgError(message)


class PostgresSession:
    """One transaction."""

    def __init__(self, connection: Connection[Any], schema: Schema, destination: PostgresDestination) -> None:
        self.connection, self._connect = connection, destination.connect
        self.schema = schema
        self.sql = PostgresRenderer(schema, unlogged=destination.unlogged)
        self.default_schema = destination.default_schema
        self.committed = False
        self._filled: list[str] = []
        """The tables that are finished, in SQL, for their statistics."""
        self._made: set[TableName] = set()
        self._late: list[Function] = []
        self._deferred: list[tuple[str, str]] = []
        self._relaxed = False
        self._standing = Standing(connection, schema.models, lambda: [name for _, name in self._deferred])

    def begin(self) -> None:
        self.execute(
            "SET LOCAL synchronous_commit = off; SET LOCAL check_function_bodies = off; "
            "SET LOCAL client_min_messages = warning; SET LOCAL statement_timeout = 0; "
            "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL maintenance_work_mem = '256MB'",
            "beginning",
        )
        if not self._value("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK]):
            raise SsgError("Another run is filling this database", "wait for it to end, then run again")

    # What stands

    def existing(self, model: Model) -> Existing | None:
        if not self._stands(model.table):
            return None
        standing = {c.name for c in self.columns(model.table)}
        keys = [k for k in integer_keys(model) if k in standing]
        # One column a query: each maximum is then taken from its index.
        table = own_rows(self.connection, model.table)
        wanted = ", ".join(
            [f"(SELECT count(*) FROM {table})", *(f"(SELECT max({quote(k)}) FROM {table})" for k in keys)]
        )
        row = self._rows(f"SELECT {wanted}", "looking at", model)[0]
        if model.table not in self._made:
            self._standing.count(qualified(model.table), row[0])
        return Existing(row[0], {k: int(v) for k, v in zip(keys, row[1:], strict=True) if v is not None})

    def _stands(self, table: TableName) -> bool:
        # Not by the search path: a table of this name in `public` is another one.
        place = TableName(table.name, table.schema or self.default_schema or "public")
        return self._value("SELECT to_regclass(%s) IS NOT NULL", [qualified(place)]) is True

    def columns(self, table: TableName) -> list[PostgresColumn]:
        """The columns of a table as they stand."""
        rows = self._rows(
            """
            WITH RECURSIVE base AS (
                SELECT attname, attnum, attgenerated, atttypid AS type FROM pg_attribute
                WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
                UNION ALL
                SELECT attname, attnum, attgenerated, typbasetype FROM base JOIN pg_type ON oid = type WHERE typtype = 'd'
            )
            SELECT attname, t.typname, t.typtype, t.typnamespace = 'pg_catalog'::regnamespace, e.typname, e.typtype,
                   attgenerated <> ''
            FROM base JOIN pg_type t ON t.oid = type LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
            WHERE t.typtype <> 'd' ORDER BY attnum
            """,
            "looking at",
            parameters=[qualified(table)],
        )
        return [PostgresColumn(*row) for row in rows]

    # Making

    def create(self, models: Sequence[Model]) -> None:
        LIMIT.refuse(models)
        objects = self.schema.objects
        names = dict(objects.schemas)
        for table in [
            *(m.table for m in models),
            *(t.name for t in objects.types),
            *(s.name for s in objects.sequences),
        ]:
            if table.schema:
                names.setdefault(table.schema, None)
        if self.default_schema and self.default_schema != "public":
            names.setdefault(self.default_schema, None)
        for name, comment in names.items():
            if self._value("SELECT 1 FROM pg_namespace WHERE nspname = %s", [name]):
                continue
            self.execute(f"CREATE SCHEMA {quote(name)}", f"creating schema `{name}`")
            if comment:
                self.execute(f"COMMENT ON SCHEMA {quote(name)} IS {literal(comment)}", f"commenting schema `{name}`")
        if self.sql.same:
            for extension in objects.extensions:
                *place, name = split_name(extension) or (extension,)
                where = f" SCHEMA {quote(place[0])}" if place else ""
                self.execute(
                    f"CREATE EXTENSION IF NOT EXISTS {quote(name)}{where}", f"creating extension `{extension}`"
                )
        self._create_objects()
        for model in self.sql.in_order(models):
            self._create_table(model)
            self._made.add(model.table)
        for function in self._late:
            self.execute(function.sql, f"creating function `{function.name}`")
        self._late.clear()

    def _create_table(self, model: Model) -> None:
        """With all defaults and expressions; of those that were translated, without what PostgreSQL cannot read."""
        if not self.sql.same and not self._attempt_all(self.sql.create(model)):
            said = [c.name for c in model.columns if c.default is not None or c.generated is not None]
            self.sql.left_out[model.table] = set(said)
            for name in said:
                self.sql.left_out[model.table].discard(name)
                if not self._attempt_all(self.sql.create(model), keep=False):
                    self.sql.left_out[model.table].add(name)
                    self.sql.notes.append(
                        f"PostgreSQL does not take the expression of `{model.table}.{name}`: it is left out"
                    )
        elif not self.sql.same:
            return
        for statement in self.sql.create(model):
            self.execute(statement, f"creating table `{model.table}`", model)

    def _attempt_all(self, statements: Iterable[str], *, keep: bool = True) -> bool:
        """Run them in a savepoint; False, and nothing of them done, if one was refused. Also nothing done unless `keep`."""
        try:
            with self.connection.transaction() as savepoint:
                for statement in statements:
                    self.connection.execute(statement.encode())
                if not keep:
                    raise psycopg.Rollback(savepoint)
        except psycopg.Error:
            return False
        return True

    def _create_objects(self) -> None:
        """Types, sequences and functions in whatever order they can be made: each may need another."""
        objects = self.schema.objects
        waiting: list[tuple[str, str, NamedType | None]] = []
        for named in objects.types:
            sql = self.sql.named_type(named)
            if sql and self._value("SELECT to_regtype(%s) IS NULL", [qualified(named.name)]):
                waiting.append((f"type `{named.name}`", sql, named))
        for sequence in objects.sequences:
            if not self._stands(sequence.name):
                statement = self.sql.sequence(sequence.name, sequence.options)
                if sequence.description:
                    statement += f"; COMMENT ON SEQUENCE {qualified(sequence.name)} IS {literal(sequence.description)}"
                waiting.append((f"sequence `{sequence.name}`", statement, None))
        functions = [f for f in objects.functions if self.sql.same and not self._function_stands(f.name)]
        waiting += [(f"function `{f.name}`", f.sql, None) for f in functions]
        while waiting:
            left = [item for item in waiting if not self._attempt(item[1])]
            if len(left) == len(waiting):
                self._late = [f for f in objects.functions if any(f.sql == sql for _, sql, _ in left)]
                for what, sql, _ in left:
                    if all(sql != f.sql for f in self._late):
                        self.execute(sql, f"creating {what}")
                break
            waiting = left
        for named in objects.types:
            if named.description:
                word = "DOMAIN" if named.kind == "domain" else "TYPE"
                comment = f"COMMENT ON {word} {qualified(named.name)} IS {literal(named.description)}"
                self._attempt(comment)

    def _attempt(self, sql: str) -> bool:
        """Run it in a savepoint; False if it was refused."""
        try:
            with self.connection.transaction():
                self.connection.execute(sql.encode())
        except psycopg.Error:
            return False
        return True

    def _function_stands(self, name: TableName) -> bool:
        return bool(
            self._value(
                "SELECT 1 FROM pg_proc WHERE proname = %s AND pronamespace = coalesce(%s::text, current_schema())::regnamespace",
                [name.name, quote(name.schema) if name.schema else None],
            )
        )

    # Removing

    def empty(self, models: Sequence[Model]) -> None:
        if models:
            self._refuse_outsiders(models, "emptied")
            tables = ", ".join(own_rows(self.connection, m.table) for m in models)
            self.execute(f"TRUNCATE {tables} RESTART IDENTITY", "emptying tables")
            for model in models:
                self._standing.count(qualified(model.table), 0)

    def _refuse_outsiders(self, models: Sequence[Model], done: str) -> None:
        rows = self._rows(
            """
            SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
            WHERE contype = 'f' AND conparentid = 0 AND confrelid = ANY (
                SELECT to_regclass(t) FROM unnest(%s::text[]) t)
            AND conrelid <> ALL (
                SELECT coalesce(p.relid, to_regclass(t)::oid) FROM unnest(%s::text[]) t
                LEFT JOIN LATERAL pg_partition_tree(to_regclass(t)) p ON true WHERE to_regclass(t) IS NOT NULL)
            ORDER BY 1, 2
            """,
            "looking at references",
            parameters=[[qualified(m.table) for m in models]] * 2,
        )
        if rows:
            child, parent = rows[0]
            raise SsgError(
                f"Table `{parent}` cannot be {done}: table `{child}` refers to it and is not part of this run",
                f"select it too, or run `ALTER TABLE {child} DROP CONSTRAINT ...`",
            )

    def drop(self, models: Sequence[Model]) -> None:
        standing = [m for m in models if self._stands(m.table)]
        if standing:
            self._refuse_outsiders(standing, "dropped")
            self.execute(f"DROP TABLE {', '.join(qualified(m.table) for m in standing)}", "dropping tables")
        objects = self.schema.objects
        removable = [f"SEQUENCE IF EXISTS {qualified(s.name)}" for s in objects.sequences]
        removable += [
            f"{'DOMAIN' if t.kind == 'domain' else 'TYPE'} IF EXISTS {qualified(t.name)}"
            for t in reversed(objects.types)
        ]
        if self.sql.same:
            removable += [f"FUNCTION IF EXISTS {qualified(f.name)}" for f in objects.functions]
        # Without CASCADE: what something else still needs stays.
        while removable:
            left = [what for what in removable if not self._attempt(f"DROP {what}")]
            if len(left) == len(removable):
                break
            removable = left

    # Filling

    def load(self, model: Model, batches: Iterable[pa.RecordBatch]) -> int:
        if model.table not in self._made:
            self._relax_cycles()
        known, name = {c.name: c for c in self.columns(model.table)}, qualified(model.table)
        try:
            if model.table in self._made:
                return stream_in(self.connection, name, model, known, batches, frozen=model.partition_by is None)
            return self._load_standing(name, model, known, iter(batches))
        except psycopg.Error as error:
            raise reduce(error, "loading", model) from None

    def _load_standing(
        self, name: str, model: Model, known: Mapping[str, PostgresColumn], stream: Iterator[pa.RecordBatch]
    ) -> int:
        """Load in segments, after each of which it is reconsidered what slows the load down."""
        rows = 0
        waiting = next(stream, None)

        def segment(most: int) -> Iterator[pa.RecordBatch]:
            nonlocal waiting
            taken = 0
            while waiting is not None and taken < most:
                batch = waiting
                taken += batch.num_rows
                yield batch
                waiting = next(stream, None)

        while waiting is not None:
            self._standing.going_on(name)
            brought = stream_in(self.connection, name, model, known, segment(max(rows, SEGMENT)))
            rows += brought
            self._standing.brought(name, brought)
        return rows

    def adopt(self, model: Model, store: PartStore, parts: Sequence[tuple[str, Stored]]) -> None:
        from ssgproj.targets.postgres_parts import PostgresParts

        assert isinstance(store, PostgresParts)  # noqa: S101 - it is this destination's
        if model.table not in self._made:
            self._relax_cycles()
            # All rows come at once, so it is known beforehand what is worth taking away.
            self._standing.brought(qualified(model.table), sum(stored.rows for _, stored in parts))
            self._standing.going_on(qualified(model.table))
        store.take_over(self, model, parts)

    def _relax_cycles(self) -> None:
        """Defer the references among standing tables that run in a circle, until `finish`."""
        if self._relaxed:
            return
        self._relaxed = True
        rows = self._rows(
            "SELECT conrelid::regclass::text, confrelid::regclass::text, conname FROM pg_constraint "
            "WHERE contype = 'f' AND conparentid = 0 AND conrelid <> confrelid AND NOT condeferrable "
            "AND conrelid = ANY (SELECT to_regclass(t) FROM unnest(%s::text[]) t)",
            "looking at references",
            parameters=[[qualified(m.table) for m in self.schema.models]],
        )
        edges: dict[str, set[str]] = {}
        for child, parent, _ in rows:
            edges.setdefault(child, set()).add(parent)
        for child, parent, constraint in rows:
            if _reaches(edges, parent, child):
                self.execute(
                    f"ALTER TABLE {child} ALTER CONSTRAINT {quote(constraint)} DEFERRABLE INITIALLY DEFERRED",
                    "deferring references",
                )
                self._deferred.append((child, constraint))

    # Finishing

    def finish(self, models: Sequence[Model]) -> tuple[str, ...]:
        self.execute("SET CONSTRAINTS ALL IMMEDIATE", "checking references")
        for table, constraint in self._deferred:
            self.execute(
                f"ALTER TABLE {table} ALTER CONSTRAINT {quote(constraint)} NOT DEFERRABLE", "restoring references"
            )
        self._deferred.clear()
        self._standing.restore(self.execute)
        made = [m for m in models if m.table in self._made]
        steps: tuple[Callable[[Model], Iterable[tuple[str, str]]], ...] = (
            self.sql.keys,
            self.sql.indexes,
            self.sql.checks,
            self.sql.exclusions,
            lambda model: self.sql.references(model, self._stands),
        )
        for step in steps:
            for model in made:
                for what, statement in step(model):
                    self._add(what, statement, model)
        for model in made:
            for statement in self.sql.comments(model):
                self.execute(statement, "commenting", model)
            for statement in self.sql.vendor(model):
                if not self._attempt(statement):
                    self.sql.notes.append(f"A vendor statement of `{model.table}` was refused: `{statement}`")
        for model in models:
            self._set_sequences(model)
        names = [qualified(m.table) for m in models]
        self._filled += [n for n in names if not self._standing.hardly_grew(n)]
        return tuple(dict.fromkeys(self.sql.notes))

    def _add(self, what: str, statement: str, model: Model) -> None:
        """Add a constraint or an index. One that was translated and that PostgreSQL cannot read is left out with a note."""
        if self.sql.same:
            self.execute(statement, f"adding {what}", model)
            return
        try:
            with self.connection.transaction():
                self.connection.execute(statement.encode())
        except psycopg.Error as error:
            if not (error.sqlstate or "").startswith(_NOT_UNDERSTOOD):
                raise reduce(error, f"adding {what}", model) from None
            self.sql.notes.append(f"PostgreSQL does not take {what} of `{model.table}`: it is left out")

    def _set_sequences(self, model: Model) -> None:
        """Past the last key: of identity and serial columns, and of any sequence in a default."""
        rows = self._rows(
            """
            SELECT DISTINCT a.attname, d.seq::regclass::text, s.seqincrement, s.seqmin, s.seqmax
            FROM pg_attribute a
            JOIN (
                SELECT refobjsubid AS num, objid AS seq FROM pg_depend
                WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype = 'i'
                AND refobjid = to_regclass(%s)
                UNION
                SELECT adnum, p.refobjid FROM pg_attrdef JOIN pg_depend p ON p.objid = pg_attrdef.oid
                AND p.classid = 'pg_attrdef'::regclass AND p.refclassid = 'pg_class'::regclass
                WHERE adrelid = to_regclass(%s)
            ) d ON a.attrelid = to_regclass(%s) AND a.attnum = d.num
            JOIN pg_sequence s ON s.seqrelid = d.seq
            WHERE a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
            """,
            "setting sequences",
            model,
            [qualified(model.table)] * 3,
        )
        for column, sequence, increment, least, most in rows:
            extreme, farther = ("max", ">") if increment > 0 else ("min", "<")
            self.execute(
                f"SELECT setval({literal(sequence)}::regclass, k) "
                f"FROM (SELECT {extreme}({quote(column)})::numeric k FROM {qualified(model.table)}) t, {sequence} s "
                f"WHERE k BETWEEN {least} AND {most} AND (NOT s.is_called OR k {farther} s.last_value)".replace(
                    "regclass, k)", "regclass, k::bigint)"
                ),
                "setting sequences",
                model,
            )

    def commit(self) -> None:
        try:
            self.connection.commit()
        except psycopg.Error as error:
            raise reduce(error, "committing") from None
        self.committed = True
        self._analyse()

    def _analyse(self) -> None:
        """Tell the planner of the rows, several tables side by side: PostgreSQL would do it by itself some time. What fails is left to it."""

        def analyse(connection: Connection[Any]) -> None:
            with suppress(psycopg.Error):
                connection.autocommit = True
            while self._filled:
                with suppress(psycopg.Error, IndexError):
                    connection.execute(f"ANALYZE {self._filled.pop()}".encode())

        def beside() -> None:
            with suppress(SsgError, psycopg.Error), self._connect() as connection:
                analyse(connection)

        helper = threading.Thread(target=beside) if len(self._filled) > 1 else None
        if helper:
            helper.start()
        analyse(self.connection)
        if helper:
            helper.join()

    # Talking to the database

    def execute(self, statement: str, doing: str, model: Model | None = None) -> None:
        try:
            # Bytes, so that a `%` in a name or a text is only that.
            self.connection.execute(statement.encode())
        except psycopg.Error as error:
            raise reduce(error, doing, model) from None

    def _rows(
        self, query: str, doing: str, model: Model | None = None, parameters: Sequence[Any] | None = None
    ) -> list[tuple[Any, ...]]:
        try:
            return self.connection.execute(query.encode(), parameters).fetchall()
        except psycopg.Error as error:
            raise reduce(error, doing, model) from None

    def _value(self, query: str, parameters: Sequence[Any] | None = None) -> Any:
        rows = self._rows(query, "looking at the destination", parameters=parameters)
        return rows[0][0] if rows else None


def _reaches(edges: dict[str, set[str]], start: str, goal: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        if node == goal:
            return True
        for following in edges.get(node, ()):
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return False


def open(url: str, default_schema: str | None, *, unlogged: bool = False) -> PostgresDestination:
    """A PostgreSQL destination. `unlogged`: what is made in it."""
    return PostgresDestination(url, default_schema, unlogged=unlogged)
