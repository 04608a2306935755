"""The bins of `histogram`, and drawing from them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ssgproj.generators.base import Batch, BindContext, Problem, Reference, Target
from ssgproj.generators.choice_table import TableProblem, cumulative, floats
from ssgproj.generators.numeric import allowed, finish
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.histogram import Histogram


@dataclass(frozen=True, slots=True)
class Bins:
    """Edges and weights, one of each per bin; NaN edges for the bin of NULLs."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    weights: tuple[float, ...]


def check_histogram(spec: Histogram, context: BindContext) -> Iterator[Problem]:
    """Everything wrong with the bins; nothing about a statistic without a result."""
    if isinstance(spec.bins, Reference) and spec.bins.name not in context.stats:
        return
    if isinstance(spec.weights, Reference) or isinstance(spec.width, Reference) or isinstance(spec.start, Reference):
        return
    if len(context.targets) != 1:
        return
    try:
        _cut(_bins(spec, context), context.targets[0])
    except TableProblem as error:
        yield error.problem


def bind_histogram(spec: Histogram, context: BindContext) -> HistogramGenerator:
    """The generator. Raises TableProblem (a ValueError)."""
    target = context.targets[0]
    bins = _cut(_bins(spec, context), target)
    return HistogramGenerator(
        target, np.array(bins.lower), np.array(bins.upper), cumulative(bins.weights, len(bins.weights))
    )


def _bins(spec: Histogram, context: BindContext) -> Bins:
    if isinstance(spec.bins, Reference):
        return _stat_bins(spec, spec.bins, context)
    if spec.bin or spec.lower or spec.upper or spec.width is not None:
        option = next(o for o in ("bin", "lower", "upper", "width") if getattr(spec, o) is not None)
        raise TableProblem(
            f"`{option}` needs a whole statistic", option, "write `histogram: stat.NAME`, or edges alone"
        )
    edges = _numbers(spec.bins, "bins")
    if len(edges) < 2 or any(a >= b for a, b in pairwise(edges)):
        raise TableProblem("The edges of the bins must rise", "bins", "write at least two, such as [0, 10, 20]")
    if isinstance(spec.weights, str | Reference):
        raise TableProblem(
            "`weights` names a column, but the bins are no statistic", "weights", "write a list of numbers"
        )
    weights = floats(spec.weights, "weights")
    if len(weights) != len(edges) - 1:
        raise TableProblem(
            f"There are {len(weights)} weights for {len(edges) - 1} bins",
            "weights",
            "write one weight between two edges",
        )
    return Bins(edges[:-1], edges[1:], weights)


def _stat_bins(spec: Histogram, reference: Reference, context: BindContext) -> Bins:
    from ssgproj.project.suggest import suggestion

    result: Mapping[str, Sequence[Any]] = context.stats.get(reference.name, {})
    if reference.kind != "stat" or reference.column is not None:
        raise TableProblem(f"`{reference}` is no whole statistic", "bins", f"write `stat.{reference.name}`")

    def column(name: str, option: str) -> Sequence[Any]:
        if name not in result:
            message = f"Statistic `{reference.name}` has no column `{name}`"
            raise TableProblem(message, option, suggestion(name, result, sort=False))
        return result[name]

    if not isinstance(spec.weights, str):
        raise TableProblem("`weights` must name the statistic's column of counts", "weights", "write its name")
    weights = floats(column(spec.weights, "weights"), "weights")
    if not weights:
        raise TableProblem(f"The result of statistic `{reference.name}` has no rows", "bins", "ssg stats")
    width = None if spec.width is None or isinstance(spec.width, Reference) else float(spec.width)
    if width is not None and not 0 < width < math.inf:
        raise TableProblem("`width` must be above 0", "width", "write the width of one bin")
    if spec.lower is not None:
        if spec.bin is not None:
            raise TableProblem("`bin` and `lower` say the same", "bin", "write one of them")
        lower = _numbers(column(spec.lower, "lower"), "lower")
        if spec.upper is not None:
            upper = _numbers(column(spec.upper, "upper"), "upper")
        elif width is not None:
            upper = tuple(edge + width for edge in lower)
        else:
            raise TableProblem("Where a bin ends is not said", "lower", "write `width:` or `upper:`")
    else:
        if width is None:
            raise TableProblem("Bins that are numbered need a width", "width", "write `width: 10` for FLOOR(x / 10)")
        rest = [name for name in result if name != spec.weights]
        if spec.bin is None and len(rest) != 1:
            raise TableProblem(
                "Which column numbers the bins is not said", "bin", f"write `bin: {rest[0] if rest else 'COLUMN'}`"
            )
        start = float(spec.start) if isinstance(spec.start, int | float) else 0.0
        lower = tuple(start + width * n for n in _numbers(column(spec.bin or rest[0], "bin"), "bin"))
        upper = tuple(edge + width for edge in lower)
    if any(a >= b for a, b in zip(lower, upper, strict=True)):
        raise TableProblem("A bin ends before it begins", "upper", "name the columns of lower and upper edges")
    return Bins(lower, upper, weights)


def _numbers(values: Sequence[Any], option: str) -> tuple[float, ...]:
    """Edges; NULL is NaN."""
    try:
        found = tuple(math.nan if v is None else float(v) for v in values)
    except (TypeError, ValueError):
        raise TableProblem("A bin is not a number", option, "name the column of the bins, or write numbers") from None
    if any(math.isinf(v) for v in found):
        raise TableProblem("A bin is not a finite number", option, "write numbers")
    return found


def _cut(bins: Bins, target: Target) -> Bins:
    """The bins within what constraints allow, with as much of their weight as is left of them."""
    low, high = allowed(target)
    whole = target.type.kind in (Kind.INTEGER, Kind.YEAR)
    step = 1.0 if whole else 0.0
    kept: list[tuple[float, float, float]] = []
    for lower, upper, weight in zip(bins.lower, bins.upper, bins.weights, strict=True):
        if math.isnan(lower):
            if target.nullable:
                kept.append((math.nan, math.nan, weight))
            continue
        first, end = (math.ceil(lower), math.ceil(upper)) if whole else (lower, upper)
        a = first if low is None else max(first, low)
        b = end if high is None else min(end, high + step)
        if a < b or (a == b and not whole):
            kept.append((a, b, weight * (b - a) / (end - first) if end > first else weight))
    if not kept or not sum(w for _, _, w in kept) > 0:
        raise TableProblem(
            "No bin with a count above 0 is left",
            "weights",
            "see that the bins are within the column's type and constraints",
        )
    return Bins(tuple(k[0] for k in kept), tuple(k[1] for k in kept), tuple(k[2] for k in kept))


@dataclass(frozen=True, slots=True)
class HistogramGenerator:
    """A bin by weight, then evenly within it; whole numbers below the bin's upper edge."""

    target: Target
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    cumulative: NDArray[np.float64]

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        pick = np.searchsorted(self.cumulative, batch.rng().random(batch.rows), side="right")
        within = batch.rng("within").random(batch.rows)
        low, high = self.lower[pick], self.upper[pick]
        values = low + within * (high - low)
        if self.target.type.kind in (Kind.INTEGER, Kind.YEAR):
            # Rounding may have reached the upper edge.
            values = np.minimum(np.floor(values), high - 1)
        return [finish(values, self.target)]
