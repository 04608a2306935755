"""Databases that SQLAlchemy reaches and ssg has no module for: CREATE TABLE from its metadata, batched INSERTs, one transaction.

All or nothing holds where CREATE TABLE is part of a transaction (SQL Server); where the database commits it by itself (Oracle), a run that
fails can leave tables behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateSchema, CreateTable, DropConstraint

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import Model, TableName
from ssgproj.targets.base import Existing, Schema
from ssgproj.targets.ddl.alchemy import metadata, table_of
from ssgproj.targets.keys import integer_keys
from ssgproj.targets.rows import computed_by

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
        self._made: list[Model] = []
        self._loosened: set[TableName] = set()
        self._loose: list[tuple[Model, sa.ForeignKeyConstraint]] = []

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
        for schema in dict.fromkeys(self._table(m).schema for m in models):
            if schema and not sa.inspect(self.connection).has_schema(schema):
                self._run(CreateSchema(schema), "creating the schema of", models[0])
        for model in models:
            self._run(CreateTable(self._table(model), include_foreign_key_constraints=[]), "creating", model)
            self._made.append(model)

    def empty(self, models: Sequence[Model]) -> None:
        self._loosen(models)
        for model in models:
            self._run(sa.delete(self._table(model)), "emptying", model)

    def _loosen(self, models: Sequence[Model]) -> None:
        """Take away the references among standing tables of the run, until `finish`: rows may refer to rows that come later."""
        own = {self._table(m).name for m in self.schema.models}
        for model in models:
            if model.table in self._loosened or model in self._made:
                continue
            self._loosened.add(model.table)
            table = self._table(model)
            standing = sa.Table(table.name, sa.MetaData(), schema=table.schema, autoload_with=self.connection)
            for key in list(standing.foreign_key_constraints):
                if key.name and key.referred_table.name in own:
                    self._run(DropConstraint(key), "loosening a reference", model)
                    self._loose.append((model, key))

    def drop(self, models: Sequence[Model]) -> None:
        try:
            self.metadata.drop_all(self.connection, tables=[self._table(m) for m in models])
        except DBAPIError as error:
            raise reduce(error, "dropping tables") from None

    def computed(self, model: Model) -> set[str]:
        """The columns that the database computes."""
        return {c.name for c in self._table(model).columns if c.computed is not None}

    def load(self, model: Model, batches: Iterable[pa.RecordBatch]) -> int:
        self._loosen([model])
        table, rows = self._table(model), 0
        for batch in computed_by(batches, self.computed(model)):
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
        made = [m for m in self._made if m in models]
        for model in made:
            for index in self._table(model).indexes:
                self._run(CreateIndex(index), "creating an index", model)
        for model in made:
            for key in self._table(model).foreign_key_constraints:
                self._run(AddConstraint(key), "adding a reference", model)
        self._made = [m for m in self._made if m not in made]
        for model, constraint in self._loose:
            self._run(AddConstraint(constraint), "restoring a reference", model)
        self._loose.clear()
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
