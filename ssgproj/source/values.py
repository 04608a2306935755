"""Python values, as drivers give them, to Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ssgproj.project.types import Kind
from ssgproj.vocabularies.text import BadValueError, from_text, plain_text

if TYPE_CHECKING:
    from ssgproj.project.types import SqlType

_NATIVE: dict[Kind, tuple[type, ...]] = {
    Kind.BOOLEAN: (bool,),
    Kind.INTEGER: (int,),
    Kind.YEAR: (int,),
    Kind.FLOAT: (float,),
    Kind.STRING: (str,),
    Kind.ENUM: (str,),
    Kind.BINARY: (bytes,),
    Kind.TIMESTAMP: (datetime,),
    Kind.DATE: (date,),
}


def to_arrow(values: Sequence[Any], type_: SqlType, arrow_type: pa.DataType) -> pa.Array:
    """An array of `arrow_type`. Raises BadValueError at the first value that is none of `type_`; the value is in no message."""
    native = _NATIVE.get(type_.kind)
    if native and all(v is None or type(v) in native for v in values):
        try:
            return pa.array(values, arrow_type)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeError):
            pass  # told below, with its place
    if pa.types.is_float64(arrow_type) and all(v is None or type(v) in (int, float, Decimal) for v in values):
        return pa.array([None if v is None else float(v) for v in values], arrow_type)
    texts = [_text(v, type_, row) for row, v in enumerate(values)]
    try:
        array = pa.array(texts, pa.string())
    except (UnicodeError, pa.ArrowException):
        raise BadValueError(_first_unencodable(texts), "text in UTF-8") from None
    return from_text(array, type_, arrow_type)


def _text(value: Any, type_: SqlType, row: int) -> str | None:
    """The spelling of one value in `vocabularies/text.py`, whatever class the driver chose."""
    if value is None:
        return None
    kind = type_.kind
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes_text(bytes(value), type_, row)
    if isinstance(value, str):
        return _tidied(value, kind)
    if kind in (Kind.DECIMAL, Kind.MONEY) and isinstance(value, int | float | Decimal):
        try:
            return format(Decimal(repr(value) if isinstance(value, float) else value), "f")
        except InvalidOperation:
            raise BadValueError(row, "a number") from None
    if kind is Kind.BOOLEAN and value in (0, 1):
        return "true" if value else "false"
    if kind is Kind.INTEGER and isinstance(value, float) and value.is_integer():
        return str(int(value))
    if kind is Kind.TIME and isinstance(value, timedelta):
        return (datetime(1970, 1, 1) + value).time().isoformat() if timedelta(0) <= value < timedelta(1) else str(value)
    if kind is Kind.DATE and isinstance(value, datetime):
        return value.isoformat() if value.time() != datetime.min.time() else value.date().isoformat()
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + ("Z" if type_.with_time_zone else "")
    if kind is Kind.SET and isinstance(value, set | frozenset):
        return ",".join(label for label in type_.labels if label in value)
    return plain_text(value)


def _bytes_text(value: bytes, type_: SqlType, row: int) -> str:
    kind = type_.kind
    if kind is Kind.BINARY:
        return plain_text(value)
    if kind is Kind.BOOLEAN:
        return "true" if any(value) else "false"
    if kind is Kind.BIT:
        return format(int.from_bytes(value, "big"), "b").zfill(type_.length or 1)
    if kind is Kind.UUID and len(value) == 16:
        h = value.hex()
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise BadValueError(row, "text in UTF-8") from None


def _tidied(value: str, kind: Kind) -> str:
    if kind is Kind.BINARY:
        return plain_text(value.encode())
    if kind is Kind.UUID:
        return value.lower()
    if kind is Kind.DATE and value[10:] in (" 00:00:00", "T00:00:00", " 00:00:00.000", "T00:00:00Z"):
        return value[:10]
    return value


def _first_unencodable(texts: Sequence[str | None]) -> int:
    for row, text in enumerate(texts):
        try:
            (text or "").encode()
        except UnicodeError:
            return row
    return 0
