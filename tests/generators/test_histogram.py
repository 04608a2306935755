"""`histogram`: bins turned back into values."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from ssgproj.generators.base import Restriction

STATS = {
    "ages": {"decade": [1, 2, 6], "n": [100, 300, -20]},
    "edges": {"low": [0.0, 2.5], "high": [2.5, 10.0], "n": [1, 3]},
    "nulls": {"decade": [None, 3], "n": [1, 3]},
    "two": {"a": [1], "b": [2], "n": [3]},
    "none": {"a": [1], "n": [-3]},
}


def test_bins_by_number(make: Any) -> None:
    """As FLOOR(age / 10) makes them; whole numbers stay below the upper edge, and a negative count is 0."""
    values = make("{histogram: stat.ages, weights: n, width: 10}", "integer", rows=20_000, stats=STATS)
    assert set(values) == set(range(10, 30))
    share = sum(v < 20 for v in values) / len(values)
    assert 0.24 < share < 0.26
    counts = Counter(v for v in values if v >= 20)
    assert max(counts.values()) < 1.2 * min(counts.values())


def test_start(make: Any) -> None:
    """As FLOOR((age - 18) / 10) makes them."""
    values = make("{histogram: stat.ages, weights: n, bin: decade, width: 10, start: 18}", "integer", stats=STATS)
    assert min(values) >= 28 and max(values) < 48


def test_edges_of_a_statistic(make: Any) -> None:
    """Lower and upper, or lower and width."""
    values = make(
        "{histogram: stat.edges, weights: n, lower: low, upper: high}", "double precision", rows=8000, stats=STATS
    )
    assert 0.22 < sum(v < 2.5 for v in values) / 8000 < 0.28 and max(values) < 10
    values = make("{histogram: stat.edges, weights: n, lower: low, width: 1}", "numeric(4,1)", stats=STATS)
    assert all(0 <= v <= 1 or 2.5 <= v <= 3.5 for v in map(float, values))


def test_edges_written_down(make: Any) -> None:
    """As the documentation has it."""
    values = make("{histogram: [0, 18, 65, 100], weights: [20, 60, 20]}", "integer", rows=10_000)
    assert 0.57 < sum(18 <= v < 65 for v in values) / 10_000 < 0.63 and set(values) <= set(range(100))


def test_null_is_a_bin(make: Any) -> None:
    """Where the column may be NULL; elsewhere it is left out."""
    values = make("{histogram: stat.nulls, weights: n, width: 10}", "integer", rows=4000, stats=STATS, nullable=True)
    assert 0.2 < values.count(None) / 4000 < 0.3
    assert None not in make("{histogram: stat.nulls, weights: n, width: 10}", "integer", stats=STATS)


def test_within_constraints(make: Any) -> None:
    """A bin that a check cuts keeps the part of its weight that is left of it."""
    within = Restriction(lower=15, upper=22)
    values = make(
        "{histogram: stat.ages, weights: n, width: 10}", "integer", rows=9000, stats=STATS, restriction=within
    )
    assert set(values) == set(range(15, 23))
    assert 0.32 < sum(v < 20 for v in values) / 9000 < 0.39  # 100 * 5/10 against 300 * 3/10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{histogram: stat.ages, weights: n}", "need a width"),
        ("{histogram: stat.two, weights: n, width: 1}", "Which column"),
        ("{histogram: stat.ages, weights: m, width: 1}", "no column `m`"),
        ("{histogram: stat.ages, weights: n, bin: decad, width: 1}", "no column `decad`"),
        ("{histogram: stat.ages, weights: n, lower: decade}", "ends is not said"),
        ("{histogram: stat.ages, weights: n, width: 0}", "above 0"),
        ("{histogram: stat.edges, weights: n, lower: high, upper: low}", "ends before it begins"),
        ("{histogram: stat.none, weights: n, width: 1}", "No bin"),
        ("{histogram: [0, 10], weights: [1, 2]}", "2 weights for 1 bins"),
        ("{histogram: [10, 0], weights: [1]}", "must rise"),
        ("{histogram: [0, a], weights: [1]}", "not a number"),
        ("{histogram: [0, 1], weights: n}", "no statistic"),
        ("{histogram: [0, 1], weights: [1], width: 2}", "needs a whole statistic"),
        ("{histogram: stat.ages.decade, weights: n, width: 1}", "needs a whole statistic"),
    ],
)
def test_problems(make: Any, text: str, message: str) -> None:
    """Said before a row is made."""
    said = [p.message for p in make.problems(text, "integer", stats=STATS)]
    assert any(message in m for m in said), said


def test_nothing_is_said_before_there_is_a_result(make: Any) -> None:
    """Then the result is what is missing."""
    assert make.problems("{histogram: stat.later, weights: n}", "integer") == []
    assert make.problems("{histogram: stat.ages, weights: n, width: 1}", "boolean", stats=STATS)
