"""The answer without noise is SmartNoise's, once its noise is next to nothing."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from ssgproj.project.stat import parse_stat
from ssgproj.source.stats.intake import IIF
from ssgproj.source.stats.smartnoise import run_query
from ssgproj.unit_tests.answer import private_answer
from tests.unit_tests.projects import private

COLUMNS = """
id: {type: string, private_id: true}
age: {type: float, lower: 0, upper: 100}
visits: {type: int, lower: 0, upper: 20}
city: {type: string}
"""
PEOPLE = 3000


def numbers(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [tuple(float(v) if not isinstance(v, str | None) else v for v in row) for row in rows]


@pytest.mark.parametrize(
    "final",
    [
        "SELECT COUNT(*) AS n, SUM(age) AS total, AVG(age) AS mean FROM query_result",
        "SELECT COUNT(age) AS n, COUNT(DISTINCT id) AS people FROM query_result",
        "SELECT SUM(visits) AS v FROM query_result WHERE visits > 25",
        "SELECT AVG(visits) AS v FROM query_result WHERE age <= 150 AND city = 'Oslo'",
        "SELECT city, COUNT(*) AS n, SUM(visits) AS v FROM query_result GROUP BY city",
        "SELECT FLOOR(visits / 7) AS band, COUNT(DISTINCT id) AS n FROM query_result GROUP BY FLOOR(visits / 7)",
        "SELECT city, COUNT(*) AS n FROM query_result GROUP BY city HAVING n > 800 ORDER BY n DESC",
        "SELECT STDDEV(age) AS s, VAR(age) AS v FROM query_result",
        "SELECT SUM(age) / COUNT(*) AS ratio FROM query_result WHERE age IS NOT NULL",
    ],
)
def test_as_smartnoise_answers(final: str) -> None:
    """Clamped values, conditions before clamping, NULL, keys: to a thousandth, since n and n - 1 are near for 3,000 people."""
    text = private(COLUMNS, "SELECT id, age, visits, city FROM users", final).replace(
        "epsilon: 1.0", "epsilon: 10000000.0"
    )
    stat, problems = parse_stat(text, "stats/s.sql", "duckdb")
    assert not problems
    spool = duckdb.connect()
    spool.execute(IIF)
    spool.execute(
        "CREATE TABLE query_result AS SELECT 'u' || i AS id, CASE WHEN i % 11 > 0 THEN (i * 7 % 230)::DOUBLE END AS age, "
        f"(i * 13 % 40)::BIGINT AS visits, ['Rome', 'Rome', 'Rome', 'Oslo', 'Oslo', 'Bern'][i % 6 + 1] AS city FROM range({PEOPLE}) AS t(i)"
    )
    names, rows = run_query(stat, spool, most_rows=1)
    found = private_answer(spool, stat, "SELECT * FROM query_result")
    assert [n.lower() for n in names] == [n.lower() for n in found.columns]
    expected, got = numbers([tuple(r) for r in rows]), numbers(list(found.rows))
    if "ORDER BY" not in final:
        expected, got = sorted(expected, key=str), sorted(got, key=str)
    assert len(expected) == len(got)
    for a, b in zip(expected, got, strict=True):
        assert [v for v in a if isinstance(v, str | None)] == [v for v in b if isinstance(v, str | None)]
        # A little noise is left: counts come out one too low.
        assert [v for v in a if isinstance(v, float)] == pytest.approx(
            [v for v in b if isinstance(v, float)], rel=2e-3, abs=2
        )
