"""PostgreSQL filled by several processes: each part is one transaction into bare tables of a schema of the run's own, from which the session of
one process takes the rows over into the real tables in the end.

That schema is all that can be seen of a run before it is done, and all that is left of one that was killed. Columns whose types the run itself
brings along (enums, composites) are text there: the types are not there before the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow as pa

from ssgproj.errors import SsgError
from ssgproj.project.model import SchemaObjects, TableName
from ssgproj.targets.base import Schema
from ssgproj.targets.ddl.names import literal, qualified, quote, quoted_list
from ssgproj.targets.parts import Stored
from ssgproj.targets.postgres import PostgresDestination, PostgresSession, reduce
from ssgproj.targets.postgres_load import stream_in

if TYPE_CHECKING:
    from psycopg import Connection

    from ssgproj.project.model import Model


@dataclass(frozen=True, slots=True)
class PostgresParts:
    """The schema of one run. Runs of one `owner` may clear each other's remains away."""

    destination: PostgresDestination
    schema: str
    owner: str

    def prepare(self, schema: Schema, models: Sequence[Model]) -> None:
        with self.destination.connect() as connection:
            try:
                # Shards may begin at one moment.
                connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [self.schema])
                if not connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [self.schema]).fetchone():
                    for statement in self._statements(connection, schema, models):
                        connection.execute(statement.encode())
                connection.commit()
            except psycopg.Error as error:
                raise reduce(error, "preparing the tables for parts") from None

    def _statements(self, connection: Connection[Any], schema: Schema, models: Sequence[Model]) -> list[str]:
        # Nothing is logged: after a crash of the server the list of parts is as empty as their tables.
        statements = [
            f"CREATE SCHEMA {quote(self.schema)}",
            f"COMMENT ON SCHEMA {quote(self.schema)} IS {literal(self.owner)}",
            f"CREATE UNLOGGED TABLE {self._parts} (part text PRIMARY KEY, rows bigint NOT NULL)",
        ]
        with connection.transaction(force_rollback=True):
            # The real tables are created for a moment, to see what types their columns have.
            session = PostgresSession(connection, schema, self.destination)
            session.create([m for m in models if session.existing(m) is None])
            for model in models:
                standing = {c.name: c for c in session.columns(model.table)}
                if missing := [c.name for c in model.columns if c.name not in standing]:
                    raise SsgError(
                        f"Table `{model.table}` has no column `{missing[0]}` in the destination",
                        f"ssg remove --tables --select {model.table}",
                    )
                kept = [standing[c.name] for c in model.columns if not standing[c.name].generated]
                columns = [f"{quote(c.name)} {quote(c.type_name) if c.builtin else 'text'}" for c in kept]
                statements.append(f"CREATE UNLOGGED TABLE {qualified(self._place(model))} ({', '.join(columns)})")
        return statements

    def put(self, part: str, model: Model, batches: Iterator[pa.RecordBatch], rows_a_file: int | None) -> Stored:
        """Raises RunError if the database refuses a row."""
        with self.destination.connect() as connection:
            try:
                # First, so that another who makes the same part waits for this one, and then finds it there.
                new = connection.execute(
                    f"INSERT INTO {self._parts} VALUES (%s, 0) ON CONFLICT DO NOTHING".encode(), [part]
                )
                if not new.rowcount:
                    for _ in batches:  # whose keys may be wanted
                        continue
                    return Stored(self._held(connection)[part])
                session = PostgresSession(connection, Schema((model,), SchemaObjects(), "postgres"), self.destination)
                known = {c.name: c for c in session.columns(self._place(model))}
                wanted = [c.name for c in model.columns if c.name in known]
                selected = (b.select(wanted) for b in batches)
                rows = stream_in(connection, qualified(self._place(model)), model, known, selected)
                connection.execute(f"UPDATE {self._parts} SET rows = %s WHERE part = %s".encode(), [rows, part])
                connection.commit()
            except psycopg.Error as error:
                raise reduce(error, "loading", model) from None
        return Stored(rows)

    def holds(self, part: str, stored: Stored) -> bool:
        with self.destination.connect() as connection:
            try:
                return self._held(connection).get(part) == stored.rows
            except psycopg.Error:
                return False

    def discard(self) -> None:
        with self.destination.connect() as connection:
            try:
                found = connection.execute(
                    "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'ssg_parts_') "
                    "AND obj_description(oid, 'pg_namespace') = %s",
                    [self.owner],
                ).fetchall()
                for (name,) in found:
                    connection.execute(f"DROP SCHEMA {quote(name)} CASCADE".encode())
                connection.commit()
            except psycopg.Error as error:
                raise reduce(error, "dropping the tables for parts") from None

    def take_over(self, session: PostgresSession, model: Model, parts: Sequence[tuple[str, Stored]]) -> None:
        """The rows of these parts, which are all that were put, into the real table. Raises RunError if it refuses one."""
        real = {c.name: c for c in session.columns(model.table) if not c.generated}
        names = [c.name for c in model.columns if c.name in real]
        try:
            types = dict(
                session.connection.execute(
                    "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
                    "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
                    [qualified(model.table)],
                ).fetchall()
            )
            values = [quote(n) if real[n].builtin else f"{quote(n)}::{types[n]}" for n in names]
            into = f"({quoted_list(names)}) OVERRIDING SYSTEM VALUE" if names else ""
            taken = session.connection.execute(
                f"INSERT INTO {qualified(model.table)} {into} SELECT {', '.join(values)} FROM {qualified(self._place(model))}".encode()
            )
        except psycopg.Error as error:
            raise reduce(error, "loading", model) from None
        if taken.rowcount != sum(s.rows for _, s in parts):
            raise SsgError(f"The database holds other rows of `{model.table}` than were made", "ssg run --full-refresh")

    def _held(self, connection: Connection[Any]) -> dict[str, int]:
        return dict(connection.execute(f"SELECT part, rows FROM {self._parts}".encode()).fetchall())

    @property
    def _parts(self) -> str:
        return f'{quote(self.schema)}."ssg parts"'

    def _place(self, model: Model) -> TableName:
        name = str(model.table)
        if len(name.encode()) > 63:
            name = hashlib.sha256(name.encode()).hexdigest()[:32]
        return TableName(name, self.schema)
