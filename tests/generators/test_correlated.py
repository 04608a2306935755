"""`correlated`: columns that go together, from moments that noise may have bent."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssgproj.generators.base import Restriction
from ssgproj.generators.correlated_moments import nearest

AB = ["a double precision", "b double precision"]
STATS: dict[str, Any] = {
    "m": {"mean_a": [40.0], "std_dev_a": [10.0], "mean_b": [5.0], "variance_b": [4.0], "product_a_b": [40 * 5 + 12.0]},
    "c": {"mean_a": [2.0], "std_dev_a": [10.0], "mean_b": [-1.0], "std_dev_b": [2.0], "product_b_a": [2 * -1 - 16.0]},
    "noisy": {"mean_a": [1.0], "std_dev_a": [-0.5], "mean_b": [5.0], "variance_b": [4.0], "covariance_a_b": [900.0]},
    "partial": {"mean_a": [1.0], "std_dev_a": [1.0], "mean_b": [1.0]},
    "unpaired": {"mean_a": [1.0], "std_dev_a": [1.0], "mean_b": [1.0], "std_dev_b": [1.0]},
    "grouped": {"mean_a": [1.0, 2.0]},
    "null": {"mean_a": [None], "std_dev_a": [1.0], "mean_b": [1.0], "std_dev_b": [1.0], "product_a_b": [1.0]},
    "bands": {"band": [0, 1, 2], "n": [10, 80, 10]},
}


def made(make: Any, text: str, types: list[str] | None = None, rows: int = 40_000, **options: Any) -> list[np.ndarray]:
    arrays: list[pa.Array] = make.columns(text, types or AB, rows=rows, stats=STATS, **options)
    return [
        a.cast(pa.int32()).to_numpy() if pa.types.is_date(a.type) else a.to_numpy(zero_copy_only=False).astype(float)
        for a in arrays
    ]


def test_inline(make: Any) -> None:
    """Means, spreads and correlation come out as they went in."""
    a, b = made(make, "{correlated: {means: {a: 40, b: 5}, std_devs: {a: 10, b: 2}, correlations: {a b: -0.7}}}")
    assert (a.mean(), a.std(), b.mean(), b.std()) == pytest.approx((40, 10, 5, 2), rel=0.02)
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(-0.7, abs=0.02)


@pytest.mark.parametrize(
    ("text", "correlation", "mean"), [("stat.m", 0.6, 40), ("{moments: stat.c, centers: {a: 38, b: 6}}", -0.8, 40)]
)
def test_statistic_as_it_is(make: Any, text: str, correlation: float, mean: float) -> None:
    """By the names of its columns; pairs in either order; products of what was centered."""
    a, b = made(make, f"{{correlated: {text}}}")
    assert a.mean() == pytest.approx(mean, rel=0.02) and b.mean() == pytest.approx(5, rel=0.02)
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(correlation, abs=0.02)


def test_centers_and_scales(make: Any) -> None:
    """What the statistic did to its columns is undone; how they go together stays."""
    a, b = made(
        make,
        "{correlated: {moments: stat.c, centers: {a: 8, b: 2020-01-01}, scales: {a: 10, b: 7}}}",
        ["a double precision", "b date"],
    )
    assert (a.mean(), a.std()) == pytest.approx((28, 100), rel=0.05)
    days = (date(2020, 1, 1) - date(1970, 1, 1)).days - 7
    assert b.mean() == pytest.approx(days, abs=0.5) and b.std() == pytest.approx(14, rel=0.03)
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(-0.8, abs=0.02)


def test_other_names(make: Any) -> None:
    """One by one, covariances too."""
    a, b = made(
        make,
        "{correlated: {means: {a: stat.m.mean_a, b: 0}, std_devs: {a: stat.m.std_dev_a, b: 1}, covariances: {b a: 5}}}",
    )
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.5, abs=0.02)


def test_dates_and_whole_numbers(make: Any) -> None:
    """Days since 1970, or dates; rounded."""
    a, b = made(
        make,
        "{correlated: {means: {a: 3, b: 2020-01-01}, std_devs: {a: 2, b: 100}, correlations: {a b: 0.9}, min: {b: 2019-12-01}}}",
        ["a integer", "b date"],
    )
    assert np.corrcoef(a, b)[0, 1] > 0.7 and set(a) <= set(range(-10, 20))
    assert b.min() >= (date(2019, 12, 1) - date(1970, 1, 1)).days


def test_bounds_cut_and_do_not_heap_up(make: Any) -> None:
    """The column's constraints and the options', with mean and spread kept where there is room."""
    a, b = made(
        make,
        "{correlated: {means: {a: 40, b: 0}, std_devs: {a: 12, b: 1}, correlations: {a b: 0.8}, min: {a: 18}, max: {a: 60}}}",
        restriction=Restriction(lower=-1.5, upper=100),
    )
    assert a.min() >= 18 and a.max() <= 60 and b.min() >= -1.5
    assert a.mean() == pytest.approx(40, rel=0.02)
    assert (a == 18).mean() < 0.001 and (b == -1.5).mean() < 0.001
    assert np.corrcoef(a, b)[0, 1] > 0.7


def test_other_margins(make: Any) -> None:
    """Long tails and histograms, correlated all the same."""
    a, b = made(
        make,
        "{correlated: {means: {a: 100}, std_devs: {a: 50}, correlations: {a b: 0.8}, "
        "margins: {a: lognormal, b: {histogram: stat.bands, weights: n, width: 10}}}}",
        ["a double precision", "b integer"],
    )
    assert a.min() > 0 and (a.mean(), a.std()) == pytest.approx((100, 50), rel=0.05)
    assert set(b) == set(range(30)) and ((b >= 10) & (b < 20)).mean() == pytest.approx(0.8, abs=0.01)
    assert abs((b == 10).mean() - 0.08) < 0.006
    assert np.corrcoef(np.log(a), b)[0, 1] > 0.65


def test_noise_is_borne(make: Any) -> None:
    """A correlation past 1, a spread below 0."""
    a, b = made(make, "{correlated: stat.noisy}")
    assert a.std() == 0 and b.std() == pytest.approx(2, rel=0.03)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(2, 6).flatmap(
        lambda n: st.lists(st.floats(-1, 1), min_size=n * n, max_size=n * n).map(lambda v: (n, v))
    )
)
def test_nearest_is_always_possible(case: tuple[int, list[float]]) -> None:
    """Whatever noise made: symmetric, ones on the diagonal, a Cholesky factor; and what is possible already stays."""
    size, values = case
    lower = np.tril(np.array(values).reshape(size, size), -1)
    matrix = lower + lower.T + np.eye(size)
    found = nearest(matrix)
    assert np.allclose(np.diag(found), 1) and np.allclose(found, found.T)
    np.linalg.cholesky(found + np.eye(size) * 1e-9)
    assert np.allclose(nearest(found), found, atol=1e-6)


def test_three_columns_that_cannot_be(make: Any) -> None:
    """The nearest correlations are taken."""
    types = ["a double precision", "b double precision", "c double precision"]
    a, b, c = made(
        make,
        "{correlated: {means: {a: 0, b: 0, c: 0}, std_devs: {a: 1, b: 1, c: 1}, correlations: {a b: 0.9, b c: 0.9, a c: -0.9}}}",
        types,
    )
    matrix = np.corrcoef([a, b, c])
    assert matrix[0, 1] == pytest.approx(0.5, abs=0.05) and matrix[0, 2] == pytest.approx(-0.5, abs=0.05)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("correlated", "needs a statistic, or `means`", "means: {a: 0, b: 0}"),
        ("{correlated: stat.partial}", "neither", "std_dev_b"),
        ("{correlated: stat.unpaired}", "none of `product_a_b`", "AVG(a_b) AS product_a_b"),
        ("{correlated: stat.grouped}", "2 rows where one", "without GROUP BY"),
        ("{correlated: stat.null}", "The mean of `a` is no number", ""),
        ("{correlated: stat.m.mean_a}", "", ""),
        (
            "{correlated: {means: {a: 1, b: 1}, std_devs: {a: 1}}}",
            "The standard deviation of `b` is missing",
            "std_devs: {b: ...}",
        ),
        ("{correlated: {means: {a: 1, b: 1}, std_devs: {a: 1, b: -1}}}", "is negative", ""),
        ("{correlated: {means: {a: 1, b: 1}, std_devs: {a: 1, b: 1}, correlations: {a b: 2}}}", "outside -1 to 1", ""),
        ("{correlated: {means: {a: 1, b: 1}, std_devs: {a: 1, b: 1}, correlations: {a c: 0}}}", "no pair", "a b"),
        ("{correlated: {means: {a: 1, b: 1, d: 2}, std_devs: {a: 1, b: 1}}}", "`means` names `d`", ""),
        ("{correlated: {means: {a: 1, b: 2020-01-01}, std_devs: {a: 1, b: 1}}}", "no mean of a column of numbers", ""),
        (
            "{correlated: {means: {a: 1, b: 1}, std_devs: {a: 1, b: 1}, min: {a: 3}, max: {a: 2}}}",
            "Nothing is between",
            "",
        ),
        (
            "{correlated: {means: {a: 1, b: 1}, std_devs: {a: 1, b: 1}, margins: {a: zipf}}}",
            "neither `lognormal` nor",
            "",
        ),
    ],
)
def test_mistakes_are_named(make: Any, text: str, message: str, hint: str) -> None:
    """Each before a row is made, with the entry that is missing."""
    problems = make.problems(text, AB, stats=STATS)
    assert problems
    words = message if message != "neither" else "the standard deviation of `b` is missing"
    assert any(words in p.message and hint in (p.hint or "") for p in problems), problems


def test_columns_of_other_types(make: Any) -> None:
    """Texts do not correlate."""
    assert (
        "cannot fill column `b`"
        in make.problems("{correlated: stat.m}", ["a integer", "b text"], stats=STATS)[0].message
    )
