"""Drawing what comes `after` another column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import cast_to
from ssgproj.generators.base import Batch, BindContext, Problem, Reference, Restriction, Target
from ssgproj.generators.intervals import MOMENTS, SECONDS, bind_distribution, check_distribution, usual_unit
from ssgproj.generators.lookup import NotFoundError, ReadColumn
from ssgproj.generators.numeric import NUMERIC
from ssgproj.generators.streams import RowsBatch
from ssgproj.generators.units import Line, column_units, line_of
from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.after import After
    from ssgproj.generators.base import Generator

_ROUNDS = 20
_TEXTS = (Kind.STRING, Kind.OTHER)


def check_after(spec: After, context: BindContext) -> Iterator[Problem]:
    """What is wrong with the columns, the distribution and the cap."""
    target = context.targets[0]
    if target.type.kind not in (*MOMENTS, *NUMERIC, *_TEXTS):
        yield Problem(
            f"`after` cannot fill column `{target.name}` of type `{target.type.text}`", None, "choose another generator"
        )
        return
    found = []
    for text in spec.reads():
        option = "column" if text == str(spec.column) else "max"
        try:
            found.append((option, context.columns.find(text)))
        except NotFoundError as error:
            yield Problem(error.message, option, error.hint)
    inner = _inner(target, found[0][1] if found and found[0][0] == "column" else None)
    for option, column in found:
        if column.type is not None and not _comparable(column.type, inner):
            message = f"`{option}` is a column of type `{column.type.text}`, with which `{target.type.text}` cannot be compared"
            yield Problem(message, option, "name a column of dates for dates, of numbers for numbers")
    if spec.unit is not None and inner.kind not in MOMENTS:
        yield Problem("`unit` is for dates and times", "unit", "remove `unit`")
        return
    unit = spec.unit or usual_unit(inner.kind)
    yield from check_distribution(spec.by, unit, context, "by", whole=_whole(inner, unit))
    try:
        _cap(spec, inner, context)
    except ValueError:
        yield Problem(
            "`max` is no value of the column's type, and no column", "max", "write a date or number, or a column's name"
        )


def _comparable(t: SqlType, inner: SqlType) -> bool:
    if t.kind in _TEXTS or inner.kind in _TEXTS:
        return True
    if inner.kind in (Kind.DATE, Kind.TIMESTAMP):
        return t.kind in (Kind.DATE, Kind.TIMESTAMP)
    return t.kind is inner.kind or (t.kind in NUMERIC and inner.kind in NUMERIC)


def _inner(target: Target, column: ReadColumn | None) -> SqlType:
    """The type that is reckoned in: the column's, or for a column of texts that of the moments they tell."""
    if target.type.kind not in _TEXTS:
        return target.type
    t = column.type if column else None
    if t is not None and t.kind in (*MOMENTS, *NUMERIC):
        return replace(t, precision=0) if t.kind in MOMENTS else t
    return SqlType(Kind.TIMESTAMP, "timestamp", precision=0)


def _whole(t: SqlType, unit: str) -> bool:
    return t.kind in (Kind.INTEGER, Kind.YEAR) or (t.kind is Kind.DATE and unit == "days")


def _cap(spec: After, t: SqlType, context: BindContext) -> Any:
    """`max` as a value, or the column that it names. Raises ValueError."""
    from ssgproj.generators.moments import read_moment

    value = spec.max
    if isinstance(value, Reference) or (isinstance(value, str) and str(value) in spec.reads()):
        try:
            return context.columns.find(str(value))
        except NotFoundError:
            return None
    if t.kind in MOMENTS:
        return read_moment(value, t.kind, context.now)
    return None if value is None else float(value)  # type: ignore[arg-type]


def bind_after(spec: After, context: BindContext) -> Generator:
    """The generator. Raises ValueError."""
    target = context.targets[0]
    column = context.columns.find(str(spec.column))
    t = _inner(target, column)
    unit = spec.unit or usual_unit(t.kind)
    interval = bind_distribution(spec.by, unit, context, "by", whole=_whole(t, unit))
    restriction = target.restriction if t is target.type else Restriction()
    line = line_of(t, restriction)
    ticks = 1.0
    if t.kind in MOMENTS:
        ticks = SECONDS[unit] / (SECONDS["days"] if t.kind is Kind.DATE else 1e-6)
    cap = _cap(spec, t, context)
    if cap is not None and not hasattr(cap, "needs"):
        cap = line.of_value(cap)
    return AfterGenerator(target, t, line, column, interval, ticks, cap, context.now)


@dataclass(frozen=True, slots=True)
class AfterGenerator:
    """Another column plus an interval. `ticks`: how many units of the line one unit of the interval is. `cap`: units, or a column."""

    target: Target
    type: SqlType
    line: Line
    column: ReadColumn
    interval: Generator
    ticks: float
    cap: Any
    now: datetime

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        line = self.line
        base, missing = column_units(self.column.values(batch), self.type)
        if missing.any():
            start = (
                line.low
                if line.low > line.floor
                else line.of_value(self.now)
                if self.type.kind in (Kind.DATE, Kind.TIMESTAMP)
                else 0
            )
            base = np.where(missing, start, base)
        first = np.maximum(base, line.low)
        last = np.full(batch.rows, line.high, base.dtype)
        if self.cap is not None:
            cap, uncapped = self._cap(batch)
            # A cap that leaves no room gives way; the column's own bounds do not.
            last = np.where(uncapped, last, np.minimum(last, np.maximum(cap, first)))
        values = base + self._interval(RowsBatch(batch, None, "by"))
        for number in range(1, _ROUNDS):
            again = np.flatnonzero(((values > last) | (values < first)) & (first < last))
            if not again.size:
                break
            values[again] = base[again] + self._interval(RowsBatch(batch, again, f"by{number}"))
        values = self._inside(batch, values, first, last)
        made = (
            cast_to(line.array(values), self.target.type)
            if self.type is self.target.type
            else self._text(line.array(values))
        )
        if not self.target.nullable:
            return [made]
        # No value is late enough and within the column's bounds.
        missing = missing | (base > line.high)
        if not missing.any():
            return [made]
        import pyarrow.compute as pc

        return [pc.if_else(pa.array(missing), pa.scalar(None, made.type), made)]

    def _text(self, values: pa.Array) -> pa.Array:
        from ssgproj.generators.domains.texts import as_text

        return cast_to(as_text(values), self.target.type)

    def _cap(self, batch: Batch) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        if hasattr(self.cap, "needs"):
            return column_units(self.cap.values(batch), self.type)
        return np.full(batch.rows, self.cap), np.zeros(batch.rows, bool)

    def _interval(self, rows: RowsBatch) -> NDArray[Any]:
        """Intervals in units of the line, not negative."""
        (drawn,) = self.interval.generate(rows)
        numbers = np.maximum(drawn.to_numpy(zero_copy_only=False), 0)
        return self.line.steps(numbers * self.ticks)

    def _inside(self, batch: Batch, values: NDArray[Any], first: NDArray[Any], last: NDArray[Any]) -> NDArray[Any]:
        """What is still outside anywhere between the bounds, evenly: so little room is left that a distribution has no shape in it."""
        outside = (values > last) | (values < first)
        if outside.any():
            room = np.maximum(last - first, 0)
            even = first + self.line.steps(batch.rng("rest").random(batch.rows) * room)
            values = np.where(outside, np.minimum(even, np.maximum(last, first)), values)
        inside: NDArray[Any] = np.minimum(values, self.line.high)
        return inside
