"""Values as text and back: the one spelling that vocabulary files use and that database text is read from.

| kind | text |
| --- | --- |
| boolean | `true`, `false` (`t` and `f` are read too) |
| numbers | plain digits, never an exponent for decimals; floats the shortest text that gives the same number back, `inf`, `nan` |
| date, time, timestamp | ISO 8601, up to microseconds; with zone: UTC and a `Z` |
| interval | ISO 8601, `P1DT2H3M4.5S`; months and years have no fixed length and are refused |
| binary | `\\x` and hexadecimal digits |
| array, struct, map | JSON; a map is a list of `[key, value]` pairs |
| everything else | as it is |
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from ssgproj.project.types import SqlType

_INTERVAL = re.compile(
    r"^(?P<sign>-?)P(?:(?P<w>-?\d+)W)?(?:(?P<d>-?\d+)D)?(?:T(?:(?P<h>-?\d+)H)?(?:(?P<m>-?\d+)M)?(?:(?P<s>-?\d+(?:\.\d{1,6})?)S)?)?$"
)
_NESTED = (Kind.ARRAY, Kind.STRUCT, Kind.MAP)


class BadValueError(ValueError):
    """A text is not of its type. `row` is its place in the array; the text itself is in no message."""

    def __init__(self, row: int, expected: str) -> None:
        super().__init__(f"Expected {expected}")
        self.row = row
        self.expected = expected


def to_text(array: pa.Array, type_: SqlType) -> pa.Array:
    """The texts of an array in the canonical type of `type_` (or of strings already in this spelling)."""
    if pa.types.is_string(array.type):
        return array
    if pa.types.is_large_string(array.type):
        return pc.cast(array, pa.string())
    if type_.kind in _NESTED:
        return pa.array([None if v is None else json_text(v) for v in array.to_pylist()], pa.string())
    if pa.types.is_duration(array.type):
        return pa.array([None if v is None else interval_text(v) for v in array.to_pylist()], pa.string())
    if pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
        return pa.array([None if v is None else f"\\x{v.hex()}" for v in array.to_pylist()], pa.string())
    text = pc.cast(array, pa.string())
    if pa.types.is_decimal(array.type):
        return _plain_decimals(array, text)
    if pa.types.is_time(array.type):
        return _short_fraction(text)
    if pa.types.is_timestamp(array.type):
        return _short_fraction(pc.replace_substring(text, " ", "T", max_replacements=1))
    return text


def from_text(texts: pa.Array, type_: SqlType, arrow_type: pa.DataType) -> pa.Array:
    """The array of `arrow_type` that these texts mean. Raises BadValueError at the first one that means none."""
    if pa.types.is_string(arrow_type):
        return texts
    if type_.kind in _NESTED:
        return _nested(texts, type_, arrow_type)
    if pa.types.is_binary(arrow_type):
        return _each(texts, arrow_type, _bytes, "hexadecimal digits after `\\x`")
    if pa.types.is_duration(arrow_type):
        return _each(texts, arrow_type, parse_interval, "an interval such as `P1DT2H`, without months and years")
    expected = _expected(type_, arrow_type)
    try:
        return pc.cast(texts, arrow_type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        pass  # a spelling that Arrow does not read by itself, or a bad value
    if pa.types.is_boolean(arrow_type):
        texts = pc.replace_substring_regex(texts, "^t$", "true")
        texts = pc.replace_substring_regex(texts, "^f$", "false")
    elif pa.types.is_timestamp(arrow_type):
        texts = _zoned(texts, arrow_type)
    elif pa.types.is_time(arrow_type):
        zone = type_.with_time_zone
        moment = pa.timestamp("us", "UTC") if zone else pa.timestamp("us")
        stamped = pc.binary_join_element_wise("1970-01-02", texts, "T")
        return pc.cast(_cast(_zoned(stamped, moment), moment, expected), pa.time64("us"))
    return _cast(texts, arrow_type, expected)


def json_text(value: Any) -> str:
    """A nested value as JSON in which every number is exact and everything else has its text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else json.dumps(str(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if value - value == 0 else json.dumps(str(value))
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{json.dumps(str(k), ensure_ascii=False)}: {json_text(v)}" for k, v in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(json_text(v) for v in value) + "]"
    return json.dumps(plain_text(value), ensure_ascii=False)


def plain_text(value: Any) -> str:
    """One Python value in the spelling of this module."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | bytearray | memoryview):
        return f"\\x{bytes(value).hex()}"
    if isinstance(value, timedelta):
        return interval_text(value)
    if isinstance(value, dict | list | tuple):
        return json_text(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).replace("+00:00", "Z")
    return str(value)


def interval_text(value: timedelta) -> str:
    micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    days, micros = divmod(micros, 86_400_000_000)
    hours, micros = divmod(micros, 3_600_000_000)
    minutes, micros = divmod(micros, 60_000_000)
    seconds = format(Decimal(micros) / 1_000_000, "f")
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n) + (f"{seconds}S" if micros else "")
    date = f"{days}D" if days else ""
    return f"{sign}P{date}{'T' + clock if clock else ''}" if date or clock else "PT0S"


def parse_interval(text: str) -> timedelta:
    """Raises ValueError on anything but days and smaller units."""
    match = _INTERVAL.match(text)
    if not match or text.endswith(("P", "T")):
        raise ValueError
    parts = {k: Decimal(v) for k, v in match.groupdict().items() if v and k != "sign"}
    length = timedelta(
        weeks=int(parts.get("w", 0)),
        days=int(parts.get("d", 0)),
        hours=int(parts.get("h", 0)),
        minutes=int(parts.get("m", 0)),
        microseconds=int(parts.get("s", Decimal(0)) * 1_000_000),
    )
    return -length if match["sign"] else length


def _plain_decimals(array: pa.Array, text: pa.Array) -> pa.Array:
    scientific = pc.match_substring(text, "E")
    if not pc.any(scientific).as_py():
        return text
    plain = [None if v is None else format(v, "f") for v in array.to_pylist()]
    return pa.array(plain, pa.string())


def _short_fraction(text: pa.Array) -> pa.Array:
    """Without the zeros at the end of the fraction, nor the point if nothing is left behind it."""
    text = pc.replace_substring_regex(text, r"(\.\d*[1-9])0+(Z?)$", r"\1\2")
    return pc.replace_substring_regex(text, r"\.0+(Z?)$", r"\1")


def _zoned(texts: pa.Array, arrow_type: pa.TimestampType) -> pa.Array:
    """Text that Arrow reads: a time without a zone is UTC in a column with one."""
    if arrow_type.tz is None:
        return texts
    bare = pc.invert(pc.match_substring_regex(texts, r"(Z|[+-]\d\d(:?\d\d)?)$"))
    bare = pc.or_(bare, pc.match_substring_regex(texts, r"^\d{4}-\d\d-\d\d$"))
    return pc.if_else(bare, pc.binary_join_element_wise(texts, "Z", ""), texts)


def _expected(type_: SqlType, arrow_type: pa.DataType) -> str:
    if pa.types.is_integer(arrow_type):
        signed = "" if pa.types.is_signed_integer(arrow_type) else "unsigned "
        return f"a whole number of {signed}{arrow_type.bit_width} bits"
    if pa.types.is_decimal(arrow_type):
        return f"a number of at most {arrow_type.precision - arrow_type.scale} digits before and {arrow_type.scale} behind the point"
    words = {Kind.BOOLEAN: "`true` or `false`", Kind.FLOAT: "a number", Kind.DATE: "a date `YYYY-MM-DD`"}
    words |= {Kind.TIME: "a time `HH:MM:SS`", Kind.TIMESTAMP: "a time `YYYY-MM-DDTHH:MM:SS`", Kind.YEAR: "a year"}
    return words.get(type_.kind, f"a value of type `{type_.text}`")


def _cast(texts: pa.Array, arrow_type: pa.DataType, expected: str) -> pa.Array:
    try:
        return pc.cast(texts, arrow_type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise BadValueError(_first_bad(texts, arrow_type), expected) from None


def _first_bad(texts: pa.Array, arrow_type: pa.DataType) -> int:
    low, high = 0, len(texts)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            pc.cast(texts[low:middle], arrow_type)
            low = middle
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            high = middle
    return low


def _each(texts: pa.Array, arrow_type: pa.DataType, read: Callable[[str], Any], expected: str) -> pa.Array:
    values = []
    for row, text in enumerate(texts.to_pylist()):
        try:
            values.append(None if text is None else read(text))
        except (ValueError, OverflowError):
            raise BadValueError(row, expected) from None
    return pa.array(values, arrow_type)


def _bytes(text: str) -> bytes:
    if not text.startswith("\\x"):
        raise ValueError
    return bytes.fromhex(text[2:])


def _nested(texts: pa.Array, type_: SqlType, arrow_type: pa.DataType) -> pa.Array:
    values = []
    for row, text in enumerate(texts.to_pylist()):
        try:
            values.append(None if text is None else json.loads(text, parse_float=Decimal))
        except (ValueError, RecursionError):
            raise BadValueError(row, "JSON") from None
    return _from_json(values, type_, arrow_type)


def _from_json(values: Sequence[Any], type_: SqlType, arrow_type: pa.DataType) -> pa.Array:
    if type_.kind is Kind.ARRAY and type_.element is not None and pa.types.is_list(arrow_type):
        _demand(values, list, "a JSON list")
        flat, owners, offsets = _flatten(values)
        return pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()),
            _owned(owners, lambda: _from_json(flat, type_.element, arrow_type.value_type)),  # type: ignore[arg-type]
        )
    if type_.kind is Kind.STRUCT and pa.types.is_struct(arrow_type):
        _demand(values, dict, "a JSON object")
        parts = [
            _from_json([None if v is None else v.get(name) for v in values], field, arrow_type.field(i).type)
            for i, (name, field) in enumerate(type_.fields)
        ]
        mask = pa.array([v is None for v in values])
        return pa.StructArray.from_arrays(parts, fields=list(arrow_type), mask=mask)
    if type_.kind is Kind.MAP and pa.types.is_map(arrow_type):
        pairs = [list(v.items()) if isinstance(v, dict) else v for v in values]
        _demand(pairs, list, "a JSON list of `[key, value]` pairs")
        flat, owners, offsets = _flatten(pairs)
        for owner, pair in zip(owners, flat, strict=True):
            if not isinstance(pair, list | tuple) or len(pair) != 2:
                raise BadValueError(owner, "a JSON list of `[key, value]` pairs")
        (_, key), (_, value) = type_.fields
        keys = _owned(owners, lambda: _from_json([p[0] for p in flat], key, arrow_type.key_type))
        items = _owned(owners, lambda: _from_json([p[1] for p in flat], value, arrow_type.item_type))
        return pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), keys, items, type=arrow_type)
    texts = [None if v is None else v if isinstance(v, str) else json_text(v) for v in values]
    return from_text(pa.array(texts, pa.string()), type_, arrow_type)


def _demand(values: Sequence[Any], wanted: type, expected: str) -> None:
    for row, value in enumerate(values):
        if value is not None and not isinstance(value, wanted):
            raise BadValueError(row, expected)


def _flatten(values: Sequence[Any]) -> tuple[list[Any], list[int], list[int | None]]:
    """All elements, the row that each is from, and Arrow's offsets (None where a row is NULL)."""
    flat: list[Any] = []
    owners: list[int] = []
    offsets: list[int | None] = []
    for row, value in enumerate(values):
        offsets.append(None if value is None else len(flat))
        for element in value or ():
            flat.append(element)
            owners.append(row)
    return flat, owners, [*offsets, len(flat)]


def _owned(owners: Sequence[int], make: Callable[[], pa.Array]) -> pa.Array:
    """An array of elements, with errors told at the row that holds the element."""
    try:
        return make()
    except BadValueError as e:
        raise BadValueError(owners[e.row], e.expected) from None
