"""Copying vocabularies from the source into `vocabularies/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet

from ssgproj.errors import ProjectError, RunError
from ssgproj.files import replaced_file
from ssgproj.generators.arrow import arrow_type
from ssgproj.project.types import Kind
from ssgproj.source.connect import DEFAULT_SCHEMAS, SourceConnection, connect
from ssgproj.source.dialects import check_dialect
from ssgproj.source.queries import BATCH_ROWS, stream_query
from ssgproj.source.queries.postgres import select_expression
from ssgproj.source.rights import rights_warning
from ssgproj.spool import insert_batches, open_spool, read_batches
from ssgproj.vocabularies.checks import check_vocabularies
from ssgproj.vocabularies.files import CSV_ROWS, vocabulary_columns, vocabulary_files
from ssgproj.vocabularies.text import to_text
from ssgproj.vocabularies.write import csv_header, csv_rows

if TYPE_CHECKING:
    from ssgproj.project.model import Column, Model
    from ssgproj.project.project import Project
    from ssgproj.project.types import SqlType


@dataclass(frozen=True, slots=True)
class Copied:
    """One vocabulary that was copied. `changed` is False where the file says what it said before."""

    model: Model
    path: Path
    rows: int
    size: int
    changed: bool


def copy_vocabularies(
    project: Project,
    models: Sequence[Model],
    url: str,
    root: Path,
    *,
    told: Callable[[Copied], None] = lambda _: None,
    warned: Callable[[str], None] = lambda _: None,
) -> tuple[Copied, ...]:
    """Copy each model's table from the source at `url` into `root/vocabularies/`, and return what was written.

    `columns:` and `where:` are honoured. Each file takes its place only when it is complete; files of vocabularies before a failure
    stay; `warned` hears what is odd about the source. All are read in one transaction, so that they belong together. Raises ProjectError if a vocabulary is not one (see
    `vocabularies.checks`), RunError if the source fails.
    """
    problems = [d for d in check_vocabularies(project, models) if d.is_error]
    if problems:
        raise ProjectError(problems)
    copied = []
    with connect(url) as connection:
        check_dialect(connection, project.settings.dialect)
        if warning := rights_warning(connection):
            warned(warning)
        for model in models:
            try:
                done = _copy(connection, model, root, project.settings.default_schema)
            except RunError as e:
                raise RunError(
                    f"The vocabulary `{model.table}` was not copied: {e.message}",
                    hint="see whether the models are up to date: ssg reflect --check; or leave a column out: vocabulary: {columns: [...]}",
                ) from None
            told(done)
            copied.append(done)
    return tuple(copied)


def vocabulary_query(model: Model, dialect: str, default_schema: str | None = None) -> str:
    """The SELECT that copies a vocabulary, as it is sent. `default_schema` is that of tables whose model names none."""
    import sqlglot
    from sqlglot import exp

    def quoted(name: str) -> str:
        return exp.to_identifier(name, quoted=True).sql(dialect=dialect)

    expressions = []
    for column in vocabulary_columns(model):
        name = quoted(column.name)
        selected = select_expression(name, column.type) if dialect == "postgres" else name
        expressions.append(name if selected == name else f"{selected} AS {name}")
    named = model.table.schema or default_schema or DEFAULT_SCHEMAS.get(dialect)
    schema = f"{quoted(named)}." if named else ""
    sql = f"SELECT {', '.join(expressions)}\nFROM {schema}{quoted(model.table.name)}"
    if model.vocabulary and model.vocabulary.where:
        # Printed from the tree, so that nothing but one condition can be in it.
        condition = sqlglot.condition(model.vocabulary.where, dialect=dialect)
        sql += f"\nWHERE {condition.sql(dialect=dialect, comments=False)}"
    return sql


def _copy(connection: SourceConnection, model: Model, root: Path, default_schema: str | None) -> Copied:
    columns = vocabulary_columns(model)
    if not columns:
        raise RunError(f"The vocabulary `{model.table}` has no column to copy")
    names = [f"c{i}" for i in range(len(columns))]
    batches = stream_query(
        connection,
        vocabulary_query(model, connection.dialect, default_schema),
        [c.type for c in columns],
        names=names,
        arrow_types=[_read_type(c.type) for c in columns],
    )
    types = [_spool_type(c.type) for c in columns]
    empty = pa.RecordBatch.from_pylist([], schema=pa.schema(list(zip(names, types, strict=True))))
    with open_spool() as spool:
        with closing(batches):
            rows = insert_batches(spool, "t", _spooled(batches, columns, empty))
        ordered = read_batches(spool, f"SELECT * FROM t ORDER BY {_order(model, columns)}", BATCH_ROWS)
        csv, parquet = vocabulary_files(root, model)
        path, other = (csv, parquet) if rows <= CSV_ROWS else (parquet, csv)
        before = _digest(path)
        given = (_exactly(batch, empty.schema) for batch in ordered)
        with replaced_file(path) as file:
            if path is csv:
                file.write(csv_header([c.name for c in columns]))
                for batch in given:
                    file.write(csv_rows(batch, columns))
            else:
                _write_parquet(file, given, columns, types)
        other.unlink(missing_ok=True)
    return Copied(model, path, rows, path.stat().st_size, _digest(path) != before)


def _read_type(type_: SqlType) -> pa.DataType:
    """How a column is read: a decimal of no declared size as text, exact whatever its size; else canonically."""
    return pa.string() if _unsized(type_) else arrow_type(type_)


def _spool_type(type_: SqlType) -> pa.DataType:
    """How a column is kept while it is sorted: what DuckDB cannot hold or order exactly is text."""
    canonical = _read_type(type_)
    wide = pa.types.is_decimal256(canonical)
    return pa.string() if wide or pa.types.is_nested(canonical) or pa.types.is_duration(canonical) else canonical


def _unsized(type_: SqlType) -> bool:
    return type_.kind is Kind.DECIMAL and type_.precision is None


def _spooled(
    batches: Iterator[pa.RecordBatch], columns: Sequence[Column], empty: pa.RecordBatch
) -> Iterator[pa.RecordBatch]:
    yield empty
    for batch in batches:
        arrays = [
            a if a.type == wanted else to_text(a, c.type)
            for a, c, wanted in zip(batch.columns, columns, empty.schema.types, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=empty.schema)


def _order(model: Model, columns: Sequence[Column]) -> str:
    """By the primary key if it is copied, else by all columns; DuckDB compares text by its bytes, on every machine alike."""
    place: Mapping[str, int] = {c.name: i for i, c in enumerate(columns)}
    key = model.primary_key.columns if model.primary_key else ()
    chosen = [place[n] for n in key] if key and all(n in place for n in key) else range(len(columns))
    return ", ".join(f"c{i} ASC NULLS LAST" for i in chosen)


def _exactly(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """DuckDB's batch in the types that went in: views become strings, zones become UTC."""
    return pa.RecordBatch.from_arrays(
        [a.cast(t) for a, t in zip(batch.columns, schema.types, strict=True)], schema=schema
    )


def _write_parquet(
    file: Any, batches: Iterator[pa.RecordBatch], columns: Sequence[Column], types: Sequence[pa.DataType]
) -> None:
    schema = pa.schema([pa.field(c.name, t, nullable=c.nullable) for c, t in zip(columns, types, strict=True)])
    with pa.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))


def _digest(path: Path) -> str | None:
    import hashlib

    if not path.exists():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
