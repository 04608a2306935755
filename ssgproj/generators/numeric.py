"""What the generators of random numbers share: options that are columns, bounds, and the fit to the column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import arrow_type, cast_to, with_nulls
from ssgproj.generators.base import Batch, Problem, Reference, Target
from ssgproj.generators.options import kinds_allowed
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ssgproj.generators.base import BindContext

NUMERIC = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.MONEY, Kind.YEAR)
WRITABLE = (*NUMERIC, Kind.STRING, Kind.OTHER, Kind.JSON, Kind.INTERVAL)
"""Kinds of columns that a number can be put in: as itself, as its text, or as seconds."""
_ROUNDS = 100


def check_numeric(what: str, context: BindContext) -> Iterator[Problem]:
    """Columns that cannot hold a number."""
    yield from kinds_allowed(context, WRITABLE, what)


def per_row(value: Any, batch: Batch) -> Any:
    """An option's value: itself, or for `column.NAME` an array with a number per row (NaN for NULL)."""
    if not isinstance(value, Reference):
        return value
    return numbers(batch.column(value.name))


def numbers(column: pa.Array) -> NDArray[np.float64]:
    """A column as floats, NaN for NULL; dates as days, times as seconds."""
    if pa.types.is_date(column.type):
        return _floats(column.cast(pa.int32()))
    if pa.types.is_timestamp(column.type) or pa.types.is_time(column.type) or pa.types.is_duration(column.type):
        return _floats(column.cast(pa.int64())) / 1e6
    return _floats(column)


def _floats(column: pa.Array) -> NDArray[np.float64]:
    result: NDArray[np.float64] = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return result


class Draw(Protocol):
    """The formula of a distribution: so many values from a stream, given its options' values (numbers, or arrays with one per row)."""

    def __call__(self, rng: np.random.Generator, rows: int, *options: Any) -> NDArray[np.float64]: ...


@dataclass(frozen=True, slots=True)
class NumberGenerator:
    """Numbers of a distribution between two bounds, in one column.

    Values outside the bounds are drawn again, each round from a stream of its own: how many rows before a row are drawn again depends
    on those rows alone, so the first rows stay the same however many follow. What is still outside after the last round is put on
    the bound.
    """

    target: Target
    draw: Draw
    options: tuple[Any, ...]
    minimum: Any = None
    maximum: Any = None

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        options = [per_row(o, batch) for o in self.options]
        values = self.draw(batch.rng(), batch.rows, *options)
        low, high = per_row(self.minimum, batch), per_row(self.maximum, batch)
        if low is not None or high is not None:
            low = -np.inf if low is None else low
            high = np.inf if high is None else high
            for number in range(1, _ROUNDS):
                again = np.flatnonzero((values < low) | (values > high))
                if not again.size:
                    break
                chosen = [o[again] if isinstance(o, np.ndarray) else o for o in options]
                values[again] = self.draw(batch.rng(f"again{number}"), len(again), *chosen)
            values = np.minimum(np.maximum(values, low), high)
        return [finish(values, self.target)]


def bound_generator(
    target: Target, draw: Draw, options: tuple[Any, ...], minimum: Any, maximum: Any
) -> NumberGenerator:
    """A generator whose bounds are the option's and the constraints' together."""
    low, high = allowed(target)
    if low is not None and not isinstance(minimum, Reference):
        minimum = low if minimum is None else max(minimum, low)
    if high is not None and not isinstance(maximum, Reference):
        maximum = high if maximum is None else min(maximum, high)
    return NumberGenerator(target, draw, options, minimum, maximum)


def allowed(target: Target) -> tuple[float | None, float | None]:
    """The bounds that constraints set on a number column, moved inside by one step where they are open."""
    from ssgproj.generators.arrow import decimal_shape
    from ssgproj.generators.default_numbers import unit_bounds

    t, restriction = target.type, target.restriction
    if t.kind is Kind.FLOAT:
        low, high = (_number(restriction.lower), _number(restriction.upper))
        kind = np.float32 if t.bits == 32 else np.float64
        if low is not None and restriction.lower_open:
            low = float(np.nextafter(kind(low), kind(np.inf)))
        if high is not None and restriction.upper_open:
            high = float(np.nextafter(kind(high), kind(-np.inf)))
        return low, high
    if t.kind not in NUMERIC:
        return None, None
    scale = decimal_shape(t)[1] if t.kind in (Kind.DECIMAL, Kind.MONEY) else 0
    units = unit_bounds(restriction, scale)
    first, last = (None if u is None else u / 10.0**scale for u in units)
    return first, last


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


def finish(values: NDArray[Any], target: Target) -> pa.Array:
    """Computed numbers in the column's type. NaN, which comes from a NULL in another column, is NULL again, or 0 if it must not be."""
    kind = target.type.kind
    missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), dtype=bool)
    if missing.any():
        values = np.where(missing, 0, values)
    if kind is Kind.INTERVAL:
        array = pa.array((np.clip(values, -9e12, 9e12) * 1e6).astype(np.int64)).cast(arrow_type(target.type))
    elif kind in (Kind.JSON, Kind.OTHER):
        array = pa.array(values).cast(pa.string())
    else:
        array = cast_to(values, target.type)
    if missing.any() and target.nullable:
        array = with_nulls(array, missing)
    return array


def narrowed(target: Target, lower: Any, upper: Any) -> Target:
    """The target with the option's bounds put into its restriction, where they are narrower."""
    restriction = target.restriction
    changes: dict[str, Any] = {}
    if lower is not None and (restriction.lower is None or _less(restriction.lower, lower)):
        changes |= {"lower": lower, "lower_open": False}
    if upper is not None and (restriction.upper is None or _less(upper, restriction.upper)):
        changes |= {"upper": upper, "upper_open": False}
    return replace(target, restriction=replace(restriction, **changes))


def _less(left: Any, right: Any) -> bool:
    try:
        return bool(left < right)
    except TypeError:
        return True
