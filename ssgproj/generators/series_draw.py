"""Drawing `series`: running sums and the like, over the rows of each parent, for all parents of a batch at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.errors import SsgError
from ssgproj.generators.base import Batch, BindContext, Problem, Reference, Target
from ssgproj.generators.intervals import MOMENTS, SECONDS, bind_distribution, check_distribution, usual_unit
from ssgproj.generators.lookup import NotFoundError
from ssgproj.generators.numeric import NUMERIC
from ssgproj.generators.series import names_column
from ssgproj.generators.streams import RowsBatch
from ssgproj.generators.units import Line, column_units, line_of
from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.base import Generator
    from ssgproj.generators.series import Series
    from ssgproj.generators.world import Siblings, TableBatch

_USES = {
    "events": {"start", "gap", "first", "max", "unit"},
    "walk": {"start", "mean", "std_dev", "min", "max"},
    "ar": {"start", "mean", "std_dev", "memory", "min", "max"},
    "seasonal": {"mean", "std_dev", "amplitude", "period", "phase", "trend", "min", "max"},
}
"""The options of each form."""
_FLOAT = SqlType(Kind.FLOAT, "double precision", bits=64)
_SECOND = 1_000_000
_WIDEST = 2.0**40


def check_series(spec: Series, context: BindContext) -> Iterator[Problem]:
    """What is wrong with the table, the column and the options."""
    target = context.targets[0]
    if not context.per_parent:
        yield Problem(
            f"`series` needs rows that are counted by parent, and those of `{context.table}` are not", None,
            "write for the column that refers to the parent: generate: {per_parent: [1, 5]}",
        )  # fmt: skip
    kinds = (*MOMENTS, *NUMERIC) if spec.form == "events" else NUMERIC
    if target.type.kind not in kinds:
        message = f"`series: {spec.form}` cannot fill column `{target.name}` of type `{target.type.text}`"
        yield Problem(message, None, "choose another generator")
        return
    for f in fields(spec):
        if f.name != "form" and f.name not in _USES[spec.form] and getattr(spec, f.name) != f.default:
            yield Problem(f"`{spec.form}` has no use for `{f.name}`", f.name, f"remove `{f.name}`")
    yield from _check_columns(spec, target, context)
    for name in ("std_dev", "amplitude"):
        value = getattr(spec, name)
        if isinstance(value, int | float) and value < 0:
            yield Problem(f"`{name}` is negative", name, "write a number of 0 or more")
    if isinstance(spec.memory, int | float) and not -1 < spec.memory < 1:
        yield Problem(
            "`memory` is not between -1 and 1", "memory", "write a number such as 0.9; for 1 there is `series: walk`"
        )
    if isinstance(spec.period, int | float) and spec.period <= 0:
        yield Problem("`period` is not above 0", "period", "write the rows from one high season to the next")
    if spec.form == "events":
        yield from _check_events(spec, target, context)


def _check_columns(spec: Series, target: Target, context: BindContext) -> Iterator[Problem]:
    for name in ("start", "mean", "min", "max"):
        value = getattr(spec, name)
        if names_column(value):
            try:
                context.columns.find(str(value))
            except NotFoundError as error:
                yield Problem(error.message, name, error.hint)
        else:
            try:
                _value(value, target.type if name in ("start", "max") else _FLOAT, context)
            except (TypeError, ValueError):
                yield Problem(
                    f"`{name}` is no value of the column's type, and no column",
                    name,
                    "write a value, or a column's name",
                )


def _check_events(spec: Series, target: Target, context: BindContext) -> Iterator[Problem]:
    if spec.gap is None:
        yield Problem("`events` needs `gap`", None, "for example: gap: {exponential: 2 days}")
        return
    if spec.start is None and target.type.kind in MOMENTS:
        yield Problem("`events` needs `start`", None, "write a date, or a column such as `users.created_at`")
    if spec.unit is not None and target.type.kind not in MOMENTS:
        yield Problem("`unit` is for dates and times", "unit", "remove `unit`")
        return
    unit = spec.unit or usual_unit(target.type.kind)
    yield from check_distribution(spec.gap, unit, context, "gap", whole=_whole(target.type, unit))


def _whole(t: SqlType, unit: str) -> bool:
    return t.kind in (Kind.INTEGER, Kind.YEAR) or (t.kind is Kind.DATE and unit == "days")


def _value(value: Any, t: SqlType, context: BindContext) -> Any:
    """An option's value in units of the type's line. Raises ValueError."""
    from ssgproj.generators.base import Restriction
    from ssgproj.generators.moments import read_moment

    if value is None or isinstance(value, Reference):
        return None
    if t.kind in MOMENTS:
        return line_of(t, Restriction()).of_value(read_moment(value, t.kind, context.now))
    return float(value)


def bind_series(spec: Series, context: BindContext) -> Generator:
    """The generator. Raises ValueError."""
    target = context.targets[0]
    t = target.type

    def bound(name: str, kind: SqlType, default: Any) -> Any:
        value = getattr(spec, name)
        if names_column(value):
            return context.columns.find(str(value))
        read = _value(value, kind, context)
        return default if read is None else read

    line = line_of(t, target.restriction)
    limits = (bound("min", _FLOAT, None), bound("max", t if spec.form == "events" else _FLOAT, None))
    if spec.form == "events":
        unit = spec.unit or usual_unit(t.kind)
        gap = bind_distribution(spec.gap, unit, context, "gap", whole=_whole(t, unit))
        ticks = SECONDS[unit] / (SECONDS["days"] if t.kind is Kind.DATE else 1e-6) if t.kind in MOMENTS else 1.0
        return Events(target, line, bound("start", t, 0), gap, ticks, spec.first, limits[1])
    return NumberSeries(
        target, line, spec.form, bound("start", _FLOAT, None), bound("mean", _FLOAT, 0.0), _number(spec.std_dev),
        _number(spec.memory), _number(spec.amplitude), _number(spec.period), _number(spec.trend),
        None if spec.phase is None else _number(spec.phase), *limits,
    )  # fmt: skip


def _number(value: Any) -> float:
    """An option that was checked to be a number. Raises ValueError."""
    try:
        return float(value)
    except TypeError:
        raise ValueError("an option is no number") from None


def _siblings(batch: Batch) -> Siblings:
    siblings = cast("TableBatch", batch).siblings
    if siblings is None:
        raise SsgError(
            "Rows are not counted by parent here", "write `per_parent` for the column that refers to the parent"
        )
    return siblings


def _firsts(siblings: Siblings) -> NDArray[np.int64]:
    """For each row of a batch, the row with which its parent begins."""
    return np.arange(len(siblings.position)) - siblings.position


def _of_parent(value: Any, t: SqlType, batch: Batch, first: NDArray[np.int64]) -> tuple[Any, NDArray[np.bool_]]:
    """A value, or the column that it is, as each parent's first row has it; and where it is NULL."""
    if not hasattr(value, "needs"):
        return value, np.zeros(batch.rows, bool)
    units, missing = column_units(value.values(batch), t)
    return units[first], missing[first]


def running_sum(values: NDArray[Any], first: NDArray[np.int64]) -> NDArray[Any]:
    """The sum from each parent's first row to each row."""
    total = np.cumsum(values)
    result: NDArray[Any] = total - total[first] + values[first]
    return result


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Values that rise by gaps. `ticks`: how many units of the line one unit of the gaps is; `last`: units, or a column."""

    target: Target
    line: Line
    start: Any
    gap: Generator
    ticks: float
    at_start: bool
    last: Any

    redrawn = False

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        siblings = _siblings(batch)
        first = _firsts(siblings)
        line, t = self.line, self.target.type
        start, missing = _of_parent(self.start, t, batch, first)
        start = np.maximum(np.broadcast_to(np.asarray(start), (batch.rows,)), line.low)
        last, uncapped = _of_parent(self.last, t, batch, first)
        last = line.high if last is None else np.where(uncapped, line.high, np.minimum(last, line.high))
        rise = self._rise(batch, siblings, first)
        # A parent whose events would go on past the end has them closer together.
        room = np.maximum(last - start, 0)
        whole_rise = rise[first + siblings.count - 1] if batch.rows else rise
        crowded = whole_rise > room
        if crowded.any():
            squeezed = (
                rise * (room / np.maximum(whole_rise, 1))
                if line.whole
                else rise * (room / np.where(crowded, whole_rise, 1))
            )
            rise = np.where(crowded, line.steps(np.floor(squeezed)) if line.whole else squeezed, rise)
            rise = np.minimum(rise, np.where(crowded, room, rise))
        made = line.array(np.clip(start + rise, line.low, line.high))
        if missing.any() and self.target.nullable:
            made = pc.if_else(pa.array(missing), pa.scalar(None, made.type), made)
        return [made]

    def _rise(self, batch: Batch, siblings: Siblings, first: NDArray[np.int64]) -> NDArray[Any]:
        """From a parent's start to each event."""
        (drawn,) = self.gap.generate(RowsBatch(batch, None, "gap"))
        gaps = np.maximum(drawn.to_numpy(zero_copy_only=False), 0) * self.ticks
        finest = 1
        if self.line.whole:
            # Moments are told to the second, and no two of one parent are the same.
            finest = _SECOND if self.target.type.kind in (Kind.TIMESTAMP, Kind.TIME, Kind.INTERVAL) else 1
            gaps = np.rint(np.minimum(gaps / finest, _WIDEST)).astype(np.int64)
            if finest > 1:
                gaps = np.maximum(gaps, 1)
        if self.at_start:
            gaps = np.where(siblings.position == 0, 0, gaps)
        rise: NDArray[Any] = np.minimum(running_sum(gaps, first), _WIDEST * 4).astype(gaps.dtype) * finest
        return rise


@dataclass(frozen=True, slots=True, eq=False)
class NumberSeries:
    """Walks, values with a memory, and seasons. `start`, `mean`, `least` and `greatest` are numbers, columns, or None."""

    target: Target
    line: Line
    form: str
    start: Any
    mean: Any
    std_dev: float
    memory: float
    amplitude: float
    period: float
    trend: float
    phase: float | None
    least: Any
    greatest: Any

    redrawn = False

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        siblings = _siblings(batch)
        first = _firsts(siblings)
        mean, no_mean = _of_parent(self.mean, _FLOAT, batch, first)
        start, no_start = _of_parent(self.start, _FLOAT, batch, first)
        low, no_low = _of_parent(self.least, _FLOAT, batch, first)
        high, no_high = _of_parent(self.greatest, _FLOAT, batch, first)
        line = self.line
        low = np.maximum(line.low, np.where(no_low, -np.inf, -np.inf if low is None else low))
        high = np.maximum(np.minimum(line.high, np.where(no_high, np.inf, np.inf if high is None else high)), low)
        noise = batch.rng().standard_normal(batch.rows)
        if self.form == "walk":
            steps = np.where(siblings.position == 0, 0.0, mean + self.std_dev * noise)
            values = _reflected((0.0 if start is None else start) + running_sum(steps, first), low, high)
        elif self.form == "ar":
            values = np.clip(
                mean + self._remembered(siblings, noise, None if start is None else start - mean), low, high
            )
        else:
            phase = batch.rng("phase").random(batch.rows)[first] if self.phase is None else self.phase
            season = self.amplitude * np.sin(2 * np.pi * (siblings.position / self.period + phase))
            values = np.clip(mean + season + self.trend * siblings.position + self.std_dev * noise, low, high)
        if line.whole:
            values = np.rint(np.clip(values, -(2.0**61), 2.0**61)).astype(np.int64)
        made = line.array(np.clip(values, line.low, line.high))
        missing = no_mean | no_start
        if missing.any() and self.target.nullable:
            made = pc.if_else(pa.array(missing), pa.scalar(None, made.type), made)
        return [made]

    def _remembered(self, siblings: Siblings, noise: NDArray[np.float64], begins: Any) -> NDArray[np.float64]:
        """Deviations of which each keeps a part of the one before. Sums of 2, 4, 8 … terms at a time, so that no row is visited alone."""
        values = noise * self.std_dev * np.where(siblings.position == 0, 1.0, np.sqrt(1 - self.memory**2))
        if begins is not None:
            values = np.where(siblings.position == 0, begins, values)
        reach, weight = 1, self.memory
        longest = int(siblings.position.max(initial=0))
        while reach <= longest and abs(weight) > 1e-18:
            before = np.concatenate([np.zeros(reach), values[:-reach]])
            values = values + np.where(siblings.position >= reach, weight * before, 0.0)
            reach, weight = reach * 2, weight * weight
        return values


def _reflected(values: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """A path that turns round at its bounds, as often as it reaches them."""
    low, high = np.broadcast_to(low, values.shape), np.broadcast_to(high, values.shape)
    width = high - low
    both = np.isfinite(width) & (width < 1e15)
    safe = np.where(both & (width > 0), width, 1.0)
    within = np.mod(np.where(both, values - np.where(both, low, 0.0), 0.0), 2 * safe)
    folded = np.where(both, low, 0.0) + np.where(within > safe, 2 * safe - within, within)
    one_sided = np.where(values < low, 2 * low - values, np.where(values > high, 2 * high - values, values))
    result: NDArray[np.float64] = np.clip(np.where(both, np.where(width > 0, folded, low), one_sided), low, high)
    return result
