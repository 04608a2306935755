"""Domains of ranges, as the texts that PostgreSQL reads: `[lower,upper)`, never empty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import MICROSECONDS, decimal_array, join_texts
from ssgproj.generators.domain import product_size, split
from ssgproj.generators.domains.texts import as_text
from ssgproj.generators.domains.times import ticks
from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INTEGER = SqlType(Kind.INTEGER, "integer", bits=32)
_WIDTHS = 100
_ROOMY = 16


@dataclass(frozen=True, slots=True)
class RangeDomain:
    """Ranges that begin at `start + step * i` (`count` of them) and are `unit` to `unit * widths` wide.

    With one width that is not more than the step, no two of them overlap. `opening` and `closing` surround each, for multiranges.
    """

    element: SqlType
    start: int
    step: int
    count: int
    unit: int
    widths: int
    opening: str = "["
    closing: str = ")"

    @property
    def size(self) -> int:
        return product_size([self.count, self.widths])

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        which, width = split(np.asarray(index, dtype=np.int64), [self.count, self.widths])
        lower = which * self.step + self.start
        upper = lower + (width + 1) * self.unit
        return join_texts([self.opening, self._bound(lower), ",", self._bound(upper), self.closing])

    def _bound(self, numbers: NDArray[np.int64]) -> pa.Array:
        kind = self.element.kind
        if kind is Kind.DATE:
            return as_text(pa.array(numbers.astype(np.int32)).cast(pa.date32()))
        if kind is Kind.TIMESTAMP:
            text = as_text(pa.array(numbers).cast(pa.timestamp("us")))
            return join_texts(['"', text, '+00"' if self.element.with_time_zone else '"'])
        if kind in (Kind.DECIMAL, Kind.MONEY):
            return as_text(decimal_array(numbers, 19, 2))
        if kind is Kind.TIME:
            return as_text(pa.array(numbers).cast(pa.time64("us")))
        return as_text(pa.array(numbers))


def range_domain(
    element: SqlType | None, *, rows: int, unique: bool, now: datetime, multi: bool = False
) -> RangeDomain:
    """Ranges of any element type, in the ten years before `now` where they are of time."""
    opening, closing = ("{[", ")}") if multi else ("[", ")")
    element = element or _INTEGER
    start, count, unit = _line(element, now)
    if unique and count * _WIDTHS < rows * _ROOMY:
        widest = 10 * 365
        return RangeDomain(element, start, unit, count, unit, widest, opening, closing)
    widths = 30 if element.kind is Kind.DATE else _WIDTHS
    if not unique and element.kind not in (Kind.DATE, Kind.TIMESTAMP, Kind.TIME):
        count = min(count, 100_000)
    return RangeDomain(element, start, unit, count, unit, widths, opening, closing)


def disjoint_ranges(element: SqlType | None, *, rows: int, now: datetime, multi: bool = False) -> RangeDomain:
    """Ranges no two of which overlap, one per index, so that `EXCLUDE USING gist (r WITH &&)` holds by construction.

    Ranges of time lie in the ten years before `now` as long as there is room for many times `rows` of them.
    """
    opening, closing = ("{[", ")}") if multi else ("[", ")")
    element = element or _INTEGER
    start, count, unit = _line(element, now)
    if element.kind in (Kind.DATE, Kind.TIMESTAMP):
        fine, coarse = (1, 7) if element.kind is Kind.DATE else (MICROSECONDS, unit)
        present = ticks(now, element)
        ten_years = start, max(present, start + coarse)
        wide = ticks(datetime(1900, 1, 1), element), ticks(datetime(2099, 12, 31), element)
        widest = wide[0], ticks(datetime(9990, 1, 1), element)
        for first, last in (ten_years, wide, widest):
            for step in (coarse, fine):
                if (last - first) // step >= rows * _ROOMY or (last, step) == (widest[1], fine):
                    return RangeDomain(element, first, step, (last - first) // step, step, 1, opening, closing)
    step = max(min(10, count // (rows * _ROOMY)), 1) * unit
    return RangeDomain(element, start, step, (count * unit) // step, step, 1, opening, closing)


def _line(element: SqlType, now: datetime) -> tuple[int, int, int]:
    """The first lower bound, how many there are, and the distance between them."""
    match element.kind:
        case Kind.INTEGER:
            bits = min(element.bits or 32, 56)
            return 1, 2 ** (bits - 1) - 2 - 10 * 365, 1
        case Kind.DATE:
            return ticks(now, element) - 3652, 3652 - 30, 1
        case Kind.TIMESTAMP:
            hour = 3600 * MICROSECONDS
            return (ticks(now, element) // hour) * hour - 87_600 * hour, 87_600 - _WIDTHS, hour
        case Kind.TIME:
            minute = 60 * MICROSECONDS
            return 0, 1440 - _WIDTHS, minute
        case Kind.DECIMAL | Kind.MONEY:
            return 1, 10**9, 1
    return 1, 10**8, 1
