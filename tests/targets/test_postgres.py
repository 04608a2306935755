"""What is particular to PostgreSQL: fidelity to a reflected source, sequences, cycles among standing tables, partitions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import (
    ForeignKey,
    Identity,
    Model,
    Partition,
    PrimaryKey,
    Sequence,
    TableName,
)
from ssgproj.source.reflect import reflect
from ssgproj.targets import open_destination
from ssgproj.targets.base import Schema
from tests.targets.target_zoo import batch, column, model, rows_of, run, schema_of, shop


def execute(url: str, *statements: str) -> list[Any]:
    rows: list[Any] = []
    with psycopg.connect(url) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
            rows = cursor.fetchall() if cursor.description else []
    return rows


def test_a_reflected_database_is_made_again_the_same(fresh_postgres: str, tmp_path: Path) -> None:
    execute(fresh_postgres, (Path(__file__).parent / "zoo_postgres.sql").read_text())
    source = reflect(fresh_postgres)
    tables = ", ".join(
        f'"{m.table.schema or "public"}"."{m.table.name.replace(chr(34), chr(34) * 2)}"' for m in source.models
    )
    schema = Schema(source.models, source.objects, source.dialect)
    destination = open_destination(fresh_postgres, tmp_path)
    execute(fresh_postgres, f"DROP TABLE {tables} CASCADE")
    execute(
        fresh_postgres,
        'DROP SCHEMA shop CASCADE; DROP SCHEMA "Odd Schema" CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public',
    )
    assert run(destination, schema, {}) == ()
    again = reflect(fresh_postgres)
    assert again.models == source.models
    assert again.objects == source.objects
    with destination.session(schema) as session:
        session.drop(schema.models)
        session.commit()
    left = reflect(fresh_postgres)
    assert (left.models, left.objects.types, left.objects.sequences, left.objects.functions) == ((), (), (), ())


def test_sequences_go_on_past_the_last_key(fresh_postgres: str, tmp_path: Path) -> None:
    made = model(
        "t",
        column("a", "integer", identity=Identity(serial=True)),
        column("b", "bigint", identity=Identity(always=True, options=(("start", 10), ("increment", 5)))),
        column("c", "bigint", default="nextval('shared'::regclass)"),
        column(
            "d",
            "integer",
            identity=Identity(options=(("start", -1), ("increment", -1), ("minvalue", -1000), ("maxvalue", -1))),
        ),
        column("e", "smallint", identity=Identity(serial=True, options=(("sequence", "own_seq"),))),
    )
    schema = schema_of(made, sequences=(Sequence(TableName("shared")),))
    run(
        open_destination(fresh_postgres, tmp_path), schema, {"t": [batch(made, [(1, 10, 7, -1, 1), (2, 15, 9, -2, 2)])]}
    )
    assert execute(fresh_postgres, "INSERT INTO t DEFAULT VALUES RETURNING *") == [(3, 20, 10, -3, 3)]
    run(open_destination(fresh_postgres, tmp_path), schema, {}, create=False)
    assert execute(fresh_postgres, "INSERT INTO t DEFAULT VALUES RETURNING *") == [(4, 25, 11, -4, 4)]


def cycle() -> Schema:
    a = model(
        "a",
        column("id", "integer"),
        column("b", "integer"),
        primary_key=PrimaryKey(("id",)),
        foreign_keys=(ForeignKey(("b",), TableName("b"), ("id",)),),
    )
    b = model(
        "b",
        column("id", "integer"),
        column("a", "integer"),
        column("b", "integer"),
        primary_key=PrimaryKey(("id",)),
        foreign_keys=(ForeignKey(("a",), TableName("a"), ("id",)), ForeignKey(("b",), TableName("b"), ("id",))),
    )
    return schema_of(a, b)


def test_standing_tables_that_refer_to_each_other(fresh_postgres: str, tmp_path: Path) -> None:
    schema = cycle()
    destination = open_destination(fresh_postgres, tmp_path)
    first = {"a": [batch(schema.models[0], [(1, 1)])], "b": [batch(schema.models[1], [(1, 1, 1)])]}
    run(destination, schema, first)
    before = execute(fresh_postgres, "SELECT conname, condeferrable, condeferred FROM pg_constraint ORDER BY 1")
    second = {"a": [batch(schema.models[0], [(2, 2)])], "b": [batch(schema.models[1], [(2, 2, 3), (3, 1, 2)])]}
    run(destination, schema, second, create=False)
    assert execute(fresh_postgres, "SELECT conname, condeferrable, condeferred FROM pg_constraint ORDER BY 1") == before
    wrong = {"a": [batch(schema.models[0], [(3, 99)])]}
    with pytest.raises(RunError, match="a_b_fkey"):
        run(destination, schema, wrong, create=False)


def test_partitions_are_filled_through_their_table(fresh_postgres: str, tmp_path: Path) -> None:
    made = model(
        "m",
        column("id", "integer"),
        column("at", "date"),
        primary_key=PrimaryKey(("id", "at")),
        partition_by="RANGE (at)",
        partitions=(
            Partition(TableName("m_old"), "FOR VALUES FROM (MINVALUE) TO ('2020-01-01')"),
            Partition(TableName("m_rest"), "DEFAULT"),
        ),
    )
    destination = open_destination(fresh_postgres, tmp_path)
    rows = [(1, dt.date(2019, 1, 1)), (2, dt.date(2021, 1, 1))]
    run(destination, schema_of(made), {"m": [batch(made, rows)]})
    assert execute(fresh_postgres, "SELECT id FROM m_old UNION ALL SELECT id FROM m_rest") == [(1,), (2,)]
    with destination.session(schema_of(made)) as session:
        session.empty([made])
        session.load(made, [batch(made, rows)])
        session.finish([made])
        session.commit()
    assert sorted(rows_of(destination, made)) == rows


def test_one_run_at_a_time(fresh_postgres: str, tmp_path: Path) -> None:
    destination = open_destination(fresh_postgres, tmp_path)
    schema, _ = shop()
    with destination.session(schema), pytest.raises(SsgError, match="Another run"), destination.session(schema):
        pass


def test_a_password_is_not_in_what_is_said(tmp_path: Path) -> None:
    destination = open_destination("postgresql://who:s3cr3t@127.0.0.1:1/nowhere", tmp_path)
    with pytest.raises(SsgError) as caught:
        destination.identity()
    assert "s3cr3t" not in str(caught.value) + repr(caught.value.__cause__)


def test_tables_of_another_schema(fresh_postgres: str, tmp_path: Path) -> None:
    schema, batches = shop()
    destination = open_destination(fresh_postgres, tmp_path, "my Schema")
    run(destination, schema, batches)
    assert execute(fresh_postgres, 'SELECT count(*) FROM "my Schema".users') == [(3,)]
    assert len(rows_of(destination, schema.models[0])) == 3


def test_columns_that_the_standing_table_has_in_other_types(fresh_postgres: str, tmp_path: Path) -> None:
    execute(fresh_postgres, "CREATE TABLE t (id bigint, n numeric, s char(3), d timestamptz, more text DEFAULT 'x')")
    made = model("t", column("id", "integer"), column("n", "integer"), column("s", "text"), column("d", "date"))
    schema = schema_of(made)
    destination = open_destination(fresh_postgres, tmp_path)
    run(destination, schema, {"t": [batch(made, [(1, 2, "ab", dt.date(2020, 1, 1))])]}, create=False)
    assert execute(fresh_postgres, "SELECT id, n, s, d::date, more FROM t") == [(1, 2, "ab ", dt.date(2020, 1, 1), "x")]


def test_a_table_without_columns(fresh_postgres: str, tmp_path: Path) -> None:
    import pyarrow as pa

    made = Model(TableName("nothing"), "models/nothing.yml", ())
    rows = pa.table({"x": [1, 2, 3]}).select([]).to_batches()
    run(open_destination(fresh_postgres, tmp_path), schema_of(made), {"nothing": rows})
    assert execute(fresh_postgres, "SELECT count(*) FROM nothing") == [(3,)]


MYSQL_TYPES = [
    "tinyint unsigned", "mediumint", "bigint unsigned", "decimal(65, 30)", "double", "datetime(6)", "timestamp", "year",
    "enum('a','b')", "set('x','y')", "json", "longblob", "bit(5)", "tinyint(1)", "varchar(20)", "longtext", "point", "time(3)", "inet6",
]  # fmt: skip


@pytest.mark.parametrize("type_", MYSQL_TYPES)
def test_types_of_another_database(fresh_postgres: str, tmp_path: Path, type_: str) -> None:
    from decimal import Decimal

    from ssgproj.generators.arrow import arrow_type
    from ssgproj.project.model import Column
    from ssgproj.project.types import parse_type

    made = model("t", Column("c", parse_type(type_, dialect="mysql"), nullable=True))
    import pyarrow as pa

    values = {
        pa.uint8(): 255, pa.uint64(): 2**64 - 1, pa.int32(): -5, pa.float64(): 1.5, pa.int16(): 2020, pa.binary(): b"\0a", pa.bool_(): True,
        pa.timestamp("us"): dt.datetime(2020, 1, 1), pa.timestamp("us", "UTC"): dt.datetime(2020, 1, 1, tzinfo=dt.UTC), pa.time64("us"): dt.time(1, 2, 3),
        pa.decimal256(65, 30): Decimal("12345678901234567890123456789012345.123456789012345678901234567891"),
    }  # fmt: skip
    texts = {"enum('a','b')": "a", "json": "{}", "bit(5)": "01011", "point": "POINT(1 2)", "inet6": "::1"}
    value = values.get(arrow_type(made.columns[0].type), texts.get(type_, "x"))
    destination = open_destination(fresh_postgres, tmp_path)
    run(destination, schema_of(made, dialect="mysql"), {"t": [batch(made, [(value,), (None,)])]})
    found = [r[0] for r in rows_of(destination, made)]
    assert [str(found[0]).removesuffix("/128"), found[1]] == [str(value), None]


def test_unlogged_tables_where_they_are_asked_for(fresh_postgres: str, tmp_path: Path) -> None:
    """Partitioned ones have no rows of their own, so their partitions are."""
    parts = (Partition(TableName("p1"), "FOR VALUES FROM (0) TO (100)"),)
    parted = model("p", column("id", "integer"), partition_by="RANGE (id)", partitions=parts)
    users = model("users", column("id", "integer"), primary_key=PrimaryKey(("id",)))
    orders = model(
        "orders", column("user_id", "integer"), foreign_keys=(ForeignKey(("user_id",), TableName("users"), ("id",)),)
    )
    schema = schema_of(users, orders, parted)
    rows = {"users": [batch(users, [(1,)])], "orders": [batch(orders, [(1,)])], "p": [batch(parted, [(7,)])]}
    run(open_destination(fresh_postgres, tmp_path, unlogged=True), schema, rows)
    kinds = execute(
        fresh_postgres,
        "SELECT relname, relpersistence::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY 1",
    )
    assert kinds == [("orders", "u"), ("p", "p"), ("p1", "u"), ("users", "u")]
    assert execute(fresh_postgres, "SELECT (SELECT count(*) FROM orders), (SELECT id FROM p)") == [(1, 7)]


def test_unlogged_is_refused_where_there_is_no_such_thing(tmp_path: Path) -> None:
    with pytest.raises(SsgError, match="Only PostgreSQL has unlogged tables"):
        open_destination("duckdb:///out.duckdb", tmp_path, unlogged=True)
