"""Domains of dates, times, timestamps and durations: evenly spaced, counted in days or microseconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import arrow_type
from ssgproj.generators.values import to_datetime, to_duration, to_time
from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    from numpy.typing import NDArray

EPOCH = datetime(1970, 1, 1)
_EPOCH_DAY = date(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)


def ticks(value: Any, t: SqlType) -> int:
    """A date as days, anything else of these kinds as microseconds, as Arrow counts them."""
    if t.kind is Kind.DATE:
        return (to_datetime(value).date() - _EPOCH_DAY).days
    if t.kind is Kind.TIMESTAMP:
        return (to_datetime(value) - EPOCH) // _MICROSECOND
    if t.kind is Kind.TIME:
        moment = to_time(value)
        return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1_000_000 + moment.microsecond
    return to_duration(value) // _MICROSECOND


def from_ticks(number: int, t: SqlType) -> date | datetime | time | timedelta:
    """The other way round."""
    if t.kind is Kind.DATE:
        return _EPOCH_DAY + timedelta(days=number)
    moment = timedelta(microseconds=number)
    if t.kind is Kind.TIMESTAMP:
        return EPOCH + moment
    return (EPOCH + moment).time() if t.kind is Kind.TIME else moment


@dataclass(frozen=True, slots=True)
class TimeDomain:
    """`start + step * i` days (for dates) or microseconds (for times, timestamps and durations)."""

    start: int
    size: int
    type: SqlType
    step: int = 1

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        numbers = np.asarray(index, dtype=np.int64) * self.step + self.start
        if self.type.kind is Kind.DATE:
            return pa.array(numbers.astype(np.int32)).cast(pa.date32())
        return pa.array(numbers).cast(arrow_type(self.type))

    def index_of(self, value: Any) -> int | None:
        """Where a value is in the domain, or None."""
        offset, rest = divmod(ticks(value, self.type) - self.start, self.step)
        return offset if rest == 0 and 0 <= offset < self.size else None
