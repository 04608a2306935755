"""What is particular to DuckDB: references only in CREATE TABLE, keys added late, sequences, one file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import (
    Check,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    NamedType,
    PrimaryKey,
    Sequence,
    TableName,
    UniqueKey,
)
from ssgproj.project.types import parse_type
from ssgproj.source.reflect import reflect
from ssgproj.targets import open_destination
from ssgproj.targets.base import Schema
from tests.targets.target_zoo import MOOD, batch, column, model, rows_of, run, schema_of, shop


def execute(path: Path, statement: str) -> list[Any]:
    with duckdb.connect(str(path)) as connection:
        return connection.execute(statement).fetchall()


def test_a_reflected_database_is_made_again_the_same(tmp_path: Path) -> None:
    first = tmp_path / "first.duckdb"
    with duckdb.connect(str(first)) as connection:
        connection.execute(
            """
            CREATE SCHEMA shop; CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TYPE shop.m2 AS ENUM ('x y');
            CREATE SEQUENCE sq START 10 INCREMENT 5;
            CREATE TABLE users (
                id INTEGER PRIMARY KEY DEFAULT nextval('sq'), email VARCHAR UNIQUE NOT NULL, m mood, age INT CHECK (age > 0),
                twice INT GENERATED ALWAYS AS (age * 2) VIRTUAL, made TIMESTAMPTZ DEFAULT now(), tags VARCHAR[],
                st STRUCT(a INT, "b c" VARCHAR), mp MAP(VARCHAR, INT), h HUGEINT, arr INT[3], d DECIMAL(18,3), bt BIT,
                iv INTERVAL, bl BLOB, u UUID, tt TIME, tz TIMETZ, ns TIMESTAMP_NS, boss INT REFERENCES users(id),
                c VARCHAR COLLATE NOCASE);
            CREATE TABLE shop."Order Items" (a INT, b VARCHAR, m shop.m2, PRIMARY KEY (a, b));
            CREATE TABLE orders (id INT, uid INT NOT NULL, FOREIGN KEY (uid) REFERENCES users(id), CHECK (id <> 3), UNIQUE (id, uid));
            CREATE INDEX i1 ON users (email); CREATE UNIQUE INDEX i2 ON users (lower(email));
            COMMENT ON TABLE users IS 'p''s'; COMMENT ON COLUMN users.email IS 'e'
            """
        )
    source = reflect(f"duckdb:///{first}")
    schema = Schema(source.models, source.objects, source.dialect)
    assert run(open_destination("duckdb:///second.duckdb", tmp_path), schema, {}) == ()
    again = reflect(f"duckdb:///{tmp_path / 'second.duckdb'}")
    assert again.objects == source.objects

    def constraints(path: Path) -> list[Any]:
        return execute(
            path,
            "SELECT schema_name, table_name, constraint_type, constraint_column_names FROM duckdb_constraints() ORDER BY ALL",
        )

    assert constraints(tmp_path / "second.duckdb") == constraints(first)
    assert [m.table for m in again.models] == [m.table for m in source.models]


def tree(rows: list[tuple[int, int | None]]) -> tuple[Schema, pa.RecordBatch]:
    made = model(
        "staff",
        column("id", "integer"),
        column("boss", "integer", nullable=True),
        primary_key=PrimaryKey(("id",)),
        foreign_keys=(ForeignKey(("boss",), TableName("staff"), ("id",)),),
    )
    return schema_of(made), batch(made, rows)


def test_a_table_that_refers_to_itself_keeps_its_reference(tmp_path: Path) -> None:
    rows = [(n, n + 1 if n % 5 else None) for n in range(1, 1000)] + [(1000, None)]
    schema, rows_batch = tree(rows)
    destination = open_destination("duckdb:///x.duckdb", tmp_path)
    assert run(destination, schema, {"staff": [rows_batch]}) == ()
    assert sorted(rows_of(destination, schema.models[0])) == rows
    _, more = tree([(2001, 2002), (2002, 5), (2003, None)])
    assert run(destination, schema, {"staff": [more]}, create=False) == ()
    with pytest.raises(duckdb.ConstraintException):
        execute(tmp_path / "x.duckdb", "INSERT INTO staff VALUES (3000, 9999)")


@pytest.mark.parametrize("rows", [[(1, 2), (2, 1)], [(1, 1)], [(n, n + 1) for n in range(1, 500)] + [(500, None)]])
def test_rows_in_a_circle_lose_the_constraint_but_not_the_check(
    tmp_path: Path, rows: list[tuple[int, int | None]]
) -> None:
    schema, rows_batch = tree(rows)
    destination = open_destination("duckdb:///x.duckdb", tmp_path)
    (note,) = run(destination, schema, {"staff": [rows_batch]})
    assert "`staff` (boss) to `staff`" in note
    assert rows_of(destination, schema.models[0]) == rows


def test_a_circle_with_a_reference_to_nothing_is_refused(tmp_path: Path) -> None:
    schema, rows_batch = tree([(1, 2), (2, 1), (3, 77)])
    with pytest.raises(RunError, match="boss"):
        run(open_destination("duckdb:///x.duckdb", tmp_path), schema, {"staff": [rows_batch]})
    assert not (tmp_path / "x.duckdb").exists()


def test_a_cycle_of_tables(tmp_path: Path) -> None:
    schema, batches = shop()
    notes = run(open_destination("duckdb:///x.duckdb", tmp_path), schema, batches)
    assert [n for n in notes if "part of a cycle" in n] == [
        "The reference of `users` (best_order) to `Order Items` holds but does not stand in DuckDB: it is part of a cycle"
    ]
    batches = {"users": [batch(schema.models[0], [(1, "x@y", 30, None, 77)])]}
    with pytest.raises(RunError, match="best_order"):
        run(open_destination("duckdb:///y.duckdb", tmp_path), schema, batches)


def test_sequences_go_on_past_the_last_key(tmp_path: Path) -> None:
    made = model(
        "Odd t",
        column("a", "integer", identity=Identity(serial=True)),
        column("b", "bigint", identity=Identity(always=True, options=(("start", 10), ("increment", 5)))),
        column("c", "bigint", default="nextval('shared'::regclass)"),
        column("x", "text", nullable=True),
        primary_key=PrimaryKey(("a",)),
    )
    schema = schema_of(made, sequences=(Sequence(TableName("shared")),))
    run(
        open_destination("duckdb:///x.duckdb", tmp_path),
        schema,
        {"Odd t": [batch(made, [(1, 10, 7, None), (2, 15, 9, None)])]},
    )
    (row,) = execute(tmp_path / "x.duckdb", "INSERT INTO \"Odd t\" (x) VALUES ('y') RETURNING a, b, c")
    assert (row[0], row[2]) == (3, 10)
    assert row[1] > 15
    with pytest.raises(duckdb.ConstraintException):
        execute(tmp_path / "x.duckdb", 'INSERT INTO "Odd t" (a) VALUES (1)')


def test_emptying_keeps_indexes_comments_and_references(tmp_path: Path) -> None:
    schema, batches = shop()
    destination = open_destination("duckdb:///x.duckdb", tmp_path)
    run(destination, schema, batches)
    catalogue = (
        "SELECT replace(sql, ', );', ');'), comment FROM duckdb_tables() UNION ALL SELECT sql, comment FROM duckdb_indexes() "
        "UNION ALL SELECT column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL ORDER BY 1"
    )
    before = execute(tmp_path / "x.duckdb", catalogue)
    with destination.session(schema) as session:
        session.empty(schema.models)
        session.commit()
    assert execute(tmp_path / "x.duckdb", catalogue) == before
    assert rows_of(destination, schema.models[0]) == []
    with pytest.raises(duckdb.ConstraintException, match="foreign key"):
        execute(tmp_path / "x.duckdb", "INSERT INTO users (id, email, boss) VALUES (1, 'x', 99)")


def test_a_file_that_is_open_elsewhere(tmp_path: Path) -> None:
    schema, batches = shop()
    destination = open_destination("duckdb:///x.duckdb", tmp_path)
    run(destination, schema, batches)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(tmp_path / "x.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdin is not None
        child.stdout.readline()
        with pytest.raises(SsgError, match="open in another process"), destination.session(schema):
            pass
        child.stdin.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.duckdb").write_text("something else " * 1000)
    schema, _ = shop()
    with (
        pytest.raises(SsgError, match="not a DuckDB database"),
        open_destination("duckdb:///x.duckdb", tmp_path).session(schema),
    ):
        pass


def test_types_and_checks_of_postgres(tmp_path: Path) -> None:
    from dataclasses import replace

    zip_type = replace(parse_type("text"), text="us_postal", domain="us_postal")
    from ssgproj.project.model import Column

    made = model(
        "t",
        Column("zip", zip_type),
        column("m", "mood"),
        column("made", "timestamptz", default="now()"),
        column("kind", "varchar(5)", default="'a'::character varying"),
        checks=(
            Check("(kind)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])", name="k"),
            Check("char_length((kind)::text) < 4"),
            Check("my_function(kind)"),
        ),
        indexes=(
            Index((IndexPart("kind", suffix="DESC"),), name="plain"),
            Index((IndexPart(expression="lower((kind)::text)"),), name="expr", unique=True),
            Index((IndexPart("kind"),), name="partial", where="kind = 'a'"),
        ),
        unique=(UniqueKey(("zip", "kind")),),
    )
    types = (
        NamedType(TableName("mood"), "enum", labels=MOOD.labels),
        NamedType(TableName("us_postal"), "domain", base="text", checks=(Check("VALUE ~ '^\\d{5}$'::text"),)),
    )
    notes = run(open_destination("duckdb:///x.duckdb", tmp_path), schema_of(made, types=types), {})
    assert notes == (
        "The check `my_function(kind)` of `t` has no counterpart in DuckDB",
        "The index `partial` of `t` has no counterpart in DuckDB",
    )
    path = tmp_path / "x.duckdb"
    execute(path, "INSERT INTO t (zip, m) VALUES ('12345', 'sad')")
    for wrong in ("('1234', 'sad', 'a')", "('12345', 'other', 'a')", "('12345', 'sad', 'c')", "('12345', 'sad', 'a')"):
        with pytest.raises(duckdb.Error):
            execute(path, f"INSERT INTO t (zip, m, kind) VALUES {wrong}")
    assert execute(path, "SELECT index_name FROM duckdb_indexes() ORDER BY 1") == [("expr",), ("plain",)]


def test_rows_stay_in_order(tmp_path: Path) -> None:
    made = model("t", column("id", "integer"), primary_key=PrimaryKey(("id",)))
    batches = [batch(made, [(n,) for n in range(start, start + 50_000)]) for start in range(0, 500_000, 50_000)]
    destination = open_destination("duckdb:///x.duckdb", tmp_path)
    run(destination, schema_of(made), {"t": batches})
    assert [r[0] for r in rows_of(destination, made)] == list(range(500_000))


def test_a_destination_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SsgError, match="names no file"):
        open_destination("duckdb:///", tmp_path)


def test_many_rows_with_references_stand_in_one_order_whatever_the_batches(tmp_path: Path) -> None:
    """Above the sizes from which rows go in in parts, in the order of their parents."""
    from ssgproj.targets.duckdb_session import MANY_PARENTS, ROWS_A_GROUP, ROWS_AT_ONCE

    parent = model("parent", column("id", "integer"), primary_key=PrimaryKey(("id",)))
    child = model(
        "child",
        column("id", "integer"),
        column("p", "integer", nullable=True),
        primary_key=PrimaryKey(("id",)),
        foreign_keys=(ForeignKey(("p",), TableName("parent"), ("id",)),),
    )
    parents, rows = MANY_PARENTS + 1, ROWS_AT_ONCE + ROWS_A_GROUP + 5
    table = pa.table(
        {"id": pa.array(range(rows), pa.int32()), "p": pa.array([n * 7919 % parents for n in range(rows)], pa.int32())}
    )
    orders = []
    for number, size in enumerate((50_000, 65_536)):
        destination = open_destination(f"duckdb:///{number}.duckdb", tmp_path)
        ids = pa.RecordBatch.from_arrays([pa.array(range(parents), pa.int32())], names=["id"])
        batches = {"parent": [ids], "child": table.to_batches(size)}
        assert run(destination, schema_of(parent, child), batches) == ()
        found = execute(
            tmp_path / f"{number}.duckdb",
            "SELECT count(*), count(DISTINCT id), sum(id), sum(p) FROM child",
        )
        assert found[0] == (rows, rows, rows * (rows - 1) // 2, sum(table["p"].to_pylist()))
        orders.append([r[0] for r in rows_of(destination, child)])
    assert orders[0] == orders[1]
    lost = pa.RecordBatch.from_arrays([pa.array([1], pa.int32()), pa.array([parents], pa.int32())], names=["id", "p"])
    with pytest.raises(RunError, match="foreign key"):
        run(
            open_destination("duckdb:///lost.duckdb", tmp_path),
            schema_of(parent, child),
            {"parent": [ids], "child": [*batches["child"], lost]},
        )
    assert not (tmp_path / "lost.duckdb").exists()
