"""Drawing correlated columns: normal numbers that go together, each bent into its column's distribution."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ssgproj.generators.base import Batch, BindContext, Target
from ssgproj.generators.truncation import fitted
from ssgproj.generators.units import line_of
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDEST = 8.0
_POINTS = 8001
_DAY = 86_400e6


@cache
def _grid() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard normal numbers, and the share of the distribution below each."""
    points = np.linspace(-_WIDEST, _WIDEST, _POINTS)
    below = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in points])
    return points, below


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    """A rising function of a standard normal number: a straight line, or by points between which it is straight."""

    mean: float
    std_dev: float
    points: NDArray[np.float64] | None = None

    def at(self, normal: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.points is None:
            straight: NDArray[np.float64] = self.mean + self.std_dev * normal
            return straight
        return np.interp(normal, _grid()[0], self.points)


def margin_table(
    margin: Any, mean: float, std_dev: float, bounds: tuple[float | None, float | None], context: BindContext
) -> Margin:
    """The distribution of one column, as a function of a normal number."""
    if isinstance(margin, Mapping):
        return Margin(mean, std_dev, _histogram(margin, context))
    low, high = bounds
    if margin == "lognormal" and mean > 0:
        variance = math.log1p((std_dev / mean) ** 2)
        mu, sigma = math.log(mean) - variance / 2, math.sqrt(variance)
        logs = (
            None if low is None or low <= 0 else math.log(low),
            None if high is None or high <= 0 else math.log(high),
        )
        return Margin(mean, std_dev, np.exp(np.minimum(_truncated(mu, sigma, *logs), 700.0)))
    if low is None and high is None:
        return Margin(mean, std_dev)
    return Margin(mean, std_dev, _truncated(*fitted(mean, std_dev, low, high), low, high))


def _truncated(mean: float, std_dev: float, low: float | None, high: float | None) -> NDArray[np.float64]:
    """A normal distribution between bounds: where each point of the grid is taken to."""
    _, below = _grid()
    if std_dev <= 0:
        return np.full(_POINTS, min(max(mean, -math.inf if low is None else low), math.inf if high is None else high))
    standard = NormalDist()
    first = 0.0 if low is None else standard.cdf((low - mean) / std_dev)
    last = 1.0 if high is None else standard.cdf((high - mean) / std_dev)
    if last - first < 1e-12:
        # All of it lies beyond one of the bounds.
        nearest = low if low is not None and mean < low else high
        return np.full(_POINTS, mean if nearest is None else nearest)
    shares = np.clip(first + below * (last - first), 1e-16, 1 - 1e-16)
    values = mean + std_dev * np.array([standard.inv_cdf(p) for p in shares])
    return np.clip(values, -math.inf if low is None else low, math.inf if high is None else high)


def _histogram(tree: Mapping[str, Any], context: BindContext) -> NDArray[np.float64]:
    """A histogram's quantiles at the points of the grid."""
    from ssgproj.generators.build import resolve
    from ssgproj.generators.nested import spec_of

    spec, problems = spec_of(tree, (context.targets[0].name,))
    if spec is None:
        raise ValueError(problems[0].message)
    made: Any = resolve(spec, context.stats, {}).bind(context)
    order = np.argsort(made.lower, kind="stable")
    chances = np.diff(made.cumulative, prepend=0.0)[order]
    lower, upper = made.lower[order], made.upper[order]
    ends = np.cumsum(chances)
    _, below = _grid()
    bin_ = np.minimum(np.searchsorted(ends, below, side="right"), len(ends) - 1)
    within = np.clip((below - (ends - chances)[bin_]) / np.maximum(chances[bin_], 1e-300), 0.0, 1.0)
    whole = context.targets[0].type.kind is Kind.INTEGER
    quantiles: NDArray[np.float64] = lower[bin_] + within * (upper[bin_] - lower[bin_])
    # Whole numbers are rounded later: a bin from 10 to before 20 is the numbers from 9.5 to 19.5.
    return quantiles - 0.5 if whole else quantiles


@dataclass(frozen=True, slots=True, eq=False)
class CorrelatedGenerator:
    """Columns of a Gaussian copula. `factor` is the lower triangle whose square is the matrix of correlations."""

    targets: tuple[Target, ...]
    factor: NDArray[np.float64]
    margins: tuple[Margin, ...]

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        normal = batch.rng().standard_normal((batch.rows, len(self.targets))) @ self.factor.T
        return [_column(m.at(normal[:, i]), t) for i, (t, m) in enumerate(zip(self.targets, self.margins, strict=True))]


def _column(values: NDArray[np.float64], target: Target) -> pa.Array:
    """Numbers, or days, in the column's type and within its constraints."""
    line = line_of(target.type, target.restriction)
    if target.type.kind is Kind.TIMESTAMP:
        values = values * _DAY
    if not line.whole:
        return line.array(np.clip(values, line.low, line.high))
    seconds = 1e6 if target.type.kind is Kind.TIMESTAMP else 1.0
    whole = (np.rint(np.clip(values, -(2.0**61), 2.0**61) / seconds) * seconds).astype(np.int64)
    return line.array(np.clip(whole, line.low, line.high))
