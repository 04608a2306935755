from __future__ import annotations

from pathlib import Path

import pytest

from ssgproj.project.project import Settings
from ssgproj.project.stat import Stat, comments, parse_stat, parse_stats

HEADER = """\
/* ssg:stat
description: Mean and spread of age.
owner: data team
tags: [people]
epsilon: 0.5            # total
delta: 1.0e-6
max_ids: 1
columns:
  id:  {type: string, private_id: true}
  age: {type: float, lower: 0, upper: 100}
*/
"""
BODY = """\
WITH query_result AS (
    SELECT id, age   -- as they are
    FROM users
    WHERE age <= 100
)

SELECT
    AVG(age) AS mean,
    STDDEV(age) AS std_dev
FROM query_result
"""
PLAIN = "/* ssg:stat\nprivacy: none\nreason: published\n*/\n"


def parse(text: str, dialect: str = "postgres") -> Stat:
    stat, problems = parse_stat(text, "stats/age_stats.sql", dialect)
    assert not problems
    return stat


def codes(text: str, dialect: str = "postgres", path: str = "stats/demo.sql") -> list[tuple[str, str]]:
    return [(d.code, f"{d.at.line}:{d.at.column}") for d in parse_stat(text, path, dialect)[1]]


def test_header() -> None:
    stat = parse(HEADER + BODY)
    assert (stat.name, stat.node_id, stat.private) == ("age_stats", "stat.age_stats", True)
    assert (stat.description, stat.owner, stat.tags) == ("Mean and spread of age.", "data team", ("people",))
    assert (stat.epsilon, stat.delta, stat.max_ids) == (0.5, 1e-6, 1)
    assert [(c.name, c.type, c.private_id, c.lower, c.upper) for c in stat.columns] == [
        ("id", "string", True, None, None),
        ("age", "float", False, 0, 100),
    ]
    assert stat.private_id is not None
    assert stat.private_id.name == "id"


def test_halves_are_sent_as_they_are_written() -> None:
    stat = parse(HEADER + BODY)
    assert stat.query_result == "SELECT id, age   -- as they are\n    FROM users\n    WHERE age <= 100"
    assert stat.dp == "SELECT\n    AVG(age) AS mean,\n    STDDEV(age) AS std_dev\nFROM query_result"
    assert [(o.name, o.type, o.key) for o in stat.outputs] == [("mean", "float", False), ("std_dev", "float", False)]


@pytest.mark.parametrize(
    ("with_list", "expected"),
    [
        ("a AS (SELECT 1), query_result AS (SELECT * FROM a)", "WITH a AS (SELECT 1)\nSELECT * FROM a"),
        (
            "query_result (id, age) AS (SELECT 1, 2)",
            "WITH query_result (id, age) AS (SELECT 1, 2)\nSELECT * FROM query_result",
        ),
        ("query_result AS MATERIALIZED (SELECT 1)", "SELECT 1"),
        ("query_result AS (WITH b AS (SELECT 1) SELECT * FROM b)", "WITH b AS (SELECT 1) SELECT * FROM b"),
        (
            "a AS (SELECT 1), query_result AS (WITH b AS (SELECT 1) SELECT * FROM b)",
            "WITH a AS (SELECT 1), query_result AS (WITH b AS (SELECT 1) SELECT * FROM b)\nSELECT * FROM query_result",
        ),
        ("query_result AS (SELECT ')' AS a, \"(\" AS b /* ) */ -- )\n)", "SELECT ')' AS a, \"(\" AS b /* ) */ -- )"),
        ("query_result AS (SELECT $x$ ) $x$ AS a)", "SELECT $x$ ) $x$ AS a"),
        ("query_result AS (SELECT E'\\') ' AS a)", "SELECT E'\\') ' AS a"),
    ],
)
def test_query_result_is_a_whole_select(with_list: str, expected: str) -> None:
    stat = parse(f"{HEADER}WITH {with_list}\nSELECT COUNT(*) AS n FROM query_result")
    assert stat.query_result == expected
    assert stat.dp == "SELECT COUNT(*) AS n FROM query_result"


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("mysql", "SELECT `id`, 'it\\'s)' AS age # )\nFROM users"),
        ("tsql", "SELECT [id)], age FROM users"),
        ("sqlite", "SELECT `id`, [a)] AS age FROM users"),
        ("bigquery", "SELECT id, r'\\)' AS age FROM `p.d.users`"),
        ("snowflake", "SELECT id, $$)$$ AS age FROM users // )\n"),
        ("oracle", "SELECT id, ')' AS age FROM users"),
        ("duckdb", "FROM users SELECT id, age"),
        ("clickhouse", "SELECT id, '\\')' AS age FROM users"),
        ("trino", "SELECT id, age FROM users"),
        ("spark", 'SELECT `id`, ")" AS age FROM users'),
    ],
)
def test_dialects(dialect: str, sql: str) -> None:
    stat = parse(f"{HEADER}WITH query_result AS ({sql}\n)\nSELECT COUNT(*) AS n FROM query_result", dialect)
    assert stat.query_result == sql.rstrip()
    assert stat.dp == "SELECT COUNT(*) AS n FROM query_result"


def test_places() -> None:
    stat = parse(HEADER + BODY)
    upper = stat.place("columns.age.upper")
    assert (upper.line, upper.column, upper.end_column) == (10, 32, 37)
    assert stat.place("columns.age.nosuch") == stat.place("columns.age")
    assert stat.place("nosuch").line == 1
    mean = stat.output("mean")
    assert mean is not None
    assert (mean.at.line, mean.at.column, mean.at.end_column) == (19, 5, 21)
    assert str(stat.dp_place(0)) == "stats/age_stats.sql:18:1"
    assert [c[0] for c in comments(stat)] == ["-- as they are"]


def test_places_with_windows_line_ends() -> None:
    text = (HEADER + BODY).replace("\n", "\r\n").replace("upper: 100", "upper: 1oo")
    found = parse_stat(text, "stats/demo.sql", "postgres")[1]
    assert [(d.code, d.at.line, d.at.column, d.at.end_column) for d in found] == [("SN129", 10, 39, 42)]


def test_the_meaning_does_not_depend_on_layout() -> None:
    stat = parse(HEADER + BODY)
    same = (
        HEADER.replace("Mean and spread of age.", "Otherwise.").replace("[people]", "[a, b]").replace("0.5 ", "0.50 ")
    )
    body = (
        BODY.replace("    ", "\t")
        .replace("-- as they are", "/* new */")
        .replace("AVG(age)", "avg( age )")
        .replace("SELECT id", "select ID")
    )
    assert parse(same + body + ";\n").meaning == stat.meaning
    for old, new in (
        ("age <= 100", "age <= 101"),
        ("AVG", "SUM"),
        ("0.5 ", "0.6 "),
        ("upper: 100", "upper: 99"),
        ("max_ids: 1", "max_ids: 2"),
    ):
        assert parse((HEADER + BODY).replace(old, new, 1)).meaning != stat.meaning
    assert parse((HEADER + BODY).replace("FROM users", "FROM 'users'")).meaning != stat.meaning


def test_plain() -> None:
    stat = parse(f"{PLAIN}SELECT device, COUNT(*) AS n, AVG(secs) AS mean FROM sessions GROUP BY device;\n")
    assert (stat.private, stat.reason, stat.min_people, stat.on_small) == (False, "published", 10, "refuse")
    assert stat.query_result == "SELECT device, COUNT(*) AS n, AVG(secs) AS mean FROM sessions GROUP BY device"
    assert [(o.name, o.type, o.key) for o in stat.outputs] == [
        ("device", None, True),
        ("n", "int", False),
        ("mean", "float", False),
    ]
    assert stat.dp == ""


def test_types_of_outputs() -> None:
    dp = """SELECT country, FLOOR(age / 10) AS d, CASE WHEN age < 9 THEN 'a' ELSE 'b' END AS c, COUNT(*) AS n, SUM(k) AS s, SUM(age) AS t,
    COUNT(*) / 2 AS h, COUNT(*) * 2 AS w FROM query_result GROUP BY country, FLOOR(age / 10), CASE WHEN age < 9 THEN 'a' ELSE 'b' END"""
    header = HEADER.replace("*/", "  country: {type: string}\n  k: {type: int, lower: 0, upper: 9}\n*/")
    found = {o.name: (o.type, o.key) for o in parse(f"{header}WITH query_result AS (SELECT 1)\n{dp}").outputs}
    assert found == {
        "country": ("string", True), "d": ("float", True), "c": ("string", True), "n": ("int", False), "s": ("int", False), "t": ("float", False),
        "h": ("float", False), "w": ("int", False),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BODY, [("SF001", "1:1")]),
        (HEADER + "SELECT 1\n", [("SF004", "12:1")]),
        (HEADER + "WITH query_result AS (SELECT 1", [("SF004", "12:1")]),
        (HEADER + "WITH query_result AS (SELECT 1), b AS (SELECT 2) SELECT 1", [("SN101", "12:34")]),
        (HEADER.replace("epsilon:", "epsilom:") + BODY, [("SF003", "5:1")]),
        (HEADER.replace("upper:", "uper:") + BODY, [("SF003", "10:32")]),
        (HEADER.replace("max_ids: 1", "max_ids: 1\nmax_ids: 2") + BODY, [("SF002", "8:1")]),
        (HEADER.replace("max_ids: 1", "max_ids: [1") + BODY, [("SF002", "8:8")]),
        (HEADER.replace("float", "double") + BODY, [("SN128", "10:15")]),
        (HEADER.replace("max_ids: 1", "max_ids: 0") + BODY, [("SN129", "7:10")]),
        ("/* ssg:stat\n*/\n" + BODY, []),
        ("/* ssg:stat {epsilon: 1.0, delta: 1.0e-6} */\n" + BODY, []),
        ("/* ssg:stat {epsilom: 1.0} */\n" + BODY, [("SF003", "1:14")]),
        ("/* ssg:stat\njust words\n*/\n" + BODY, [("SF002", "2:1")]),
        ("", [("SF001", "1:1"), ("SF004", "1:1")]),
    ],
)
def test_problems_and_their_places(text: str, expected: list[tuple[str, str]]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize("name", ["age-stats", "1st", "a b", "über"])
def test_names(name: str) -> None:
    assert [c for c, _ in codes(HEADER + BODY, path=f"stats/{name}.sql")] == ["SF009"]


def test_directory(tmp_path: Path) -> None:
    stats = tmp_path / "stats" / "more"
    stats.mkdir(parents=True)
    (tmp_path / "stats/b.sql").write_text(HEADER + BODY)
    (stats / "a.sql").write_text(HEADER + BODY)
    (stats / "b.sql").write_text(HEADER + BODY)
    (stats / "c.sql").write_bytes(b"\xff\xfe")
    found, problems = parse_stats(tmp_path, Settings("demo", "demo", dialect="postgres"))
    assert sorted(s.name for s in found) == ["a", "b"]
    assert sorted(d.code for d in problems) == ["SF002", "SF009"]
    assert parse_stats(tmp_path / "nowhere", Settings("demo", "demo")) == ((), [])
