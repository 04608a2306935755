"""Databases that SQLAlchemy reaches and ssg has no module for: CREATE TABLE from its metadata, batched INSERTs, one transaction.

Where the database commits CREATE TABLE by itself (Oracle), a killed run can leave tables behind: those are dropped when the run fails,
and a note says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import Model
from ssgproj.targets.base import Existing, Schema
from ssgproj.targets.ddl.alchemy import metadata, table_of
from ssgproj.targets.keys import integer_keys

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class GeneralSession:
    """One transaction."""

    def __init__(self, connection: Connection, schema: Schema, default_schema: str | None) -> None:
        self.connection = connection
        self.schema = schema
        self.default_schema = default_schema
        self.notes: list[str] = []
        self.metadata = metadata(schema, connection.dialect.name, default_schema, self.notes)
        self.committed = False

    @classmethod
    @contextmanager
    def begin(cls, engine: Engine, schema: Schema, default_schema: str | None) -> Iterator[GeneralSession]:
        with engine.connect() as connection:
            session = cls(connection, schema, default_schema)
            try:
                yield session
            finally:
                if not session.committed:
                    connection.rollback()

    def _table(self, model: Model) -> sa.Table:
        return table_of(self.metadata, model.table, self.default_schema)

    def existing(self, model: Model) -> Existing | None:
        table = self._table(model)
        if not sa.inspect(self.connection).has_table(table.name, schema=table.schema):
            return None
        keys = integer_keys(model)
        wanted = [sa.func.count(), *(sa.func.max(table.c[k]) for k in keys)]
        row = self._run(sa.select(*wanted).select_from(table), "looking at", model).one()
        return Existing(int(row[0]), {k: int(v) for k, v in zip(keys, row[1:], strict=True) if v is not None})

    def create(self, models: Sequence[Model]) -> None:
        try:
            self.metadata.create_all(self.connection, tables=[self._table(m) for m in models], checkfirst=False)
        except DBAPIError as error:
            raise reduce(error, "creating tables") from None

    def empty(self, models: Sequence[Model]) -> None:
        for model in self._children_first(models):
            self._run(sa.delete(self._table(model)), "emptying", model)

    def drop(self, models: Sequence[Model]) -> None:
        try:
            self.metadata.drop_all(self.connection, tables=[self._table(m) for m in models])
        except DBAPIError as error:
            raise reduce(error, "dropping tables") from None

    def _children_first(self, models: Sequence[Model]) -> list[Model]:
        order = {table: number for number, table in enumerate(self.metadata.sorted_tables)}
        return sorted(models, key=lambda m: -order.get(self._table(m), 0))

    def load(self, model: Model, batches: Iterable[pa.RecordBatch]) -> int:
        table, rows = self._table(model), 0
        for batch in batches:
            # Parameters are named by number: a column may have a name that no driver takes for one.
            names = batch.schema.names
            insert = sa.insert(table).values({table.c[n]: sa.bindparam(f"p{i}") for i, n in enumerate(names)})
            columns = [column.to_pylist() for column in batch.columns]
            values = [{f"p{i}": v for i, v in enumerate(row)} for row in zip(*columns, strict=True)]
            if values:
                self._run(insert, "loading", model, values)
            rows += batch.num_rows
        return rows

    def finish(self, models: Sequence[Model]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.notes))

    def commit(self) -> None:
        try:
            self.connection.commit()
        except DBAPIError as error:
            raise reduce(error, "committing") from None
        self.committed = True

    def _run(self, statement: Any, doing: str, model: Model, values: list[dict[str, Any]] | None = None) -> Any:
        try:
            return self.connection.execute(statement, values) if values else self.connection.execute(statement)
        except DBAPIError as error:
            raise reduce(error, doing, model) from None


def reduce(error: DBAPIError, doing: str, model: Model | None = None) -> SsgError:
    """SQLAlchemy's error by its class alone."""
    table = f" on table `{model.table}`" if model else ""
    name = type(error).__name__
    if name == "IntegrityError":
        return RunError(f"A key, reference or check is violated{table}, while {doing}")
    if name == "DataError":
        return RunError(f"A value does not fit its column{table}, while {doing}")
    return SsgError(f"The destination refused with `{name}`{table}, while {doing}")


def read(
    engine: Engine, model: Model, columns: Sequence[str] | None, default_schema: str | None
) -> Iterator[pa.RecordBatch]:
    """The rows of a table in the canonical Arrow types."""
    from ssgproj.project.model import SchemaObjects
    from ssgproj.targets.values import to_arrow

    names = list(columns) if columns is not None else [c.name for c in model.columns]
    made = metadata(Schema((model,), SchemaObjects(), engine.dialect.name), engine.dialect.name, default_schema, [])
    table = table_of(made, model.table, default_schema)
    with engine.connect() as connection:
        try:
            result = connection.execution_options(stream_results=True).execute(sa.select(*(table.c[n] for n in names)))
            for rows in result.partitions(20_000):
                yield to_arrow([tuple(r) for r in rows], [model.column(n) for n in names])
        except SQLAlchemyError as error:
            raise SsgError(f"The destination refused with `{type(error).__name__}`, while reading") from None
