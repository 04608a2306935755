"""`per_parent`: how many rows each parent has."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from ssgproj.generators.build import build_spec, resolve
from ssgproj.generators.lookup import Link
from ssgproj.generators.per_parent_counts import PerParentGenerator
from ssgproj.project.model import Column, Model, TableName
from ssgproj.project.types import parse_type
from tests.generators.conftest import NO_RESTRICTION, generate_of

USERS = Link(("c",), Model(TableName("users"), "", (Column("id", parse_type("text")),)), ("id",))
STATS = {
    "sessions": {"tens": [0, 1, 2, None], "users": [10.0, 80.0, -3.0, 4.0]},
    "lines": {"n": [1, 2, 5], "orders": [50, 30, 20]},
}
AROUND: dict[str, Any] = {"links": [USERS], "per_parent": ("c",)}


def bound(make: Any, text: str) -> PerParentGenerator:
    from pathlib import Path

    assert not make.problems(text, stats=STATS, **AROUND)
    spec, _ = build_spec(generate_of(text))
    assert spec is not None
    generator = resolve(spec, STATS, {}).bind(make.context("text", False, NO_RESTRICTION, STATS, Path(), **AROUND))
    assert isinstance(generator, PerParentGenerator)
    return generator


@pytest.mark.parametrize(
    ("text", "low", "high", "mean"),
    [
        ("{per_parent: 5}", 5, 5, 5),
        ("{per_parent: [10, 19]}", 10, 19, 14.5),
        ("{per_parent: {min: 10, max: 19}}", 10, 19, 14.5),
        ("{per_parent: {poisson: 14.5}}", 0, 40, 14.5),
        ("{per_parent: {poisson: {mean: 2, min: 1}}}", 1, 12, 2.3),
        ("{per_parent: {poisson: 2}, min: 1, max: 3}", 1, 3, 1.9),
        ("{per_parent: {normal: {mean: 20, std_dev: 3}}}", 4, 36, 20),
        ("{per_parent: {choice: {1: 0.5, 3: 0.5}}}", 1, 3, 2),
        ("{per_parent: stat.sessions, weights: users, value: tens, width: 10}", 0, 19, 13.4),
        ("{per_parent: stat.lines, weights: orders}", 1, 5, 2.1),
        ("{per_parent: stat.lines, weights: orders, value: n, max: 2}", 1, 2, 1.5),
    ],
)
def test_forms(make: Any, text: str, low: int, high: int, mean: float) -> None:
    """Each with the numbers it says, and their mean."""
    generator = bound(make, text)
    counts = generator.counts(np.random.Generator(np.random.Philox(7)), 20_000)
    assert counts.dtype == np.int64 and low <= counts.min() and counts.max() <= high
    assert counts.mean() == pytest.approx(mean, rel=0.03)
    assert generator.mean == pytest.approx(mean, rel=0.02)


def test_a_statistic_with_only_two_columns_needs_no_names(make: Any) -> None:
    """As often as it says."""
    counts = Counter(
        bound(make, "{per_parent: stat.lines, weights: orders}").counts(np.random.default_rng(1), 10_000).tolist()
    )
    assert set(counts) == {1, 2, 5} and 0.47 < counts[1] / 10_000 < 0.53


def test_first_parents_do_not_change_with_more(make: Any) -> None:
    """So that batches of parents can be counted one by one."""
    for text in ("{per_parent: {poisson: 3}}", "{per_parent: {normal: {mean: 2, std_dev: 3}}}", "{per_parent: [1, 9]}"):
        generator = bound(make, text)
        few, many = (generator.counts(np.random.Generator(np.random.Philox(3)), n) for n in (50, 5000))
        assert (few == many[:50]).all()


def test_rows_take_their_parents(make: Any) -> None:
    """By row number."""
    parents = {"users": {"id": ["a", "b", "c"]}}
    values = make("{per_parent: [0, 3]}", rows=4, parents=parents, counts=[1, 0, 3], **AROUND)
    assert values == ["a", "c", "c", "c"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("per_parent", "needs a number"),
        ("{per_parent: many}", "wrong type"),
        ("{per_parent: -1}", "below 0"),
        ("{per_parent: [5, 1]}", "lower end"),
        ("{per_parent: [1]}", "two ends"),
        ("{per_parent: {poissonn: 3}}", "names no distribution"),
        ("{per_parent: {min: 3, max: 1}}", "greater than"),
        ("{per_parent: stat.lines}", "how often"),
        ("{per_parent: stat.lines, weights: n2}", "no column `n2`"),
        ("{per_parent: stat.sessions, weights: users, value: ten, width: 10}", "no column `ten`"),
        ("{per_parent: 3, weights: n}", "needs a statistic"),
        ("{per_parent: 2 days}", "wrong type"),
    ],
)
def test_mistakes_are_named(make: Any, text: str, message: str) -> None:
    """Each before a row is made."""
    problems = make.problems(text, stats=STATS, **AROUND)
    assert any(message in p.message for p in problems), problems


def test_only_where_there_is_a_parent(make: Any) -> None:
    """And once in a table."""
    assert "refer to another table" in make.problems("{per_parent: 3}")[0].message
    again = make.problems("{per_parent: 3}", links=[USERS], per_parent=("other",))
    assert any("counted by `other` already" in p.message for p in again)
