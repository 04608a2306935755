"""How many rows each row of a parent has, the parents without any counted too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ssgproj.report.fidelity.axis import Range, number_axis
from ssgproj.report.fidelity.distances import has_scipy, kolmogorov_smirnov, repeated
from ssgproj.report.fidelity.found import SOURCE, Histogram, Parent, Score
from ssgproj.report.fidelity.suppress import segments

if TYPE_CHECKING:
    from ssgproj.project.model import ForeignKey
    from ssgproj.report.fidelity.axis import Axis


def rows_per_parent(
    reference: ForeignKey,
    synthetic: tuple[Sequence[tuple[int, int]], int],
    source: tuple[Sequence[tuple[int, int]], int] | None,
    least: int,
) -> Parent | None:
    """Both sides are counts (rows, how many parents have so many) and the number of parents. None where there is no parent at all."""
    counts = _with_childless(*synthetic)
    total = sum(counts.values())
    if not total:
        return None
    real = _with_childless(*source) if source else {}
    enough = sum(real.values()) >= least
    ranges = [_range(counts)]
    if enough and sum(real.values()) * 0.01 >= least:
        found = _range(real)
        ranges.append(Range(found.q01, found.q99, found.q01, found.q25, found.q95, found.q99, found.values))
    axis = number_axis(ranges, whole=True)
    shares = tuple(n / total for n in _cells(counts, axis))
    drawn = None
    score = None
    if enough:
        cells = _cells(real, axis)
        drawn = segments(cells, cells, least)
        if has_scipy():
            distance = kolmogorov_smirnov(
                repeated(list(counts), list(counts.values())), repeated(list(real), list(real.values()))
            )
            score = Score(reference.columns, "rows_per_parent", SOURCE, distance)
    rows = sum(n * c for n, c in counts.items())
    return Parent(
        reference.columns, str(reference.to_table), total, counts.get(0, 0), rows / total, max(counts),
        Histogram(axis, shares, source=drawn), score,
    )  # fmt: skip


def _with_childless(counts: Sequence[tuple[int, int]], parents: int) -> dict[int, int]:
    """Rows of a parent that is gone, as an unchecked reference may have them, count as parents."""
    found = dict(counts)
    childless = parents - sum(found.values())
    return {0: childless, **found} if childless > 0 else found


def _range(counts: Mapping[int, int]) -> Range:
    places = sorted(counts)
    total, seen = sum(counts.values()), 0
    wanted = [0.01, 0.25, 0.95, 0.99]
    found: list[float] = []
    for place in places:
        seen += counts[place]
        while len(found) < len(wanted) and seen >= wanted[len(found)] * total:
            found.append(float(place))
    q01, q25, q95, q99 = found
    return Range(float(places[0]), float(places[-1]), q01, q25, q95, q99, total)


def _cells(counts: Mapping[int, int], axis: Axis) -> list[int]:
    from bisect import bisect_right

    made = [0] * (len(axis.edges) + 1)
    for place, count in counts.items():
        made[bisect_right(axis.edges, place)] += count
    return made
