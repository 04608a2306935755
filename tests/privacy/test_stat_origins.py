from __future__ import annotations

from pathlib import Path

import pytest

from ssgproj.privacy.lineage import Tables
from ssgproj.privacy.stat_origins import PERSON, StatOrigins, stat_origins
from ssgproj.project.parse import parse_project
from ssgproj.project.project import PrivacySettings, Project, Settings
from ssgproj.project.stat import parse_stat
from ssgproj.templating import data_directory
from tests.privacy.corpus import as_stat, project_of, rows, table
from tests.privacy.test_lineage import MODELS

HEADER = """/* ssg:stat
epsilon: 1.0
delta: 1.0e-6
max_ids: 2
columns:
  user_id: {type: int, private_id: true}
  place: {type: int}
  cost: {type: float, lower: 0, upper: 9}
*/
"""


def origins(text: str) -> StatOrigins:
    project = Project(Path(), Settings("demo", "demo", dialect="duckdb", privacy=PrivacySettings("users.id")), MODELS)
    stat, _ = parse_stat(text, "stats/one.sql", "duckdb")
    return stat_origins(stat, Tables(project))


def words(found: StatOrigins) -> tuple[dict[str, str], dict[str, str]]:
    draws = {n: " ".join(sorted(map(str, of))) for n, of in found.draws.items()}
    return draws, {str(c): ", ".join(clauses) for c, clauses in found.filters.items()}


def test_through_both_halves() -> None:
    found = origins(
        HEADER
        + "WITH query_result AS (SELECT v.user_id, v.place, v.cost + u.age AS cost FROM visits v JOIN users u ON u.id = v.user_id "
        "WHERE u.country = 3)\nSELECT place, COUNT(*) AS n, AVG(cost) AS mean FROM query_result WHERE cost > 1 GROUP BY place"
    )
    assert words(found) == (
        {"place": "visits.place", "n": "", "mean": "users.age visits.cost"},
        {
            "users.age": "WHERE",
            "users.country": "WHERE",
            "users.id": "JOIN",
            "visits.cost": "WHERE",
            "visits.place": "GROUP BY",
            "visits.user_id": f"JOIN, {PERSON}",
        },
    )
    assert found.tables == ("users", "visits")
    assert not found.unknown


def test_what_only_the_first_half_names_is_read() -> None:
    found = origins(
        HEADER + "WITH query_result AS (SELECT user_id, place, cost FROM visits) SELECT COUNT(*) AS n FROM query_result"
    )
    assert words(found) == ({"n": ""}, {"visits.user_id": PERSON})
    assert {str(c) for c in found.read} == {"visits.user_id", "visits.place", "visits.cost"}


def test_without_differential_privacy_the_count_of_people_is_part_of_it() -> None:
    text = (
        "/* ssg:stat\nprivacy: none\nreason: published\n*/\nSELECT place, AVG(cost) AS mean FROM visits GROUP BY place"
    )
    assert words(origins(text)) == (
        {"place": "visits.place", "mean": "visits.cost"},
        {"visits.place": "GROUP BY", "visits.user_id": PERSON},
    )


@pytest.mark.parametrize(
    "body",
    [
        "",
        "SELECT 1",
        "WITH query_result AS (SELECT user_id FROM",
        "WITH query_result AS (SELECT FROM WHERE) SELECT COUNT(*) AS n FROM query_result",
        "WITH query_result AS (SELECT user_id FROM visits) SELECT RANK() OVER (ORDER BY a) FROM query_result ((",
        "WITH query_result AS (SELECT " + "(" * 5000 + "user_id" + ")" * 5000 + " FROM visits) SELECT COUNT(*) AS n FROM query_result",
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(body: str) -> None:
    found = origins(HEADER + body)
    assert found.problem
    assert not found.draws


def test_a_column_that_query_result_does_not_have_is_unknown() -> None:
    found = origins(
        HEADER + "WITH query_result AS (SELECT user_id FROM visits) SELECT AVG(costs) AS m FROM query_result"
    )
    assert "costs" in found.unknown
    assert not found.problem


def test_the_corpus() -> None:
    """Queries of all kinds: what SmartNoise answers has origins for every column that it releases, and nothing raises."""
    traced = 0
    for number, row in enumerate(rows()):
        made = as_stat(row, number)
        base = table(row)
        if made is None or base is None:
            continue
        stat, _ = made
        found = stat_origins(stat, Tables(project_of((stat,), base)))
        assert found.problem or set(found.draws) >= {o.name for o in stat.outputs}
        if row.get("sane") and not found.problem:
            # Some of its queries name columns that query_result does not have, which is what `unknown` is for.
            assert not {u.strip('"') for u in found.unknown} & base.keys(), (row["sql"], found.unknown)
            assert stat.private_id is None or PERSON in {c for clauses in found.filters.values() for c in clauses}
            traced += 1
    assert traced > 100


def test_the_example() -> None:
    project = parse_project(data_directory("example_project"))
    tables = Tables(project)
    found = {s.name: words(stat_origins(s, tables)) for s in project.stats}
    assert found["age_stats"] == (
        {"mean": "users.age", "std_dev": "users.age"},
        {"users.age": "WHERE", "users.id": PERSON},
    )
    assert found["sessions_per_user"] == (
        {"tens": "", "users": "sessions.user_id"},
        {"sessions.user_id": f"GROUP BY, {PERSON}"},
    )
