"""A normal distribution keeps its mean and spread between bounds."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import pytest

from ssgproj.generators.truncation import fitted
from ssgproj.project.model import TableName
from ssgproj.project.parse import parse_project
from ssgproj.results.file import read_result, result_path

EXAMPLE = Path(__file__).parents[2] / "example_project"


@pytest.mark.parametrize(
    ("mean", "std_dev", "low", "high"),
    [(36, 12.1, 0, 100), (20, 9, 0, 100), (50, 25, 0, 100), (5, 3, 0, None), (90, 8, None, 100)],
)
def test_moments_are_kept(make: Any, mean: float, std_dev: float, low: float | None, high: float | None) -> None:
    """Within sampling error."""
    bounds = "".join(f", {k}: {v}" for k, v in (("min", low), ("max", high)) if v is not None)
    values = make(f"{{normal: {{mean: {mean}, std_dev: {std_dev}{bounds}}}}}", "double precision", rows=60_000)
    assert statistics.fmean(values) == pytest.approx(mean, abs=4 * std_dev / 60_000**0.5)
    assert statistics.pstdev(values) == pytest.approx(std_dev, rel=4 / 60_000**0.5)


def test_what_cannot_be_is_left_alone() -> None:
    """A mean outside, a spread too wide, no bounds, no spread."""
    assert fitted(-5, 1, 0, 100) == (-5, 1)
    assert fitted(50, 40, 0, 100) == (50, 40)
    assert fitted(10, 12, 0, 100) == (10, 12)
    assert fitted(50, 10, None, None) == (50, 10)
    assert fitted(50, 0, 0, 100) == (50, 0)
    assert fitted(50, 1, 0, 100) == pytest.approx((50, 1))


def test_age_of_the_example_is_as_released(make: Any) -> None:
    """Within 1 % of `results/age_stats.yml`; many rows, so that what is tested is the generator and not chance."""
    result, _ = read_result(result_path(EXAMPLE, "age_stats"))
    names = [name for name, _ in result.columns]
    stats = {"age_stats": {name: [row[i] for row in result.rows] for i, name in enumerate(names)}}
    released = dict(zip(names, result.rows[0], strict=True))
    model = next(m for m in parse_project(EXAMPLE).models if m.table == TableName("users"))
    age = next(g for g in model.generators if g.columns == ("age",))
    options = ", ".join(f"{k}: {v}" for k, v in age.options.items())
    values = make(f"{{{age.kind}: {{{options}}}}}", "integer", rows=400_000, stats=stats)
    assert statistics.fmean(values) == pytest.approx(released["mean"], rel=0.01)
    assert statistics.pstdev(values) == pytest.approx(released["std_dev"], rel=0.01)
