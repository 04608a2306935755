"""What is particular to SQLite: everything in CREATE TABLE, few types, references verified at the end."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import Check, ForeignKey, Identity, Index, IndexPart, Model, PrimaryKey, TableName
from ssgproj.source.reflect import reflect
from ssgproj.targets import open_destination
from ssgproj.targets.base import Schema
from tests.targets.target_zoo import batch, column, model, rows_of, run, schema_of, shop

ZOO = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE COLLATE NOCASE, age INT CHECK (age > 0),
    twice INT GENERATED ALWAYS AS (age*2) VIRTUAL, made TEXT DEFAULT CURRENT_TIMESTAMP,
    boss INTEGER REFERENCES users(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, x DEFAULT (1+2),
    "we ird" NUMERIC(10,2) DEFAULT -1.5, CONSTRAINT nn CHECK (email <> 'a'));
CREATE TABLE "Order Items" (a INT NOT NULL, b TEXT NOT NULL, c REAL, PRIMARY KEY (a, b), CONSTRAINT fk FOREIGN KEY (a) REFERENCES users(id))
    WITHOUT ROWID;
CREATE TABLE st (id INT NOT NULL PRIMARY KEY, t TEXT, b BLOB) STRICT;
CREATE UNIQUE INDEX pi ON users (lower(email) DESC) WHERE age > 5; CREATE INDEX i2 ON users (age, email);
"""


def execute(path: Path, statement: str) -> list[Any]:
    with sqlite3.connect(path) as connection:
        return connection.execute(statement).fetchall()


def test_a_reflected_database_is_made_again_the_same(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "first.sqlite") as connection:
        connection.executescript(ZOO)
    source = reflect(f"sqlite:///{tmp_path / 'first.sqlite'}")
    schema = Schema(source.models, source.objects, source.dialect)
    assert run(open_destination("sqlite:///second.sqlite", tmp_path), schema, {}) == ()
    assert reflect(f"sqlite:///{tmp_path / 'second.sqlite'}") == source


def test_integer_keys_number_themselves(tmp_path: Path) -> None:
    made = model(
        "t",
        column("id", "bigint", identity=Identity(always=True)),
        column("x", "text"),
        primary_key=PrimaryKey(("id",), name="t_pk"),
    )
    run(open_destination("sqlite:///x.sqlite", tmp_path), schema_of(made), {"t": [batch(made, [(41, "a")])]})
    assert execute(tmp_path / "x.sqlite", "INSERT INTO t (x) VALUES ('b') RETURNING id") == [(42,)]


def test_references_are_verified(tmp_path: Path) -> None:
    schema, batches = shop()
    destination = open_destination("sqlite:///x.sqlite", tmp_path)
    run(destination, schema, batches)
    wrong = batch(schema.models[0], [(9, "n@y", 1, 77, None)])
    with pytest.raises(RunError, match="`users` has rows that refer to no row of `users`"):
        run(destination, schema, {"users": [wrong]}, create=False)
    assert len(rows_of(destination, schema.models[0])) == 3


def test_what_sqlite_cannot_compute_is_left_out(tmp_path: Path) -> None:
    made = model(
        "t",
        column("id", "integer"),
        column("a", "text", default="gen_random_uuid()"),
        column("b", "text", nullable=True, generated="my_function(a)"),
        column("c", "integer", nullable=True, generated="id + 1"),
        column("at", "timestamptz", default="now()"),
        checks=(Check("a ~ '^x'::text", name="re"), Check("length(a) > 0")),
        indexes=(
            Index((IndexPart("a"),), name="part", where="(id > 3)", unique=True),
            Index((IndexPart(expression="lower(a)"),), name="low"),
            Index((IndexPart("a"),), name="gin", using="gin"),
        ),
    )
    notes = run(open_destination("sqlite:///x.sqlite", tmp_path), schema_of(made), {})
    assert notes == (
        "The expression of `t.a` has no counterpart in SQLite",
        "The expression of `t.b` has no counterpart in SQLite",
        "The check `re` of `t` has no counterpart in SQLite",
        "The index `gin` of `t` has no counterpart in SQLite",
    )
    execute(tmp_path / "x.sqlite", "INSERT INTO t (id, a) VALUES (1, 'v')")
    assert execute(tmp_path / "x.sqlite", "SELECT c FROM t") == [(2,)]
    with pytest.raises(sqlite3.IntegrityError):
        execute(tmp_path / "x.sqlite", "INSERT INTO t (id, a) VALUES (1, '')")


def test_schemas_become_part_of_the_name(tmp_path: Path) -> None:
    parent = Model(TableName("orders", "shop"), "m", (column("id", "integer"),), primary_key=PrimaryKey(("id",)))
    child = model(
        "lines", column("o", "integer"), foreign_keys=(ForeignKey(("o",), TableName("orders", "shop"), ("id",)),)
    )
    destination = open_destination("sqlite:///x.sqlite", tmp_path)
    run(
        destination, schema_of(parent, child), {"shop.orders": [batch(parent, [(1,)])], "lines": [batch(child, [(1,)])]}
    )
    assert execute(tmp_path / "x.sqlite", "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1") == [
        ("lines",),
        ("shop_orders",),
    ]
    assert rows_of(destination, parent) == [(1,)]


def test_a_database_locked_by_another(tmp_path: Path) -> None:
    schema, batches = shop()
    destination = open_destination("sqlite:///x.sqlite", tmp_path)
    run(destination, schema, batches)
    other = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(SsgError, match="locked"), destination.session(schema):
        pass
    other.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_text("something else " * 1000)
    with (
        pytest.raises(SsgError, match="not a SQLite database"),
        open_destination("sqlite:///x.sqlite", tmp_path).session(shop()[0]),
    ):
        pass
