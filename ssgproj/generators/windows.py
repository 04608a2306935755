"""Choosing the part of a number line that a column's values are taken from."""

from __future__ import annotations

from dataclasses import dataclass

from ssgproj.generators.domain import MAX_SIZE


@dataclass(frozen=True, slots=True)
class Line:
    """A number line in units of the type's smallest step, both ends included.

    `floor` and `ceiling` are what the type can hold, `low` and `high` what constraints say (None: nothing), `usual` what values
    look like when nothing is said.
    """

    floor: int
    ceiling: int
    usual: tuple[int, int]
    low: int | None = None
    high: int | None = None

    def ordinary(self) -> tuple[int, int] | None:
        """First and last of readable values; None if there are none."""
        first, last = self.usual
        span = last - first
        if self.low is not None and self.high is not None:
            return self._clip(self.low, self.high)
        if self.low is not None:
            return self._clip(self.low, last if last - self.low >= span // 10 else self.low + span)
        if self.high is not None:
            return self._clip(first if self.high >= first else self.high - span, min(self.high, max(last, first)))
        clipped = self._clip(first, last)
        return clipped or (self.floor, self.ceiling)

    def widest(self, rows: int) -> tuple[int, int] | None:
        """First and last of all values, without the negative half where the other is large enough for the rows."""
        high = self.ceiling if self.high is None else self.high
        low = self.low
        if low is None:
            first = self.usual[0]
            low = first if high - first + 1 >= rows * 4 else self.floor
        return self._clip(low, high)

    def _clip(self, low: int, high: int) -> tuple[int, int] | None:
        low, high = max(low, self.floor), min(high, self.ceiling)
        return (low, min(high, low + MAX_SIZE - 1)) if low <= high else None
