"""How much noise each output of a statistic gets, before anything runs.

Counts and sums have one answer. A mean or a spread is a quotient: its noise shrinks with the rows it is taken over, so it is given for
a number of rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssgproj.privacy.cost import Share, share
from ssgproj.privacy.sensitivity import column_sensitivity
from ssgproj.project.smartnoise import tree

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat

TYPICAL_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Noise:
    """The noise of one output: `std_dev`, and the half-width that 95 % of draws stay within.

    `rows` is how many rows per group a mean or spread was reckoned for; None where the noise does not depend on it.
    """

    output: str
    std_dev: float
    within_95: float
    rows: int | None = None


def expected_noise(stat: Stat, rows: int = TYPICAL_ROWS) -> tuple[Noise, ...]:
    """The noise of every output that is an aggregate by itself; keys have none, and calculations are left out."""
    given = share(stat)
    if stat.query is None or given is None:
        return ()
    found = (_output_noise(o, stat, given, rows) for o in stat.query.outputs)
    return tuple(n for n in found if n is not None)


def _output_noise(output: tree.Output, stat: Stat, given: Share, rows: int) -> Noise | None:
    value = output.value
    while isinstance(value, tree.Brackets):
        value = value.inner
    if output.name is None or not isinstance(value, tree.Aggregate):
        return None
    unit = (stat.max_ids or 1) / given.epsilon
    if value.name == "COUNT":
        return _laplace(output.name, unit)
    column = stat.column(value.argument.name) if isinstance(value.argument, tree.Column) else None
    bound = column_sensitivity(column) if column else None
    if bound is None:
        return None
    if value.name == "SUM":
        return _laplace(output.name, bound * unit)
    lower, upper = column.lower or 0.0, column.upper or 0.0  # type: ignore[union-attr]
    middle, width = (lower + upper) / 2, upper - lower
    mean = math.hypot(bound, middle) * unit * math.sqrt(2) / rows
    if value.name == "AVG":
        return Noise(output.name, mean, 1.96 * mean, rows)
    variance = math.hypot(bound * bound * unit * math.sqrt(2) / rows, 2 * abs(middle) * mean)
    if value.name in ("VAR", "VARIANCE"):
        return Noise(output.name, variance, 1.96 * variance, rows)
    # A spread of a quarter of the range, as of values that fill it in a bell shape.
    spread = variance / (2 * max(width / 4, 1e-12))
    return Noise(output.name, spread, 1.96 * spread, rows)


def _laplace(name: str, scale: float) -> Noise:
    return Noise(name, math.sqrt(2) * scale, math.log(20) * scale)
