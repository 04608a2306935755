"""What the generators of dates, times and durations share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ssgproj.generators.base import BindContext, Problem, Reference, Restriction, Target
from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch, Generator

_DAY = 86_400_000_000
_SECOND = 1_000_000
_WORDS = {
    Kind.DATE: "a date like `2025-01-31`", Kind.TIMESTAMP: "a date and time like `2025-01-31 12:00:00`",
    Kind.TIME: "a time like `12:30:00`", Kind.INTERVAL: "a duration like `90 minutes`",
}  # fmt: skip


def read_moment(value: Any, kind: Kind, now: datetime) -> Any:
    """An option's text as a date, datetime, time or duration. `now` is the project's present. Raises ValueError."""
    from ssgproj.generators.values import to_datetime, to_duration, to_time

    if value is None or isinstance(value, Reference):
        return value
    if isinstance(value, str) and value.strip().lower() == "now" and kind in (Kind.DATE, Kind.TIMESTAMP):
        value = now
    if kind is Kind.TIME:
        return to_time(value)
    if kind is Kind.INTERVAL:
        return to_duration(value)
    moment = to_datetime(value)
    return moment.date() if kind is Kind.DATE else moment


def check_moments(spec: Any, kind: Kind, context: BindContext) -> Iterator[Problem]:
    """Bounds that cannot be read, or are the wrong way round."""
    read = {}
    for name in ("min", "max"):
        try:
            read[name] = read_moment(getattr(spec, name), kind, context.now)
        except ValueError:
            yield Problem(f"`{name}` is not {_WORDS[kind]}", name, f"write {_WORDS[kind]}")
            return
    low, high = read["min"], read["max"]
    plain = not isinstance(low, Reference) and not isinstance(high, Reference)
    if plain and low is not None and high is not None and low > high:
        yield Problem("`min` is later than `max`", "min", "write an earlier `min`")
    within = getattr(spec, "within", None)
    if within is not None and not isinstance(within, Reference):
        if spec.min is None or spec.max is not None:
            yield Problem("`within` needs `min`, and no `max`", "within", "write `min: column.NAME`")
        try:
            read_moment(within, Kind.INTERVAL, context.now)
        except ValueError:
            yield Problem(f"`within` is not {_WORDS[Kind.INTERVAL]}", "within", "for example: within: 30 days")


def bind_moments(spec: Any, kind: Kind, context: BindContext) -> Generator:
    """A generator of one column: over a domain if the bounds are fixed, else row by row."""
    from ssgproj.generators.defaults import default_domain
    from ssgproj.generators.domain import DomainDraw
    from ssgproj.generators.numeric import narrowed

    target = context.targets[0]
    low, high = read_moment(spec.min, kind, context.now), read_moment(spec.max, kind, context.now)
    within = getattr(spec, "within", None)
    if within is not None:
        within = read_moment(within, Kind.INTERVAL, context.now)
        if not isinstance(low, Reference):
            high = low + within
    if isinstance(low, Reference) or isinstance(high, Reference):
        return MomentPerRow(target, kind, low, high, within, context.now)
    inner = (
        target
        if target.type.kind is kind
        else replace(target, type=type_of(kind, target.type), restriction=Restriction())
    )
    domain = default_domain(narrowed(inner, low, high), rows=context.rows, unique=False, context=context)
    if target.type.kind is kind:
        return DomainDraw(domain)
    return CastDraw(DomainDraw(domain), target)


def type_of(kind: Kind, t: SqlType) -> SqlType:
    """The type in which moments are made for a column of another type: to the second."""
    return SqlType(kind, t.text if t.kind in _WORDS else kind.value, precision=0)


@dataclass(frozen=True, slots=True)
class CastDraw:
    """Another generator's values in a column of another type, such as text."""

    inner: Generator
    target: Target

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        import pyarrow as pa

        from ssgproj.generators.arrow import cast_to
        from ssgproj.generators.domains.texts import as_text

        (values,) = self.inner.generate(batch)
        if self.target.type.kind in _WORDS and not pa.types.is_time(values.type):
            return [cast_to(values, self.target.type)]
        if pa.types.is_duration(values.type):
            return [cast_to(values.cast(pa.int64()).to_numpy() / 1e6, self.target.type)]
        return [cast_to(as_text(values), self.target.type)]


@dataclass(frozen=True, slots=True)
class MomentPerRow:
    """Moments between bounds that other columns give. NULL where a bound is NULL, if the column may be."""

    target: Target
    kind: Kind
    low: Any
    high: Any
    within: timedelta | Reference | None
    now: datetime

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        import numpy as np
        import pyarrow as pa

        from ssgproj.generators.arrow import arrow_type, with_nulls
        from ssgproj.generators.domains.times import ticks

        t = self.target.type if self.target.type.kind is self.kind else type_of(self.kind, self.target.type)
        span = 3652 if self.kind is Kind.DATE else 3652 * _DAY
        low, high = self._bound(self.low, t, batch), self._bound(self.high, t, batch)
        if self.within is not None and not isinstance(self.within, Reference):
            high = (
                low[0] + (self.within.days if self.kind is Kind.DATE else self.within // timedelta(microseconds=1)),
                low[1],
            )
        start, no_start = low
        end, no_end = high
        if self.low is None:
            start = end - span
        if self.high is None and self.within is None:
            present = (
                ticks(self.now, t)
                if self.kind in (Kind.DATE, Kind.TIMESTAMP)
                else (_DAY - 1 if self.kind is Kind.TIME else 0)
            )
            end = np.where(start <= present, present, start + span)
        missing = no_start | no_end
        for bound, is_open, pick in (
            (self.target.restriction.lower, self.target.restriction.lower_open, np.maximum),
            (self.target.restriction.upper, self.target.restriction.upper_open, np.minimum),
        ):
            if bound is not None and self.target.type.kind is self.kind:
                edge = ticks(bound, t) + (1 if pick is np.maximum else -1) * int(is_open)
                start, end = pick(start, edge), pick(end, edge)
        step = 1 if self.kind is Kind.DATE else _SECOND
        count = np.maximum((end - start) // step + 1, 1)
        offset = np.floor(batch.rng().random(batch.rows) * count).astype(np.int64)
        numbers = start + np.minimum(offset, count - 1) * step
        if self.kind is Kind.DATE:
            values = pa.array(numbers.astype(np.int32)).cast(pa.date32())
        else:
            values = pa.array(numbers).cast(arrow_type(t))
        if self.target.type.kind is not self.kind:
            values = CastDraw(_Fixed(values), self.target).generate(batch)[0]
        if missing.any() and self.target.nullable:
            values = with_nulls(values, missing)
        return [values]

    def _bound(self, value: Any, t: SqlType, batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Ticks per row, and where they are missing (and stand for `now`)."""
        import numpy as np

        from ssgproj.generators.domains.times import ticks

        present = ticks(self.now, t) if self.kind in (Kind.DATE, Kind.TIMESTAMP) else 0
        if value is None:
            return np.full(batch.rows, present, dtype=np.int64), np.zeros(batch.rows, dtype=bool)
        if not isinstance(value, Reference):
            return np.full(batch.rows, ticks(value, t), dtype=np.int64), np.zeros(batch.rows, dtype=bool)
        from ssgproj.generators.arrow import cast_to

        column = cast_to(batch.column(value.name), replace(t, precision=None))
        missing = column.is_null().to_numpy(zero_copy_only=False)
        integers = column.cast("int32").cast("int64") if self.kind is Kind.DATE else column.cast("int64")
        return integers.fill_null(present).to_numpy(zero_copy_only=False), missing


@dataclass(frozen=True, slots=True)
class _Fixed:
    values: Any

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        return [self.values]
