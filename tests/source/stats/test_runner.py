"""Statistics on real sources, from file to result."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest

from ssgproj.errors import RunError
from ssgproj.ledger import FILE, read_ledger
from ssgproj.project.model import Column, ForeignKey, Model, TableName
from ssgproj.project.project import PrivacySettings, Project, Settings
from ssgproj.project.stat import Stat, parse_stat
from ssgproj.project.types import parse_type
from ssgproj.results import audit, load_results, result_status
from ssgproj.source.stats import run_stats
from ssgproj.source.stats.runner import _groups

HEADER = """/* ssg:stat
epsilon: {epsilon}
delta: 1.0e-4
max_ids: {max_ids}
columns:
  id: {{type: string, private_id: true}}
  age: {{type: float, lower: 0, upper: 100}}
  device: {{type: string}}
*/
WITH query_result AS (
    SELECT id, age, device FROM users
)
"""


def stat(sql: str, name: str = "s", epsilon: float = 100.0, max_ids: int = 1, dialect: str = "duckdb") -> Stat:
    text = sql if "ssg:stat" in sql else HEADER.format(epsilon=epsilon, max_ids=max_ids) + sql
    found, problems = parse_stat(text, f"stats/{name}.sql", dialect)
    assert not [p for p in problems if p.is_error], problems
    return found


def project(root: Path, dialect: str = "duckdb", budget: float | None = None) -> Project:
    key = ForeignKey(("user_id",), TableName("users"), ("id",))
    models = (
        Model(
            TableName("users"),
            "models/users.yml",
            tuple(Column(n, parse_type(t)) for n, t in (("id", "text"), ("age", "int"), ("device", "text"))),
        ),
        Model(
            TableName("visits"),
            "models/visits.yml",
            tuple(Column(n, parse_type(t)) for n, t in (("user_id", "text"), ("what", "text"))),
            foreign_keys=(key,),
        ),
    )
    return Project(root, Settings("p", "p", dialect, privacy=PrivacySettings("users.id", budget)), models)


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "source.duckdb"
    with duckdb.connect(str(path)) as c:
        c.execute(
            "CREATE TABLE users AS SELECT 'u' || i AS id, (20 + i % 40)::DECIMAL(6,2) AS age, CASE WHEN i < 1 THEN 'rare' WHEN i % 2 = 0 THEN 'phone' ELSE 'pc' END AS device"
            " FROM range(2000) t(i)"
        )
        c.execute(
            "CREATE TABLE visits AS SELECT 'u' || (i % 2000) AS user_id, CASE WHEN i % 3 = 0 THEN 'look' ELSE 'book' END AS what FROM range(6000) t(i)"
        )
    return f"duckdb:///{path}"


def test_mean_and_spread(tmp_path: Path, source: str) -> None:
    s = stat("SELECT AVG(age) AS mean, STDDEV(age) AS std_dev FROM query_result")
    [outcome] = run_stats(project(tmp_path), [s], source, tmp_path)
    assert outcome.error is None and outcome.warnings == ()
    values = load_results(tmp_path, [s])["s"]
    assert abs(values["mean"][0] - 39.5) < 1 and abs(values["std_dev"][0] - 11.5) < 2
    assert audit(tmp_path, [s]) == [] and read_ledger(tmp_path).epsilon == 100.0
    text = (tmp_path / "results/s.yml").read_text() + (tmp_path / FILE).read_text()
    assert "2000" not in text.replace("2000-", "")


def test_groups_in_order_and_rare_ones_gone(tmp_path: Path, source: str) -> None:
    s = stat("SELECT device AS d, COUNT(*) AS n FROM query_result GROUP BY device", epsilon=4.0)
    [outcome] = run_stats(project(tmp_path), [s], source, tmp_path)
    assert outcome.error is None
    values = load_results(tmp_path, [s])["s"]
    assert values["d"] == ["pc", "phone"] and all(abs(n - 998) < 20 for n in values["n"])


def test_sampling_where_people_have_more_rows(tmp_path: Path, source: str) -> None:
    text = """/* ssg:stat
epsilon: 200
delta: 1.0e-4
max_ids: 2
columns: {user_id: {type: string, private_id: true}, what: {type: string}}
*/
WITH query_result AS (SELECT user_id, what FROM visits)
SELECT COUNT(*) AS n FROM query_result"""
    [outcome] = run_stats(project(tmp_path), [stat(text)], source, tmp_path)
    assert len(outcome.warnings) == 1 and "max_ids: 2" in outcome.warnings[0]
    assert outcome.result and abs(outcome.result.rows[0][0] - 4000) < 20


def test_one_query_for_two_statistics() -> None:
    a = stat("SELECT COUNT(*) AS n FROM query_result", "a")
    b = stat("-- the same rows\nSELECT AVG(age) AS m FROM query_result", "b", epsilon=2.0)
    assert [[s.name for s in g] for g in _groups([a, b])] == [["a", "b"]]


def test_threads(tmp_path: Path, source: str) -> None:
    stats = [
        stat(
            HEADER.format(epsilon=10, max_ids=1).replace("FROM users", f"FROM users WHERE age > {i}")
            + "SELECT COUNT(*) AS n FROM query_result",
            f"s{i}",
        )
        for i in range(4)
    ]
    outcomes = run_stats(project(tmp_path), stats, source, tmp_path, threads=3)
    assert [o.stat.name for o in outcomes] == ["s0", "s1", "s2", "s3"] and all(o.error is None for o in outcomes)
    assert read_ledger(tmp_path).flaws == () and read_ledger(tmp_path).epsilon == 40


def test_over_budget_before_the_source_is_touched(tmp_path: Path) -> None:
    s = stat("SELECT COUNT(*) AS n FROM query_result", epsilon=0.6)
    with pytest.raises(RunError, match="budget is 1"):
        run_stats(
            project(tmp_path, budget=1.0),
            [s, stat("SELECT AVG(age) AS n FROM query_result", "t", epsilon=0.6)],
            "duckdb:///nowhere",
            tmp_path,
        )


def test_a_deleted_result_stays_spent(tmp_path: Path, source: str) -> None:
    s = stat("SELECT COUNT(*) AS n FROM query_result", epsilon=0.6)
    run_stats(project(tmp_path, budget=1.0), [s], source, tmp_path)
    (tmp_path / "results/s.yml").unlink()
    with pytest.raises(RunError, match="budget"):
        run_stats(project(tmp_path, budget=1.0), [s], source, tmp_path)


PLAIN = """/* ssg:stat
privacy: none
reason: public anyway
min_people: 10
{more}
*/
{sql}"""


def plain(sql: str, more: str = "", name: str = "p", dialect: str = "duckdb") -> Stat:
    return stat(PLAIN.format(sql=sql, more=more), name, dialect=dialect)


def test_plain(tmp_path: Path, source: str) -> None:
    s = plain("SELECT what, COUNT(*) AS n, AVG(1.23456789) AS m FROM visits GROUP BY what")
    [outcome] = run_stats(project(tmp_path), [s], source, tmp_path)
    assert outcome.error is None, outcome.error
    assert outcome.result and outcome.result.rows == (("book", 4000, 1.235), ("look", 2000, 1.235))
    assert outcome.result.columns == (("what", "string"), ("n", "int"), ("m", "float"))
    assert not outcome.result.private and audit(tmp_path, [s]) == []


def test_plain_through_ctes(tmp_path: Path, source: str) -> None:
    s = plain(
        "WITH v AS (SELECT user_id AS who, COUNT(*) AS k FROM visits GROUP BY user_id) SELECT k, COUNT(*) AS n FROM v GROUP BY k"
    )
    [outcome] = run_stats(project(tmp_path), [s], source, tmp_path)
    assert outcome.result and outcome.result.rows == ((3, 2000),)


@pytest.mark.parametrize(("more", "rows"), [("", None), ("on_small: suppress", (("pc", 1000), ("phone", 999)))])
def test_few_people(tmp_path: Path, source: str, more: str, rows: object) -> None:
    s = plain("SELECT device, COUNT(*) AS n FROM users GROUP BY device", more)
    [outcome] = run_stats(project(tmp_path), [s], source, tmp_path)
    if rows is None:
        assert outcome.error and "fewer than 10" in outcome.error.message and not (tmp_path / "results/p.yml").exists()
    else:
        assert outcome.result and outcome.result.rows == rows


def test_people_are_not_rows(tmp_path: Path, source: str) -> None:
    s = plain("SELECT COUNT(*) AS n FROM users CROSS JOIN range(100) r(i) WHERE users.id IN ('u1', 'u2')")
    [outcome] = run_stats(project(tmp_path), [s], source, tmp_path)
    assert outcome.error and "fewer than 10" in outcome.error.message


def test_people_must_be_countable(tmp_path: Path, source: str) -> None:
    with pytest.raises(RunError, match="leads to"):
        run_stats(
            project(tmp_path),
            [plain("WITH v AS (SELECT what FROM visits) SELECT COUNT(*) AS n FROM v")],
            source,
            tmp_path,
        )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("SELECT id, age,", "SELECT id, age AS years,"), "gives no column `age`"),
        (("SELECT id, age,", "SELECT id, age, 1 AS extra,"), "does not declare: `extra`"),
        (("SELECT id, age,", "SELECT id, device AS age,"), "gives `age` as `VARCHAR`"),
        (("SELECT id, age,", "SELECT NULLIF(id, 'u1') AS id, age,"), "is NULL in some rows"),
        (("{type: float,", "{type: int,"), "does not fit the header's type `int`"),
        (("FROM users", "FROM nobody"), "refuses the query"),
        (("FROM users", "FROM users WHERE CAST(id AS INTEGER) > 1"), "failed at the source"),
    ],
)
def test_the_header_must_be_true(tmp_path: Path, source: str, change: tuple[str, str], says: str) -> None:
    text = HEADER.format(epsilon=1, max_ids=1) + "SELECT AVG(age) AS m FROM query_result"
    assert change[0] in text
    if "int" in change[1] and "type" in change[1]:
        text = text.replace("SELECT id, age,", "SELECT id, age + 0.5 AS age,")
    [outcome] = run_stats(project(tmp_path), [stat(text.replace(*change))], source, tmp_path)
    assert outcome.error and says in outcome.error.message, outcome
    assert "u1" not in outcome.error.message.replace("'u1'", "") and read_ledger(tmp_path).epsilon == 0


def test_nothing_released_is_refused_later(tmp_path: Path, source: str) -> None:
    text = HEADER.format(epsilon=2, max_ids=1).replace("FROM users", "FROM users WHERE id IN ('u1', 'u2')")
    s = stat(text + "SELECT id AS who, device AS d, COUNT(*) AS n FROM query_result GROUP BY id, device")
    [outcome] = run_stats(project(tmp_path), [s], source, tmp_path)
    assert outcome.result and outcome.result.rows == () and outcome.result.refused
    assert not result_status(tmp_path, s).usable


def test_postgres(tmp_path: Path, fresh_postgres: str) -> None:
    with psycopg.connect(fresh_postgres) as c:
        c.execute("CREATE TABLE users (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, age numeric, device json)")
        c.execute("INSERT INTO users (age, device) SELECT 20 + i % 40, '{\"a\": 1}' FROM generate_series(1, 3000) i")
    s = stat("SELECT device AS d, AVG(age) AS m, COUNT(*) AS n FROM query_result GROUP BY device", dialect="postgres")
    p = plain("SELECT COUNT(*) AS n, AVG(age) AS m, SUM(age) AS t, max(age)::int4 AS x FROM users", dialect="postgres")
    a, b = run_stats(project(tmp_path, "postgres"), [s, p], fresh_postgres, tmp_path, threads=2)
    assert a.result and a.result.rows[0][0] == '{"a": 1}' and abs(a.result.rows[0][1] - 39.5) < 1
    assert b.result and b.result.rows == ((3000, 39.5, 118500, 59),)


def test_postgres_columns_of_any_type_as_text(tmp_path: Path, fresh_postgres: str) -> None:
    with psycopg.connect(fresh_postgres) as c:
        c.execute(
            "CREATE TABLE users (id int PRIMARY KEY, age int DEFAULT 1, device text[] DEFAULT ARRAY['a', 'b,c'], "
            "stay interval DEFAULT '1 month 2 days', bag jsonb DEFAULT '{}', at inet DEFAULT '10.0.0.1')"
        )
        c.execute("INSERT INTO users SELECT i FROM generate_series(1, 500) i")
    head = "/* ssg:stat\nepsilon: 2\ndelta: 1.0e-6\nmax_ids: 1\ncolumns:\n  id: {type: int, private_id: true}\n"
    names = ("device", "stay", "bag", "at")
    head += "".join(f"  {name}: {{type: string}}\n" for name in names)
    select = f"*/\nWITH query_result AS (SELECT id, {', '.join(names)} FROM users)\n"
    s = stat(
        f"{head}{select}SELECT device AS d, stay AS s, COUNT(*) AS n FROM query_result GROUP BY device, stay",
        dialect="postgres",
    )
    [outcome] = run_stats(project(tmp_path, "postgres"), [s], fresh_postgres, tmp_path)
    assert outcome.result and outcome.result.rows[0][:2] == ('{a,"b,c"}', "P1M2D")


def test_postgres_only_one_statement(tmp_path: Path, fresh_postgres: str) -> None:
    with psycopg.connect(fresh_postgres) as c:
        c.execute("CREATE TABLE users (id text PRIMARY KEY, age int, device text)")
        c.execute("INSERT INTO users SELECT i::text, 20, 'a' FROM generate_series(1, 100) i")
    for attack in (
        "SELECT id, age, device FROM users; DELETE FROM users",
        "SELECT id, age, device FROM users) TO STDOUT; COMMIT; DELETE FROM users; COPY (SELECT 1",
    ):
        s = stat("SELECT COUNT(*) AS n FROM query_result", dialect="postgres")
        import dataclasses

        [outcome] = run_stats(
            project(tmp_path, "postgres"), [dataclasses.replace(s, query_result=attack)], fresh_postgres, tmp_path
        )
        assert outcome.error
    with psycopg.connect(fresh_postgres) as c:
        assert c.execute("SELECT count(*) FROM users").fetchone() == (100,)


def test_postgres_timeout(tmp_path: Path, fresh_postgres: str) -> None:
    with psycopg.connect(fresh_postgres) as c:
        c.execute("CREATE TABLE users (id text PRIMARY KEY, age int, device text)")
        c.execute("INSERT INTO users VALUES ('a', 1, 'x')")
    text = (
        HEADER.format(epsilon=1, max_ids=1).replace("FROM users", "FROM users, pg_sleep(30)")
        + "SELECT COUNT(*) AS n FROM query_result"
    )
    [outcome] = run_stats(
        project(tmp_path, "postgres"), [stat(text, dialect="postgres")], fresh_postgres, tmp_path, seconds=0.5
    )
    assert outcome.error and "57014" in outcome.error.message


def test_sqlite(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as c:
        c.execute("CREATE TABLE users (id text, age numeric, device text)")
        c.executemany("INSERT INTO users VALUES (?, ?, ?)", [(f"u{i}", 20 + i % 40, "a") for i in range(2000)])
    s = stat("SELECT AVG(age) AS m FROM query_result", dialect="sqlite")
    p = plain("SELECT device, COUNT(*) AS n, SUM(age) AS t FROM users GROUP BY device", dialect="sqlite")
    a, b = run_stats(project(tmp_path, "sqlite"), [s, p], f"sqlite:///{tmp_path}/s.db", tmp_path)
    assert a.result and abs(a.result.rows[0][0] - 39.5) < 1
    assert b.result and b.result.rows == (("a", 2000, 79000),)


def test_mariadb(tmp_path: Path, fresh_mariadb: str) -> None:
    import pymysql
    from sqlalchemy.engine import make_url

    url = make_url(fresh_mariadb)
    with (
        pymysql.connect(host=url.host, port=url.port or 3306, user=url.username, database=url.database) as c,
        c.cursor() as k,
    ):
        k.execute("CREATE TABLE users (id int primary key, age decimal(10,2), device varchar(9))")
        k.executemany("INSERT INTO users VALUES (%s, %s, %s)", [(i, 20 + i % 40, "a") for i in range(2000)])
        c.commit()
    s = stat("SELECT AVG(age) AS m FROM query_result", dialect="mysql")
    p = plain("SELECT device, COUNT(*) AS n, SUM(age) AS t FROM users GROUP BY device", dialect="mysql")
    a, b = run_stats(project(tmp_path, "mysql"), [s, p], fresh_mariadb, tmp_path)
    assert a.result and abs(a.result.rows[0][0] - 39.5) < 1
    assert b.result and b.result.rows == (("a", 2000, Decimal("79000")),)
