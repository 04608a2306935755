"""Rows read back from a database that keeps many things as text, in the canonical Arrow types."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import pyarrow as pa

from ssgproj.generators.arrow import arrow_type
from ssgproj.project.model import Column


def to_arrow(rows: Sequence[Sequence[Any]], columns: Sequence[Column]) -> pa.RecordBatch:
    """One batch of these columns."""
    fields = [pa.field(c.name, arrow_type(c.type)) for c in columns]
    arrays = [
        array_of([None if v is None else value_of(v, f.type) for v in values], f.type)
        for values, f in zip(zip(*rows, strict=True), fields, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def array_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """An array of Python values. Arrow makes decimals whose digits all stand far behind the point (numeric(3, 5)) only from texts."""
    if pa.types.is_decimal(kind) and kind.scale > kind.precision:
        return pa.array([None if v is None else str(v) for v in values], pa.string()).cast(kind)
    return pa.array(values, kind)


def value_of(value: Any, kind: pa.DataType) -> Any:
    """A driver's value as Arrow takes it for this type."""
    if pa.types.is_decimal(kind):
        text = repr(value) if isinstance(value, float) else str(value)
        with localcontext(prec=100):
            return Decimal(text).quantize(Decimal(1).scaleb(-kind.scale), ROUND_HALF_EVEN)
    if pa.types.is_boolean(kind):
        return bool(int.from_bytes(value, "big") if isinstance(value, bytes) else value)
    if pa.types.is_integer(kind):
        return int(value)
    if pa.types.is_floating(kind):
        return float(value)
    if pa.types.is_date(kind):
        return dt.date.fromisoformat(value[:10]) if isinstance(value, str) else value
    if pa.types.is_timestamp(kind):
        return dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    if pa.types.is_time(kind):
        if isinstance(value, dt.timedelta):
            return (dt.datetime.min + value).time()
        return dt.time.fromisoformat(value) if isinstance(value, str) else value
    if pa.types.is_duration(kind):
        return _interval(value) if isinstance(value, str) else value
    if pa.types.is_binary(kind) and isinstance(value, str):
        return bytes.fromhex(value.removeprefix("\\x"))
    if pa.types.is_nested(kind):
        loaded = json.loads(value) if isinstance(value, (str, bytes)) else value
        return _nested(loaded, kind)
    if pa.types.is_string(kind):
        return value.decode() if isinstance(value, bytes) else str(value)
    return value


def _nested(value: Any, kind: pa.DataType) -> Any:
    def inner(part: Any, of: pa.DataType) -> Any:
        return None if part is None else value_of(part, of)

    if pa.types.is_map(kind):
        return [(inner(k, kind.key_type), inner(v, kind.item_type)) for k, v in value.items()]
    if pa.types.is_struct(kind):
        return {f.name: inner(value[f.name], f.type) for f in kind}
    return [inner(v, kind.value_type) for v in value]


def _interval(text: str) -> dt.timedelta:
    match = re.fullmatch(r"(-?\d+) days (-?)(\d+):(\d+):(\d+)(?:\.(\d{6}))?", text)
    if not match:
        raise ValueError("not an interval")
    days, sign, hours, minutes, seconds, fraction = match.groups()
    rest = dt.timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds), microseconds=int(fraction or 0))
    return dt.timedelta(days=int(days)) + (-rest if sign else rest)
