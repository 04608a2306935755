"""SmartNoise over DuckDB is SmartNoise: the same exact aggregates as `snsql.from_df`, its own price, its own noise."""

from __future__ import annotations

import math
import random
import re
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from ssgproj.errors import RunError
from ssgproj.privacy.cost import share, smartnoise_cost, stat_cost
from ssgproj.privacy.metadata import smartnoise_metadata
from ssgproj.project.stat import Stat, parse_stat
from ssgproj.source.stats.duckdb_sql import UnexpectedSqlError, duckdb_sql
from ssgproj.source.stats.outputs import released
from ssgproj.source.stats.smartnoise import check_query, run_query

snsql = pytest.importorskip("snsql")
from snsql.sql._mechanisms.laplace import Laplace  # noqa: E402

HEADER = """/* ssg:stat
epsilon: 1
delta: 1.0e-5
max_ids: 3
columns:
  pid: {type: string, private_id: true}
  age: {type: int, lower: 18, upper: 80}
  rate: {type: float, lower: 0.5, upper: 10.25}
  country: {type: string}
  user: {type: string}
  ok: {type: boolean}
  seen: {type: datetime}
*/
WITH query_result AS (SELECT pid, age, rate, country, "user", ok, seen FROM t)
"""

SAFE = [
    "SELECT COUNT(*) AS n FROM query_result",
    "SELECT COUNT(age) AS n, COUNT(rate) AS m FROM query_result",
    "SELECT COUNT(DISTINCT pid) AS people FROM query_result",
    "SELECT COUNT(DISTINCT country) AS n FROM query_result",
    "SELECT SUM(age) AS s, SUM(rate) AS r FROM query_result",
    "SELECT AVG(age) AS m, AVG(rate) AS r FROM query_result",
    "SELECT VAR(age) AS v, VARIANCE(rate) AS w, STDDEV(age) AS s FROM query_result",
    "SELECT SUM(rate) / COUNT(rate) AS m FROM query_result",
    "SELECT country, COUNT(*) AS n, AVG(rate) AS m, STDDEV(age) AS s FROM query_result GROUP BY country",
    "SELECT country AS c, COUNT(DISTINCT pid) AS n FROM query_result GROUP BY country",
    "SELECT ok, user AS u, COUNT(*) AS n FROM query_result GROUP BY ok, user",
    "SELECT user, SUM(age) AS s FROM query_result WHERE user <> 'user' GROUP BY user",
    "SELECT FLOOR(age / 10) AS decade, COUNT(*) AS n FROM query_result WHERE age IS NOT NULL GROUP BY FLOOR(age / 10)",
    "SELECT CASE WHEN age < 30 THEN 'young' WHEN age BETWEEN 30 AND 59 THEN 'middle' ELSE 'old' END AS band, COUNT(*) AS n FROM query_result"
    " GROUP BY CASE WHEN age < 30 THEN 'young' WHEN age BETWEEN 30 AND 59 THEN 'middle' ELSE 'old' END",
    "SELECT COUNT(*) AS n FROM query_result WHERE age > 30 AND (country = 'US' OR country = 'FR')",
    "SELECT COUNT(*) AS n FROM query_result WHERE country IN ('US', 'FR') AND NOT ok",
    "SELECT COUNT(*) AS n FROM query_result WHERE country IS NULL OR rate IS NULL",
    "SELECT COUNT(*) AS n FROM query_result WHERE age BETWEEN 20 AND 40",
    "SELECT COUNT(*) AS n FROM query_result WHERE rate > 0.1 AND rate <= 9.75",
    "SELECT COUNT(*) AS n FROM query_result WHERE age + 1 > 30 AND age * 2 < 140 AND age / 7 > 3 AND age % 2 = 0",
    "SELECT COUNT(*) AS n FROM query_result WHERE seen >= '2014-06-01' AND seen < '2014-12-31'",
    "SELECT COUNT(*) AS n FROM query_result WHERE UPPER(country) = 'US' OR LOWER(TRIM(user)) = 'b'",
    "SELECT COUNT(*) AS n FROM query_result WHERE ABS(age - 40) < 10 AND COALESCE(country, 'none') <> 'none'",
    "SELECT COUNT(*) AS n FROM query_result WHERE IIF(age > 30, 1, 0) = 1 AND ROUND(rate, 1) > 1",
    "SELECT COUNT(*) AS n FROM query_result WHERE country <> 'ROW_NUMBER ( ) OVER ( PARTITION BY pid ORDER BY RANDOM ( ) ) AS clamped'",
    "SELECT country, COUNT(*) AS n FROM query_result GROUP BY country HAVING n > 40 ORDER BY n DESC",
    "SELECT country, AVG(age) AS m FROM query_result GROUP BY country ORDER BY m LIMIT 3",
    "SELECT ok, COUNT(*) AS n FROM query_result GROUP BY ok",
    "SELECT age, COUNT(*) AS n FROM query_result GROUP BY age",
]


def stat(dp: str, header: str = HEADER) -> Stat:
    return parse_stat(header + dp, "stats/s.sql", "duckdb")[0]


def rows(most: int = 3) -> dict[str, list[Any]]:
    """600 rows, `most` of each person, with NULLs, values beyond the bounds, NaN and infinity."""
    rng = random.Random(7)
    count = 600
    rates = [
        rng.choice(
            [None, math.nan, math.inf, -math.inf, -3.0, 99.5, *(round(rng.uniform(0.5, 10.25), 3) for _ in range(30))]
        )
        for _ in range(count)
    ]
    return {
        "pid": [f"p{i // most}" for i in range(count)],
        "age": [rng.choice([None, -5, 120, *range(18, 81)]) for _ in range(count)],
        "rate": rates,
        "country": [rng.choice(["US", "FR", "GB", "it's", None]) for _ in range(count)],
        "user": [rng.choice(["a", " b ", "user"]) for _ in range(count)],
        "ok": [rng.choice([True, False]) for _ in range(count)],
        "seen": [
            datetime(2014, 1, 1) + timedelta(days=rng.randint(0, 500), seconds=rng.randint(0, 86_399))
            for _ in range(count)
        ],
    }


def spool(columns: dict[str, list[Any]]) -> duckdb.DuckDBPyConnection:
    types = [pa.string(), pa.int64(), pa.float64(), pa.string(), pa.string(), pa.bool_(), pa.timestamp("us")]
    arrays = [pa.array([None if v != v else v for v in c], t) for c, t in zip(columns.values(), types, strict=True)]
    connection = duckdb.connect()
    connection.execute("CREATE MACRO iif(condition, yes, no) AS CASE WHEN condition THEN yes ELSE no END")
    connection.register("incoming", pa.table(dict(zip(columns, arrays, strict=True))))
    connection.execute("CREATE TABLE query_result AS SELECT * FROM incoming")
    return connection


def plain_smartnoise(s: Stat, columns: dict[str, list[Any]]) -> list[Any]:
    given = share(s)
    assert given
    frame = pd.DataFrame(columns).astype({"age": "Int64"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = snsql.from_df(
            frame, privacy=snsql.Privacy(epsilon=given.epsilon, delta=given.delta), metadata=smartnoise_metadata(s)
        )
        return list(reader.execute(s.dp))[1:]


def comparable(found: list[Any]) -> list[Any]:
    shaped = [
        tuple(round(float(v), 6) if isinstance(v, int | float) and not isinstance(v, bool) else v for v in row)
        for row in found
    ]
    return sorted(shaped, key=str)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No noise, no threshold, no search for a scale: what is left is the arithmetic."""
    monkeypatch.setattr(Laplace, "release", lambda self, values: list(values))
    monkeypatch.setattr(Laplace, "threshold", property(lambda self: 0.5))
    monkeypatch.setattr(Laplace, "_compute_noise_scale", lambda self: setattr(self, "scale", 1.0))
    yield


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for the scale of the noise is deterministic and takes most of the time: do each search once."""
    search, known = Laplace._compute_noise_scale, {}

    def remembered(self: Any) -> None:
        key = (self.epsilon, self.lower, self.upper, self.max_contrib)
        if key in known:
            self.scale = known[key]
        search(self)
        known[key] = self.scale

    monkeypatch.setattr(Laplace, "_compute_noise_scale", remembered)


@pytest.mark.parametrize("dp", SAFE)
def test_exact_aggregates_are_those_of_from_df(exact: None, dp: str) -> None:
    s, columns = stat(dp), rows()
    # Sorted, since groups of equal size may stand in any order.
    expected = comparable(plain_smartnoise(s, columns))
    for most_rows in (3, 99):  # with the window that samples and without
        _, found = run_query(s, spool(columns), most_rows=most_rows)
        assert comparable(found) == expected


def test_sampling_takes_max_ids_rows_of_each_person_anew(exact: None) -> None:
    columns = rows(5)
    s = stat("SELECT COUNT(*) AS n, SUM(age) AS s FROM query_result")
    found = [run_query(s, spool(columns), most_rows=5)[1][0] for _ in range(6)]
    assert {n for n, _ in found} == {360}
    assert len({total for _, total in found}) > 1


def test_sampling_in_parts(exact: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ssgproj.source.stats.smartnoise.ROWS_OF_A_PART", 100)
    s = stat(
        "SELECT country, COUNT(*) AS n, COUNT(DISTINCT pid) AS p FROM query_result WHERE country <> 'a ) AS clamped' GROUP BY country ORDER BY n"
    )
    columns = rows(5)
    columns["country"] = ["US"] * 600
    held = spool(columns)
    for _ in range(2):
        assert run_query(s, held, most_rows=5)[1] == [["US", 360, 120]]


def test_sampling_is_after_the_filter(exact: None) -> None:
    columns = rows(6)
    columns["country"] = ["US" if i % 6 < 2 else "FR" for i in range(600)]
    s = stat("SELECT COUNT(*) AS n FROM query_result WHERE country = 'US'")
    assert run_query(s, spool(columns), most_rows=6)[1] == [[200]]


@pytest.mark.parametrize("dp", SAFE[:13])
def test_the_price_is_smartnoises(dp: str) -> None:
    s = stat(dp)
    given = share(s)
    assert given
    epsilon, delta = check_query(s)
    expected = smartnoise_cost(stat_cost(s), given)
    assert epsilon == pytest.approx(expected[0]) and delta == pytest.approx(expected[1])
    assert epsilon <= 1 + 1e-9 and delta <= 1e-5 * (1 + 1e-6)


def test_noise_is_there_and_not_seeded(quick: None) -> None:
    s = stat("SELECT COUNT(*) AS n FROM query_result")
    random.seed(1)
    found = {run_query(s, spool(rows()), most_rows=3)[1][0][0] for _ in range(8)}
    assert len(found) > 2


@pytest.mark.parametrize(
    "dp", ["SELECT MIN(age) AS m FROM query_result", "SELECT age FROM query_result", "SELECT COUNT(*) AS n FROM other"]
)
def test_smartnoise_has_the_last_word(dp: str) -> None:
    from dataclasses import replace

    s = replace(stat("SELECT COUNT(*) AS n FROM query_result"), dp=dp)
    with pytest.raises(RunError, match="SmartNoise refuses"):
        check_query(s)


@pytest.mark.parametrize(
    "condition", ["UPPER(seen) = 'A'", "seen = 'soon'", "LOWER(age) = 5", "country IN ('a', 1.5) AND ok = 'maybe'"]
)
def test_what_the_engine_cannot_run_is_refused_before_it_is_paid_for(condition: str) -> None:
    with pytest.raises(RunError, match="cannot be run over columns"):
        check_query(stat(f"SELECT COUNT(*) AS n FROM query_result WHERE {condition}"))


def test_failures_quote_no_row() -> None:
    s = stat("SELECT COUNT(*) AS n FROM query_result WHERE CAST(country AS INTEGER) = 1")
    with pytest.raises(RunError) as caught:
        run_query(s, spool(rows()), most_rows=3)
    assert not re.search(r"US|FR|GB", caught.value.message) and caught.value.__cause__ is None


def test_unknown_sql_is_refused() -> None:
    with pytest.raises(UnexpectedSqlError):
        duckdb_sql("SELECT COUNT(*) FROM query_result", ["a"], sampled=True)
    with pytest.raises(UnexpectedSqlError):
        duckdb_sql("SELECT 1 WHERE c <> '\\' OR 1=1 --'", ["a"], sampled=True)


def test_values_that_need_a_word() -> None:
    s = stat(
        "SELECT country AS c, COUNT(*) AS n, VARIANCE(age) AS v, STDDEV(rate) AS d, SUM(rate) AS t FROM query_result GROUP BY country"
    )
    out = released(
        s, ["c", "n", "v", "d", "t"], [["b", -3, -1.5, math.nan, 1.23456789012345], ["a", 5, 2.0, 1.0, math.nan]]
    )
    assert out.columns == (("c", "string"), ("n", "int"), ("v", "float"), ("d", "float"), ("t", "float"))
    assert out.rows[1] == ("b", 0, 0.0, 0.0, 1.23456789) and out.rows[0][:4] == ("a", 5, 2.0, 1.0)
    assert len(out.notes) == 3 and out.refused == ("`t` is not a finite number in 1 of 2 rows",)
    assert released(s, ["c", "n", "v", "d", "t"], []).refused


def test_audit_of_neighbours(quick: None) -> None:
    """A small black-box audit; benchmarks/privacy_audit.py is the large one."""
    s = stat("SELECT COUNT(*) AS n FROM query_result")
    with_one, without = rows(1), rows(1)
    for values in without.values():
        del values[0]
    draws = 250
    a, b = (
        [run_query(s, held, most_rows=1)[1][0][0] for _ in range(draws)] for held in (spool(with_one), spool(without))
    )
    # At epsilon 1 the chance of at least 600 is 1/2 against exp(-1)/2; 5 standard errors either side.
    high, low = sum(n >= 600 for n in a) / draws, sum(n >= 600 for n in b) / draws
    assert high <= math.e * low + 5 * math.sqrt(0.25 / draws) * (1 + math.e)
    assert high > low
