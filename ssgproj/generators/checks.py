"""Whether values that a user wrote fit the column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ssgproj.generators.base import Problem, Target
from ssgproj.generators.fits import fits
from ssgproj.project.types import Kind


def check_value(value: Any, target: Target, option: str) -> Iterator[Problem]:
    """What is wrong with one value in a column: its type, its length, its range, a constraint."""
    from ssgproj.generators.arrow import decimal_shape, integer_bounds
    from ssgproj.generators.values import converter

    t, name = target.type, f"column `{target.name}` of type `{target.type.text}`"
    if value is None:
        if not target.nullable:
            yield Problem(
                f"Column `{target.name}` cannot be NULL", option, f"write `{target.name}: {{nullable: true}}`"
            )
        return
    try:
        converted = converter(t)(value)
    except (ValueError, TypeError, AttributeError, KeyError):
        yield Problem(f"`{_short(value)}` is no value for {name}", option, "write a value of that type")
        return
    if (
        t.kind in (Kind.STRING, Kind.BINARY)
        and t.length is not None
        and len(value if isinstance(value, bytes) else str(value)) > t.length
    ):
        yield Problem(
            f"`{_short(value)}` is longer than the {t.length} characters of {name}", option, "write a shorter value"
        )
        return
    if t.kind is Kind.ENUM and t.labels and converted not in t.labels:
        yield Problem(
            f"`{_short(value)}` is no label of {name}", option, f"expected one of: {', '.join(t.labels[:20])}"
        )
        return
    if t.kind in (Kind.INTEGER, Kind.YEAR) and not _within(value, *integer_bounds(t)):
        yield Problem(f"`{_short(value)}` is outside the range of {name}", option, "write a smaller value")
        return
    if t.kind in (Kind.DECIMAL, Kind.MONEY) and t.precision is not None:
        precision, scale = decimal_shape(t)
        if not _within(value, -(10.0 ** (precision - scale)), 10.0 ** (precision - scale)):
            yield Problem(f"`{_short(value)}` is outside the range of {name}", option, "write a smaller value")
            return
    if not fits(converted, target):
        yield Problem(
            f"`{_short(value)}` breaks a constraint of column `{target.name}`",
            option,
            "write a value that satisfies its checks",
        )


def _within(value: Any, low: float, high: float) -> bool:
    try:
        return bool(low <= float(value) <= high)
    except (TypeError, ValueError):
        return True


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."
