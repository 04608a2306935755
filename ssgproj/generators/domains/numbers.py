"""Domains of numbers: evenly spaced integers, decimals and floats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import arrow_type, decimal_array, decimal_shape
from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class IntegerDomain:
    """`start`, `start + step`, … — `size` of them, in an integer type (or a decimal of 38 digits for 128 bits)."""

    start: int
    size: int
    type: SqlType
    step: int = 1

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        want = arrow_type(self.type)
        last = self.start + self.step * (self.size - 1)
        if min(self.start, last) >= -_INT64 and max(self.start, last) < _INT64:
            values = np.asarray(index, dtype=np.int64) * self.step + self.start
            return decimal_array(values, 38, 0) if pa.types.is_decimal(want) else pa.array(values).cast(want)
        numbers = [self.start + self.step * i for i in index.tolist()]
        return pa.array([Decimal(n) for n in numbers] if pa.types.is_decimal(want) else numbers, want)

    def index_of(self, value: Any) -> int | None:
        """Where a value is in the domain, or None."""
        offset, rest = divmod(Decimal(str(value)) - self.start, self.step)
        return int(offset) if rest == 0 and 0 <= offset < self.size else None


@dataclass(frozen=True, slots=True)
class DecimalDomain:
    """Decimals `(start + step * i) / 10**scale` in the precision and scale of a decimal or money type."""

    start: int
    size: int
    type: SqlType
    step: int = 1

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        precision, scale = decimal_shape(self.type)
        last = self.start + self.step * (self.size - 1)
        if min(self.start, last) >= -_INT64 and max(self.start, last) < _INT64:
            return decimal_array(np.asarray(index, dtype=np.int64) * self.step + self.start, precision, scale)
        numbers = [_scaled(self.start + self.step * i, scale) for i in index.tolist()]
        return pa.array(numbers, arrow_type(self.type))

    def index_of(self, value: Any) -> int | None:
        """Where a value is in the domain, or None."""
        _, scale = decimal_shape(self.type)
        offset, rest = divmod(_scaled(Decimal(str(value)), -scale) - self.start, self.step)
        return int(offset) if rest == 0 and 0 <= offset < self.size else None


def _scaled(number: int | Decimal, scale: int) -> Decimal:
    sign, digits, exponent = Decimal(number).as_tuple()
    return Decimal((sign, digits, int(exponent) - scale))


@dataclass(frozen=True, slots=True)
class FloatDomain:
    """Floats `(start + i) / divisor`. Distinct as long as `start + i` fits the float's digits (2**53, or 2**24 for 32 bits)."""

    start: int
    size: int
    divisor: float
    type: SqlType

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        values = (np.asarray(index, dtype=np.int64) + self.start).astype(np.float64) / self.divisor
        return pa.array(values).cast(arrow_type(self.type), safe=False)

    def index_of(self, value: Any) -> int | None:
        """Where a value is in the domain, or None."""
        near = round(float(value) * self.divisor)
        kind = np.float32 if self.type.bits == 32 else np.float64
        same = kind(near / self.divisor) == kind(value)
        return near - self.start if same and 0 <= near - self.start < self.size else None


@dataclass(frozen=True, slots=True)
class YearDomain:
    """Years, one after the other."""

    start: int
    size: int

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        return pa.array((np.asarray(index) + self.start).astype(np.int16))

    def index_of(self, value: Any) -> int | None:
        """Where a value is in the domain, or None."""
        return int(value) - self.start if 0 <= int(value) - self.start < self.size else None


INTEGER = SqlType(Kind.INTEGER, "bigint", bits=64)
"""A type for domains that need whole numbers of no column's own."""
