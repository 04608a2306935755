"""The values of results: a handful of types, each with one spelling, so that what is read is what was written.

| type | in YAML |
| --- | --- |
| int, float, boolean | themselves; `.nan`, `.inf` |
| string | always in double quotes, so that `NO` and `1e3` stay texts |
| decimal | its digits in quotes |
| date, time, timestamp | ISO 8601 in quotes; a timestamp with a zone ends in its offset |

NULL is `null` in any of them.
"""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

TYPES = ("int", "float", "string", "boolean", "decimal", "date", "time", "timestamp")

_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def type_of(value: Any) -> str | None:
    """The type that a Python value has in results; None for NULL. Raises TypeError for one that results cannot hold."""
    if value is None:
        return None
    for kind, name in ((bool, "boolean"), (int, "int"), (float, "float"), (str, "string"), (Decimal, "decimal")):
        if isinstance(value, kind):
            return name
    if isinstance(value, datetime):
        return "timestamp"
    if isinstance(value, date):
        return "date"
    if isinstance(value, time):
        return "time"
    raise TypeError(f"a result cannot hold a value of class `{type(value).__name__}`")


def write_value(value: Any) -> str:
    """The YAML of one value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isfinite(value):
            text = repr(value)
            # YAML 1.1 readers take `1e-06` for a text.
            return text if "." in text or "e" not in text else text.replace("e", ".0e")
        return ".nan" if math.isnan(value) else (".inf" if value > 0 else "-.inf")
    if isinstance(value, Decimal):
        return f'"{format(value, "f") if value.is_finite() else value}"'
    if isinstance(value, date | time):
        return f'"{value.isoformat()}"'
    return _UNPRINTABLE.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(value, ensure_ascii=False))


def read_value(value: Any, type_: str) -> Any:
    """The Python value of what YAML gave. Raises ValueError if it is not of the type."""
    if value is None:
        return None
    if type_ == "boolean" and isinstance(value, bool):
        return value
    if type_ == "int" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if type_ == "float" and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        raise ValueError(type_)
    if type_ == "string":
        return value
    try:
        if type_ == "decimal":
            return Decimal(value)
        if type_ == "date":
            return date.fromisoformat(value)
        if type_ == "time":
            return time.fromisoformat(value)
        if type_ == "timestamp":
            return datetime.fromisoformat(value)
    except (InvalidOperation, ValueError):
        pass
    raise ValueError(type_)
