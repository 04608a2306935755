"""Generators of random numbers: their shape, their bounds, their types."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from ssgproj.generators.base import Restriction

ROWS = 20_000


def test_normal_has_its_mean_and_deviation(make: Any) -> None:
    """In a float column nothing is rounded."""
    values = np.array(make("{normal: {mean: 40, std_dev: 12}}", "double precision", rows=ROWS))
    assert abs(values.mean() - 40) < 0.5 and abs(values.std() - 12) < 0.5


def test_normal_is_truncated_rather_than_piled_up(make: Any) -> None:
    """Values outside are drawn again: the bound itself is not a peak."""
    values = np.array(make("{normal: {mean: 0, std_dev: 10, min: 0, max: 5}}", "double precision", rows=ROWS))
    assert values.min() >= 0 and values.max() <= 5
    assert (values == 0).mean() < 0.001


def test_normal_far_from_its_bounds_ends_on_the_bound(make: Any) -> None:
    """Impossible truncation does not loop for ever."""
    assert set(make("{normal: {mean: 0, std_dev: 1, min: 100}}", "integer", rows=50)) == {100}


def test_checks_of_the_column_bound_the_values(make: Any) -> None:
    """A CHECK narrows what the options allow."""
    values = make(
        "{normal: {mean: 0, std_dev: 10}}", "integer", restriction=Restriction(lower=0, lower_open=True, upper=3)
    )
    assert set(values) <= {1, 2, 3}


@pytest.mark.parametrize(
    ("text", "type_", "low", "high"),
    [
        ("{uniform: {min: 1, max: 2}}", "numeric(6,3)", Decimal(1), Decimal(2)),
        ("{lognormal: {mean: 1, std_dev: 2, max: 50}}", "real", 0, 50),
        ("{poisson: 3}", "smallint", 0, 30),
        ("{exponential: {mean: 5, min: 1}}", "double precision", 1, 200),
        ("{zipf: {skew: 1.3, max: 20}}", "integer", 1, 20),
        ("{integer: {min: -3, max: 3}}", "bigint", -3, 3),
        ("{integer: {min: 1, max: 500}}", "numeric(10,2)", 1, 500),
        ("{normal: {mean: 1000, std_dev: 900}}", "numeric(4,2)", Decimal("-99.99"), Decimal("99.99")),
        ("{normal: {mean: 0, std_dev: 1000000}}", "smallint", -(2**15), 2**15 - 1),
        ("{exponential: 60}", "interval", timedelta(0), timedelta(hours=2)),
    ],
)
def test_values_stay_within_bounds_and_types(make: Any, text: str, type_: str, low: Any, high: Any) -> None:
    """Bounds are inclusive; types clamp."""
    values = make(text, type_, rows=5000)
    assert low <= min(values) and max(values) <= high
    assert len(set(values)) > 3


def test_integer_reaches_both_ends_evenly(make: Any) -> None:
    """A die."""
    counts = np.bincount(make("{integer: {min: 1, max: 6}}", "integer", rows=ROWS))[1:]
    assert counts.min() > ROWS / 6 * 0.9


def test_zipf_prefers_first_ranks(make: Any) -> None:
    """1 is much more frequent than 10."""
    counts = np.bincount(make("{zipf: {skew: 1.0, max: 100}}", "integer", rows=ROWS))
    assert counts[1] > 5 * counts[10] > 0


def test_options_may_be_columns(make: Any) -> None:
    """A bound per row."""
    values = make(
        "{integer: {min: column.a, max: column.b}}",
        "integer",
        rows=100,
        columns={"a": range(100), "b": [v + 1 for v in range(100)]},
    )
    assert all(v in (i, i + 1) for i, v in enumerate(values))


def test_null_in_a_column_gives_null(make: Any) -> None:
    """Where the column may be NULL; else 0 stands in."""
    columns = {"a": [1.0, None]}
    assert make("{normal: {mean: column.a, std_dev: 0}}", "integer", rows=2, columns=columns, nullable=True) == [
        1,
        None,
    ]
    assert make("{normal: {mean: column.a, std_dev: 0}}", "integer", rows=2, columns=columns) == [1, 0]


def test_statistics_and_variables_are_put_in(make: Any) -> None:
    """A result's one row gives the value."""
    values = make(
        "{normal: {mean: stat.age.mean, std_dev: var.spread}}", "double precision", rows=ROWS,
        stats={"age": {"mean": [30.0], "std_dev": [5.0]}}, variables={"spread": 2},
    )  # fmt: skip
    assert abs(np.mean(values) - 30) < 0.2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{normal: {mean: stat.age.avg}}", "has no column `avg`"),
        ("{normal: {mean: stat.ages.mean}}", "has 2 rows"),
        ("{normal: {mean: stat.empty.mean}}", "is NULL"),
        ("{normal: {mean: stat.words.mean}}", "is not a number"),
        ("{normal: {mean: var.x}}", "is no variable"),
        ("{normal: {std_dev: -1}}", "negative"),
        ("{integer: {min: 5, max: 1}}", "greater"),
        ("{normal: {mean: abc}}", "wrong type"),
        ("{normal: {meen: 1, mean: 2}}", "no option `meen`"),
        ("{zipf: {max: column.a}}", "cannot take its value from a column"),
    ],
)
def test_mistakes_are_named(make: Any, text: str, message: str) -> None:
    """Each with a hint."""
    stats = {"age": {"mean": [1]}, "ages": {"mean": [1, 2]}, "empty": {"mean": [None]}, "words": {"mean": ["x"]}}
    problems = make.problems(text, "integer", stats=stats)
    assert any(message in p.message for p in problems), problems
    assert all(p.hint for p in problems)


def test_numbers_do_not_go_into_dates(make: Any) -> None:
    """A type that cannot hold a number is refused before a row is made."""
    assert make.problems("{normal: {mean: 1}}", "date")
