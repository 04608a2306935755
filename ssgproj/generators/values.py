"""Python values into Arrow columns, one by one: for values written in YAML, statistics' results, Mimesis and users' functions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from enum import Enum
from typing import Any
from uuid import UUID

import pyarrow as pa

from ssgproj.generators.arrow import arrow_type, decimal_shape, integer_bounds, time_step
from ssgproj.project.types import Kind, SqlType

_EPOCH = datetime(1970, 1, 1)
_TRUE, _FALSE = ("true", "t", "yes", "y", "on", "1"), ("false", "f", "no", "n", "off", "0")
_DURATION = re.compile(
    r"^\s*(?P<sign>[-+]?)(?:(?P<days>\d+(?:\.\d+)?)\s*(?:d|days?)\b,?\s*)?"
    r"(?:(?P<hours>\d+):(?P<minutes>\d{1,2})(?::(?P<seconds>\d{1,2}(?:\.\d+)?))?|"
    r"(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>us|ms|s|sec|secs|seconds?|m|mins?|minutes?|h|hours?|weeks?|w)?)?\s*$"
)
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "w": 604800}


def from_python(values: Sequence[Any], t: SqlType) -> pa.Array:
    """An Arrow array of the column's canonical type. None stays null. Raises ValueError, which never quotes the value."""
    convert = converter(t)
    return pa.array([None if v is None else convert(v) for v in values], arrow_type(t))


def converter(t: SqlType) -> Callable[[Any], Any]:
    """A function that turns one Python value into what Arrow wants for this type, fitted to its limits."""
    match t.kind:
        case Kind.BOOLEAN:
            return _to_boolean
        case Kind.INTEGER | Kind.YEAR:
            low, high = integer_bounds(t)
            if t.bits == 128:
                return lambda v: Decimal(min(max(_to_integer(v), low), high))
            return lambda v: min(max(_to_integer(v), low), high)
        case Kind.DECIMAL | Kind.MONEY:
            return _decimal_converter(t)
        case Kind.FLOAT:
            return _to_float
        case Kind.DATE:
            return lambda v: to_datetime(v).date() if not _is_date(v) else v
        case Kind.TIMESTAMP:
            return lambda v: _cut(to_datetime(v), t).replace(tzinfo=UTC if t.with_time_zone else None)
        case Kind.TIME:
            return lambda v: _cut_time(to_time(v), t)
        case Kind.INTERVAL:
            return to_duration
        case Kind.BINARY:
            return lambda v: _to_binary(v)[: t.length]
        case Kind.UUID:
            return lambda v: str(v if isinstance(v, UUID) else UUID(_to_text(v)))
        case Kind.JSON:
            return _to_json
        case Kind.ARRAY:
            return _array_converter(t)
        case Kind.STRUCT:
            return _struct_converter(t)
        case Kind.MAP:
            return _map_converter(t)
        case Kind.SET:
            return lambda v: ",".join(map(_to_text, v)) if isinstance(v, list | tuple | set) else _to_text(v)
        case Kind.RANGE:
            return lambda v: f"[{_to_text(v[0])},{_to_text(v[1])})" if isinstance(v, list | tuple) else _to_text(v)
        case Kind.STRING:
            return lambda v: _to_text(v)[: t.length]
    return _to_text


def _is_date(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _to_boolean(value: Any) -> bool:
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise ValueError("a text is neither true nor false")
    return bool(value)


def _to_integer(value: Any) -> int:
    if isinstance(value, int):
        return int(value)
    try:
        if isinstance(value, str):
            value = Decimal(value.strip())
        if isinstance(value, date | time | timedelta | list | tuple | Mapping | bytes):
            raise ValueError(f"a {type(value).__name__} is not a whole number")
        return int(Decimal(str(value)).to_integral_value(ROUND_HALF_EVEN))
    except (InvalidOperation, OverflowError):
        raise ValueError("a value is not a whole number") from None


def _to_float(value: Any) -> float:
    if isinstance(value, list | tuple | Mapping | bytes | date | time):
        raise ValueError(f"a {type(value).__name__} is not a number")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError("a value is not a number") from None


def _decimal_converter(t: SqlType) -> Callable[[Any], Decimal]:
    precision, scale = decimal_shape(t)
    unit, limit = Decimal(1).scaleb(-scale), Decimal(10**precision - 1).scaleb(-scale, Context(prec=100))
    context = Context(prec=100)

    def convert(value: Any) -> Decimal:
        try:
            number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
            rounded = number.quantize(unit, rounding=ROUND_HALF_EVEN, context=context)
        except InvalidOperation:
            raise ValueError("a value is not a number") from None
        if not rounded.is_finite():
            raise ValueError("a value is not a number")
        return min(max(rounded, Decimal(0) if t.unsigned else -limit), limit)

    return convert


def to_datetime(value: Any) -> datetime:
    """A naive UTC datetime from a datetime, a date or an ISO text."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("a text is not a date like `2025-01-31` or `2025-01-31 12:00:00`") from None
    if isinstance(value, datetime):
        return (
            value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else datetime.combine(value.date(), value.time())
        )
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    raise ValueError(f"a {type(value).__name__} is not a date")


def to_time(value: Any) -> time:
    """A naive time of day from a time, a datetime, seconds since midnight or an ISO text."""
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value.replace(tzinfo=None)
    if isinstance(value, timedelta):
        return (_EPOCH + value).time()
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 86400:
        return (_EPOCH + timedelta(seconds=value)).time()
    try:
        return time.fromisoformat(str(value).strip()).replace(tzinfo=None)
    except ValueError:
        raise ValueError("a value is not a time like `12:30:00`") from None


def to_duration(value: Any) -> timedelta:
    """A timedelta from a timedelta, a number of seconds, or a text like `3 days`, `90 minutes`, `1 day 02:00:00`."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=value)
    match = _DURATION.match(str(value).lower())
    if not match or not any((match["days"], match["hours"], match["amount"])):
        raise ValueError("a value is not a duration like `90 minutes` or `1 day 02:00:00`")
    seconds = float(match["days"] or 0) * 86400
    if match["hours"]:
        seconds += int(match["hours"]) * 3600 + int(match["minutes"]) * 60 + float(match["seconds"] or 0)
    elif match["amount"]:
        unit = match["unit"] or "s"
        seconds += float(match["amount"]) * _SECONDS[unit if unit in ("us", "ms") else unit[0]]
    return timedelta(seconds=-seconds if match["sign"] == "-" else seconds)


def _cut(value: datetime, t: SqlType) -> datetime:
    return value.replace(microsecond=value.microsecond - value.microsecond % time_step(t))


def _cut_time(value: time, t: SqlType) -> time:
    return value.replace(microsecond=value.microsecond - value.microsecond % time_step(t))


def _to_binary(value: Any) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    text = _to_text(value)
    if text.startswith("\\x") and len(text) % 2 == 0:
        return bytes.fromhex(text[2:])
    return text.encode()


def _to_text(value: Any) -> str:
    if isinstance(value, str):
        return value.value if isinstance(value, Enum) else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return _to_text(value.value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, default=_to_text, ensure_ascii=False)
    return str(value)


def _to_json(value: Any) -> str:
    """A text that is JSON already is kept; any other value, a bare text too, is written as JSON."""
    if isinstance(value, str):
        try:
            json.loads(value)
        except ValueError:
            return json.dumps(str(value), ensure_ascii=False)
        return str(value)
    return json.dumps(value, default=_to_text, ensure_ascii=False)


def _array_converter(t: SqlType) -> Callable[[Any], list[Any]]:
    convert = converter(t.element) if t.element else _to_text

    def to_list(value: Any) -> list[Any]:
        if isinstance(value, str):
            value = _parse_list(value)
        if not isinstance(value, list | tuple | set):
            raise ValueError("a value is not a list")
        return [None if v is None else convert(v) for v in value]

    return to_list


def _parse_list(text: str) -> Any:
    """`[1, 2]` (JSON) or `{1,2}` (PostgreSQL, one dimension)."""
    stripped = text.strip()
    if stripped.startswith("{") and stripped.endswith("}"):
        parts = re.findall(r'"((?:[^"\\]|\\.)*)"|([^,{}"]+)', stripped[1:-1])
        return [re.sub(r"\\(.)", r"\1", q) if q or not p else (None if p == "NULL" else p.strip()) for q, p in parts]
    try:
        return json.loads(stripped)
    except ValueError:
        raise ValueError("a text is not a list like `[1, 2]`") from None


def _struct_converter(t: SqlType) -> Callable[[Any], dict[str, Any]]:
    fields = {name: converter(field) for name, field in t.fields}

    def to_dict(value: Any) -> dict[str, Any]:
        value = _mapping(value)
        return {n: None if value.get(n) is None else convert(value[n]) for n, convert in fields.items()}

    return to_dict


def _map_converter(t: SqlType) -> Callable[[Any], list[tuple[Any, Any]]]:
    key, item = (converter(field) for _, field in t.fields[:2])
    return lambda value: [(key(k), None if v is None else item(v)) for k, v in _mapping(value).items()]


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError('a text is not an object like `{"a": 1}`') from None
    if not isinstance(value, Mapping):
        raise ValueError("a value is not a mapping")
    return value
