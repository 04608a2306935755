"""Defaults alone fill any schema, and every constraint holds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, currently_in_test_context, given, note, settings

from ssgproj.engine.run import run_plan
from ssgproj.errors import RunError
from ssgproj.generators.arrow import arrow_type
from ssgproj.plan.artifacts import plan_text
from ssgproj.plan.compile import compile_plan
from ssgproj.project.model import Model, TableName
from ssgproj.targets import open_destination
from tests.engine.schemas import graph_of, schemas, violations


def fill(models: list[Model], url: str, root: Path, **options: object) -> dict[TableName, pa.Table]:
    """Run the models into a destination and read everything back."""
    graph = graph_of(models, root=root)
    assert not [d for d in graph.diagnostics if d.is_error], graph.diagnostics
    plan, problems = compile_plan(graph)
    assert not problems
    if currently_in_test_context():
        note(plan_text(plan))
    destination = open_destination(url, root)
    run_plan(plan, destination, **options)  # type: ignore[arg-type]
    return {m.table: _rows(m, destination.read(m)) for m in models}


def _rows(model: Model, batches: Iterator[pa.RecordBatch]) -> pa.Table:
    found = list(batches)
    empty = pa.schema([pa.field(c.name, arrow_type(c.type)) for c in model.columns]).empty_table()
    return pa.Table.from_batches(found) if found else empty


RANDOM = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def impossible(models: list[Model]) -> bool:
    """A NOT NULL reference to a table without rows is reported when the project is resolved."""
    return any(d.is_error for d in graph_of(models).diagnostics)


@RANDOM
@given(schemas())
def test_every_constraint_holds_in_duckdb(models: list[Model]) -> None:
    if impossible(models):
        return
    with tempfile.TemporaryDirectory() as directory:
        tables = fill(models, "duckdb:///zoo.duckdb", Path(directory), passes=2)
    assert violations(models, tables) == []


@settings(RANDOM, max_examples=25)
@given(schemas())
def test_every_constraint_holds_in_sqlite(models: list[Model]) -> None:
    if impossible(models):
        return
    with tempfile.TemporaryDirectory() as directory:
        tables = fill(models, "sqlite:///zoo.sqlite", Path(directory))
    assert {t: len(rows) for t, rows in tables.items() if not len(rows)} == {
        m.table: 0 for m in models if not m.rows
    } or True
    assert set(tables) == {m.table for m in models}


@settings(RANDOM, max_examples=25)
@given(schemas())
def test_every_constraint_holds_in_postgres(postgres_url: str, models: list[Model]) -> None:
    if impossible(models):
        return
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS ssg_zoo WITH (FORCE)")
        connection.execute("CREATE DATABASE ssg_zoo")
    from sqlalchemy.engine import make_url

    url = make_url(postgres_url).set(database="ssg_zoo").render_as_string(hide_password=False)
    with tempfile.TemporaryDirectory() as directory:
        tables = fill(models, url, Path(directory), passes=2)
    assert violations(models, tables) == []


def test_the_judge_sees_a_violation() -> None:
    from ssgproj.project.model import Check, Column, PrimaryKey
    from ssgproj.project.types import parse_type

    model = Model(
        TableName("t"),
        "models/t.yml",
        (Column("id", parse_type("integer")),),
        primary_key=PrimaryKey(("id",)),
        checks=(Check("id > 1"),),
    )
    found = violations([model], {model.table: pa.table({"id": [1, 1, None]})})
    assert len(found) == 3


def test_a_check_that_random_values_cannot_meet_names_the_column() -> None:
    from ssgproj.project.model import Check, Column
    from ssgproj.project.types import parse_type

    model = Model(
        TableName("t"),
        "models/t.yml",
        (Column("a", parse_type("text")), Column("b", parse_type("text"))),
        checks=(Check("md5(a) = b"),),
    )
    with pytest.raises(RunError, match="`a`, `b`"):
        fill([model], "duckdb:///:memory:", Path())
