"""Dates, times and numbers as one line of numbers: days, microseconds, or the numbers themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import arrow_type, cast_to, decimal_shape, integer_bounds, time_step
from ssgproj.generators.base import Restriction
from ssgproj.generators.domains.times import ticks
from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOMENTS = (Kind.DATE, Kind.TIMESTAMP, Kind.TIME, Kind.INTERVAL)
_WHOLE = (*MOMENTS, Kind.INTEGER, Kind.YEAR)
_SECOND = 1_000_000
_ENDS: dict[Kind, tuple[Any, Any]] = {
    Kind.DATE: (date(1, 1, 1), date(9999, 12, 31)),
    Kind.TIMESTAMP: (datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)),
    Kind.TIME: (time(0), time(23, 59, 59)),
    Kind.INTERVAL: (timedelta(days=-20_000_000), timedelta(days=20_000_000)),
}
"""The least and the greatest of each kind that every database holds, in whole seconds."""


@dataclass(frozen=True, slots=True)
class Line:
    """The numbers of a column: whole (int64) or not (float64).

    `low` and `high` are the least and the greatest that the column takes, `floor` the least of its type. `step`: values are multiples of it.
    """

    type: SqlType
    low: Any
    high: Any
    floor: Any
    step: int = 1

    @property
    def whole(self) -> bool:
        return self.type.kind in _WHOLE

    def of_value(self, value: Any) -> Any:
        """A date, datetime, time, duration or number in units."""
        if self.type.kind in MOMENTS:
            return ticks(value, self.type)
        return int(value) if self.whole else float(value)

    def steps(self, units: NDArray[Any]) -> NDArray[Any]:
        """Lengths on the line: whole where it is, and of whole seconds between moments, which nobody writes more exactly."""
        if not self.whole:
            return units
        limited: NDArray[np.float64] = np.clip(units, -(2.0**61), 2.0**61)
        if self.type.kind in (Kind.TIMESTAMP, Kind.TIME, Kind.INTERVAL):
            return (np.rint(limited / _SECOND) * _SECOND).astype(np.int64)
        whole: NDArray[Any] = (
            np.floor(limited).astype(np.int64) if self.type.kind is Kind.DATE else np.rint(limited).astype(np.int64)
        )
        return whole

    def array(self, values: NDArray[Any]) -> pa.Array:
        """Units in the column's Arrow type. What lies between two steps is moved up, or down where there is no more room."""
        if self.type.kind is Kind.DATE:
            return pa.array(values.astype(np.int32)).cast(pa.date32())
        if self.type.kind in MOMENTS:
            up = -(-values // self.step) * self.step
            return pa.array(np.where(up > self.high, values // self.step * self.step, up)).cast(arrow_type(self.type))
        return cast_to(values, self.type)


def line_of(t: SqlType, restriction: Restriction) -> Line:
    """The line of a column. Bounds that are no values of its type count as none."""
    if t.kind in MOMENTS:
        return _moments(t, restriction)
    from ssgproj.generators.base import Target
    from ssgproj.generators.numeric import allowed

    low, high = allowed(Target("", t, restriction=restriction))
    if t.kind in (Kind.INTEGER, Kind.YEAR):
        first, last = integer_bounds(t)
        first, last = max(first, -(2**62)), min(last, 2**62)
        return Line(
            t, first if low is None else max(int(low), first), last if high is None else min(int(high), last), first
        )
    greatest = float(np.finfo(np.float32 if t.bits == 32 else np.float64).max) / 4
    if t.kind in (Kind.DECIMAL, Kind.MONEY):
        precision, scale = decimal_shape(t)
        greatest = float(10 ** (precision - scale)) - 10.0**-scale
    floor = 0.0 if t.unsigned else -float(greatest)
    return Line(
        t,
        floor if low is None else max(low, floor),
        float(greatest) if high is None else min(high, float(greatest)),
        floor,
    )


def _moments(t: SqlType, restriction: Restriction) -> Line:
    first, last = _ENDS[t.kind]
    floor, ceiling = ticks(first, t), ticks(last, t)
    step = 1 if t.kind is Kind.DATE else time_step(t)
    low, high = floor, ceiling
    try:
        if restriction.lower is not None:
            low = max(low, ticks(restriction.lower, t) + (step if restriction.lower_open else 0))
        if restriction.upper is not None:
            high = min(high, ticks(restriction.upper, t) - (step if restriction.upper_open else 0))
    except (ValueError, TypeError):
        return Line(t, floor, ceiling, floor, step)
    return Line(t, low, high, floor, step)


def column_units(column: pa.Array, t: SqlType) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Another column on the line of a type, and where it is NULL (0 there)."""
    from dataclasses import replace

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    missing: NDArray[np.bool_] = np.asarray(column.is_null())
    if t.kind in MOMENTS:
        moments = cast_to(column, replace(t, precision=None))
        integers = moments.cast("int32").cast("int64") if t.kind is Kind.DATE else moments.cast("int64")
        return integers.fill_null(0).to_numpy(zero_copy_only=False).copy(), missing
    if t.kind in (Kind.INTEGER, Kind.YEAR):
        whole = cast_to(column, SqlType(Kind.INTEGER, "bigint", bits=64))
        return np.clip(whole.fill_null(0).to_numpy(zero_copy_only=False), -(2**62), 2**62), missing
    floats = cast_to(column, SqlType(Kind.FLOAT, "double precision", bits=64))
    return floats.fill_null(0.0).to_numpy(zero_copy_only=False).copy(), missing
