from __future__ import annotations

import pytest
import sqlglot

from ssgproj.privacy.lineage import Lineage, Tables
from ssgproj.privacy.mixing import People
from ssgproj.project.model import Column, ForeignKey, Model, PrimaryKey, TableName
from ssgproj.project.project import PrivacySettings, Project, Settings
from ssgproj.project.types import parse_type

INT = parse_type("integer")


def model(name: str, columns: str, *keys: tuple[str, str], schema: str | None = None, pk: str = "id") -> Model:
    made = tuple(Column(c.rstrip("?"), INT, nullable=c.endswith("?")) for c in columns.split())
    foreign = tuple(ForeignKey((c,), TableName(*reversed(to.split(".")[:-1])), (to.split(".")[-1],)) for c, to in keys)
    return Model(
        TableName(name, schema), f"models/{name}.yml", made, primary_key=PrimaryKey((pk,)), foreign_keys=foreign
    )


MODELS = (
    model("users", "id age country boss?", ("country", "countries.id"), ("boss", "users.id")),
    model("visits", "id user_id? place cost", ("user_id", "users.id")),
    model("bills", "id visit_id amount", ("visit_id", "visits.id")),
    model("countries", "id area"),
    model("profiles", "user_id height", ("user_id", "users.id"), pk="user_id"),
    model("Orders", "id userId", ("userId", "users.id"), schema="shop"),
)


@pytest.fixture
def lineage() -> Lineage:
    settings = Settings("demo", "demo", dialect="postgres", privacy=PrivacySettings("users.id"))
    from pathlib import Path

    return Lineage(Tables(Project(Path(), settings, MODELS)))


@pytest.mark.parametrize(
    ("sql", "column", "origin"),
    [
        ("SELECT id FROM users", "id", "users.id"),
        ("SELECT u.id AS who FROM users u", "who", "users.id"),
        ("SELECT CAST((id) AS text) AS who FROM users", "who", "users.id"),
        ("SELECT * FROM users", "age", "users.age"),
        ("SELECT v.* FROM users u JOIN visits v ON v.user_id = u.id", "place", "visits.place"),
        ("SELECT age, place FROM users u JOIN visits v ON v.user_id = u.id", "place", "visits.place"),
        ("WITH a AS (SELECT id AS x FROM users), b AS (SELECT x AS y FROM a) SELECT y AS z FROM b", "z", "users.id"),
        ("SELECT s.x FROM (SELECT id AS x FROM users) s", "x", "users.id"),
        ("SELECT ID FROM Users", "id", "users.id"),
        ("SELECT id FROM public.users", "id", "users.id"),
        ('SELECT o."userId" AS id FROM shop."Orders" AS o', "id", "shop.Orders.userId"),
        ("SELECT id FROM users UNION ALL SELECT id FROM users", "id", "users.id"),
        ("SELECT user_id FROM users JOIN profiles USING (user_id)", "user_id", "profiles.user_id"),
        ("SELECT id FROM users JOIN visits ON true", "id", None),
        ("SELECT id + 1 AS id FROM users", "id", None),
        ("SELECT id FROM nowhere", "id", None),
        ("SELECT COUNT(*) FROM users", "*", None),
        ("SELECT id FROM users UNION ALL SELECT place FROM visits", "id", None),
    ],
)
def test_origin(lineage: Lineage, sql: str, column: str, origin: str | None) -> None:
    found = lineage.output(sqlglot.parse_one(sql, dialect="postgres"), column, {})
    assert (str(found) if found else None) == origin


def test_outer_joins_bring_null(lineage: Lineage) -> None:
    sql = "SELECT u.id, v.place, v.user_id FROM users u LEFT JOIN visits v ON v.user_id = u.id"
    tree = sqlglot.parse_one(sql)
    found = {c: lineage.output(tree, c, {}) for c in ("id", "place", "user_id")}
    assert {c: o.may_be_null for c, o in found.items() if o} == {"id": False, "place": True, "user_id": True}


def test_the_unit_follows_references(lineage: Lineage) -> None:
    tables = lineage.tables
    by_name = {m.table.name: m for m in MODELS}
    assert tables.is_unit(by_name["visits"], "user_id")
    assert not tables.is_unit(by_name["visits"], "id")
    assert not tables.is_unit(by_name["users"], "boss")
    assert tables.unit_columns(by_name["Orders"]) == ["userId"]
    assert tables.unit_columns(by_name["countries"]) == []


@pytest.mark.parametrize(
    ("sql", "one"),
    [
        ("SELECT id FROM users", True),
        ("SELECT user_id FROM visits", False),
        ("SELECT user_id FROM profiles", True),
        ("SELECT u.id FROM users u JOIN profiles p ON p.user_id = u.id", True),
        ("SELECT u.id FROM users u JOIN countries c ON c.id = u.country", True),
        ("SELECT u.id FROM users u JOIN visits v ON v.user_id = u.id", False),
        ("SELECT u.id FROM users u CROSS JOIN countries", False),
        ("SELECT user_id, SUM(cost) AS c FROM visits GROUP BY user_id", True),
        ("SELECT user_id, place, SUM(cost) AS c FROM visits GROUP BY user_id, place", False),
        ("WITH s AS (SELECT user_id, SUM(cost) AS c FROM visits GROUP BY user_id) SELECT u.id, s.c FROM users u LEFT JOIN s ON s.user_id = u.id", True),
        ("SELECT amount FROM bills", None),
    ],
)  # fmt: skip
def test_rows_of_a_person(lineage: Lineage, sql: str, one: bool | None) -> None:
    assert People(lineage).one_row_each(sqlglot.parse_one(sql, dialect="postgres")) is one
