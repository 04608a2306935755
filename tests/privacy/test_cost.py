"""Cost and shares, against SmartNoise itself where it is installed."""

from __future__ import annotations

from typing import Any

import pytest

from ssgproj.privacy.cost import share, smartnoise_cost, stat_cost, threshold
from ssgproj.privacy.metadata import smartnoise_metadata
from ssgproj.project.stat import Stat, parse_stat

QUERIES = {
    "SELECT COUNT(*) AS n FROM query_result": 1,
    "SELECT COUNT(DISTINCT id) AS n FROM query_result": 1,
    "SELECT AVG(age) AS m FROM query_result": 2,
    "SELECT AVG(age) AS m, STDDEV(age) AS s FROM query_result": 3,
    "SELECT AVG(age) AS m, VAR(age) AS v, SUM(age) AS t, COUNT(age) AS n FROM query_result": 3,
    "SELECT AVG(age) AS m, AVG(visits) AS v FROM query_result": 4,
    "SELECT COUNT(*) AS n, COUNT(*) AS m FROM query_result": 1,
    "SELECT SUM(age) / COUNT(*) AS m FROM query_result": 2,
    "SELECT country, COUNT(*) AS n FROM query_result GROUP BY country": 2,
    "SELECT country, COUNT(DISTINCT id) AS n FROM query_result GROUP BY country": 1,
    "SELECT country, AVG(age) AS m, COUNT(*) AS n FROM query_result GROUP BY country": 4,
    "SELECT FLOOR(age / 10) AS d, COUNT(*) AS n FROM query_result GROUP BY FLOOR(age / 10)": 2,
    "SELECT country FROM query_result GROUP BY country": 1,
}


def stat(dp: str, epsilon: float = 1.0, delta: float = 1e-6, max_ids: int = 1) -> Stat:
    text = f"""/* ssg:stat
epsilon: {epsilon!r}
delta: {delta!r}
max_ids: {max_ids}
columns:
  id: {{type: string, private_id: true}}
  age: {{type: float, lower: 0, upper: 100}}
  visits: {{type: int, lower: 0, upper: 20}}
  country: {{type: string}}
*/
WITH query_result AS (SELECT id, age, visits, country FROM users)
{dp}
"""
    found, problems = parse_stat(text, "stats/demo.sql", "postgres")
    assert not problems
    return found


def reader(one: Stat) -> Any:
    import pandas
    import snsql

    given = share(one)
    assert given is not None
    frame = pandas.DataFrame({c.name: pandas.Series(dtype="object") for c in one.columns})
    privacy = snsql.Privacy(epsilon=given.epsilon, delta=given.delta)
    return snsql.from_df(frame, privacy=privacy, metadata=smartnoise_metadata(one))


@pytest.mark.parametrize(("dp", "number"), QUERIES.items())
def test_number_of_noisy_statistics(dp: str, number: int) -> None:
    assert stat_cost(stat(dp)).number == number


@pytest.mark.parametrize("dp", QUERIES)
def test_the_file_spends_its_total(dp: str) -> None:
    pytest.importorskip("snsql")
    one = stat(dp, epsilon=0.5, delta=1e-6)
    epsilon, delta = reader(one).get_privacy_cost(dp)
    given = share(one)
    assert given is not None
    assert epsilon == pytest.approx(0.5)
    assert delta <= 1e-6 * (1 + 1e-9)
    assert (epsilon, delta) == pytest.approx(smartnoise_cost(stat_cost(one), given))


def test_many_statistics_compose_as_smartnoise_says() -> None:
    pytest.importorskip("snsql")
    outputs = [f"SUM({c}) AS a{i}{j}" for i, c in enumerate(("age", "visits")) for j in range(1)]
    outputs += [
        f"{f}({c}) AS b{i}" for i, (f, c) in enumerate([(f, c) for f in ("AVG", "STDDEV") for c in ("age", "visits")])
    ]
    one = stat(f"SELECT COUNT(*) AS n, {', '.join(outputs)} FROM query_result", epsilon=0.01)
    given = share(one)
    assert given is not None
    assert reader(one).get_privacy_cost(one.dp) == pytest.approx(smartnoise_cost(stat_cost(one), given))


def test_threshold_is_smartnoises_tau() -> None:
    pytest.importorskip("snsql")
    one = stat("SELECT country, COUNT(*) AS n FROM query_result GROUP BY country", max_ids=5)
    given = share(one)
    assert given is not None
    mechanisms = [m for m in reader(one)._rewrite(one.dp)[0]._select_symbols if m.mechanism is not None]
    tau = next(m.mechanism.threshold for m in mechanisms if m.is_key_count)
    assert threshold(5, given) == pytest.approx(tau)


def test_metadata_leave_nothing_to_defaults() -> None:
    table = smartnoise_metadata(stat("SELECT COUNT(*) AS n FROM query_result", max_ids=3))[""][""]["query_result"]
    assert table["max_ids"] == 3
    assert (table["sample_max_ids"], table["clamp_columns"], table["row_privacy"], table["censor_dims"]) == (
        True,
        True,
        False,
        False,
    )
    grouped = smartnoise_metadata(stat("SELECT country, COUNT(*) AS n FROM query_result GROUP BY country"))
    assert grouped[""][""]["query_result"]["censor_dims"] is True
    assert table["age"] == {"type": "float", "lower": 0, "upper": 100}
    assert table["id"] == {"type": "string", "private_id": True}
