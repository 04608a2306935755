"""`missing`: patterns of NULLs over several columns."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

ABC = ["a text", "b integer", "c date"]
STATS = {
    "texts": {"pattern": ["000", "110", "011"], "n": [60.0, 30.0, -10.0]},
    "numbers": {"pattern": [0, 110, 11], "n": [60, 30, 10]},
    "flags": {"a": [False, True], "b": [False, True], "c": [0, 1], "n": [3, 1]},
    "others": {"a_gone": ["false", "true"], "b_gone": ["false", "true"], "c_gone": ["f", "f"], "n": [3, 1]},
    "odd": {"a": [2, 0], "b": [0, 1], "c": [0, 1], "n": [3, 1]},
}


def drawn(make: Any, text: str) -> dict[str, float]:
    rows = make.bound(text, ABC, stats=STATS, nullable=True).missing(np.random.default_rng(1), 20_000)
    counts = Counter("".join("1" if m else "0" for m in row) for row in rows.tolist())
    return {p: n / 20_000 for p, n in counts.items()}


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ('{missing: {"000": 6, "110": 3, "001": 1}}', {"000": 0.6, "110": 0.3, "001": 0.1}),
        ('{missing: ["000", "111"], weights: [1, 3]}', {"000": 0.25, "111": 0.75}),
        ('{missing: ["000", "111"]}', {"000": 0.5, "111": 0.5}),
        ("{missing: {0: 1, 11: 1, 101: 2}}", {"000": 0.25, "011": 0.25, "101": 0.5}),
        ("{missing: stat.texts, weights: n}", {"000": 0.667, "110": 0.333}),
        ("{missing: stat.numbers, weights: n, pattern: pattern}", {"000": 0.6, "110": 0.3, "011": 0.1}),
        ("{missing: stat.flags, weights: n}", {"000": 0.75, "111": 0.25}),
        ("{missing: stat.others, weights: n, flags: [a_gone, b_gone, c_gone]}", {"000": 0.75, "110": 0.25}),
    ],
)
def test_forms(make: Any, text: str, shares: dict[str, float]) -> None:
    """Each pattern as often as it says."""
    found = drawn(make, text)
    assert found.keys() == shares.keys()
    assert all(found[p] == pytest.approx(s, abs=0.015) for p, s in shares.items())


def test_rates_are_those_of_the_patterns(make: Any) -> None:
    """For the plan, column by column."""
    mask = make.bound('{missing: {"000": 6, "110": 3, "001": 1}}', ABC, nullable=True)
    assert [round(mask.rate(c), 6) for c in "abc"] == [0.3, 0.3, 0.1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{missing: []}", "no patterns"),
        ('{missing: ["01"]}', "for each of the 3 columns"),
        ('{missing: ["01x"]}', "for each of the 3 columns"),
        ('{missing: ["000"], weights: [1, 2]}', "2 weights for 1 patterns"),
        ('{missing: ["000"], weights: [0]}', "All weights are 0"),
        ('{missing: ["000"], weights: n}', "no statistic"),
        ('{missing: {"000": 1}, weights: [1]}', "weights already"),
        ('{missing: ["000"], pattern: p}', "needs a statistic"),
        ("{missing: stat.texts, weights: m}", "no column `m`"),
        ("{missing: stat.others, weights: n}", "which column holds the patterns is not said"),
        ("{missing: stat.others, weights: n, flags: [a_gone]}", "1 flags for 3 columns"),
        ("{missing: stat.odd, weights: n}", "neither true nor false"),
    ],
)
def test_mistakes_are_named(make: Any, text: str, message: str) -> None:
    """Each before a row is made."""
    problems = make.problems(text, ABC, stats=STATS, nullable=True)
    assert any(message in p.message for p in problems), problems


def test_columns_must_be_nullable(make: Any) -> None:
    """Each is named."""
    problems = make.problems('{missing: {"000": 1}}', ABC)
    assert [p.message for p in problems] == [f"Column `{c}` cannot be NULL" for c in "abc"]
