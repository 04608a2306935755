"""What a run promises: the same rows whatever the workers and the selection, keys that go on, all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from ssgproj.engine import fill
from ssgproj.engine.run import run_plan
from ssgproj.errors import RunError, SsgError
from ssgproj.plan.compile import compile_plan
from ssgproj.project.model import Check, Column, ForeignKey, Identity, Model, PrimaryKey, TableName, UniqueKey
from ssgproj.project.types import parse_type
from ssgproj.targets import open_destination
from tests.engine.schemas import graph_of


def column(name: str, type_: str, nullable: bool = False, **rest: object) -> Column:
    return Column(name, parse_type(type_), nullable=nullable, **rest)  # type: ignore[arg-type]


USERS = Model(
    TableName("users"),
    "models/users.yml",
    (
        column("id", "integer", identity=Identity()),
        column("email", "varchar(40)"),
        column("age", "integer", nullable=True),
        column("boss", "integer", nullable=True),
    ),
    rows=70_000,
    primary_key=PrimaryKey(("id",)),
    unique=(UniqueKey(("email",)),),
    foreign_keys=(ForeignKey(("boss",), TableName("users"), ("id",)),),
)
ORDERS = Model(
    TableName("orders"),
    "models/orders.yml",
    (
        column("user_id", "integer"),
        column("line", "integer"),
        column("email", "varchar(40)", nullable=True),
        column("low", "integer"),
        column("high", "integer"),
    ),
    rows=140_000,
    primary_key=PrimaryKey(("user_id", "line")),
    foreign_keys=(
        ForeignKey(("user_id",), TableName("users"), ("id",)),
        ForeignKey(("email",), TableName("users"), ("email",)),
    ),
    checks=(Check("low * 2 < high"),),
)
SHOP = (USERS, ORDERS)


def run(root: Path, url: str, models: Sequence[Model] = SHOP, select: Sequence[str] | None = None, **options: object):  # type: ignore[no-untyped-def]
    seed = options.pop("seed", 1)
    plan, problems = compile_plan(graph_of(models, root=root, seed=seed), selected=select)  # type: ignore[arg-type]
    assert not problems
    return run_plan(plan, open_destination(url, root), **options)  # type: ignore[arg-type]


def hashes(directory: Path) -> dict[str, str]:
    return {
        str(f.relative_to(directory)): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(directory.rglob("*.parquet"))
    }


def test_the_same_bytes_whatever_the_workers(tmp_path: Path) -> None:
    run(tmp_path, "parquet:///one", workers=1)
    run(tmp_path, "parquet:///two", workers=2)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    assert len(hashes(tmp_path / "one")) >= 2


def test_the_same_bytes_whatever_the_selection(tmp_path: Path) -> None:
    run(tmp_path, "parquet:///all")
    run(tmp_path, "parquet:///some", select=["model.orders"])
    everything, some = hashes(tmp_path / "all"), hashes(tmp_path / "some")
    assert some == {name: value for name, value in everything.items() if name.startswith("orders")}


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    small = [USERS]
    run(tmp_path, "parquet:///one", small)
    run(tmp_path, "parquet:///two", small, seed=2)
    assert hashes(tmp_path / "one") != hashes(tmp_path / "two")


def test_two_passes_are_one_pass_twice(tmp_path: Path) -> None:
    run(tmp_path, "duckdb:///once.duckdb", passes=2)
    run(tmp_path, "duckdb:///twice.duckdb")
    second = run(tmp_path, "duckdb:///twice.duckdb")
    assert second.first_pass == 1
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{tmp_path}/once.duckdb' AS one (READ_ONLY)")
        con.execute(f"ATTACH '{tmp_path}/twice.duckdb' AS two (READ_ONLY)")
        for table in ("users", "orders"):
            one, two = f"one.{table}", f"two.{table}"
            assert con.execute(f"SELECT count(*) FROM (FROM {one} EXCEPT ALL FROM {two})").fetchall() == [(0,)]
            assert con.execute(f"SELECT count(*) FROM (FROM {two} EXCEPT ALL FROM {one})").fetchall() == [(0,)]
        assert con.execute("SELECT min(id), max(id), count(*) FROM two.users").fetchall() == [(1, 140_000, 140_000)]


def test_full_refresh_begins_again(tmp_path: Path) -> None:
    run(tmp_path, "duckdb:///shop.duckdb")
    again = run(tmp_path, "duckdb:///shop.duckdb", full_refresh=True)
    assert again.first_pass == 0
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as con:
        assert con.execute("SELECT count(*), max(id) FROM users").fetchall() == [(70_000, 70_000)]


def test_keys_go_on_after_rows_of_another_maker(tmp_path: Path) -> None:
    plain = Model(TableName("t"), "models/t.yml", (column("id", "integer"),), rows=10, primary_key=PrimaryKey(("id",)))
    with duckdb.connect(str(tmp_path / "t.duckdb")) as con:
        con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        con.execute("INSERT INTO t VALUES (500)")
    run(tmp_path, "duckdb:///t.duckdb", [plain])
    with duckdb.connect(str(tmp_path / "t.duckdb")) as con:
        assert con.execute("SELECT min(id), count(*) FROM t WHERE id <> 500").fetchall() == [(501, 10)]


def test_a_unique_set_tested_on_all_rows_sees_what_is_there(tmp_path: Path) -> None:
    pairs = Model(
        TableName("t"),
        "models/t.yml",
        (column("a", "boolean", nullable=True), column("b", "boolean")),
        rows=50,
        unique=(UniqueKey(("a", "b")),),
    )
    run(tmp_path, "duckdb:///t.duckdb", [pairs])
    run(tmp_path, "duckdb:///t.duckdb", [pairs])
    with duckdb.connect(str(tmp_path / "t.duckdb")) as con:
        again = con.execute(
            "SELECT count(*) FROM (SELECT a, b FROM t WHERE a IS NOT NULL GROUP BY a, b HAVING count(*) > 1)"
        )
        assert again.fetchall() == [(0,)]


def test_a_failure_leaves_the_destination_as_it_was(tmp_path: Path) -> None:
    run(tmp_path, "duckdb:///shop.duckdb", [USERS])
    wrong = Model(
        TableName("wrong"),
        "models/wrong.yml",
        (column("a", "text"), column("b", "text")),
        rows=10,
        checks=(Check("md5(a) = b"),),
    )
    before = (tmp_path / "shop.duckdb").read_bytes()
    with pytest.raises(RunError):
        run(tmp_path, "duckdb:///shop.duckdb", [USERS, wrong])
    assert (tmp_path / "shop.duckdb").read_bytes() == before


def test_a_child_alone_needs_its_parents_in_the_destination(tmp_path: Path) -> None:
    with pytest.raises(SsgError):
        run(tmp_path, "duckdb:///child.duckdb", select=["model.orders"])
    assert not (tmp_path / "child.duckdb").exists()


def test_changing_the_rows_keeps_the_first_ones(tmp_path: Path) -> None:
    from dataclasses import replace

    run(tmp_path, "parquet:///few", [replace(USERS, rows=100, foreign_keys=())])
    run(tmp_path, "parquet:///many", [replace(USERS, rows=200, foreign_keys=())])
    few = duckdb.sql(f"FROM '{tmp_path}/few/users/*.parquet' ORDER BY id").fetchall()
    many = duckdb.sql(f"FROM '{tmp_path}/many/users/*.parquet' ORDER BY id LIMIT 100").fetchall()
    assert few == many


def test_few_rows_need_no_workers() -> None:
    assert fill.FEW_ROWS > 10_000


def test_a_child_alone_gets_no_pass_that_its_parents_have_not(tmp_path: Path) -> None:
    """Its rows would refer to none."""
    run(tmp_path, "duckdb:///out.duckdb")
    with pytest.raises(SsgError, match="`orders` is to get pass 2") as error:
        run(tmp_path, "duckdb:///out.duckdb", select=["model.orders"])
    assert error.value.hint == "ssg run --select +orders, or all tables: ssg run"
    run(tmp_path, "duckdb:///out.duckdb", select=["model.users"])
    run(tmp_path, "duckdb:///out.duckdb", select=["model.orders"])
    run(tmp_path, "duckdb:///again.duckdb", passes=2)
    with duckdb.connect(str(tmp_path / "out.duckdb")) as connection:
        connection.execute(f"ATTACH '{tmp_path}/again.duckdb' AS again")
        same = "SELECT count(*) FROM ((FROM orders EXCEPT FROM again.orders) UNION ALL (FROM again.orders EXCEPT FROM orders))"
        assert connection.execute(same).fetchone() == (0,)
