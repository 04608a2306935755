"""Expected rows against those that came: which are missing, which are not expected, and which differ in some columns."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from ssgproj.project.unit_test import Rows
from ssgproj.unit_tests.answer import Table

RELATIVE, ABSOLUTE = 1e-6, 1e-9
"""By how much numbers may differ where the test does not say."""
PLAIN_DIGITS = 4
"""Significant digits that statistics without differential privacy release; the rounded number is expected as well."""
_MOST_PAIRS = 4_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a difference: what was expected (None: nothing), what came, and the columns in which they differ."""

    expected: tuple[Any, ...] | None
    got: tuple[Any, ...] | None
    differs: tuple[bool, ...] = ()

    @property
    def same(self) -> bool:
        return self.expected is not None and self.got is not None and not any(self.differs)


@dataclass(frozen=True, slots=True)
class Difference:
    """Expected and found rows side by side. `missing`: columns that were expected and are not there."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    missing: tuple[str, ...] = ()
    order: bool = False
    """The rows are the expected ones, in another order than the query's ORDER BY gives."""

    @property
    def same(self) -> bool:
        return not self.missing and not self.order and all(line.same for line in self.lines)


def difference(expected: Rows, found: Table, tolerance: float | None = None, *, rounded: bool = False) -> Difference:
    """Compare in the columns that the test names; the order of rows matters only where the query has an ORDER BY.

    `rounded`: numbers may be rounded as they are released without differential privacy.
    """
    places, missing = [], []
    for name in expected.columns:
        near = [i for i, n in enumerate(found.columns) if n == name] or [
            i for i, n in enumerate(found.columns) if n.lower() == name.lower()
        ]
        if near:
            places.append(near[0])
        else:
            missing.append(name)
    if missing:
        return Difference(tuple(expected.columns), (), tuple(missing))
    columns = tuple(expected.columns)
    # Without an expected row there are no names: all that came is then shown.
    if not columns:
        columns, places = found.columns, list(range(len(found.columns)))
    wanted = [tuple(row.get(c) for c in columns) for row in expected.rows]
    got = [tuple(row[i] for i in places) for row in found.rows]
    compare = _Compare(expected.as_text, tolerance, rounded)
    in_order = [_line(w, g, compare) for w, g in zip(wanted, got, strict=False)]
    if len(wanted) == len(got) and all(line.same for line in in_order):
        return Difference(columns, tuple(in_order))
    lines = _matched(wanted, got, compare)
    if found.ordered and all(line.same for line in lines):
        return Difference(columns, tuple(in_order), order=True)
    return Difference(columns, lines)


def _line(wanted: tuple[Any, ...], got: tuple[Any, ...], compare: _Compare) -> Line:
    return Line(wanted, got, tuple(not compare.same(w, g) for w, g in zip(wanted, got, strict=True)))


def _matched(wanted: Sequence[tuple[Any, ...]], got: Sequence[tuple[Any, ...]], compare: _Compare) -> tuple[Line, ...]:
    """Equal rows first, each once; the others with the row that is most like them."""
    left = list(range(len(got)))
    lines: list[Line | None] = []
    for row in wanted:
        place = next((i for i in left if all(map(compare.same, row, got[i]))), None)
        lines.append(None if place is None else _line(row, got[place], compare))
        if place is not None:
            left.remove(place)
    few = len(left) * lines.count(None) <= _MOST_PAIRS
    for number, row in enumerate(wanted):
        if lines[number] is not None:
            continue
        candidates = [(sum(map(compare.same, row, got[i])), -i) for i in left] if few else []
        best = max(candidates, default=(0, 0))
        alone = best[0] == 0 and not (len(left) == 1 and lines.count(None) == 1)
        if not candidates or alone:
            lines[number] = Line(row, None)
            continue
        lines[number] = _line(row, got[-best[1]], compare)
        left.remove(-best[1])
    return (*(line for line in lines if line is not None), *(Line(None, got[i]) for i in left))


@dataclass(frozen=True, slots=True)
class _Compare:
    as_text: bool
    tolerance: float | None
    rounded: bool

    def same(self, expected: Any, got: Any) -> bool:
        """Whether a value of YAML or CSV is meant by one of DuckDB's."""
        if expected is None or got is None:
            return expected is None and got is None
        try:
            return self._same(expected, got)
        except (ValueError, TypeError, InvalidOperation, OverflowError):
            return False

    def _same(self, expected: Any, got: Any) -> bool:
        match got:
            case bool():
                return _boolean(expected) is got
            case int() | float() | Decimal():
                return self._numbers(_number(expected), got)
            case datetime():
                return _datetime(expected) == _utc(got)
            case date():
                return _datetime(expected) == datetime(got.year, got.month, got.day)
            case time():
                return time.fromisoformat(str(expected)).replace(tzinfo=None) == got.replace(tzinfo=None)
            case timedelta():
                from ssgproj.generators.values import to_duration

                return to_duration(float(expected) if isinstance(expected, int) else expected) == got
            case UUID():
                return UUID(str(expected)) == got
            case bytes():
                text = str(expected)
                return (bytes.fromhex(text[2:]) if text.startswith("\\x") else text.encode()) == got
            case list() | tuple():
                items = _loaded(expected)
                return isinstance(items, list) and len(items) == len(got) and all(map(self.same, items, got))
            case dict():
                fields = _loaded(expected)
                return (
                    isinstance(fields, Mapping)
                    and set(fields) == set(got)
                    and all(self.same(fields[k], got[k]) for k in got)
                )
        return self._text(expected, str(got))

    def _text(self, expected: Any, got: str) -> bool:
        if isinstance(expected, str):
            return expected == got
        if isinstance(expected, bool):
            return got == str(expected).lower()
        if isinstance(expected, list | Mapping):
            return bool(json.loads(got) == expected)
        return got == str(expected)

    def _numbers(self, expected: int | float | Decimal, got: int | float | Decimal) -> bool:
        if isinstance(expected, int) and isinstance(got, int) and self.tolerance is None:
            return expected == got
        a, b = float(expected), float(got)
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        if self.tolerance is not None:
            return a == b or abs(a - b) <= self.tolerance * (1 + 1e-12)
        if math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE):
            return True
        return self.rounded and math.isfinite(b) and math.isclose(a, float(f"{b:.{PLAIN_DIGITS}g}"), rel_tol=RELATIVE)


def _boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}.get(value.lower())
    return bool(value) if value in (0, 1) else None


def _number(value: Any) -> int | float | Decimal:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    number = Decimal(str(value))
    return int(number) if number.is_finite() and number == number.to_integral_value() else number


def _datetime(value: Any) -> datetime:
    return _utc(datetime.fromisoformat(str(value).strip()))


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
