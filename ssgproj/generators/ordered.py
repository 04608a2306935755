"""Columns that must be in order (`start <= end`), drawn together so that the condition holds by construction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import arrow_type
from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch

_EPOCH = datetime(1970, 1, 1)
_FLOAT_UNITS = 1000


def unit_family(sql_type: SqlType) -> str | None:
    """Columns of one family can be ordered together: their values are whole numbers of a common unit."""
    if sql_type.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.YEAR):
        return "number"
    if sql_type.kind in (Kind.FLOAT, Kind.DATE, Kind.TIMESTAMP, Kind.TIME):
        return sql_type.kind.value
    return None


def decimals(sql_type: SqlType) -> int:
    """Digits after the point."""
    if sql_type.kind is Kind.MONEY:
        return 2
    if sql_type.kind is not Kind.DECIMAL:
        return 0
    return 4 if sql_type.scale is None else max(sql_type.scale, 0)


@dataclass(frozen=True, slots=True)
class Bounded:
    """One column of an ordered group: inclusive bounds in units, of which values are multiples of `grain`."""

    type: SqlType
    lower: int
    upper: int
    grain: int


@dataclass(frozen=True, slots=True)
class Ordered:
    """Draws columns such that for each `(i, j, strict)` of `edges` column i is before column j.

    `columns` are in an order in which every edge goes forward. Upper bounds are already low enough for what must come after.
    """

    columns: tuple[Bounded, ...]
    edges: tuple[tuple[int, int, bool], ...]
    scale: int

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        drawn: list[NDArray[np.int64]] = []
        for j, column in enumerate(self.columns):
            lower = np.full(batch.rows, column.lower, np.int64)
            for i, target, strict in self.edges:
                if target == j:
                    lower = np.maximum(lower, drawn[i] + (1 if strict else 0))
            first = -(-lower // column.grain)
            last = column.upper // column.grain
            share = batch.rng(f"ordered{j}").random(batch.rows)
            steps = (share * (last - first + 1)).astype(np.int64)
            drawn.append((first + np.minimum(steps, last - first)) * column.grain)
        return [from_units(d, c.type, self.scale) for d, c in zip(drawn, self.columns, strict=True)]


def plan_ordered(
    bounds: Sequence[tuple[SqlType, Any, Any]], edges: Sequence[tuple[int, int, bool]]
) -> tuple[Ordered, list[int]] | None:
    """Make the generator from each column's type and inclusive bounds, and edges (smaller, greater, strict) between their positions.

    Returns it with the order of columns it fills, or None if the edges form a circle, the bounds leave no room, or units differ.
    """
    families = {unit_family(t) for t, _, _ in bounds}
    if len(families) != 1 or None in families:
        return None
    order = _topological(len(bounds), edges)
    if order is None:
        return None
    scale = max(decimals(t) for t, _, _ in bounds)
    position = {column: place for place, column in enumerate(order)}
    placed = [(position[i], position[j], strict) for i, j, strict in edges]
    columns = []
    for column in order:
        sql_type, lower, upper = bounds[column]
        grain = 10 ** (scale - decimals(sql_type)) if unit_family(sql_type) == "number" else _grain(sql_type)
        columns.append(Bounded(sql_type, to_units(lower, sql_type, scale), to_units(upper, sql_type, scale), grain))
    for place in reversed(range(len(columns))):
        upper = columns[place].upper
        for i, j, strict in placed:
            if i == place:
                upper = min(upper, columns[j].upper // columns[j].grain * columns[j].grain - (1 if strict else 0))
        columns[place] = Bounded(columns[place].type, columns[place].lower, upper, columns[place].grain)
    lowest = [c.lower for c in columns]
    for place, bounded in enumerate(columns):
        for i, j, strict in placed:
            if j == place:
                lowest[place] = max(lowest[place], lowest[i] + (1 if strict else 0))
        first = -(-lowest[place] // bounded.grain) * bounded.grain
        if first > bounded.upper:
            return None
    if any(abs(b) > 2**62 for c in columns for b in (c.lower, c.upper)):
        return None
    return Ordered(tuple(columns), tuple(placed), scale), order


def _grain(sql_type: SqlType) -> int:
    if sql_type.kind in (Kind.TIMESTAMP, Kind.TIME) and sql_type.precision is not None:
        return int(10 ** max(0, 6 - sql_type.precision))
    return 1


def _topological(count: int, edges: Sequence[tuple[int, int, bool]]) -> list[int] | None:
    waiting = {i: {a for a, b, _ in edges if b == i} for i in range(count)}
    order: list[int] = []
    while waiting:
        ready = [i for i, needs in waiting.items() if not needs - set(order)]
        if not ready:
            return None
        order.append(ready[0])
        del waiting[ready[0]]
    return order


def to_units(value: Any, sql_type: SqlType, scale: int) -> int:
    """A value as a whole number of its family's unit."""
    if sql_type.kind is Kind.DATE:
        return (date(value.year, value.month, value.day) - _EPOCH.date()).days
    if sql_type.kind is Kind.TIMESTAMP:
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        delta = moment.replace(tzinfo=None) - _EPOCH
        return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds
    if sql_type.kind is Kind.TIME:
        return int(((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond)
    if sql_type.kind is Kind.FLOAT:
        return int(float(value) * _FLOAT_UNITS)
    return int(Decimal(str(value)).scaleb(scale))


def from_units(units: NDArray[np.int64], sql_type: SqlType, scale: int) -> pa.Array:
    """Whole numbers of units as the column's Arrow type."""
    target = arrow_type(sql_type)
    if sql_type.kind is Kind.DATE:
        return pa.array(units.astype(np.int32), type=pa.int32()).cast(target)
    if sql_type.kind in (Kind.TIMESTAMP, Kind.TIME):
        return pa.array(units, type=pa.int64()).cast(target)
    if sql_type.kind is Kind.FLOAT:
        return pa.array(units / _FLOAT_UNITS).cast(target)
    values = units // 10 ** (scale - decimals(sql_type))
    if pa.types.is_decimal(target):
        return decimal_array(values, target)
    return pa.array(values).cast(target)


def decimal_array(unscaled: NDArray[np.int64], target: pa.DataType) -> pa.Array:
    """Whole numbers of the last decimal place as decimals."""
    if not pa.types.is_decimal128(target):
        exact = pa.decimal128(38, target.scale)
        return decimal_array(unscaled, exact).cast(target)
    words = np.empty((len(unscaled), 2), np.int64)
    words[:, 0] = unscaled
    words[:, 1] = unscaled >> 63
    return pa.Array.from_buffers(target, len(unscaled), [None, pa.py_buffer(words.tobytes())])
