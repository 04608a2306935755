"""Reading vocabularies, outside the wall: files to Arrow, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.errors import ProjectError
from ssgproj.generators.arrow import arrow_type
from ssgproj.project.types import Kind
from ssgproj.vocabularies.files import vocabulary_columns, vocabulary_path
from ssgproj.vocabularies.places import record_place, records
from ssgproj.vocabularies.text import BadValueError, from_text

if TYPE_CHECKING:
    from ssgproj.project.model import Column, Model

BLOCK = 4 << 20
CODE, NAME = "PJ030", "vocabulary-file"


def read_vocabulary(root: Path, model: Model, batch_rows: int = 65_536) -> Iterator[pa.RecordBatch]:
    """The rows of a vocabulary, in the order of the file: a column for each of `vocabulary_columns(model)`, in canonical types.

    One exception to the types: `numeric` without a precision is as wide as the file's longest number where that does not fit
    the canonical decimal. Raises RunError if the file is missing, ProjectError with every place that is wrong in a file that is not
    as the model says. At least one batch is given, if only an empty one, so that the schema is known.
    """
    path = vocabulary_path(root, model)
    shown = path.relative_to(root).as_posix()
    columns = vocabulary_columns(model)
    file = _open(path, shown, columns)
    schema = pa.schema([pa.field(c.name, t) for c, t in zip(columns, _types(file, columns), strict=True)])
    before, given = 0, False
    for batch in file.batches():
        yield from _cut(_converted(batch, columns, schema, file, before), batch_rows)
        before += batch.num_rows
        given = given or batch.num_rows > 0
    if not given:
        yield pa.RecordBatch.from_pylist([], schema=schema)


def vocabulary_rows(root: Path, model: Model) -> int:
    """How many rows a vocabulary has, without reading their values: from Parquet's footer, or by counting records of CSV."""
    path = vocabulary_path(root, model)
    shown = path.relative_to(root).as_posix()
    if path.suffix == ".parquet":
        return int(_parquet(path, shown).metadata.num_rows)
    return max(0, sum(1 for _ in records(path)) - 1)


@dataclass(frozen=True, slots=True)
class _File:
    """An open vocabulary file, either kind, whose batches are strings (CSV) or what Parquet holds."""

    path: Path
    shown: str
    names: tuple[str, ...]

    def batches(self) -> Iterator[pa.RecordBatch]:
        if self.path.suffix == ".parquet":
            yield from _parquet(self.path, self.shown).iter_batches(65_536, columns=list(self.names))
            return
        convert = pa.csv.ConvertOptions(
            column_types=dict.fromkeys(self.names, pa.string()),
            include_columns=list(self.names),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )
        parse = pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
        try:
            with pa.csv.open_csv(
                self.path,
                read_options=pa.csv.ReadOptions(block_size=BLOCK),
                parse_options=parse,
                convert_options=convert,
            ) as reader:
                yield from reader
        except pa.ArrowInvalid:
            # Arrow's message holds the row.
            raise ProjectError(list(_misshapen(self.path, self.shown, len(self.names)))) from None

    def place(self, row: int, column: str) -> Location:
        if self.path.suffix == ".parquet":
            return Location(self.shown)
        return record_place(self.path, self.shown, row + 1, self.names.index(column))


def _open(path: Path, shown: str, columns: Sequence[Column]) -> _File:
    wanted = [c.name for c in columns]
    if path.suffix == ".parquet":
        found = [str(n) for n in _parquet(path, shown).schema_arrow.names]
        places = [Location(shown)] * len(found)
    else:
        if path.stat().st_size == 0:
            raise ProjectError(
                [_finding(Location(shown), "The file is empty: it has not even a header", _again(shown))]
            )
        header = next(records(path))
        found = header.fields()
        places = [Location(shown, 1, column) for column in header.columns()]
    problems = [
        _finding(place, f"`{name}` stands twice in the header")
        for i, (name, place) in enumerate(zip(found, places, strict=True))
        if name in found[:i]
    ]
    problems += [
        _finding(
            place, f"`{name}` is not a column that this vocabulary copies", _closest(name, wanted) or _again(shown)
        )
        for name, place in zip(found, places, strict=True)
        if name not in wanted
    ]
    problems += [
        _finding(Location(shown), f"The column `{name}` is missing", _again(shown))
        for name in wanted
        if name not in found
    ]
    if path.suffix == ".csv" and not problems:
        problems += _unclosed(path, shown)
    if problems:
        raise ProjectError(problems)
    return _File(path, shown, tuple(found))


def _types(file: _File, columns: Sequence[Column]) -> list[pa.DataType]:
    """The canonical types, with decimals of no declared size made as wide as the file needs."""
    types = [arrow_type(c.type) for c in columns]
    free = [c.name for c in columns if c.type.kind is Kind.DECIMAL and c.type.precision is None]
    if not free:
        return types
    widest = dict.fromkeys(free, (0, 0))
    for batch in file.batches():
        for name in free:
            if pa.types.is_string(batch.column(name).type):
                before, behind = _digits(batch.column(name))
                widest[name] = (max(before, widest[name][0]), max(behind, widest[name][1]))
    for i, column in enumerate(columns):
        if column.name in widest and pa.types.is_decimal(types[i]):
            before, behind = widest[column.name]
            usual = types[i]
            if behind > usual.scale or before > usual.precision - usual.scale:
                wide = pa.decimal128 if before + behind <= 38 else pa.decimal256
                types[i] = wide(38 if before + behind <= 38 else 76, min(behind, 76))
    return types


def _digits(texts: pa.Array) -> tuple[int, int]:
    point = pc.find_substring(texts, ".")
    length = pc.utf8_length(texts)
    whole = pc.if_else(pc.less(point, 0), length, point)
    behind = pc.if_else(pc.less(point, 0), 0, pc.subtract(pc.subtract(length, point), 1))
    return pc.max(whole).as_py() or 0, pc.max(behind).as_py() or 0


def _converted(
    batch: pa.RecordBatch, columns: Sequence[Column], schema: pa.Schema, file: _File, before: int
) -> pa.RecordBatch:
    arrays, problems = [], []
    for column, wanted in zip(columns, schema.types, strict=True):
        array = batch.column(column.name)
        try:
            arrays.append(_as(array, column, wanted))
            if not column.nullable and array.null_count:
                row = pc.index(pc.is_null(array), True).as_py()
                at = file.place(before + row, column.name)
                problems.append(_finding(at, f"`{column.name}` is NULL, and the model says it is not nullable"))
        except BadValueError as e:
            at = file.place(before + e.row, column.name)
            problems.append(_finding(at, f"The value of `{column.name}` is not right: expected {e.expected}"))
    if problems:
        raise ProjectError(problems)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _as(array: pa.Array, column: Column, wanted: pa.DataType) -> pa.Array:
    if array.type == wanted:
        return array
    if pa.types.is_string(array.type):
        return from_text(array, column.type, wanted)
    try:
        return pc.cast(array, wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise BadValueError(0, f"values of type `{column.type.text}`") from None


def _cut(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def _parquet(path: Path, shown: str) -> Any:
    try:
        return pa.parquet.ParquetFile(path)
    except pa.ArrowInvalid:
        raise ProjectError([_finding(Location(shown), "The file is not Parquet", _again(shown))]) from None


def _misshapen(path: Path, shown: str, fields: int) -> Iterator[Diagnostic]:
    line = 1
    for record in records(path):
        try:
            found = len(record.fields())
        except UnicodeDecodeError:
            yield _finding(Location(shown, line), "The line is not UTF-8")
            return
        if found != fields:
            yield _finding(Location(shown, line), f"The row has {found} fields, and the header {fields}")
            return
        line += record.lines
    yield _finding(Location(shown), "The file is not CSV with one header and rows of as many fields", _again(shown))


def _unclosed(path: Path, shown: str) -> list[Diagnostic]:
    """A quote that is never closed would swallow the rest of the file in silence."""
    quotes, last_even, line = 0, 1, 1
    with path.open("rb") as f:
        for text in f:
            if quotes % 2 == 0:
                last_even = line
            quotes += text.count(b'"')
            line += 1
    if quotes % 2 == 0:
        return []
    return [
        _finding(
            Location(shown, last_even),
            "A quote is opened here or later and never closed",
            "a quote in a value is written twice, and the value in quotes",
        )
    ]


def _closest(name: str, names: Sequence[str]) -> str | None:
    import difflib

    close = difflib.get_close_matches(name, names, 1)
    return f"did you mean `{close[0]}`?" if close else None


def _again(shown: str) -> str:
    table = re.sub(r"\.(csv|parquet)$", "", shown.rsplit("/", 1)[-1])
    return f"copy it again: ssg vocab --select vocabulary.{table}"


def _finding(at: Location, message: str, hint: str | None = None) -> Diagnostic:
    return Diagnostic(CODE, NAME, message, at, hint)
