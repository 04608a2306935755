"""Columns whose values have a place on an axis: their histogram, with what was told and the source on the same bins, and their scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ssgproj.project.types import Kind
from ssgproj.report.fidelity import counting
from ssgproj.report.fidelity.axis import Axis, Range, clock_axis, moment_axis, number_axis
from ssgproj.report.fidelity.distances import at_edges, moments
from ssgproj.report.fidelity.found import Histogram, Score
from ssgproj.report.fidelity.rows import reduced
from ssgproj.report.fidelity.shape import Shape
from ssgproj.report.fidelity.suppress import segments

if TYPE_CHECKING:
    from ssgproj.report.fidelity.categorical import Against
    from ssgproj.report.fidelity.counting import Summary
    from ssgproj.report.fidelity.shape import Looked
    from ssgproj.report.fidelity.told import Figure, Shares, ToldBins

MOST_EDGES = 1000


def histogram(
    connection: Any,
    looked: Looked,
    shape: Shape,
    synthetic: tuple[str, Summary],
    told: ToldBins | None,
    figures: Sequence[Figure],
    source: tuple[Against, Summary] | None,
) -> tuple[Histogram | None, tuple[Score, ...]]:
    """The histogram of a column, and its distance from the bins it was told. Nothing where there is no value and nothing told."""
    table, summary = synthetic
    sql = counting.expression(looked, shape)
    ranges = [s.range for s in (summary,) if s.range]
    if source and (around := source_range(source[1].range, source[1].values, source[0].least)):
        ranges.append(around)
    points = [f.value for f in figures if f.what == "mean" and isinstance(f.value, float) and math.isfinite(f.value)]
    if told:
        weighted = [i for i, s in enumerate(told.shares) if s > 0]
        points += [
            told.lower[weighted[0]],
            max(told.upper[i] for i in weighted) - (1 if is_whole(looked, shape) else 0),
        ]
        ranges = ranges or [Range(points[0], points[-1], points[0], points[0], points[-1], points[-1])]
    if not ranges:
        return None, ()
    axis = axis_of(looked, shape, ranges, points)
    made = _shares(counting.cells(connection, table, sql, axis.edges))
    wanted = spread(told, axis.edges) if told else None
    real = None
    if source:
        against, _ = source
        pairs = counting.people_in_cells(connection, against.table, sql, axis.edges, against.people)
        overlapping = against.people is not None
        real = segments([n for n, _ in pairs], [p for _, p in pairs], against.least, overlapping=overlapping)
    scores = []
    if told and summary.values:
        scores.append(
            Score((looked.name,), "kolmogorov_smirnov", told.origin, _told_distance(connection, table, sql, told))
        )
    return Histogram(axis, made, wanted, told.origin if told else "", real), tuple(scores)


def axis_of(looked: Looked, shape: Shape, ranges: Sequence[Range], points: Sequence[float]) -> Axis:
    """The axis for a column."""
    if shape is Shape.MOMENT:
        return moment_axis(ranges, points, dates=looked.column.type.kind is Kind.DATE)
    if shape is Shape.CLOCK:
        return clock_axis(ranges, points)
    return number_axis(ranges, is_whole(looked, shape), points)


def is_whole(looked: Looked, shape: Shape) -> bool:
    """Whether values are whole numbers."""
    kind = looked.column.type.kind
    return (
        shape is Shape.TEXT
        or kind in (Kind.INTEGER, Kind.YEAR)
        or (kind is Kind.DECIMAL and looked.column.type.scale == 0 and looked.column.type.precision is not None)
    )


def source_range(found: Range | None, values: int, least: int) -> Range | None:
    """What of the source's range may shape an axis: quantiles with at least `least` rows beyond them, and so no single value."""
    if found is None or values * 0.01 < least:
        return None
    return replace(found, low=found.q01, high=found.q99)


def figure_scores(
    connection: Any, looked: Looked, synthetic: tuple[str, Summary], figures: Sequence[Figure]
) -> tuple[Score, ...]:
    """The distance of mean and standard deviation from those that were told."""
    table, summary = synthetic
    if not summary.values or looked.shape is not Shape.NUMBER:
        return ()
    scores = []
    for prefix in ("", "log_"):
        said = {f.what.removeprefix(prefix): f for f in figures if f.what in (f"{prefix}mean", f"{prefix}std_dev")}
        if not said:
            continue
        wanted = {n: f.value for n, f in said.items() if isinstance(f.value, float)}
        found = moments_of(summary) if not prefix else counting.log_moments(connection, table, f"c{looked.place}")
        distance = moments(found, wanted)
        if distance is not None and math.isfinite(distance):
            origins = {f.origin for f in said.values()}
            scores.append(Score((looked.name,), "moments", "released" if "released" in origins else "model", distance))
    return tuple(scores)


def moments_of(summary: Summary) -> dict[str, float]:
    """Mean and standard deviation, as far as they are known."""
    return {n: v for n, v in (("mean", summary.mean), ("std_dev", summary.std_dev)) if v is not None}


def told_points(looked: Looked, shares: Shares, whole: bool) -> ToldBins | None:
    """Values to choose from, of a measured column, as bins: from each value to the next."""
    from ssgproj.generators.values import from_python
    from ssgproj.report.fidelity.told import ToldBins

    try:
        places = reduced(from_python(shares.values, looked.column.type), looked).to_pylist()
    except (ValueError, pa.ArrowException):
        return None
    summed: dict[float, float] = {}
    for place, share in zip(places, shares.shares, strict=True):
        if place is not None:
            summed[float(place)] = summed.get(float(place), 0.0) + share
    if not summed:
        return None
    lower = sorted(summed)
    # As narrow as the numbers allow, so that the whole share falls into one cell of any axis.
    upper = [v + 1 if whole else math.nextafter(v, math.inf) for v in lower]
    return ToldBins(tuple(lower), tuple(upper), tuple(summed[v] for v in lower), shares.origin)


def spread(told: ToldBins, edges: Sequence[float]) -> tuple[float, ...]:
    """How much of the told bins is in each cell of other edges, if it lies evenly in a bin."""
    import numpy as np

    bounds = np.asarray(edges, np.float64)
    total = np.zeros(len(edges) + 1)
    for low, high, share in zip(told.lower, told.upper, told.shares, strict=True):
        if share <= 0:
            continue
        below = np.clip((bounds - low) / (high - low), 0.0, 1.0) * share
        total += np.diff(below, prepend=0.0, append=share)
    return tuple(float(t) for t in total)


def _told_distance(connection: Any, table: str, sql: str, told: ToldBins) -> float:
    edges = sorted({*told.lower, *told.upper})
    if len(edges) > MOST_EDGES:
        edges = edges[:: -(-len(edges) // MOST_EDGES)]
    return at_edges(_shares(counting.cells(connection, table, sql, edges)), spread(told, edges))


def _shares(counts: Sequence[int]) -> tuple[float, ...]:
    total = sum(counts)
    return tuple(n / total if total else 0.0 for n in counts)
