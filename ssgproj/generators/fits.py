"""Whether one value satisfies what constraints say about its column."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ssgproj.generators.base import Target


def fits(value: Any, target: Target) -> bool:
    """True if a Python value (in the column's type) is within the target's restriction. NULL always is."""
    if value is None:
        return True
    restriction = target.restriction
    value = comparable(value)
    if restriction.values is not None and not any(same(value, v) for v in restriction.values):
        return False
    if any(same(value, v) for v in restriction.excluded):
        return False
    if not _within(value, restriction.lower, restriction.lower_open, 1):
        return False
    if not _within(value, restriction.upper, restriction.upper_open, -1):
        return False
    if isinstance(value, str | bytes):
        if restriction.min_length is not None and len(value) < restriction.min_length:
            return False
        if restriction.max_length is not None and len(value) > restriction.max_length:
            return False
    return not isinstance(value, str) or all(re.search(p, value) for p in restriction.patterns)


def same(value: Any, other: Any) -> bool:
    """Equality across the spellings of a value: `1` and `Decimal("1.00")`, a date and its text."""
    other = comparable(other)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and not isinstance(other, bool):
        try:
            return Decimal(str(value)) == Decimal(str(other))
        except ArithmeticError:
            return False
    return bool(value == other) or (isinstance(other, str) and not isinstance(value, str) and str(value) == other)


def comparable(value: Any) -> Any:
    """Datetimes without their zone (as UTC), so that bounds written either way can be compared."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _within(value: Any, bound: Any, is_open: bool, direction: int) -> bool:
    if bound is None:
        return True
    bound = comparable(bound)
    if isinstance(value, datetime) and isinstance(bound, date) and not isinstance(bound, datetime):
        bound = datetime(bound.year, bound.month, bound.day)
    if isinstance(value, date) and not isinstance(value, datetime) and isinstance(bound, datetime):
        value = datetime(value.year, value.month, value.day)
    if isinstance(value, float) and isinstance(bound, Decimal):
        # Databases compare such a column in floating point.
        bound = float(bound)
    if isinstance(value, Decimal) and isinstance(bound, float):
        bound = Decimal(str(bound))
    try:
        if value == bound:
            return not is_open
        return bool(value > bound) if direction > 0 else bool(value < bound)
    except TypeError:
        return True
