from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from ssgproj.report.fidelity.association import associations
from ssgproj.report.fidelity.distances import at_edges, kolmogorov_smirnov, moments, repeated, total_variation


def test_total_variation() -> None:
    assert total_variation([0.5, 0.5], [0.5, 0.5]) == 0
    assert total_variation([1, 0], [0, 1]) == 1
    assert total_variation([0.7, 0.3], [0.5, 0.5]) == pytest.approx(0.2)


def test_kolmogorov_smirnov_of_bins_is_that_of_samples_at_the_edges() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 20, 3000).astype(float), rng.integers(3, 20, 2000).astype(float)
    shares = [np.bincount(a.astype(int), minlength=20) / len(a) for a in (one, other)]
    assert at_edges(*shares) == pytest.approx(kolmogorov_smirnov(one, other))


def test_moments() -> None:
    assert moments({"mean": 36.0, "std_dev": 12.0}, {"mean": 36.0, "std_dev": 12.0}) == 0
    assert moments({"mean": 42.0, "std_dev": 12.0}, {"mean": 36.0, "std_dev": 12.0}) == pytest.approx(0.5)
    assert moments({"mean": 36.0, "std_dev": 9.0}, {"mean": 36.0, "std_dev": 12.0}) == pytest.approx(0.25)
    assert moments({"mean": 4.0, "std_dev": 2.0}, {"mean": 5.0}) == pytest.approx(0.5)
    assert moments({"mean": 900.0}, {"mean": 1.0, "std_dev": 1.0}) == 1
    assert moments({}, {"mean": 1.0}) is None


def test_counts_as_values() -> None:
    assert repeated([1, 5], [2, 1]).tolist() == [1, 1, 5]
    many = repeated([0, 1], [3_000_000, 1_000_000], limit=1000)
    assert len(many) == 1000
    assert many.mean() == pytest.approx(0.25, abs=0.01)


def test_associations() -> None:
    rng = np.random.default_rng(2)
    rows = 5000
    a = rng.normal(size=rows)
    group = rng.integers(0, 4, rows)
    b = np.where(rng.random(rows) < 0.1, np.nan, a + rng.normal(size=rows))
    columns = {
        "a": a, "b": b, "group": group, "same": (group + 1) % 4, "by_group": group * 10 + rng.normal(size=rows), "noise": rng.integers(0, 6, rows),
        "constant": np.zeros(rows, np.int64), "rare": np.where(np.arange(rows) < 10, 1, -1),
    }  # fmt: skip
    measured = {n: n in ("a", "b", "by_group") for n in columns}
    found = associations(columns, measured)
    there = ~np.isnan(b)
    assert found["a", "b"] == pytest.approx(spearmanr(a[there], b[there]).statistic, abs=0.01)
    assert found["group", "same"] == pytest.approx(1, abs=0.01)
    assert found["group", "by_group"] > 0.9
    assert found["same", "noise"] < 0.05
    assert found["a", "group"] < 0.06
    assert not any("constant" in p or "rare" in p for p in found)


def test_chance_alone_is_no_association() -> None:
    """Without the correction, 300 rows of two independent columns of 12 values would have a V of 0.19."""
    rng = np.random.default_rng(3)
    columns = {"a": rng.integers(0, 12, 300), "b": rng.integers(0, 12, 300)}
    assert associations(columns, {"a": False, "b": False})["a", "b"] < 0.12
