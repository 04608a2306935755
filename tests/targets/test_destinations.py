"""What every destination promises, on every destination."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import ForeignKey, Index, IndexPart, PrimaryKey, TableName, UniqueKey
from ssgproj.targets import open_destination
from ssgproj.targets.base import Destination
from tests.targets.target_zoo import VALUES, batch, column, model, rows_of, run, schema_of, shop, type_zoo

KINDS = ("duckdb", "duckdb-memory", "postgres", "parquet", "sqlite", "sqlite-memory", "mariadb", "general")


@pytest.fixture(params=KINDS)
def destination(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Destination]:
    """An empty destination of each kind."""
    match request.param:
        case "postgres":
            yield open_destination(request.getfixturevalue("fresh_postgres"), tmp_path)
        case "mariadb":
            yield open_destination(request.getfixturevalue("fresh_mariadb"), tmp_path)
        case "general":
            from sqlalchemy import make_url

            from ssgproj.targets.sqlalchemy import AlchemyDestination

            url = make_url(request.getfixturevalue("fresh_postgres")).set(drivername="postgresql+psycopg")
            yield AlchemyDestination(url, None)
        case kind:
            urls = {
                "duckdb": "duckdb:///new/here.duckdb",
                "duckdb-memory": "duckdb:///:memory:",
                "parquet": "parquet:///out/set",
                "sqlite": "sqlite:///new/here.sqlite",
                "sqlite-memory": "sqlite://",
            }
            yield open_destination(urls[kind], tmp_path)


def normal(value: Any) -> Any:
    """JSON texts without their blanks: databases lay them out differently."""
    return value.replace(" ", "") if isinstance(value, str) and value[:1] in '{["' else value


@pytest.mark.parametrize("type_", VALUES)
def test_values_of_every_type_come_back(destination: Destination, type_: str) -> None:
    if destination.name == "sqlite" and type_.startswith(("numeric(38", "numeric(50")):
        pytest.skip("SQLite's numbers have 15 digits")
    if isinstance(getattr(destination, "url", None), object) and type(destination).__name__ == "AlchemyDestination":
        pytest.skip("the general way is for databases that take fewer types than PostgreSQL")
    schema, made, batches = type_zoo([type_])
    try:
        run(destination, schema, {"zoo": batches})
    except SsgError as error:
        if "0A000" not in error.message:
            raise
        pytest.skip("this PostgreSQL is built without XML")
    expected = [tuple(r.values()) for b in batches for r in b.to_pylist()]
    assert [tuple(map(normal, r)) for r in sorted(rows_of(destination, made))] == [
        tuple(map(normal, r)) for r in expected
    ]


def test_all_types_in_one_table(destination: Destination) -> None:
    types = ["integer", "text", "uuid", "timestamptz", "numeric(10, 2)", "date", "boolean"]
    schema, made, batches = type_zoo(types)
    run(destination, schema, {"zoo": batches})
    assert sorted(rows_of(destination, made), key=lambda r: r[0]) == [
        tuple(r.values()) for b in batches for r in b.to_pylist()
    ]


def test_numbers_that_are_none(destination: Destination) -> None:
    if destination.name in ("sqlite", "mysql", "mariadb"):
        pytest.skip("has no NaN")
    made = model("f", column("id", "integer"), column("x", "double precision"), column("y", "real"))
    rows = [(1, math.nan, math.inf), (2, -math.inf, math.nan)]
    run(destination, schema_of(made), {"f": [batch(made, rows)]})
    assert repr(sorted(rows_of(destination, made))) == repr(rows)


def test_keys_references_and_what_existing_says(destination: Destination) -> None:
    schema, batches = shop()
    users, orders = schema.models
    generated = not destination.computes_generated
    if generated:
        batches["users"] = [
            batch(
                users,
                [(1, "x@y", 30, 60, 2, 1), (2, "z@y", None, None, None, None), (3, "w@y", 5, 10, 1, 2)],
                generated=True,
            )
        ]
    with destination.session(schema) as session:
        assert [session.existing(m) for m in schema.models] == [None, None]
    run(destination, schema, batches)
    assert sorted(rows_of(destination, users)) == [
        (1, "x@y", 30, 60, 2, 1),
        (2, "z@y", None, None, None, None),
        (3, "w@y", 5, 10, 1, 2),
    ]
    assert sorted(r[:3] for r in rows_of(destination, orders)) == [(1, 1, ""), (2, 2, None)]
    with destination.session(schema) as session:
        found = session.existing(users), session.existing(orders)
    assert found[0] is not None and found[1] is not None
    assert (found[0].rows, found[0].greatest["id"], found[1].rows, found[1].greatest["id"]) == (3, 3, 2, 2)


def test_emptied_and_filled_again_and_dropped(destination: Destination) -> None:
    schema, batches = shop()
    if not destination.computes_generated:
        pytest.skip("covered by the Parquet tests")
    run(destination, schema, batches)
    with destination.session(schema) as session:
        session.empty(schema.models)
        for made in schema.models:
            assert session.load(made, batches[str(made.table)]) == batches[str(made.table)][0].num_rows
        session.finish(schema.models)
        session.commit()
    assert len(rows_of(destination, schema.models[0])) == 3
    with destination.session(schema) as session:
        session.drop(schema.models)
        session.create(schema.models)
        for made in schema.models:
            session.load(made, batches[str(made.table)])
        session.finish(schema.models)
        session.commit()
    assert len(rows_of(destination, schema.models[0])) == 3
    with destination.session(schema) as session:
        session.drop(schema.models)
        session.commit()
    with destination.session(schema) as session:
        assert [session.existing(m) for m in schema.models] == [None, None]


def test_leaving_without_commit_undoes_everything(destination: Destination) -> None:
    schema, batches = shop()
    if not destination.computes_generated:
        pytest.skip("covered by the Parquet tests")
    run(destination, schema, batches)
    with destination.session(schema) as session:
        session.empty(schema.models)
        session.load(schema.models[0], batches["users"])
    assert len(rows_of(destination, schema.models[1])) == 2
    with pytest.raises(ZeroDivisionError), destination.session(schema) as session:
        session.drop(schema.models)
        session.create(schema.models)
        raise ZeroDivisionError
    assert len(rows_of(destination, schema.models[1])) == 2


def test_a_generator_that_fails_is_heard(destination: Destination) -> None:
    made = model("t", column("id", "integer"))

    def batches() -> Iterator[Any]:
        yield batch(made, [(1,)])
        raise RunError("made on purpose")

    with pytest.raises(RunError, match="made on purpose"), destination.session(schema_of(made)) as session:
        session.create([made])
        session.load(made, batches())
    with destination.session(schema_of(made)) as session:
        assert session.existing(made) is None


SECRET = "secret-of-a-row"


@pytest.mark.parametrize("case", ["primary", "foreign", "unique", "null", "check", "long"])
def test_violations_are_said_without_values(destination: Destination, case: str) -> None:
    from ssgproj.project.model import Check, UniqueKey

    if destination.name == "parquet":
        pytest.skip("Parquet has no constraints")
    if case == "long" and destination.name in ("duckdb", "sqlite"):
        pytest.skip("does not count characters")
    parent = model("parent", column("k", "varchar(40)"), primary_key=PrimaryKey(("k",)))
    child = model(
        "child",
        column("k", "varchar(40)"),
        column("u", "varchar(40)"),
        column("p", "varchar(40)", nullable=True),
        primary_key=PrimaryKey(("k",)),
        unique=(UniqueKey(("u",)),),
        checks=(Check("u <> 'secret-of-a-row!'"),),
        foreign_keys=(ForeignKey(("p",), TableName("parent"), ("k",)),),
    )
    rows = {
        "primary": [(SECRET, "1", None), (SECRET, "2", None)],
        "foreign": [("1", "1", SECRET)],
        "unique": [("1", SECRET, None), ("2", SECRET, None)],
        "null": [(SECRET, None, None)],
        "check": [("1", SECRET + "!", None)],
        "long": [("1", SECRET * 5, None)],
    }[case]
    with pytest.raises(RunError) as caught:
        run(destination, schema_of(parent, child), {"parent": [batch(parent, [("a",)])], "child": [batch(child, rows)]})
    assert SECRET not in str(caught.value)
    assert "child" in str(caught.value)
    with destination.session(schema_of(parent, child)) as session:
        assert session.existing(parent) is None


def test_a_table_outside_of_the_run_is_in_the_way(destination: Destination) -> None:
    if destination.name == "parquet" or type(destination).__name__ == "AlchemyDestination":
        pytest.skip("does not look for it")
    parent = model("parent", column("id", "integer"), primary_key=PrimaryKey(("id",)))
    child = model("child", column("id", "integer"), foreign_keys=(ForeignKey(("id",), TableName("parent"), ("id",)),))
    run(destination, schema_of(parent, child), {"parent": [batch(parent, [(1,)])], "child": [batch(child, [(1,)])]})
    for way in ("empty", "drop"):
        with pytest.raises(SsgError, match="child"), destination.session(schema_of(parent)) as session:
            getattr(session, way)([parent])
    assert rows_of(destination, child) == [(1,)]


def test_appending(destination: Destination) -> None:
    if not destination.computes_generated:
        pytest.skip("covered by the Parquet tests")
    schema, batches = shop()
    users = schema.models[0]
    run(destination, schema, batches)
    more = batch(users, [(4, "v@y", 1, 5, 2), (5, "u@y", 1, 1, None)])
    run(destination, schema, {"users": [more]}, create=False)
    assert len(rows_of(destination, users)) == 5


def test_identity_is_the_place(destination: Destination) -> None:
    assert destination.identity() == destination.identity()
    assert "root" not in destination.identity().split(":")[0]


def test_a_reference_to_a_table_that_is_not_there(destination: Destination) -> None:
    if destination.name == "parquet":
        pytest.skip("has no references")
    child = model("child", column("id", "integer"), foreign_keys=(ForeignKey(("id",), TableName("ignored"), ("id",)),))
    (note,) = run(destination, schema_of(child), {"child": [batch(child, [(1,)])]})
    assert note == "The reference of `child` (id) is left out: table `ignored` is not in the destination"


def test_emptied_and_nothing_else(destination: Destination) -> None:
    schema, batches = shop()
    if not destination.computes_generated:
        pytest.skip("covered by the Parquet tests")
    run(destination, schema, batches)
    with destination.session(schema) as session:
        session.empty(schema.models)
        session.commit()
    assert [rows_of(destination, m) for m in schema.models] == [[], []]


def test_slices_of_several_tables_in_turns(destination: Destination) -> None:
    """Stories hand out a few rows of one table, then of another, then of the first again."""
    parent = model("parent", column("id", "integer"), column("boss", "integer", nullable=True),
                   primary_key=PrimaryKey(("id",)), foreign_keys=(ForeignKey(("boss",), TableName("parent"), ("id",)),))  # fmt: skip
    child = model("child", column("id", "integer"), column("p", "integer"), column("t", "varchar(9)"),
                  primary_key=PrimaryKey(("id",)), foreign_keys=(ForeignKey(("p",), TableName("parent"), ("id",)),),
                  unique=(UniqueKey(("t",)),))  # fmt: skip
    schema = schema_of(parent, child)
    for begin in (0, 100):  # new tables, then tables that stand
        with destination.session(schema) as session:
            if not begin:
                session.create(schema.models)
            for n in range(begin, begin + 30, 3):
                people = [(k, k - 1 if k else None) for k in range(n if n != 100 else 100, n + 3)]
                people = [(k, None if k == 100 else b) for k, b in people]
                assert session.load(parent, [batch(parent, people)]) == 3
                assert session.load(child, []) == 0
                some = [batch(child, [(k, k, f"t{k}")]) for k in range(n, n + 3)]
                assert session.load(child, iter(some)) == 3
            session.finish(schema.models)
            session.commit()
    numbers = [*range(30), *range(100, 130)]
    assert sorted(rows_of(destination, child)) == [(k, k, f"t{k}") for k in numbers]
    assert sorted(r[0] for r in rows_of(destination, parent)) == numbers


def test_one_name_in_several_schemas(destination: Destination) -> None:
    """Tables, keys, checks, indexes and references of one name: some databases have no schemas, some keep names per database."""
    made = [
        model(
            "orders",
            column("id", "integer"),
            column("v", "varchar(20)"),
            column("p", "integer", nullable=True),
            schema=schema,
            primary_key=PrimaryKey(("id",), name="orders_pk"),
            unique=(UniqueKey(("v",), name="v_key"),),
            indexes=(Index((IndexPart("p"),), name="by_p"),),
            foreign_keys=(ForeignKey(("p",), TableName("orders", schema), ("id",), name="fk"),),
        )
        for schema in (None, "a", "b")
    ]
    rows = {str(m.table): [batch(m, [(1, str(m.table), None), (2, "other", 1)])] for m in made}
    assert run(destination, schema_of(*made), rows) == ()
    for each in made:
        assert sorted(rows_of(destination, each)) == [(1, str(each.table), None), (2, "other", 1)]


def test_long_names(destination: Destination) -> None:
    from ssgproj.project.model import Check

    long = "x" * 70
    made = model(
        "t",
        column("id", "integer"),
        column("v", "varchar(20)"),
        column("p", "integer", nullable=True),
        primary_key=PrimaryKey(("id",), name=f"p{long}"),
        unique=(UniqueKey(("v",), name=f"u{long}"),),
        indexes=(Index((IndexPart("p"),), name=f"i{long}1"), Index((IndexPart("v"),), name=f"i{long}2")),
        checks=(Check("v <> 'a'", name=f"c{long}1"), Check("v <> 'b'", name=f"c{long}2")),
        foreign_keys=(ForeignKey(("p",), TableName("t"), ("id",), name=f"f{long}"),),
    )
    general = type(destination).__name__ == "AlchemyDestination"
    if not general:
        run(destination, schema_of(made), {"t": [batch(made, [(1, "x", 1)])]})
        assert rows_of(destination, made) == [(1, "x", 1)]
    if destination.name in ("postgres", "mysql", "mariadb"):
        for wrong in (model(f"é{long}"[:-7], column("id", "integer")), model("s", column(long, "integer"))):
            most = 63 if destination.name == "postgres" else 64
            if destination.name != "postgres" and wrong.table.name != "s":
                continue  # 64 characters, of 65 bytes
            with pytest.raises(SsgError, match=f"takes {most}"), destination.session(schema_of(wrong)) as session:
                session.create([wrong])
