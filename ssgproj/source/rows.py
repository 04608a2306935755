"""The rows of the source's tables, for a report inside the wall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from ssgproj.errors import RunError
from ssgproj.generators.arrow import arrow_type
from ssgproj.project.types import parse_type
from ssgproj.source.connect import DEFAULT_SCHEMAS, SourceConnection, connect
from ssgproj.source.dialects import check_dialect
from ssgproj.source.queries import stream_query
from ssgproj.source.queries.postgres import select_expression

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ssgproj.project.model import Column, Model
    from ssgproj.project.project import Project

_FLAG = parse_type("integer")


class Read(Protocol):
    """The rows of a table; of its own columns, or of some of them."""

    def __call__(self, model: Model, columns: Sequence[str] | None = None, /) -> Iterator[pa.RecordBatch]: ...


@contextmanager
def open_rows(
    url: str, project: Project, *, only_whether: Callable[[Model], Collection[str]] = lambda _: ()
) -> Iterator[Read]:
    """A way to read tables of the source at `url`, all in one read-only transaction.

    Columns that `only_whether` names are 1 or NULL instead of their values, which then never leave the database. Raises SsgError if the
    source cannot be opened, RunError while reading.
    """
    with connect(url) as connection:
        check_dialect(connection, project.settings.dialect)

        def read(model: Model, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
            chosen = [c for c in model.columns if columns is None or c.name in columns]
            flags = frozenset(only_whether(model))
            types = [_FLAG if c.name in flags else c.type for c in chosen]
            sql = select_rows(connection, model, chosen, flags, project.settings.default_schema)
            try:
                yield from stream_query(
                    connection, sql, types, names=[c.name for c in chosen], arrow_types=[arrow_type(t) for t in types]
                )
            except RunError as e:
                raise RunError(
                    f"The table `{model.table}` of the source was not read: {e.message}",
                    hint=f"see whether the models are up to date: ssg reflect --check; or leave it out: --exclude {model.table}",
                ) from None

        yield read


def select_rows(
    connection: SourceConnection,
    model: Model,
    columns: Sequence[Column],
    flags: Collection[str],
    default_schema: str | None,
) -> str:
    """The SELECT that reads a table, as it is sent."""
    from sqlglot import exp

    def quoted(name: str) -> str:
        return exp.to_identifier(name, quoted=True).sql(dialect=connection.dialect)

    expressions = []
    for column in columns:
        name = quoted(column.name)
        if column.name in flags:
            expressions.append(f"CASE WHEN {name} IS NULL THEN NULL ELSE 1 END AS {name}")
        else:
            selected = select_expression(name, column.type) if connection.dialect == "postgres" else name
            expressions.append(name if selected == name else f"{selected} AS {name}")
    named = model.table.schema or default_schema or DEFAULT_SCHEMAS.get(connection.dialect)
    schema = f"{quoted(named)}." if named else ""
    return f"SELECT {', '.join(expressions)} FROM {schema}{quoted(model.table.name)}"
