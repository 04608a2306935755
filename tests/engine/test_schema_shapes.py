"""Shapes of schemas that need care: one test for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ssgproj.engine.run import run_plan
from ssgproj.plan.compile import compile_plan
from ssgproj.project.model import (
    Check,
    Column,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Model,
    PrimaryKey,
    TableName,
    UniqueKey,
)
from ssgproj.project.types import parse_type
from ssgproj.targets import open_destination
from tests.engine.schemas import graph_of, violations


def col(name: str, type_: str, nullable: bool = False, **rest: object) -> Column:
    return Column(name, parse_type(type_), nullable=nullable, **rest)  # type: ignore[arg-type]


def table(name: str, *columns: Column, key: Sequence[str] = (), rows: int = 500, **rest: object) -> Model:
    primary = PrimaryKey(tuple(key)) if key else None
    return Model(TableName(name), f"models/{name}.yml", columns, rows=rows, primary_key=primary, **rest)  # type: ignore[arg-type]


def fk(columns: str, to: str, to_columns: str) -> ForeignKey:
    return ForeignKey(tuple(columns.split()), TableName(to), tuple(to_columns.split()))


def fill(root: Path, *models: Model, passes: int = 2) -> dict[str, pa.Table]:
    """Parquet has no constraints of its own, so what holds here holds by ssg."""
    graph = graph_of(models, root=root)
    assert not [d for d in graph.diagnostics if d.is_error]
    plan, problems = compile_plan(graph)
    assert not problems
    destination = open_destination("parquet:///out", root)
    run_plan(plan, destination, passes=passes)
    tables = {m.table: pa.Table.from_batches(list(destination.read(m))) for m in models}
    assert violations(models, tables) == []
    return {t.name: rows for t, rows in tables.items()}


def test_keys_fit_the_narrowest_column_that_refers_to_them(tmp_path: Path) -> None:
    a = table("a", col("id", "bigint"), col("code", "text"), key=["id"], unique=(UniqueKey(("code",)),))
    b = table(
        "b",
        col("id", "smallint"),
        col("code", "varchar(3)"),
        key=["id"],
        foreign_keys=(fk("id", "a", "id"), fk("code", "a", "code")),
    )
    made = fill(tmp_path, a, b)
    assert pc.max(pc.utf8_length(made["a"]["code"])).as_py() <= 3
    assert pc.max(made["a"]["id"]).as_py() <= 32_767


def test_references_that_share_a_column_agree_in_it(tmp_path: Path) -> None:
    tenant = table("tenant", col("id", "integer"), key=["id"], rows=20)
    user = table(
        "usr", col("t", "integer"), col("id", "integer"), key=["t", "id"], foreign_keys=(fk("t", "tenant", "id"),)
    )
    team = table(
        "team",
        col("t", "integer"),
        col("id", "integer"),
        key=["t", "id"],
        foreign_keys=(fk("t", "tenant", "id"),),
        rows=60,
    )
    member = table(
        "member", col("t", "integer"), col("u", "integer"), col("m", "integer"), key=["t", "u", "m"],
        foreign_keys=(fk("t u", "usr", "t id"), fk("t m", "team", "t id")),
    )  # fmt: skip
    assert len(fill(tmp_path, tenant, user, team, member)["member"]) > 500


def test_two_references_on_one_column_meet(tmp_path: Path) -> None:
    a, b = (table(n, col("id", "integer"), key=["id"], rows=r) for n, r in (("a", 100), ("b", 40)))
    c = table("c", col("x", "integer"), foreign_keys=(fk("x", "a", "id"), fk("x", "b", "id")))
    assert pc.max(fill(tmp_path, a, b, c, passes=1)["c"]["x"]).as_py() <= 40


def test_a_circle_of_required_references_is_filled(tmp_path: Path) -> None:
    store = table(
        "store", col("id", "integer"), col("boss", "integer"), key=["id"], foreign_keys=(fk("boss", "staff", "id"),)
    )
    staff = table(
        "staff", col("id", "integer"), col("store", "integer"), key=["id"], foreign_keys=(fk("store", "store", "id"),)
    )
    assert len(fill(tmp_path, store, staff)["staff"]) == 1000


def test_a_table_that_refers_to_itself_by_a_composite_key(tmp_path: Path) -> None:
    e = table(
        "e", col("t", "integer"), col("id", "integer"), col("up", "integer", True), key=["t", "id"],
        foreign_keys=(fk("t up", "e", "t id"),),
    )  # fmt: skip
    made = fill(tmp_path, e)
    assert 0 < made["e"]["up"].null_count < 1000


def test_a_key_that_is_a_reference_takes_each_parent_once(tmp_path: Path) -> None:
    a = table("a", col("id", "integer", identity=Identity()), key=["id"], rows=300)
    b = table("b", col("id", "integer"), key=["id"], foreign_keys=(fk("id", "a", "id"),))
    c = table("c", col("id", "integer"), key=["id"], foreign_keys=(fk("id", "b", "id"),))
    assert [len(r) for r in fill(tmp_path, a, b, c).values()] == [600, 600, 600]


def test_edges_are_unique_and_lead_elsewhere(tmp_path: Path) -> None:
    n = table("n", col("id", "integer"), key=["id"], rows=40)
    edge = table(
        "edge", col("a", "integer"), col("b", "integer"), key=["a", "b"], rows=1400, checks=(Check("a <> b"),),
        foreign_keys=(fk("a", "n", "id"), fk("b", "n", "id")),
    )  # fmt: skip
    assert len(fill(tmp_path, n, edge, passes=1)["edge"]) > 1300


def test_a_set_that_holds_a_smaller_unique_set_costs_nothing(tmp_path: Path) -> None:
    a, b = (table(n, col("id", "integer"), key=["id"]) for n in "ab")
    c = table(
        "c", col("a", "integer"), col("b", "integer"), col("term", "char(1)"), key=["a", "b", "term"],
        unique=(UniqueKey(("a", "b")),), foreign_keys=(fk("a", "a", "id"), fk("b", "b", "id")),
    )  # fmt: skip
    assert len(fill(tmp_path, a, b, c)["c"]) == 1000


@pytest.mark.parametrize(
    "check",
    [
        "(debit = 0) <> (credit = 0)",
        "debit + credit <= 900 AND debit > credit",
        "kind = 'in' AND debit > 10 OR kind = 'out' AND credit > 10",
        "kind LIKE 'A%' AND length(kind) = 5",
        "note IS NULL OR kind = 'x'",
    ],
)
def test_conditions_over_several_columns_hold(tmp_path: Path, check: str) -> None:
    t = table(
        "t", col("kind", "varchar(8)"), col("debit", "numeric(8, 2)"), col("credit", "numeric(8, 2)"), col("note", "text", True),
        checks=(Check("debit >= 0 AND credit >= 0"), Check(check)),
    )  # fmt: skip
    assert len(fill(tmp_path, t)["t"]) == 1000


def test_a_partial_unique_index_counts_only_its_rows(tmp_path: Path) -> None:
    u = table("u", col("id", "integer"), key=["id"], rows=50)
    t = table(
        "t", col("u", "integer"), col("active", "boolean"), foreign_keys=(fk("u", "u", "id"),), rows=200,
        indexes=(Index((IndexPart("u"),), "one", unique=True, where="active"),),
    )  # fmt: skip
    made = fill(tmp_path, u, t, passes=1)["t"]
    assert len(made) >= 50


def test_a_key_that_runs_out_gives_as_many_rows_as_fit(tmp_path: Path) -> None:
    t = table("t", col("id", "smallint"), col("x", "boolean", True), key=["id"], rows=40_000, unique=())
    s = table("s", col("x", "boolean", True), rows=100, unique=(UniqueKey(("x",)),))
    made = fill(tmp_path, t, s, passes=1)
    assert len(made["t"]) == 32_767
    assert len(made["s"]) == 100
    assert made["s"]["x"].null_count == 98
