"""Whatever fails at the source, no value of a row comes out: not in messages, not in files."""

from __future__ import annotations

from pathlib import Path

import duckdb
import psycopg
import pytest

from ssgproj.project.project import PrivacySettings, Project, Settings
from ssgproj.project.stat import parse_stat
from ssgproj.source.stats import run_stats

CANARY = "zq7canary"
STAT = """/* ssg:stat
epsilon: 1
delta: 1.0e-6
max_ids: 1
columns:
  id: {{type: string, private_id: true}}
  x: {{type: {type}, lower: 0, upper: 1}}
*/
WITH query_result AS (
{sql}
)
SELECT SUM(x) AS s FROM query_result
"""
FAILING = [
    ("int", "SELECT id, CAST(name AS INTEGER) AS x FROM people"),
    ("int", "SELECT id, name AS x FROM people"),
    ("int", "SELECT id, 1 / (LENGTH(name) - LENGTH(name)) AS x FROM people WHERE 1 / (LENGTH(name) - 9) > 0"),
    ("datetime", "SELECT id, CAST(name AS DATE) AS x FROM people"),
    ("datetime", "SELECT id, CAST(name AS TIMESTAMP) AS x FROM people"),
    ("boolean", "SELECT id, CAST(name AS BOOLEAN) AS x FROM people"),
    ("int", "SELECT name AS id, CAST(NULL AS INTEGER) AS y FROM people"),
    ("int", "SELECT CAST(NULL AS VARCHAR) AS id, 1 AS x FROM people"),
    ("int", "SELECT id, 0.5 AS x FROM people"),
    ("float", "SELECT id, 1.0 AS x FROM people WHERE name > (SELECT name FROM people)"),
    ("int", "SELECT id, 1 AS x, name FROM people"),
    ("string", "SELECT id, name AS x FROM people WHERE name LIKE 'a' ESCAPE name"),
]
POSTGRES = [
    ("int", "SELECT id, (name::json ->> 'a')::int AS x FROM people"),
    ("int", "SELECT id, name::uuid::text::int AS x FROM people"),
    ("int", "SELECT id, (name::int[])[1] AS x FROM people"),
    ("string", "SELECT id, xmlparse(document name)::text AS x FROM people"),
    ("int", "SELECT id, to_date(name, 'YYYY-MM-DD') - DATE '2020-01-01' AS x FROM people"),
    ("int", "SELECT id, 99999999999999999999 AS x FROM people"),
]


def check(root: Path, dialect: str, url: str, type_: str, sql: str, capfd: pytest.CaptureFixture[str]) -> None:
    stat, _ = parse_stat(STAT.format(type=type_, sql=sql), "stats/s.sql", dialect)
    project = Project(root, Settings("p", "p", dialect, privacy=PrivacySettings("people.id")), ())
    try:
        [outcome] = run_stats(project, [stat], url, root)
    except Exception as e:
        said = f"{e} {getattr(e, 'hint', '')} {e.__cause__}"
    else:
        assert outcome.error is not None, sql
        said = f"{outcome.error} {outcome.error.hint} {outcome.error.__cause__}"
    captured = capfd.readouterr()
    assert CANARY not in said + captured.out + captured.err
    for path in (root / "results").rglob("*") if (root / "results").exists() else ():
        assert CANARY not in path.read_text()


@pytest.mark.parametrize(("type_", "sql"), FAILING)
def test_duckdb(tmp_path: Path, capfd: pytest.CaptureFixture[str], type_: str, sql: str) -> None:
    path = tmp_path / "s.duckdb"
    with duckdb.connect(str(path)) as c:
        c.execute("CREATE TABLE people AS SELECT 'u' || i AS id, 'zq7canary' AS name FROM range(5) t(i)")
    check(tmp_path, "duckdb", f"duckdb:///{path}", type_, sql, capfd)


def test_postgres(tmp_path: Path, capfd: pytest.CaptureFixture[str], fresh_postgres: str) -> None:
    with psycopg.connect(fresh_postgres) as c:
        c.execute("CREATE TABLE people (id text, name text)")
        c.execute("INSERT INTO people SELECT 'u' || i, 'zq7canary' FROM generate_series(1, 5) i")
    for type_, sql in FAILING + POSTGRES:
        check(tmp_path, "postgres", fresh_postgres, type_, sql, capfd)
