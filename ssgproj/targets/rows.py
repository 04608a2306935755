"""Arrow batches as Python tuples, in the values that a DBAPI driver takes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_DAY = 86_400_000_000


def tuples(
    batch: pa.RecordBatch,
    as_values: Callable[[pa.Array], list[Any]],
    special: Mapping[str, Callable[[pa.Array], list[Any]]] | None = None,
) -> Iterator[tuple[Any, ...]]:
    """The rows of a batch; `as_values` turns each column into a list, `special` those that need another way."""
    ways = [(special or {}).get(name, as_values) for name in batch.schema.names]
    return zip(*(way(column) for way, column in zip(ways, batch.columns, strict=True)), strict=True)


def computed_by(batches: Iterable[pa.RecordBatch], names: Collection[str]) -> Iterator[pa.RecordBatch]:
    """Batches without the columns that the destination computes."""
    for batch in batches:
        yield batch.select([n for n in batch.schema.names if n not in names]) if names else batch


def regrouped(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[pa.Table]:
    """The same rows in the same order, in tables of `size` rows and one of the rest, each in one chunk."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        rest = batch
        while rows + rest.num_rows >= size:
            room = size - rows
            yield pa.Table.from_batches([*waiting, rest.slice(0, room)]).combine_chunks()
            rest, waiting, rows = rest.slice(room), [], 0
        if rest.num_rows:
            waiting.append(rest)
            rows += rest.num_rows
    if waiting:
        yield pa.Table.from_batches(waiting).combine_chunks()


def plain(array: pa.Array) -> list[Any]:
    """Numbers and texts as Python has them, everything that drivers differ about as text: decimals, dates, times (UTC,
    without zone), intervals; arrays and structs as JSON."""
    kind = array.type
    if pa.types.is_boolean(kind):
        return list(array.cast(pa.int8()).to_pylist())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        if array.null_count == 0:
            return list(array.to_numpy(zero_copy_only=False).tolist())
        return list(array.to_pylist())
    if pa.types.is_timestamp(kind):
        return list(array.cast(pa.timestamp("us")).cast(pa.string()).to_pylist())
    if pa.types.is_decimal(kind) or (pa.types.is_temporal(kind) and not pa.types.is_duration(kind)):
        return decimal_texts(array) if pa.types.is_decimal(kind) else list(array.cast(pa.string()).to_pylist())
    if pa.types.is_duration(kind):
        return [None if v is None else interval_text(v) for v in array.cast(pa.int64()).to_pylist()]
    if pa.types.is_nested(kind):
        keyed = pa.types.is_map(kind)
        return [
            None if v is None else json.dumps(dict(v) if keyed else v, default=json_value, ensure_ascii=False)
            for v in array.to_pylist()
        ]
    return list(array.to_pylist())


def json_value(value: Any) -> str:
    """What JSON has no form for, as text that `targets/values.py` reads."""
    if isinstance(value, dt.timedelta):
        return interval_text(value // dt.timedelta(microseconds=1))
    return "\\x" + value.hex() if isinstance(value, bytes) else str(value)


def decimal_texts(array: pa.Array) -> list[str | None]:
    """Digits, never an exponent."""
    texts = array.cast(pa.string())
    if pc.any(pc.match_substring(texts, "E")).as_py():
        return [None if v is None else format(v, "f") for v in array.to_pylist()]
    return list(texts.to_pylist())


def interval_text(microseconds: int) -> str:
    """`400 days 00:00:05`, negative parts each with their sign."""
    sign = "-" if microseconds < 0 else ""
    days, rest = divmod(abs(microseconds), _DAY)
    hours, rest = divmod(rest, 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds, fraction = divmod(rest, 1_000_000)
    tail = f".{fraction:06}" if fraction else ""
    return f"{sign}{days} days {sign}{hours:02}:{minutes:02}:{seconds:02}{tail}"
