"""From what was released to the rows of a result: types, order, and the values that need a word.

All of it is post-processing of released numbers, and costs nothing.

| value | becomes |
| --- | --- |
| a count below 0 | 0 |
| a variance or spread below 0, or one that is not a number (the root of a negative variance) | 0 |
| any other that is not a number, or infinite | kept in the file, and refused by `run` unless the user says `--keep` |
| no row at all | the same |
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ssgproj.errors import RunError
from ssgproj.project.smartnoise import tree
from ssgproj.results.values import type_of

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat

DIGITS = 10
"""Significant digits that a number with noise is written with; the rest is noise of the noise."""
_SPREADS = ("VAR", "VARIANCE", "STD", "STDDEV")


@dataclass(frozen=True, slots=True)
class Released:
    """Columns with types, rows, what was done to them, and why they should not be used as they are."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def released(stat: Stat, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Released:
    """SmartNoise's rows as a result."""
    outputs = [stat.output(n) for n in names]
    aggregates = [_aggregate(stat, n) for n in names]
    columns, types, notes, refused = [], [], [], []
    for i, (name, output, aggregate) in enumerate(zip(names, outputs, aggregates, strict=True)):
        type_ = output.type if output else None
        values = [_plain(row[i], type_) for row in rows]
        below = sum(1 for v in values if _is_below(v, aggregate))
        if below:
            values = [(0 if isinstance(v, int) else 0.0) if _is_below(v, aggregate) else v for v in values]
            what = "a count" if aggregate == "COUNT" else "a spread"
            notes.append(f"{below} value{'s' if below > 1 else ''} of `{name}` below 0, as {what} cannot be, set to 0")
        odd = sum(1 for v in values if isinstance(v, float) and not math.isfinite(v))
        if odd:
            refused.append(f"`{name}` is not a finite number in {odd} of {len(values)} rows")
        columns.append([_digits(v) for v in values])
        types.append(column_type(values, type_))
    if not rows:
        refused.append("nothing was released: no group has enough people, or `HAVING` or `LIMIT` leaves none")
    keys = [i for i, o in enumerate(outputs) if o is not None and o.key]
    ordered = (
        sort_rows(list(zip(*columns, strict=True)), keys)
        if stat.query is not None and not stat.query.order
        else list(zip(*columns, strict=True))
    )
    return Released(tuple(zip(names, types, strict=True)), tuple(ordered), tuple(notes), tuple(refused))


def column_type(values: Sequence[Any], said: str | None) -> str:
    """The type of a column of a result: that of its values, else what the file says. Raises RunError for a mixture."""
    found = {t for v in values if (t := type_of(v)) is not None}
    if found == {"int", "float"}:
        return "float"
    if len(found) > 1:
        raise RunError("A column of the result holds values of different types")
    if found:
        return found.pop()
    return {"datetime": "timestamp", None: "string"}.get(said, said or "string")


def sort_rows(rows: list[tuple[Any, ...]], keys: Sequence[int]) -> list[tuple[Any, ...]]:
    """By the grouping keys (NULL last), so that a result has one order whatever the engine's."""

    def by(row: tuple[Any, ...]) -> list[tuple[bool, str, Any]]:
        return [(row[i] is None, str(type(row[i])), row[i] if row[i] is not None else 0) for i in keys]

    return sorted(rows, key=by) if keys else rows


def _aggregate(stat: Stat, name: str) -> str | None:
    for output in stat.query.outputs if stat.query else ():
        if output.name == name:
            value = output.value
            while isinstance(value, tree.Brackets):
                value = value.inner
            return value.name if isinstance(value, tree.Aggregate) else None
    return None


def _is_below(value: Any, aggregate: str | None) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    if aggregate == "COUNT":
        return value < 0
    return aggregate in _SPREADS and (value < 0 or math.isnan(value))


def _plain(value: Any, type_: str | None) -> Any:
    """A Python value of the output's type; SmartNoise gives numbers from functions as text."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None:
        return None
    if isinstance(value, Decimal):
        value = float(value)
    if type_ == "float" and isinstance(value, str | int) and not isinstance(value, bool):
        return float(value)
    if type_ == "int" and isinstance(value, str | float):
        number = float(value)
        return int(number) if number.is_integer() else number
    if type_ == "boolean" and isinstance(value, int):
        return bool(value)
    if type_ == "datetime" and isinstance(value, str):
        return datetime.fromisoformat(value)
    if type_ == "string" and not isinstance(value, str):
        return str(value)
    return value


def _digits(value: Any) -> Any:
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{DIGITS}g}")
    return value
