"""Default domains of dates, times, timestamps and durations."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ssgproj.generators.arrow import MICROSECONDS, time_step
from ssgproj.generators.base import BindContext, Target
from ssgproj.generators.domain import Domain
from ssgproj.generators.domains.times import TimeDomain, ticks
from ssgproj.generators.windows import Line
from ssgproj.project.types import Kind, SqlType

_DAY = 86_400 * MICROSECONDS
_YEARS = 10
_ROOMY = 16
"""A unique column takes the narrowest window with this many times its rows, so that further passes fit too."""


def time_domain(target: Target, rows: int, unique: bool, context: BindContext) -> Domain | None:
    """The ten years before `now`; whole seconds unless uniqueness or a tight bound asks for more."""
    t = target.type
    finest = smallest_step(t)
    low, high = _bounds(target, finest)
    floor, ceiling = limits(t)
    windows = _windows(t, context.now) if unique else _windows(t, context.now)[:1]
    chosen: tuple[int, int] | None = None
    for usual in windows:
        clipped = max(usual[0], floor), min(usual[1], ceiling)
        ends = Line(floor, ceiling, clipped, low, high).ordinary()
        if ends is None:
            return None
        chosen = ends if chosen is None else (min(chosen[0], ends[0]), max(chosen[1], ends[1]))
        if (chosen[1] - chosen[0]) // finest >= rows * _ROOMY:
            break
    assert chosen is not None  # noqa: S101 - there is at least one window
    coarse = 1 if t.kind is Kind.DATE else MICROSECONDS
    for step in (finest,) if unique else (max(coarse, finest), finest):
        start = -(-chosen[0] // step) * step
        size = (chosen[1] - start) // step + 1
        if size >= 1:
            return TimeDomain(start, size, t, step)
    return None


def _bounds(target: Target, step: int) -> tuple[int | None, int | None]:
    t, restriction = target.type, target.restriction
    low = high = None
    try:
        if restriction.lower is not None:
            low = ticks(restriction.lower, t)
            # A date column compared with a moment inside a day begins on the next day.
            exact = t.kind is not Kind.DATE or not _has_time(restriction.lower)
            low += 1 if not exact or restriction.lower_open else 0
        if restriction.upper is not None:
            high = ticks(restriction.upper, t)
            high -= 1 if restriction.upper_open and (t.kind is not Kind.DATE or not _has_time(restriction.upper)) else 0
    except ValueError:
        return low, high
    return low, high


def _has_time(value: object) -> bool:
    return isinstance(value, datetime) and (value.hour, value.minute, value.second, value.microsecond) != (0, 0, 0, 0)


def smallest_step(t: SqlType) -> int:
    """The distance between neighbouring values that every database keeps apart."""
    if t.kind is Kind.DATE:
        return 1
    name = t.text.lower()
    if name.startswith("smalldatetime"):
        return 60 * MICROSECONDS
    return time_step(t)


def limits(t: SqlType) -> tuple[int, int]:
    """What databases can store, in ticks."""
    if t.kind is Kind.DATE:
        return ticks(date(1000, 1, 1), t), ticks(date(9999, 12, 31), t)
    if t.kind is Kind.TIME:
        return 0, _DAY - 1
    if t.kind is Kind.INTERVAL:
        return -(10**5) * _DAY, 10**5 * _DAY
    name = " ".join(t.text.lower().split())
    if name.startswith("smalldatetime"):
        return ticks(datetime(1900, 1, 1), t), ticks(datetime(2079, 6, 5), t)
    if name.startswith("timestamp") and t.with_time_zone and "with time zone" not in name and "tz" not in name:
        # MySQL's TIMESTAMP counts seconds since 1970 in 32 bits.
        return ticks(datetime(1970, 1, 2), t), ticks(datetime(2038, 1, 18), t)
    if t.precision is not None and t.precision > 6:
        return ticks(datetime(1678, 1, 1), t), ticks(datetime(2262, 1, 1), t)
    return ticks(datetime(1000, 1, 1), t), ticks(datetime(9999, 12, 31, 23, 59, 59), t)


def _windows(t: SqlType, now: datetime) -> list[tuple[int, int]]:
    """Usual first and last values, from the ordinary to the widest."""
    if t.kind is Kind.TIME:
        return [(0, _DAY - 1)]
    if t.kind is Kind.INTERVAL:
        return [(60 * MICROSECONDS, 30 * _DAY), (MICROSECONDS, 3650 * _DAY)]
    end = ticks(now, t)
    ten_years = ticks(_years_before(now, _YEARS), t) + (1 if t.kind is Kind.DATE else 0)
    wide = ticks(datetime(1900, 1, 1), t), ticks(datetime(2099, 12, 31), t)
    return [(ten_years, end), wide, limits(t)]


def _years_before(now: datetime, years: int) -> datetime:
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        # The 29th of February.
        return now.replace(year=now.year - years, day=28) + timedelta(0)
