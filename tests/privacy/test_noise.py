from __future__ import annotations

import math
import statistics

import pytest

from ssgproj.privacy.noise import expected_noise
from tests.privacy.test_cost import reader, stat


def test_counts_and_sums_have_laplace_noise() -> None:
    found = {
        n.output: n
        for n in expected_noise(stat("SELECT COUNT(*) AS n, SUM(age) AS s FROM query_result", epsilon=1.0, max_ids=2))
    }
    assert found["n"].std_dev == pytest.approx(math.sqrt(2) * 2 / 0.5)
    assert found["s"].within_95 == pytest.approx(math.log(20) * 100 * 2 / 0.5)
    assert found["n"].rows is None


def test_keys_and_calculations_are_left_out() -> None:
    dp = "SELECT country, COUNT(*) AS n, SUM(age) / COUNT(*) AS m FROM query_result GROUP BY country"
    assert [n.output for n in expected_noise(stat(dp))] == ["n"]


@pytest.mark.parametrize("output", ["AVG(age)", "STDDEV(age)"])
def test_means_and_spreads_are_about_right(output: str) -> None:
    """Drawn from SmartNoise's own mechanisms: the reckoned spread is right within a factor of two, and not below."""
    pytest.importorskip("snsql")
    rows = 2000
    one = stat(f"SELECT {output} AS x FROM query_result", epsilon=2.0)
    smartnoise = reader(one)
    mean, spread = 50.0, 25.0
    exact = {"sum_age": mean * rows, "count_age": float(rows), "squares": (mean**2 + spread**2) * rows}
    names = [s.name for s in smartnoise._rewrite(one.dp)[0]._select_symbols]
    row = tuple(exact.get(n, exact["squares"]) for n in names)
    header = tuple(n.split("_alias_")[0] for n in names)
    drawn = [smartnoise.execute(one.dp, pre_aggregated=[header, row])[1][0] for _ in range(60)]
    reckoned = expected_noise(one, rows)[0].std_dev
    assert reckoned / 2.5 < statistics.stdev(drawn) < reckoned * 1.6
