"""The canonical Arrow type of each column type, and how values get into it.

`cast_to` takes what a generator computed (a numpy or Arrow array, or a list of Python values) and returns an Arrow array that the
column can hold: rounded to its scale, clamped to its range, cut to its length, truncated to its precision. It never fails on
a number or a text that is merely too large; it raises `ValueError` where a value cannot mean anything in that type.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INTEGERS = {8: pa.int8(), 16: pa.int16(), 24: pa.int32(), 32: pa.int32(), 64: pa.int64()}
_UNSIGNED = {8: pa.uint8(), 16: pa.uint16(), 24: pa.uint32(), 32: pa.uint32(), 64: pa.uint64()}
_SIMPLE = {
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIME: pa.time64("us"),
    Kind.INTERVAL: pa.duration("us"),
    Kind.BINARY: pa.binary(),
    Kind.MONEY: pa.decimal128(19, 2),
    Kind.YEAR: pa.int16(),
}
MICROSECONDS = 1_000_000
_INT64_MAX = 2**63 - 1
_FEW = 1 << 14
"""Values of a dictionary: a quarter of the rows of a batch."""


def arrow_type(t: SqlType) -> pa.DataType:
    """The Arrow type in which ssg carries values of this column type, between generators, engine and destinations."""
    match t.kind:
        case Kind.INTEGER:
            if t.bits == 128:
                return pa.decimal128(38, 0)
            return (_UNSIGNED if t.unsigned else _INTEGERS)[t.bits or 32]
        case Kind.DECIMAL:
            precision, scale = decimal_shape(t)
            return pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale)
        case Kind.FLOAT:
            return pa.float32() if t.bits == 32 else pa.float64()
        case Kind.TIMESTAMP:
            return pa.timestamp("us", tz="UTC") if t.with_time_zone else pa.timestamp("us")
        case Kind.ARRAY:
            return pa.list_(arrow_type(t.element) if t.element else pa.string())
        case Kind.STRUCT:
            return pa.struct([pa.field(name, arrow_type(field)) for name, field in t.fields])
        case Kind.MAP:
            return pa.map_(*(arrow_type(field) for _, field in t.fields[:2]))
    return _SIMPLE.get(t.kind, pa.string())


def decimal_shape(t: SqlType) -> tuple[int, int]:
    """Precision and scale of a decimal as Arrow carries it. A decimal without precision gets 18 digits, 4 of them after the point."""
    if t.kind is Kind.MONEY:
        return 19, 2
    if t.precision is None:
        return 18, 4
    scale = t.scale or 0
    if t.precision <= 76:
        return max(t.precision, 1), scale
    return 76, min(scale, 76)


def integer_bounds(t: SqlType) -> tuple[int, int]:
    """The least and the greatest value of an integer type."""
    if t.kind is Kind.YEAR:
        return 1901, 2155
    bits = t.bits or 32
    if bits == 128:
        return (0 if t.unsigned else -(10**38) + 1), 10**38 - 1
    return (0, 2**bits - 1) if t.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def cast_to(values: Any, t: SqlType) -> pa.Array:
    """Put values into the column's canonical type. Takes a numpy array, an Arrow array or a list of Python values.

    Integers are rounded and clamped to the type's range, decimals rounded to the scale and clamped to the precision, texts cut
    to the length, times truncated to the precision. Nulls stay null. Raises ValueError for values that have no meaning in the type.
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, np.ndarray) and values.dtype != object and values.dtype.kind not in "US":
        values = pa.array(values)
    if isinstance(values, pa.DictionaryArray):
        return cast_to(values.dictionary, t).take(values.indices)
    if not isinstance(values, pa.Array):
        from ssgproj.generators.values import from_python

        return from_python(values, t)
    if pa.types.is_null(values.type):
        return pa.nulls(len(values), arrow_type(t))
    quick = _cast_array(values, t)
    if quick is not None:
        return quick
    from ssgproj.generators.values import from_python

    return from_python(values.to_pylist(), t)


def _cast_array(values: pa.Array, t: SqlType) -> pa.Array | None:
    """Whole-column casts; None where values have to be looked at one by one."""
    have, want = values.type, arrow_type(t)
    numeric = pa.types.is_integer(have) or pa.types.is_floating(have)
    if t.kind in (Kind.INTEGER, Kind.YEAR) and numeric:
        return _to_integer(values, t)
    if t.kind in (Kind.DECIMAL, Kind.MONEY) and numeric:
        return _to_decimal(values, t)
    if t.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY) and pa.types.is_decimal(have):
        return _of_decimals(values, t)
    if t.kind is Kind.FLOAT and (numeric or pa.types.is_decimal(have)):
        return _to_float(values, t)
    if t.kind is Kind.BOOLEAN and (pa.types.is_boolean(have) or pa.types.is_integer(have)):
        return values.cast(want)
    if t.kind is Kind.DATE and (pa.types.is_date(have) or pa.types.is_timestamp(have)):
        return values.cast(pa.timestamp("us") if pa.types.is_timestamp(have) else want, safe=False).cast(
            want, safe=False
        )
    if t.kind is Kind.TIMESTAMP and (pa.types.is_date(have) or pa.types.is_timestamp(have)):
        micro = values.cast(pa.timestamp("us", tz=getattr(have, "tz", None)), safe=False)
        return truncate_time(micro.cast(pa.int64()), t).cast(want)
    if t.kind is Kind.TIME and (pa.types.is_time(have) or pa.types.is_timestamp(have)):
        return truncate_time(values.cast(pa.time64("us"), safe=False).cast(pa.int64()), t).cast(want)
    if t.kind is Kind.INTERVAL and pa.types.is_duration(have):
        return truncate_time(values.cast(want, safe=False).cast(pa.int64()), t).cast(want)
    if t.kind is Kind.STRING:
        if numeric or pa.types.is_boolean(have):
            return fit_text(values.cast(pa.string()), t)
        if pa.types.is_string(have) or pa.types.is_large_string(have):
            return fit_text(values.cast(pa.string()), t)
        if pa.types.is_date(have):
            return fit_text(values.cast(pa.string()), t)
    if t.kind in (Kind.BINARY,) and pa.types.is_binary(have):
        return values if t.length is None else pc.binary_slice(values, 0, t.length)
    if have == want and t.kind in (Kind.ENUM, Kind.OTHER):
        return values
    return None


def _to_integer(values: pa.Array, t: SqlType) -> pa.Array:
    low, high = integer_bounds(t)
    want = arrow_type(t)
    if pa.types.is_floating(values.type):
        numbers = np.rint(values.to_numpy(zero_copy_only=False).astype(np.float64))
        mask = _null_mask(values)
        if bool((np.isnan(numbers) & ~mask).any()):
            raise ValueError("a value is not a number")
        # Clamp in float space first: 2**63 itself is a float, but not an int64.
        clamped = np.where(mask, 0, np.clip(numbers, max(low, -(2**63)), min(high, _INT64_MAX)))
        whole = np.where(clamped >= 2.0**63, _INT64_MAX, clamped).astype(np.int64)
        values = pa.array(whole, mask=mask if mask.any() else None)
    if pa.types.is_decimal(want):
        return values.cast(pa.decimal128(38, 0))
    if pa.types.is_uint64(values.type) or high > _INT64_MAX:
        if pa.types.is_signed_integer(values.type):
            values = pc.max_element_wise(values, pa.scalar(max(low, -(2**63)), values.type), skip_nulls=False)
        elif high < 2**64 - 1:
            values = pc.min_element_wise(values, pa.scalar(high, values.type), skip_nulls=False)
        return values.cast(want)
    values = values.cast(pa.int64())
    low_scalar, high_scalar = pa.scalar(low, pa.int64()), pa.scalar(high, pa.int64())
    clamped = pc.min_element_wise(
        pc.max_element_wise(values, low_scalar, skip_nulls=False), high_scalar, skip_nulls=False
    )
    return clamped.cast(want)


def _to_decimal(values: pa.Array, t: SqlType) -> pa.Array | None:
    precision, scale = decimal_shape(t)
    limit = 10**precision - 1
    limit = min(limit, _INT64_MAX)
    if scale < 0:
        return None
    numbers = values.to_numpy(zero_copy_only=False)
    mask = _null_mask(values)
    if pa.types.is_floating(values.type):
        if bool((np.isnan(numbers) & ~mask).any()):
            raise ValueError("a value is not a number")
        scaled = np.rint(numbers.astype(np.float64) * 10.0**scale)
        if precision > 18 and np.abs(scaled, where=~mask, out=np.zeros(len(scaled))).max(initial=0) >= 2.0**62:
            return None
        scaled = np.where(mask, 0, np.clip(scaled, -limit, limit))
        # float(limit) may round up past it for 16 and more digits.
        unscaled = np.clip(scaled.astype(np.int64) if limit < 2**53 else _float_to_int64(scaled), -limit, limit)
    else:
        if len(numbers) and 10**scale * max(abs(int(numbers.max())), abs(int(numbers.min()))) > _INT64_MAX:
            return None
        whole = np.where(mask, 0, numbers).astype(np.int64) if mask.any() else numbers.astype(np.int64)
        unscaled = np.clip(whole * 10**scale, -limit, limit)
    if t.unsigned:
        unscaled = np.maximum(unscaled, 0)
    return decimal_array(unscaled, precision, scale, mask if mask.any() else None)


def _of_decimals(values: pa.Array, t: SqlType) -> pa.Array | None:
    """Decimals rounded to the scale of another type; None where one is past its digits."""
    want = arrow_type(t)
    scale = want.scale if pa.types.is_decimal(want) else 0
    try:
        rounded = values if values.type.scale <= scale else pc.round(values, scale, round_mode="half_to_even")
        if t.kind is Kind.INTEGER and not pa.types.is_decimal(want):
            return _to_integer(rounded.cast(pa.int64()), t)
        return None if t.unsigned else rounded.cast(want)
    except pa.ArrowInvalid:
        return None


def _float_to_int64(scaled: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.where(scaled >= 2.0**63, _INT64_MAX, np.where(scaled < 2.0**63, scaled, 0).astype(np.int64))


def _to_float(values: pa.Array, t: SqlType) -> pa.Array:
    if pa.types.is_decimal(values.type):
        values = values.cast(pa.float64())
    wide = values.cast(pa.float64(), safe=False)
    if t.unsigned:
        wide = pc.max_element_wise(wide, pa.scalar(0.0), skip_nulls=False)
    if t.bits == 32:
        top = float(np.finfo(np.float32).max)
        wide = pc.min_element_wise(
            pc.max_element_wise(wide, pa.scalar(-top), skip_nulls=False), pa.scalar(top), skip_nulls=False
        )
    return wide.cast(arrow_type(t), safe=False)


def _null_mask(values: pa.Array) -> NDArray[np.bool_]:
    if values.null_count == 0:
        return np.zeros(len(values), dtype=bool)
    mask: NDArray[np.bool_] = values.is_null().to_numpy(zero_copy_only=False)
    return mask


def decimal_array(
    unscaled: NDArray[np.int64], precision: int, scale: int, mask: NDArray[np.bool_] | None = None
) -> pa.Array:
    """Decimals from their digits (`unscaled / 10**scale`) without a loop: Arrow keeps them as 128- or 256-bit integers."""
    words = 2 if precision <= 38 else 4
    numbers = np.ascontiguousarray(unscaled, dtype=np.int64)
    buffer = np.empty((len(numbers), words), dtype=np.int64)
    buffer[:, 0] = numbers
    buffer[:, 1:] = (numbers >> 63)[:, None]
    kind = pa.decimal128(precision, scale) if words == 2 else pa.decimal256(precision, scale)
    validity = None if mask is None else pa.py_buffer(np.packbits(~mask, bitorder="little").tobytes())
    return pa.Array.from_buffers(kind, len(numbers), [validity, pa.py_buffer(buffer)])


def with_nulls(values: pa.Array, missing: NDArray[np.bool_]) -> pa.Array:
    """The same values, NULL where `missing`. What stood there stays in memory, unseen: only the bitmap of valid places is new."""
    if isinstance(values, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(with_nulls(values.indices, missing), values.dictionary)
    if values.offset or values.type.num_fields or pa.types.is_null(values.type):
        return pc.if_else(pa.array(missing), pa.scalar(None, type=values.type), values)
    valid = ~missing
    if values.null_count:
        valid &= values.is_valid().to_numpy(zero_copy_only=False)
    bitmap = pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(values.type, len(values), [bitmap, *values.buffers()[1:]])


def time_step(t: SqlType) -> int:
    """The smallest step of a time type, in microseconds."""
    digits = 6 if t.precision is None else min(t.precision, 6)
    return int(10 ** (6 - digits))


def truncate_time(micros: pa.Array, t: SqlType) -> pa.Array:
    """Cut int64 microseconds down to the type's precision."""
    step = time_step(t)
    if step == 1:
        return micros
    numbers = micros.fill_null(0).to_numpy()
    cut = numbers - numbers % step
    mask = _null_mask(micros)
    return pa.array(cut, mask=mask if mask.any() else None)


def fit_text(values: pa.Array, t: SqlType) -> pa.Array:
    """Cut texts to the column's length, in characters."""
    if t.length is None:
        return values
    return pc.utf8_slice_codeunits(values, 0, t.length)


def text_array(rows: NDArray[np.uint8]) -> pa.Array:
    """Strings of one width from a matrix of ASCII codes, one row a string."""
    count, width = rows.shape
    return pa.StringArray.from_buffers(count, _offsets(count, width), pa.py_buffer(np.ascontiguousarray(rows)))


def binary_array(rows: NDArray[np.uint8]) -> pa.Array:
    """Binaries of one width from a matrix of bytes, one row a value."""
    count, width = rows.shape
    buffers = [None, _offsets(count, width), pa.py_buffer(np.ascontiguousarray(rows))]
    return pa.Array.from_buffers(pa.binary(), count, buffers)


def _offsets(count: int, width: int) -> pa.Buffer:
    return pa.py_buffer(
        np.arange(0, (count + 1) * width, width or 1, dtype=np.int32)[: count + 1]
        if width
        else np.zeros(count + 1, np.int32)
    )


def join_texts(parts: Sequence[pa.Array | str]) -> pa.Array:
    """Concatenate text columns and fixed texts row by row."""
    arrays = [pa.scalar(p) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*arrays, pa.scalar(""))


def taken(values: Sequence[pa.Array], index: NDArray[Any]) -> list[pa.Array]:
    """The rows of some columns that `index` names."""
    place = pa.array(index)
    return [column.take(place) for column in values]


def encoded(values: Sequence[pa.Array], index: NDArray[Any]) -> list[pa.Array]:
    """As `taken`, but texts stay in a dictionary, of which the column has numbers only, unless it is large: each batch carries it along."""
    place = pa.array(index.astype(np.int32, copy=False))
    return [
        pa.DictionaryArray.from_arrays(place, column)
        if pa.types.is_string(column.type) and not column.null_count and len(column) <= _FEW
        else column.take(place)
        for column in values
    ]


def decoded(values: pa.Array) -> pa.Array:
    """The values of a column in its own type, if it has them in a dictionary."""
    return values.dictionary.take(values.indices) if isinstance(values, pa.DictionaryArray) else values


def decoded_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows without dictionaries."""
    if not any(pa.types.is_dictionary(f.type) for f in batch.schema):
        return batch
    return pa.RecordBatch.from_arrays([decoded(c) for c in batch.columns], names=batch.schema.names)


def with_replaced(
    values: pa.Array | pa.Table, index: NDArray[np.int64], others: pa.Array | pa.Table
) -> pa.Array | pa.Table:
    """Values, or whole rows, with others in the places `index`."""
    place = np.arange(len(values))
    place[index] = len(values) + np.arange(len(index))
    both = pa.concat_tables if isinstance(values, pa.Table) else pa.concat_arrays
    return both([values, others]).take(pa.array(place))
