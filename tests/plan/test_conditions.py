"""Checks as databases spell them → what holds by construction, and what is left to test."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from ssgproj.generators.base import Restriction
from ssgproj.plan.conditions import conditions, substitute_value
from ssgproj.project.types import parse_type

TYPES = {
    name: parse_type(text)
    for name, text in {
        "age": "integer", "price": "numeric(10, 2)", "kind": "varchar(10)", "code": "char(3)", "born": "date", "died": "date",
        "at": "timestamptz", "active": "boolean", "low": "integer", "high": "integer", "note": "text", "doc": "jsonb",
    }.items()
}  # fmt: skip
NOW = datetime(2025, 1, 1)


def restriction(check: str, dialect: str = "postgres") -> Restriction | None:
    (found,), opaque = conditions([check], TYPES, dialect, NOW)
    assert not opaque
    return found.restriction


@pytest.mark.parametrize(
    ("check", "dialect", "expected"),
    [
        ("age >= 18", "postgres", Restriction(lower=18)),
        ("(18 < age)", "postgres", Restriction(lower=18, lower_open=True)),
        ("NOT (age > 5)", "postgres", Restriction(upper=5)),
        ("age <> 0", "postgres", Restriction(excluded=(0,))),
        ("(price > (0)::numeric)", "postgres", Restriction(lower=Decimal(0), lower_open=True)),
        ("price <= -1.5", "postgres", Restriction(upper=Decimal("-1.5"))),
        ("((kind)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", "postgres", Restriction(values=("a", "b"))),
        ("kind IN ('a', 'b')", "mysql", Restriction(values=("a", "b"))),
        ("kind = 'a' OR kind = 'b'", "sqlite", Restriction(values=("a", "b"))),
        ("kind NOT IN ('a')", "duckdb", Restriction(excluded=("a",))),
        ("(age IS NULL) OR (age > 3)", "postgres", Restriction(lower=3, lower_open=True)),
        ("char_length((kind)::text) >= 3", "postgres", Restriction(min_length=3)),
        ("length(`kind`) = 4", "mysql", Restriction(min_length=4, max_length=4)),
        ("(kind)::text <> ''::text", "postgres", Restriction(excluded=("",))),
        ("btrim((note)) <> ''", "postgres", Restriction(min_length=1)),
        ("code ~ '^[A-Z]{3}$'::text", "postgres", Restriction(patterns=("^[A-Z]{3}$",))),
        ("note ~ '^[[:alpha:]_]+$'", "postgres", Restriction(patterns=("^[A-Za-z_]+$",))),
        ("note ~~ 'x%_'::text", "postgres", Restriction(patterns=("^x.*.$",))),
        ("note GLOB '[A-Z]*.?'", "sqlite", Restriction(patterns=(r"^[A-Z].*\..$",))),
        ("note ~ similar_to_escape('a(b|c)%'::text)", "postgres", Restriction(patterns=("^(?:a(b|c).*)$",))),
        ("born > '1900-01-01'::date", "postgres", Restriction(lower=date(1900, 1, 1), lower_open=True)),
        ("born <= (CURRENT_DATE - '18 years'::interval)", "postgres", Restriction(upper=date(2007, 1, 1))),
        ("active", "postgres", Restriction(values=(True,))),
        ("NOT active", "postgres", Restriction(values=(False,))),
        ('"kind" = "a"', "sqlite", Restriction(values=("a",))),
    ],
)  # fmt: skip
def test_one_column_is_restricted(check: str, dialect: str, expected: Restriction) -> None:
    assert restriction(check, dialect) == expected


def test_between_is_two_restrictions() -> None:
    found, _ = conditions(["age BETWEEN 1 AND 9"], TYPES, "postgres", NOW)
    assert [f.restriction for f in found] == [Restriction(lower=1), Restriction(upper=9)]


def test_a_bound_that_must_stay_in_the_future_is_far_off() -> None:
    found = restriction("born > CURRENT_DATE")
    assert found is not None
    assert found.lower > date(2070, 1, 1)


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("born < died", ("born", "died", True)),
        ("died >= born", ("born", "died", False)),
        ("NOT (low > high)", ("low", "high", False)),
        ("died IS NULL OR died > born", ("born", "died", True)),
    ],
)
def test_two_columns_are_in_order(check: str, expected: tuple[str, str, bool]) -> None:
    (found,), _ = conditions([check], TYPES, "postgres", NOW)
    assert found.ordering == expected


@pytest.mark.parametrize(
    "check",
    [
        "low + high <= 100",
        "age % 5 = 0",
        "kind = 'a' AND age > 1 OR kind = 'b'",
        "num_nonnulls(age, note) = 1",
        "jsonb_typeof(doc) = 'object'",
    ],
)
def test_the_rest_is_tested_on_rows(check: str) -> None:
    found, opaque = conditions([check], TYPES, "postgres", NOW)
    assert not opaque
    assert any(f.sql and f.restriction is None and f.ordering is None for f in found)


def test_what_cannot_be_evaluated_is_said() -> None:
    _, opaque = conditions(["my_function(age)", "this is not sql ("], TYPES, "postgres", NOW)
    assert opaque == ["my_function(age)", "this is not sql ("]


def test_null_that_does_not_pass_is_seen() -> None:
    found, _ = conditions(["active IS TRUE", "note IS NOT NULL", "age > 1"], TYPES, "postgres", NOW)
    assert [f.not_null for f in found] == [True, True, False]


def test_alternatives_with_gaps_have_a_hull() -> None:
    (found,), _ = conditions(["age < 5 AND age > 1 OR age > 10 AND age < 20"], TYPES, "postgres", NOW)
    assert found.hull == Restriction(lower=1, upper=20)


def test_a_domain_is_about_its_column() -> None:
    assert substitute_value("VALUE > 0 AND value < 9", "Age", "postgres") == '"Age" > 0 AND "Age" < 9'
