from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from ssgproj.privacy.lineage import Tables
from ssgproj.privacy.origins import Origins, SourceColumn, query_origins
from ssgproj.project.project import PrivacySettings, Project, Settings
from tests.privacy.test_lineage import MODELS


@pytest.fixture(scope="module")
def tables() -> Tables:
    return made_tables("duckdb")


def made_tables(dialect: str) -> Tables:
    privacy = PrivacySettings("users.id")
    return Tables(Project(Path(), Settings("demo", "demo", dialect=dialect, privacy=privacy), MODELS))


def said(origins: Origins) -> tuple[dict[str, str], dict[str, str]]:
    outputs = {name: " ".join(sorted(map(str, found))) for name, found in origins.outputs.items()}
    return outputs, {str(c): " ".join(clauses) for c, clauses in origins.filters.items()}


@pytest.mark.parametrize(
    ("sql", "outputs", "filters"),
    [
        ("SELECT id, age FROM users", {"id": "users.id", "age": "users.age"}, {}),
        ("SELECT age FROM users WHERE country = 1", {"age": "users.age"}, {"users.country": "WHERE"}),
        ("SELECT count(*) AS n FROM users", {"n": ""}, {}),
        ("SELECT age, count(*) AS n FROM users GROUP BY age", {"age": "users.age", "n": ""}, {"users.age": "GROUP BY"}),
        ("SELECT age, count(*) AS n FROM users GROUP BY 1", {"age": "users.age", "n": ""}, {"users.age": "GROUP BY"}),
        ("SELECT age, count(*) AS n FROM users GROUP BY ALL", {"age": "users.age", "n": ""}, {"users.age": "GROUP BY"}),
        ("SELECT age + 1 AS a FROM users GROUP BY a", {"a": "users.age"}, {"users.age": "GROUP BY"}),
        ("SELECT age AS a FROM users HAVING max(boss) > 1", {"a": "users.age"}, {"users.boss": "HAVING"}),
        (
            "SELECT v.* FROM users u JOIN visits v ON v.user_id = u.id",
            {"id": "visits.id", "user_id": "visits.user_id", "place": "visits.place", "cost": "visits.cost"},
            {"users.id": "JOIN", "visits.user_id": "JOIN"},
        ),
        (
            "SELECT cost FROM visits JOIN profiles USING (user_id)",
            {"cost": "visits.cost"},
            {"visits.user_id": "JOIN", "profiles.user_id": "JOIN"},
        ),
        (
            "SELECT cost FROM visits NATURAL JOIN profiles",
            {"cost": "visits.cost"},
            {"visits.user_id": "JOIN", "profiles.user_id": "JOIN"},
        ),
        (
            "WITH a AS (SELECT id AS x FROM users WHERE boss = 1), b AS (SELECT x AS y FROM a) SELECT y AS z FROM b",
            {"z": "users.id"},
            {"users.boss": "WHERE"},
        ),
        ("WITH q (y, z) AS (SELECT id, age FROM users) SELECT z FROM q", {"z": "users.age"}, {}),
        ("SELECT q.z FROM (SELECT id, age FROM users) q (y, z)", {"z": "users.age"}, {}),
        (
            "SELECT id FROM users UNION SELECT user_id FROM visits",
            {"id": "users.id visits.user_id"},
            {"users.id": "UNION", "visits.user_id": "UNION"},
        ),
        ("SELECT id FROM users UNION ALL SELECT user_id FROM visits", {"id": "users.id visits.user_id"}, {}),
        ("SELECT DISTINCT age FROM users", {"age": "users.age"}, {"users.age": "DISTINCT"}),
        ("SELECT age FROM users ORDER BY country LIMIT 3", {"age": "users.age"}, {"users.country": "ORDER BY"}),
        (
            "SELECT age FROM users u WHERE EXISTS (SELECT 1 FROM visits WHERE user_id = u.id AND place > 1)",
            {"age": "users.age"},
            {"users.id": "WHERE", "visits.user_id": "WHERE", "visits.place": "WHERE"},
        ),
        (
            "SELECT age FROM users WHERE id IN (SELECT user_id FROM visits)",
            {"age": "users.age"},
            {"users.id": "WHERE", "visits.user_id": "WHERE"},
        ),
        ("SELECT sum(cost) OVER (PARTITION BY place) AS s FROM visits", {"s": "visits.cost visits.place"}, {}),
        ("SELECT id FROM bills QUALIFY row_number() OVER (ORDER BY amount) = 1", {"id": "bills.id"}, {"bills.amount": "QUALIFY"}),
        ("SELECT age + 1 AS b, b * 2 AS c FROM users", {"b": "users.age", "c": "users.age"}, {}),
        ("SELECT u FROM users u", {"u": "users.age users.boss users.country users.id"}, {}),
        (
            "SELECT x.v FROM users u, LATERAL (SELECT cost AS v FROM visits WHERE user_id = u.id) x",
            {"v": "visits.cost"},
            {"users.id": "WHERE", "visits.user_id": "WHERE"},
        ),
        ("SELECT g FROM users, generate_series(1, age) t(g)", {"g": "users.age"}, {"users.age": "JOIN"}),
        ("SELECT ID FROM main.Users", {"ID": "users.id"}, {}),
        ('SELECT "userId" FROM shop."Orders"', {"userId": "shop.Orders.userId"}, {}),
        (
            "WITH RECURSIVE r AS (SELECT id, boss FROM users UNION ALL SELECT u.id, u.boss FROM users u JOIN r ON r.id = u.boss) "
            "SELECT id, boss FROM r",
            {"id": "users.id", "boss": "users.boss"},
            {"users.boss": "JOIN", "users.id": "JOIN"},
        ),
    ],
)  # fmt: skip
def test_what_a_query_takes(tables: Tables, sql: str, outputs: dict[str, str], filters: dict[str, str]) -> None:
    found = query_origins(sql, "duckdb", tables)
    assert said(found) == (outputs, filters)
    assert not found.unknown


@pytest.mark.parametrize(
    ("sql", "unknown"),
    [
        ("SELECT id FROM nowhere", ("nowhere",)),
        ("SELECT nope FROM users", ("nope",)),
        ("SELECT u.nope FROM users u", ("users.nope",)),
        ("SELECT * FROM read_csv('people.csv')", ("READ_CSV('people.csv')",)),
    ],
)
def test_what_no_model_describes_is_said(tables: Tables, sql: str, unknown: tuple[str, ...]) -> None:
    found = query_origins(sql, "duckdb", tables)
    assert found.unknown == unknown
    assert found.outputs
    assert any(not c.known for c in found.read)


def test_a_column_named_without_effect_is_read(tables: Tables) -> None:
    found = query_origins("WITH a AS (SELECT id, age FROM users) SELECT id FROM a", "duckdb", tables)
    assert SourceColumn("users", "age") in found.read
    assert said(found) == ({"id": "users.id"}, {})


@pytest.mark.parametrize("sql", ["SELECT", "SELECT 1; SELECT 2", "DROP TABLE users", "", "SELECT (" * 3])
def test_what_cannot_be_read(tables: Tables, sql: str) -> None:
    try:
        found = query_origins(sql, "duckdb", tables)
    except ValueError:
        return
    assert not found.outputs


# Queries put together at random, run by DuckDB: a column of which nothing is said must not be able to change the answer.

DATA = {
    "users": ("id age country boss", [(i, 20 + 7 * i % 31, i % 3, (i * 5) % 6 or None) for i in range(1, 7)]),
    "visits": ("id user_id place cost", [(i, i % 6 + 1, i % 4, 10 * (i * 7 % 5)) for i in range(1, 13)]),
    "bills": ("id visit_id amount", [(i, i % 9 + 1, i * 11 % 17) for i in range(1, 10)]),
    "profiles": ("user_id height", [(i, 150 + i * 13 % 40) for i in range(1, 6)]),
}
FROMS = {
    "users u": ["u.id", "u.age", "country", "u.boss"],
    "visits v": ["v.id", "user_id", "place", "v.cost"],
    "users u JOIN visits v ON v.user_id = u.id": ["u.age", "country", "place", "v.cost", "v.id"],
    "users u LEFT JOIN profiles p ON p.user_id = u.id AND p.height > 160": ["u.age", "height", "boss"],
    "visits JOIN profiles USING (user_id)": ["user_id", "place", "cost", "height"],
    "(SELECT id, age + country AS x FROM users WHERE boss IS NOT NULL) s": ["s.id", "x"],
    "(visits v JOIN bills b ON b.visit_id = v.id)": ["v.place", "b.amount", "cost"],
    "users u, LATERAL (SELECT sum(cost) AS c FROM visits WHERE user_id = u.id) l": ["u.age", "l.c", "c"],
    "(SELECT id, max(boss) OVER (PARTITION BY country) AS top FROM users) t": ["id", "t.top"],
    "(SELECT place, count(*) AS n FROM visits GROUP BY place) t (p, n)": ["p", "t.n"],
    "(SELECT id AS k FROM users UNION SELECT visit_id FROM bills) t": ["k"],
    "(SELECT * FROM bills) t": ["t.id", "visit_id", "amount"],
    "(SELECT DISTINCT place, user_id FROM visits) t": ["place", "t.user_id"],
}  # fmt: skip
VALUES = (
    "{a}", "{a} + {b}", "coalesce({a}, {b})", "CASE WHEN {a} > 3 THEN {b} END", "sum({a}) OVER (PARTITION BY {b})",
    "(SELECT count(*) FROM bills WHERE amount > {a})", "(SELECT max(height) FROM profiles)", "[{a}, {b}]", "1",
)  # fmt: skip
CONDITIONS = (
    "true", "{a} > 3", "{a} IS NOT NULL OR {b} = 2", "{a} IN (SELECT user_id FROM visits WHERE place > 1)",
    "NOT EXISTS (SELECT 1 FROM bills WHERE bills.visit_id = {a} AND amount < 9)", "{a} > (SELECT avg(amount) FROM bills)",
)  # fmt: skip
WHOLES = (
    "SELECT {x} AS x, {y} AS y FROM {t} WHERE {c}",
    "SELECT DISTINCT {x} AS x, {y} AS y FROM {t} WHERE {c}",
    "SELECT {x} AS x, {y} AS y FROM {t} WHERE {c} ORDER BY {a}, 1, 2 LIMIT 4",
    "SELECT {a} AS x, count(*) AS y FROM {t} WHERE {c} GROUP BY 1",
    "SELECT {a} AS x, count(DISTINCT {b}) AS y FROM {t} WHERE {c} GROUP BY {a} HAVING min({b}) > 2",
    "WITH q AS (SELECT {x} AS x, {y} AS z FROM {t} WHERE {c}) SELECT x, count(z) AS y FROM q GROUP BY ALL",
    "WITH q AS (SELECT {x} AS x, {y} AS y FROM {t} WHERE {c}), r AS (SELECT * FROM q WHERE y IS NOT NULL) SELECT r.x, r.y FROM r",
    "SELECT {x} AS x, {y} AS y FROM {t} WHERE {c} UNION ALL SELECT amount, visit_id FROM bills",
    "SELECT count(*) FILTER (WHERE {a} > 2) AS x, max({b}) AS y FROM {t} WHERE {c}",
    "SELECT {a} AS x, {b} AS y FROM {t} WHERE {c} QUALIFY row_number() OVER (PARTITION BY {a} ORDER BY {b}) = 1",
)  # fmt: skip


@st.composite
def queries(draw: st.DrawFn) -> str:
    table, columns = draw(st.sampled_from(list(FROMS.items())))
    a, b = draw(st.sampled_from(columns)), draw(st.sampled_from(columns))
    x, y = draw(st.sampled_from(VALUES)), draw(st.sampled_from(VALUES))
    condition = draw(st.sampled_from(CONDITIONS))
    filled = {k: v.format(a=a, b=b) for k, v in {"x": x, "y": y, "c": condition}.items()}
    return draw(st.sampled_from(WHOLES)).format(t=table, a=a, b=b, **filled)


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for table, (columns, rows) in DATA.items():
            declared = ", ".join(f"{c} INTEGER" for c in columns.split())
            connection.execute(f"CREATE TABLE {table}_0 ({declared})")
            connection.executemany(f"INSERT INTO {table}_0 VALUES ({', '.join('?' for _ in columns.split())})", rows)
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM {table}_0")
        yield connection


def answers(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Counter[Any]]:
    cursor = connection.execute(sql)
    names = [d[0] for d in cursor.description or ()]
    rows = cursor.fetchall()
    return {n: Counter(str(row[i]) for row in rows) for i, n in enumerate(names)}


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sql=queries())
def test_what_is_not_listed_cannot_change_the_answer(
    tables: Tables, database: duckdb.DuckDBPyConnection, sql: str
) -> None:
    try:
        before = answers(database, sql)
    except duckdb.Error:
        return  # sum over a window inside a GROUP BY, and the like
    found = query_origins(sql, "duckdb", tables)
    assert not found.unknown
    assert list(found.outputs) == list(before)
    for table, (columns, _) in DATA.items():
        for column in columns.split():
            source = SourceColumn(table, column)
            for changed in (f"13 - {column}", f"CASE WHEN {column} % 2 = 0 THEN {column} + 3 END"):
                database.execute(
                    f"CREATE OR REPLACE VIEW {table} AS SELECT * REPLACE ({changed} AS {column}) FROM {table}_0"
                )
                after = answers(database, sql)
                for name in before:
                    if before[name] != after[name]:
                        assert source in found.outputs[name] or source in found.filters, (name, str(source))
        database.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT * FROM {table}_0")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sql=queries(), dialect=st.sampled_from(["duckdb", "postgres", "mysql", "sqlite"]))
def test_every_column_in_the_text_is_read(sql: str, dialect: str) -> None:
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    try:
        text = tree.sql(dialect=dialect)
        found = query_origins(text, dialect, made_tables(dialect))
    except (ValueError, sqlglot.errors.SqlglotError):
        return
    own = {c for columns, _ in DATA.values() for c in columns.split()}
    named = {c.name for c in tree.find_all(exp.Column)} & own
    assert named <= {c.column for c in found.read}
    assert {c for columns in found.outputs.values() for c in columns} | set(found.filters) <= found.read
