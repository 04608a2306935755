"""`choice`: lists, weights, statistics, joint and conditional."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssgproj.generators.choice_table import cumulative, positions

STATS = {
    "devices": {"device": ["phone", "desk", "tv"], "n": [70.0, 30.0, -4.0]},
    "joint": {"gender": ["f", "m", "f"], "country": ["UK", "UK", "FR"], "n": [1, 1, 2]},
    "zero": {"v": ["a"], "n": [-1]},
}


def test_weights(make: Any) -> None:
    """In any unit; 0 never comes."""
    counts = Counter(make("{choice: [a, b, c], weights: [80, 20, 0]}", rows=10_000))
    assert set(counts) == {"a", "b"} and 0.77 < counts["a"] / 10_000 < 0.83


def test_mapping_of_values_to_weights(make: Any) -> None:
    """The short form."""
    counts = Counter(make("{choice: {a: 0.9, b: 0.1}}", rows=5000))
    assert counts["a"] > 4 * counts["b"] > 0


def test_numbers_stay_numbers(make: Any) -> None:
    """Values are converted to the column's type."""
    assert {str(v) for v in make("{choice: [1, 2.5]}", "numeric(4,1)")} == {"1.0", "2.5"}


def test_null_may_be_chosen(make: Any) -> None:
    """Where the column may be NULL."""
    assert set(make("{choice: [a, null]}", nullable=True)) == {"a", None}


def test_statistic_as_it_is(make: Any) -> None:
    """A negative noisy count is 0."""
    counts = Counter(make("{choice: stat.devices, weights: n}", rows=10_000, stats=STATS))
    assert set(counts) == {"phone", "desk"} and 0.67 < counts["phone"] / 10_000 < 0.73


def test_one_column_of_a_statistic(make: Any) -> None:
    """All its values alike."""
    assert set(make("{choice: stat.devices.device}", stats=STATS)) == {"phone", "desk", "tv"}


def test_joint_distribution(make: Any) -> None:
    """Rows stay together, whatever the order of the columns."""
    made = make.columns("{choice: stat.joint, weights: n}", ["country text", "gender text"], stats=STATS)
    pairs = Counter(zip(*(m.to_pylist() for m in made), strict=True))
    assert set(pairs) == {("UK", "f"), ("UK", "m"), ("FR", "f")}


def test_joint_lists(make: Any) -> None:
    """Pairs written down."""
    made = make.columns("{choice: [[a, 1], [b, 2]]}", ["x text", "y integer"])
    assert set(zip(*(m.to_pylist() for m in made), strict=True)) == {("a", 1), ("b", 2)}


def test_conditional(make: Any) -> None:
    """Only rows that agree with the other column; any row where none agrees."""
    given = ["UK", "FR", "XX", None] * 250
    values = make(
        "{choice: stat.joint, columns: [gender], given: country, weights: n}", stats=STATS, columns={"country": given}
    )
    assert {v for v, g in zip(values, given, strict=True) if g == "FR"} == {"f"}
    assert {v for v, g in zip(values, given, strict=True) if g == "UK"} == {"f", "m"}
    assert {v for v, g in zip(values, given, strict=True) if g == "XX"} == {"f", "m"}


@pytest.mark.parametrize(
    ("text", "type_", "message"),
    [
        ("{choice: []}", "text", "nothing to choose"),
        ("{choice: [a, b], weights: [1]}", "text", "1 weights for 2 values"),
        ("{choice: [a, b], weights: [0, 0]}", "text", "All weights are 0"),
        ("{choice: stat.zero, weights: n}", "text", "All weights are 0"),
        ("{choice: [a, b], weights: n}", "text", "names a column"),
        ("{choice: [abcdef]}", "varchar(3)", "longer than the 3"),
        ("{choice: [x]}", "integer", "no value"),
        ("{choice: [40000]}", "smallint", "outside the range"),
        ("{choice: [c]}", "enum('a', 'b')", "no label"),
        ("{choice: stat.devices, weights: m}", "text", "no column `m`"),
        ("{choice: stat.joint, weights: n}", "text", "gives 2 columns"),
        ("{choice: [null]}", "text", "cannot be NULL"),
        ("choice", "text", "needs `values`"),
    ],
)
def test_mistakes_are_named(make: Any, text: str, type_: str, message: str) -> None:
    """Each before a row is made."""
    problems = make.problems(text, type_, stats=STATS)
    assert any(message in p.message for p in problems), problems


def test_values_of_results_are_not_quoted(make: Any) -> None:
    """Messages hold no value from the source."""
    problems = make.problems("{choice: stat.devices, weights: n}", "varchar(2)", stats=STATS)
    assert not any("phone" in p.message for p in problems)


@given(st.integers(1, 600), st.floats(0, 9), st.integers(0, 2**32))
def test_the_guide_finds_what_a_search_finds(count: int, unevenness: float, seed: int) -> None:
    """For numbers anywhere, and on and beside every edge; some of the weights are 0."""
    rng = np.random.default_rng(seed)
    weights = (rng.random(count) ** unevenness * (rng.random(count) < 0.9)).tolist()
    weights[rng.integers(count)] = 1.0
    edges = cumulative(weights, len(weights))
    uniform = rng.random(5000)
    beside = np.concatenate([edges, np.nextafter(edges, 0), np.nextafter(edges, 2), np.arange(4096) / 4096])
    uniform = np.concatenate([uniform, beside[(beside >= 0) & (beside < 1)], [0.0, np.nextafter(1, 0)]])
    assert (positions(edges, uniform) == np.searchsorted(edges, uniform, side="right")).all()
