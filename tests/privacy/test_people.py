"""The count of people that is added to a statistic without differential privacy."""

from __future__ import annotations

import pytest

from ssgproj.privacy.people import NoPeopleError, people_query
from ssgproj.project.model import Column, ForeignKey, Model, TableName
from ssgproj.project.stat import parse_stat
from ssgproj.project.types import parse_type


def model(name: str, columns: str, *references: tuple[str, str], schema: str | None = None) -> Model:
    keys = []
    for here, there in references:
        table, _, column = there.rpartition(".")
        parent_schema, _, parent = table.rpartition(".")
        keys.append(ForeignKey((here,), TableName(parent, parent_schema or None), (column,)))
    made = tuple(Column(c, parse_type("int")) for c in columns.split())
    return Model(TableName(name, schema), f"models/{name}.yml", made, foreign_keys=tuple(keys))


MODELS = (
    model("users", "id age city"),
    model("orders", "id user_id total", ("user_id", "users.id")),
    model("items", "id order_id sku", ("order_id", "orders.id")),
    model("Visits", "Who Page", ("Who", "users.id"), schema="web"),
)


def counted(sql: str, dialect: str = "postgres") -> str:
    text = f"/* ssg:stat\nprivacy: none\nreason: r\n*/\n{sql}"
    return people_query(parse_stat(text, "stats/s.sql", dialect)[0], "users.id", MODELS)


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("SELECT COUNT(*) AS n FROM users", 'users."id"'),
        ("SELECT COUNT(*) AS n FROM users AS u", 'u."id"'),
        ('SELECT COUNT(*) AS n FROM users AS "U x"', '"U x"."id"'),
        ("SELECT city, COUNT(*) AS n FROM users u GROUP BY city ORDER BY n LIMIT 3", 'u."id"'),
        ("SELECT SUM(o.total) AS t FROM orders o", 'o."user_id"'),
        ("SELECT SUM(o.total) AS t FROM items i JOIN orders o ON o.id = i.order_id", 'o."user_id"'),
        ('SELECT COUNT(*) AS n FROM web."Visits" v', 'v."Who"'),
        ("SELECT EXTRACT(year FROM now()) AS y, COUNT(*) AS n FROM orders o GROUP BY 1", 'o."user_id"'),
        ("SELECT COUNT(*) AS n -- FROM nowhere\nFROM orders o", 'o."user_id"'),
        ("SELECT COUNT(*) AS n, 'FROM x' AS f FROM orders o", 'o."user_id"'),
        ("SELECT (age IS DISTINCT FROM 3) AS f, COUNT(*) AS n FROM users GROUP BY 1", 'users."id"'),
        ("SELECT age IS DISTINCT FROM 3 AS f, COUNT(*) AS n FROM users GROUP BY 1", 'users."id"'),
        (
            "WITH a AS (SELECT user_id AS who, total FROM orders), b AS (SELECT * FROM a) SELECT COUNT(*) AS n FROM b",
            "b.who",
        ),
        ("SELECT COUNT(*) AS n FROM (SELECT DISTINCT user_id FROM orders) AS x", "x.user_id"),
        ("WITH a AS (SELECT u.* FROM users u JOIN orders o ON o.user_id = u.id) SELECT COUNT(*) AS n FROM a", 'a."id"'),
    ],
)
def test_counts_the_unit(sql: str, column: str) -> None:
    found = counted(sql)
    assert f", COUNT(DISTINCT {column}) AS ssg_people\n" in found
    start = found.index(", COUNT(DISTINCT")
    assert found[:start] + found[found.index("\n", start) + 1 :] == sql


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) AS n FROM items",
        "WITH a AS (SELECT total FROM orders) SELECT COUNT(*) AS n FROM a",
        "WITH a AS (SELECT COUNT(*) AS n FROM orders GROUP BY user_id) SELECT AVG(n) AS m FROM a",
        "SELECT COUNT(*) AS n FROM (SELECT user_id FROM orders UNION SELECT id FROM users) AS x",
        "SELECT 1 AS n",
    ],
)
def test_says_so_where_nobody_can_be_counted(sql: str) -> None:
    with pytest.raises(NoPeopleError):
        counted(sql)


def test_quotes_of_the_dialect() -> None:
    assert "COUNT(DISTINCT o.`user_id`)" in counted("SELECT SUM(total) AS t FROM orders o", "mysql")
