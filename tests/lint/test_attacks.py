"""Queries that would harm the source, hand out rows or void the guarantee, each refused by its rule; and honest ones, which are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lint.cases import lint_case, write_project

HARMFUL = {
    "postgres": [
        "COPY users TO '/tmp/x'", "COPY (SELECT * FROM users) TO PROGRAM 'cat'", "SELECT lo_export(1, '/tmp/x') AS x FROM users",
        "SELECT pg_read_file('/etc/passwd') AS x FROM users", "SELECT pg_ls_dir('/') AS x FROM users", "SELECT pg_sleep(10), COUNT(*) AS n FROM users",
        "SELECT COUNT(*) AS n FROM dblink('host=x', 'select 1') AS t(a int)", "SELECT dblink_exec('x', 'DELETE FROM users') AS x FROM users",
        "SELECT pg_terminate_backend(1) AS x FROM users", "SELECT pg_advisory_lock(1) AS x FROM users", "SELECT set_config('a.b', 'c', false) AS x FROM users",
        "SELECT nextval('s') AS x FROM users", "SELECT setval('s', 1) AS x FROM users", "SELECT pg_notify('a', 'b') AS x FROM users",
        "SELECT pg_reload_conf() AS x FROM users", "SELECT lo_create(1) AS x FROM users", "SELECT pg_logical_emit_message(true, 'a', 'b') AS x FROM users",
        "SELECT query_to_xml('select * from users', true, true, '') AS x FROM users", "SELECT table_to_xml('users', true, true, '') AS x FROM users",
        "SELECT COUNT(*) AS n FROM ts_stat('select 1')", "SELECT current_setting('data_directory') AS x FROM users", "SELECT version() AS x FROM users",
        "SELECT COUNT(*) AS n FROM pg_stats", "SELECT COUNT(*) AS n FROM pg_stat_activity", "SELECT COUNT(*) AS n FROM pg_catalog.pg_class",
        "SELECT COUNT(*) AS n FROM information_schema.columns", "SELECT COUNT(*) AS n FROM users; COMMIT; DELETE FROM users", "DELETE FROM users",
        "UPDATE users SET age = 1", "INSERT INTO users (id) VALUES ('x')", "TRUNCATE users", "DROP TABLE users", "CREATE TABLE x AS SELECT * FROM users",
        "WITH d AS (DELETE FROM users RETURNING age) SELECT COUNT(*) AS n FROM d", "SELECT COUNT(*) AS n INTO x FROM users",
        "SELECT COUNT(*) AS n FROM users FOR UPDATE", "EXPLAIN ANALYZE SELECT COUNT(*) FROM users", "CALL f()", "DO $$ BEGIN END $$", "LISTEN x",
        "SET ROLE admin", "BEGIN", "COMMIT", "LOCK TABLE users", "VACUUM", "PREPARE p AS SELECT 1", "SHOW data_directory", "GRANT ALL ON users TO x",
        "SELECT COUNT(*) AS n FROM generate_series(1, 1000000000) AS g", "SELECT repeat('x', 1000000000) AS x FROM users", "TABLE users",
        "SELECT COUNT(*) AS n FROM users WHERE id = $1", "SELECT COUNT(*) AS n FROM users WHERE age > :p",
    ],
    "duckdb": [
        "SELECT COUNT(*) AS n FROM read_csv('x.csv')", "SELECT COUNT(*) AS n FROM read_parquet('x')", "SELECT COUNT(*) AS n FROM 'x.csv'",
        "SELECT COUNT(*) AS n FROM read_text('/etc/passwd')", "SELECT COUNT(*) AS n FROM glob('*')", "COPY users TO 'x.csv'", "EXPORT DATABASE 'x'",
        "ATTACH 'x.db'", "INSTALL httpfs", "LOAD httpfs", "PRAGMA database_list", "SUMMARIZE users", "DESCRIBE users", "SET threads = 1",
        "SELECT COUNT(*) AS n FROM query('select 1')", "SELECT COUNT(*) AS n FROM query_table('users')", "SELECT getenv('HOME') AS x FROM users",
        "SELECT COUNT(*) AS n FROM duckdb_settings()", "CALL pragma_version()", "CREATE MACRO f() AS 1", "CHECKPOINT", "FROM users",
        "SELECT COUNT(*) AS n FROM leak_df", "SELECT error('x') AS x FROM users", "SELECT histogram(age) AS x FROM users",
    ],
    "mysql": [
        "SELECT COUNT(*) AS n FROM users /*! UNION SELECT 1 */", "SELECT LOAD_FILE('/etc/passwd') AS x FROM users", "SELECT SLEEP(5) AS x FROM users",
        "SELECT BENCHMARK(1000000, SHA1('x')) AS x FROM users", "SELECT COUNT(*) AS n FROM users INTO OUTFILE '/tmp/x'", "SELECT GET_LOCK('a', 1) AS x FROM users",
        "SELECT COUNT(*) AS n FROM mysql.user", "SELECT @@datadir AS x FROM users", "SELECT GROUP_CONCAT(id) AS x FROM users",
    ],
}  # fmt: skip

ROW_LEVEL = [
    "SELECT * FROM users", "SELECT id FROM users", "SELECT age, COUNT(*) AS n FROM users GROUP BY id, age", "SELECT MIN(age) AS a FROM users",
    "SELECT country, MAX(age) AS a FROM users GROUP BY country", "SELECT ANY_VALUE(age) AS a FROM users", "SELECT STRING_AGG(id, ',') AS a FROM users",
    "SELECT ARRAY_AGG(age) AS a FROM users", "SELECT JSON_AGG(age) AS a FROM users", "SELECT MODE() WITHIN GROUP (ORDER BY age) AS a FROM users",
    "SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY age) AS a FROM users", "SELECT COUNT(*) AS n FROM users WHERE id = 'u7'",
    "SELECT SUM(CASE WHEN id = 'u7' THEN age ELSE 0 END) AS a FROM users", "SELECT COUNT(*) FILTER (WHERE age > 110) AS a FROM users",
    "SELECT SUM(age) - (SELECT SUM(age) FROM users WHERE id <> 'u7') AS a FROM users", "SELECT user_id, SUM(secs) AS s FROM sessions GROUP BY user_id",
    "SELECT s.id, COUNT(*) AS n FROM sessions AS s GROUP BY s.id", "SELECT age FROM users ORDER BY age LIMIT 1", "SELECT DISTINCT age FROM users",
    "WITH x AS (SELECT country, MAX(age) AS a FROM users GROUP BY country) SELECT a, COUNT(*) AS n FROM x GROUP BY a",
    "SELECT COUNT(*) AS n FROM users GROUP BY CUBE (country, age)", "SELECT age, ROW_NUMBER() OVER () AS n FROM users",
    "SELECT COUNT(*) AS n FROM countries CROSS JOIN (SELECT 1 AS x) AS y", "VALUES (1)",
    "SELECT AVG(age) AS a FROM users WHERE id IN ('a', 'b')", "SELECT AVG(age) AS a FROM users AS u WHERE u.id BETWEEN 'a' AND 'b'",
]  # fmt: skip

MIXING = [
    "SELECT id, MAX(age) OVER () AS age FROM users", "SELECT id, age - AVG(age) OVER (PARTITION BY country) AS age FROM users",
    "SELECT id, age FROM users ORDER BY age LIMIT 100", "SELECT id, age FROM users OFFSET 5", "SELECT DISTINCT id, age FROM users",
    "SELECT id, age FROM users UNION SELECT id, age FROM users", "SELECT id, (SELECT MAX(age) FROM users) AS age FROM users",
    "SELECT u.id, v.age FROM users AS u JOIN users AS v ON v.id = u.referrer", "SELECT u.id, v.age FROM users AS u, users AS v",
    "SELECT u.id, v.age FROM users AS u CROSS JOIN users AS v", "SELECT id, age FROM users WHERE country IN (SELECT country FROM users WHERE age > 90)",
    "SELECT id, age FROM users AS u WHERE EXISTS (SELECT 1 FROM users AS v WHERE v.referrer = u.id)",
    "SELECT u.id, c.n AS age FROM users AS u JOIN (SELECT country, COUNT(*) AS n FROM users GROUP BY country) AS c ON c.country = u.country",
    "SELECT MIN(id) AS id, AVG(age) AS age FROM users GROUP BY country", "SELECT id, age FROM users WHERE RANDOM() < 0.1",
    "SELECT id, x.age FROM users, LATERAL (SELECT MAX(v.age) AS age FROM users AS v) AS x",
    "WITH RECURSIVE t AS (SELECT id, age FROM users UNION ALL SELECT u.id, t.age FROM users AS u JOIN t ON t.id = u.referrer) SELECT id, age FROM t",
]  # fmt: skip

HONEST = [
    "SELECT device, COUNT(*) AS n FROM sessions GROUP BY device",
    "SELECT u.country, COUNT(*) AS n, AVG(s.secs) AS mean FROM users AS u JOIN sessions AS s ON s.user_id = u.id GROUP BY u.country",
    "SELECT CASE WHEN age < 30 THEN 'young' ELSE 'old' END AS band, COUNT(*) AS n, STDDEV_POP(age) AS sd FROM users GROUP BY 1",
    "SELECT EXTRACT(YEAR FROM started) AS year, COUNT(*) AS n FROM sessions GROUP BY EXTRACT(YEAR FROM started) ORDER BY year",
    "SELECT DATE_TRUNC('month', started) AS month, COUNT(DISTINCT user_id) AS people FROM sessions GROUP BY 1 HAVING COUNT(*) > 20",
    "SELECT ROUND(AVG(age), 1) AS mean, COUNT(*) AS n FROM users WHERE country <> 'XX'",
    "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY age) AS median FROM users", "SELECT CORR(secs, n_actions) AS r FROM sessions",
    "WITH per_user AS (SELECT user_id, COUNT(*) AS n FROM sessions GROUP BY user_id) SELECT n, COUNT(*) AS people FROM per_user GROUP BY n",
    "WITH per_user AS (SELECT user_id, MAX(secs) AS longest FROM sessions GROUP BY user_id) SELECT AVG(longest) AS mean FROM per_user",
    "SELECT COALESCE(device, 'none') AS device, COUNT(*) AS n FROM sessions GROUP BY COALESCE(device, 'none')",
    "SELECT c.name, AVG(u.age) AS mean FROM users AS u LEFT JOIN countries AS c ON c.code = u.country GROUP BY c.name",
    "SELECT width_bucket(age, 0, 100, 10) AS band, COUNT(*) AS n FROM users GROUP BY 1", "SELECT SUM(secs) / COUNT(*) AS mean FROM sessions",
]  # fmt: skip

HONEST_PRIVATE = [
    "SELECT id, age FROM users", "SELECT id, age FROM users WHERE age BETWEEN 18 AND 90 AND country = 'US'",
    "SELECT u.id, s.secs FROM users AS u JOIN sessions AS s ON s.user_id = u.id", "SELECT u.id, s.secs FROM users AS u, sessions AS s WHERE s.user_id = u.id",
    "SELECT u.id, s.secs FROM users AS u LEFT JOIN sessions AS s ON u.id = s.user_id", "SELECT user_id AS id, secs FROM sessions",
    "SELECT user_id AS id, CAST(COUNT(*) AS integer) AS n_actions FROM sessions GROUP BY user_id",
    "SELECT user_id AS id, device, SUM(secs) AS secs FROM sessions GROUP BY user_id, device",
    "WITH a AS (SELECT user_id, secs FROM sessions WHERE secs > 0), b AS (SELECT user_id AS id, AVG(secs) AS secs FROM a GROUP BY 1) SELECT id, secs FROM b",
    "SELECT x.id, x.age FROM (SELECT id, LEAST(GREATEST(age, 0), 100) AS age FROM users) AS x",
    "SELECT u.id, c.name FROM users AS u JOIN countries AS c ON c.code = u.country",
    "SELECT u.id, p.secs FROM users AS u JOIN (SELECT user_id, SUM(secs) AS secs FROM sessions GROUP BY user_id) AS p ON p.user_id = u.id",
    "SELECT id, secs FROM (SELECT user_id AS id, secs, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY started) AS nth FROM sessions) AS s WHERE nth <= 5",
    "SELECT id, COALESCE(gender, 'unknown') AS gender, CASE WHEN booked THEN 1 ELSE 0 END AS n_actions FROM users",
]  # fmt: skip


def errors(root: Path, case: dict[str, Any]) -> list[str]:
    path = write_project(root, case)
    return [f"{f.code} {f.at} {f.message}" for f in lint_case(root, case).findings if f.is_error and f.at.path == path]


def plain(sql: str, dialect: str = "postgres") -> dict[str, Any]:
    return {"plain": sql, "dialect": dialect, "header": {"=": {"privacy": "none", "reason": "a test"}}}


@pytest.mark.parametrize(("dialect", "sql"), [(d, s) for d, all_of_them in HARMFUL.items() for s in all_of_them])
def test_harmful(dialect: str, sql: str, tmp_path: Path) -> None:
    codes = {e.split()[0] for e in errors(tmp_path, plain(sql, dialect))}
    assert codes & {"DP211", "DP214", "DP210", "SF008"}
    in_half = {
        "query_result": sql,
        "dialect": dialect,
        "header": {"=columns": {"id": {"type": "string", "private_id": True}}},
    }
    assert errors(tmp_path, in_half)


@pytest.mark.parametrize("sql", ROW_LEVEL)
def test_row_level(sql: str, tmp_path: Path) -> None:
    assert {e.split()[0] for e in errors(tmp_path, plain(sql))} & {"DP210", "DP233", "DP234", "DP235", "DP211"}


@pytest.mark.parametrize("sql", MIXING)
def test_mixing(sql: str, tmp_path: Path) -> None:
    assert "DP203" in {e.split()[0] for e in errors(tmp_path, {"query_result": sql})}


@pytest.mark.parametrize("sql", HONEST)
def test_honest(sql: str, tmp_path: Path) -> None:
    assert errors(tmp_path, plain(sql)) == []


@pytest.mark.parametrize("sql", HONEST_PRIVATE)
def test_honest_private(sql: str, tmp_path: Path) -> None:
    assert errors(tmp_path, {"query_result": sql, "header": {"max_ids": 5}}) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id, " + "age + " * 3000 + "1 AS age FROM users",
        "SELECT id, age FROM users WHERE " + "age > 1 AND " * 3000 + "age > 2",
    ],
)
def test_thousands_of_operators(sql: str, tmp_path: Path) -> None:
    errors(tmp_path, {"query_result": sql})
    dp = (
        "SELECT COUNT(*) AS n FROM query_result WHERE "
        + sql.removeprefix("SELECT id, ").replace(" AS age FROM users", " > 2").split(" WHERE ")[-1]
    )
    assert errors(tmp_path, {"dp": dp})
    for deep in ("(" * 3000 + "1" + ")" * 3000, "NOT " * 3000 + "booked", "+ " * 3000 + "1"):
        assert errors(tmp_path, {"dp": f"SELECT COUNT(*) AS n FROM query_result WHERE age > {deep}"})
