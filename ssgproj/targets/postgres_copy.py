"""Arrow batches in the forms that PostgreSQL's COPY reads.

Binary where every column of the table has a binary form that is right (`binary_form`), otherwise CSV, chosen per table. What decides is
the type of the column that stands in the database, not the model's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.errors import RunError
from ssgproj.targets.rows import interval_text, json_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

Convert = Callable[[pa.Array], pa.Array]

_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class PostgresColumn:
    """One column as the catalogue has it, domains resolved. `type_name` is `pg_type.typname` (`int4`, `_text`); `kind` its
    `typtype` (`b` base, `e` enum, `c` composite, `r` range); `element` and `element_kind` the same of an array's element."""

    name: str
    type_name: str
    kind: str
    builtin: bool
    element: str | None = None
    element_kind: str | None = None
    generated: bool = False


@dataclass(frozen=True, slots=True)
class CopyForm:
    """How to send a table: `options` for COPY, and what turns batches into its bytes."""

    options: str
    encode: Callable[[Iterable[pa.RecordBatch]], Iterator[bytes]]


def copy_form(schema: pa.Schema, columns: Mapping[str, PostgresColumn], table: str) -> CopyForm:
    """The fastest form that is right for every column of these batches."""
    converts = [_guard(binary_form(columns[f.name], f.type), f.name, table) for f in schema]
    if all(c is not None for c in converts) and find_spec("pgpq") is not None:
        ready = [c for c in converts if c is not None]
        jsonb = frozenset(n for n in schema.names if columns[n].type_name == "jsonb")
        return CopyForm("FORMAT binary", lambda batches: _binary(batches, ready, schema.names, jsonb))
    texts = [_guard(text_form(columns[f.name], f.type), f.name, table) for f in schema]
    return CopyForm("FORMAT csv, NULL ''", lambda batches: _csv(batches, [t for t in texts if t], schema.names))


def _guard(convert: Convert | None, column: str, table: str) -> Convert | None:
    """Arrow's errors carry values: say only where it was."""
    if convert is None:
        return None

    def guarded(array: pa.Array) -> pa.Array:
        try:
            return convert(array)
        except (pa.ArrowException, ValueError, TypeError):
            raise RunError(
                f"Values of `{table}.{column}` do not fit the type that the column has in the database"
            ) from None

    return guarded


def _binary(
    batches: Iterable[pa.RecordBatch], converts: Sequence[Convert], names: Sequence[str], jsonb: frozenset[str]
) -> Iterator[bytes]:
    from pgpq import ArrowToPostgresBinaryEncoder
    from pgpq.encoders import StringEncoderBuilder
    from pgpq.schema import Jsonb

    encoder = None
    for batch in batches:
        arrays = [convert(column) for convert, column in zip(converts, batch.columns, strict=True)]
        # Names are replaced: the encoder only needs them to be distinct.
        keys = [f"c{i}" for i in range(len(names))]
        ready = pa.RecordBatch.from_arrays(arrays, names=keys)
        if encoder is None:
            builders = {
                key: StringEncoderBuilder.new_with_output(ready.schema.field(key), Jsonb())
                if name in jsonb
                else ArrowToPostgresBinaryEncoder.infer_encoder(ready.schema.field(key))
                for key, name in zip(keys, names, strict=True)
            }
            encoder = ArrowToPostgresBinaryEncoder.new_with_encoders(ready.schema, builders)
            yield bytes(encoder.write_header())
        yield bytes(encoder.write_batch(ready))
    if encoder is not None:
        yield bytes(encoder.finish())


def _csv(batches: Iterable[pa.RecordBatch], converts: Sequence[Convert], names: Sequence[str]) -> Iterator[bytes]:
    from pyarrow import csv

    # Only NULL is left unquoted, so that an empty text stays one.
    options = csv.WriteOptions(include_header=False, quoting_style="all_valid")
    for batch in batches:
        arrays = [convert(column) for convert, column in zip(converts, batch.columns, strict=True)]
        sink = pa.BufferOutputStream()
        csv.write_csv(pa.RecordBatch.from_arrays(arrays, names=[f"c{i}" for i in range(len(names))]), sink, options)
        yield sink.getvalue().to_pybytes()


# Binary forms

_CASTS: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "text": pa.string(),
    "varchar": pa.string(),
    "bpchar": pa.string(),
    "name": pa.string(),
    "json": pa.string(),
    "jsonb": pa.string(),
    "xml": pa.string(),
    "bytea": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "time": pa.time64("us"),
}

# The encoder writes the element type of these as PostgreSQL has it; of others (varchar[], timestamptz[], uuid[]) it does not.
_ELEMENTS = ("bool", "int2", "int4", "int8", "float4", "float8", "text", "bytea", "date", "timestamp")


def binary_form(column: PostgresColumn, source: pa.DataType) -> Convert | None:
    """What makes an array ready for the binary encoder, or None if this type is not sent in binary."""
    name = column.type_name
    if column.kind == "e":
        return lambda a: a.cast(pa.string())
    if not column.builtin:
        return (lambda a: a.cast(pa.string())) if name == "citext" else None
    if pa.types.is_nested(source):
        if name in ("json", "jsonb"):
            return _as_json
        if not pa.types.is_list(source) or column.element is None or pa.types.is_nested(source.value_type):
            return None
        if column.element == "numeric" and pa.types.is_decimal128(source.value_type):
            return lambda a: a
        if column.element in _ELEMENTS and column.element_kind == "b":
            target = pa.list_(_CASTS[column.element])
            return lambda a: a.cast(target)
        return None
    if name == "numeric":
        if pa.types.is_decimal128(source):
            return lambda a: a
        return (lambda a: a.cast(pa.decimal128(20, 0))) if pa.types.is_integer(source) else None
    if name == "uuid":
        return uuid_bytes
    if name == "interval" and pa.types.is_duration(source):
        return _interval
    if name == "timetz" and pa.types.is_time(source):
        return _time_with_zone
    if name in _CASTS:
        target = _CASTS[name]
        return lambda a: a if a.type == target else a.cast(target)
    return None


def _fixed(array: pa.Array, rows: NDArray[Any]) -> pa.Array:
    """`rows` as one fixed-size binary value each, NULL where `array` is."""
    rows = np.ascontiguousarray(rows)
    width = rows.dtype.itemsize * (rows.shape[1] if rows.ndim == 2 else 1)
    validity = pc.is_valid(array).buffers()[1] if array.null_count else None
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(array), [validity, pa.py_buffer(rows.tobytes())])


_HEX = np.full(256, 255, dtype=np.uint8)
for _digit, _character in enumerate("0123456789abcdef"):
    _HEX[ord(_character)] = _HEX[ord(_character.upper())] = _digit
_HEX_PLACES = np.array([i for i in range(36) if i not in (8, 13, 18, 23)])


def uuid_bytes(array: pa.Array) -> pa.Array:
    """36-character UUIDs as their 16 bytes. Raises ValueError for anything else."""
    filled = pc.fill_null(array.cast(pa.string()), "00000000-0000-0000-0000-000000000000")
    if isinstance(filled, pa.ChunkedArray):
        filled = filled.combine_chunks()
    if len(filled) and not pc.all(pc.equal(pc.binary_length(filled), 36)).as_py():
        raise ValueError("not a UUID")
    offsets = np.frombuffer(filled.buffers()[1], dtype=np.int32)[filled.offset : filled.offset + len(filled) + 1]
    data = np.frombuffer(filled.buffers()[2] or b"", dtype=np.uint8)
    start = int(offsets[0]) if len(filled) else 0
    digits = _HEX[data[start : start + 36 * len(filled)].reshape(-1, 36)[:, _HEX_PLACES]]
    if (digits == 255).any():
        raise ValueError("not a UUID")
    return _fixed(array, (digits[:, 0::2] << 4) | digits[:, 1::2])


def _microseconds(array: pa.Array) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = pc.fill_null(array.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    return numbers


def _interval(array: pa.Array) -> pa.Array:
    """Whole days as days, the rest as time: as people would write it."""
    total = _microseconds(array.cast(pa.duration("us")))
    days = np.fix(total / _DAY).astype(np.int64)
    rows = np.zeros(len(array), dtype=[("time", ">i8"), ("days", ">i4"), ("months", ">i4")])
    rows["time"], rows["days"] = total - days * _DAY, days
    return _fixed(array, rows)


def _time_with_zone(array: pa.Array) -> pa.Array:
    rows = np.zeros(len(array), dtype=[("time", ">i8"), ("zone", ">i4")])
    rows["time"] = _microseconds(array.cast(pa.time64("us")))
    return _fixed(array, rows)


# Text forms


def text_form(column: PostgresColumn, source: pa.DataType) -> Convert:
    """What turns an array into the text that PostgreSQL reads for this type."""
    if pa.types.is_nested(source):
        if column.type_name in ("json", "jsonb"):
            return _as_json
        if column.element in ("json", "jsonb"):
            return lambda a: pa.array([_json_array(v, a.type) for v in a.to_pylist()], pa.string())
        return lambda a: pa.array([None if v is None else _literal(v) for v in a.to_pylist()], pa.string())
    if pa.types.is_duration(source):
        return lambda a: pa.array(
            [None if v is None else interval_text(v) for v in a.cast(pa.int64()).to_pylist()], pa.string()
        )
    if pa.types.is_binary(source) or pa.types.is_large_binary(source) or pa.types.is_fixed_size_binary(source):
        return lambda a: pa.array([None if v is None else "\\x" + v.hex() for v in a.to_pylist()], pa.string())
    if pa.types.is_timestamp(source) and source.tz is not None:
        return lambda a: pc.binary_join_element_wise(a.cast(pa.timestamp("us")).cast(pa.string()), "+00", "")
    return lambda a: a.cast(pa.string())


def _json_array(value: Any, kind: pa.DataType) -> str | None:
    """An array whose elements are JSON."""
    if value is None:
        return None
    if pa.types.is_list(kind):
        return "{" + ",".join(_json_array(v, kind.value_type) or "NULL" for v in value) + "}"
    text = value if isinstance(value, str) else _json_text(value, kind)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _json_text(value: Any, kind: pa.DataType) -> str:
    return json.dumps(dict(value) if pa.types.is_map(kind) else value, default=json_value, ensure_ascii=False)


def _as_json(array: pa.Array) -> pa.Array:
    if not pa.types.is_nested(array.type):
        return array.cast(pa.string())
    return pa.array([None if v is None else _json_text(v, array.type) for v in array.to_pylist()], pa.string())


def _literal(value: Any) -> str:
    """An array (`{1,NULL,"a"}`) or a composite (`(1,,"a")`) in PostgreSQL's text form."""
    if isinstance(value, dict):
        return "(" + ",".join("" if v is None else _quoted(v) for v in value.values()) + ")"
    return (
        "{" + ",".join("NULL" if v is None else _literal(v) if isinstance(v, list) else _quoted(v) for v in value) + "}"
    )


def _quoted(value: Any) -> str:
    import datetime as dt

    if isinstance(value, (dict, list)):
        text = _literal(value)
    elif isinstance(value, bytes):
        text = "\\x" + value.hex()
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, dt.timedelta):
        text = interval_text(value // dt.timedelta(microseconds=1))
    else:
        text = str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
