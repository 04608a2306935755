"""Rows on their way into DuckDB, where they are counted: each column as the least that its picture needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.project.types import Kind
from ssgproj.report.fidelity.shape import Shape
from ssgproj.vocabularies.text import to_text

if TYPE_CHECKING:
    from ssgproj.project.types import SqlType
    from ssgproj.report.fidelity.shape import Looked

INSERT_ROWS = 250_000
_NUMBERS = (Shape.NUMBER,)
_TYPES = {Shape.MOMENT: pa.int64(), Shape.CLOCK: pa.int64(), Shape.OPAQUE: pa.bool_(), Shape.KEY: pa.bool_()}


def spool(
    connection: Any,
    table: str,
    looked: Sequence[Looked],
    keys: Mapping[str, Sequence[str]],
    batches: Iterable[pa.RecordBatch],
) -> int:
    """Make `table` of the batches, and return its rows. Column `c3` is the table's third from 0; `keys` are further columns, each the hash of
    some columns, NULL where one of them is. NaN and infinities become NULL: they have no place on an axis."""
    place = {c.name: c.place for c in looked}
    used = [n for names in keys.values() for n in names]
    hashed = {n: f"h{place[n]}" for n in dict.fromkeys(used)}
    fields = [pa.field(f"c{c.place}", reduced_type(c)) for c in looked]
    types = {c.name: c.column.type for c in looked}
    fields += [pa.field(h, _key_type(types[n])) for n, h in hashed.items()]
    schema = pa.schema(fields)
    selected = [f"c{c.place}" for c in looked]
    for key, names in keys.items():
        parts = [hashed[n] for n in names]
        absent = " OR ".join(f"{p} IS NULL" for p in parts)
        selected.append(f"CASE WHEN {absent} THEN NULL ELSE hash({', '.join(parts)}) END AS {key}")
    rows = 0
    made = False
    for chunk in _chunks(_reduced(batches, looked, hashed, types, schema), schema):
        connection.register("incoming", chunk)
        verb = f"INSERT INTO {table}" if made else f"CREATE TABLE {table} AS"
        connection.execute(f"{verb} SELECT {', '.join(selected)} FROM incoming")
        connection.unregister("incoming")
        made = True
        rows += chunk.num_rows
    return rows


def reduced_type(looked: Looked) -> pa.DataType:
    """The type in which a column is kept."""
    from ssgproj.generators.arrow import arrow_type

    if looked.shape in (Shape.CATEGORY, Shape.TEXT):
        return pa.string()
    if looked.shape in _NUMBERS:
        kept = arrow_type(looked.column.type)
        return kept if pa.types.is_integer(kept) else pa.float64()
    return _TYPES[looked.shape]


def reduced(array: pa.Array, looked: Looked) -> pa.Array:
    """A column of a batch as it is kept."""
    target = reduced_type(looked)
    if pa.types.is_boolean(target):
        valid = array.is_valid()
        return pc.if_else(valid, valid, None)
    if looked.shape in (Shape.CATEGORY, Shape.TEXT):
        return _text(array, looked.column.type)
    if looked.shape in _NUMBERS:
        numbers = array if array.type == target else array.cast(target, safe=False)
        if pa.types.is_floating(target):
            return pc.if_else(pc.is_finite(numbers), numbers, None)
        return numbers
    if pa.types.is_date(array.type):
        return pc.multiply(array.cast(pa.int32()).cast(pa.int64()), 86_400_000_000)
    return array.cast(pa.int64(), safe=False)


def _reduced(
    batches: Iterable[pa.RecordBatch],
    looked: Sequence[Looked],
    hashed: Mapping[str, str],
    types: Mapping[str, SqlType],
    schema: pa.Schema,
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        arrays = [reduced(batch.column(c.place), c) for c in looked]
        places = {c.name: c.place for c in looked}
        for name in hashed:
            array = batch.column(places[name])
            whole = pa.types.is_integer(_key_type(types[name]))
            arrays.append(array.cast(pa.int64(), safe=False) if whole else _text(array, types[name]))
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _chunks(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Batches put together, since each statement has its price; at least one chunk."""
    held: list[pa.RecordBatch] = []
    first = True
    for batch in batches:
        held.append(batch)
        if sum(b.num_rows for b in held) >= INSERT_ROWS:
            yield pa.Table.from_batches(held, schema)
            held, first = [], False
    if held or first:
        yield pa.Table.from_batches(held, schema)


def _key_type(type_: SqlType) -> pa.DataType:
    return pa.int64() if type_.kind is Kind.INTEGER and type_.bits != 128 else pa.string()


def _text(array: pa.Array, type_: SqlType) -> pa.Array:
    if pa.types.is_string(array.type):
        return array
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return to_text(array, type_)
