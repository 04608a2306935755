from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from ssgproj.errors import SsgError
from ssgproj.project.model import (
    Check,
    ForeignKey,
    Index,
    IndexPart,
    Model,
    NamedType,
    PrimaryKey,
    TableName,
    UniqueKey,
)
from ssgproj.project.types import Kind
from ssgproj.source.reflect import Reflection, reflect
from ssgproj.targets import open_destination
from ssgproj.targets.base import Schema
from tests.source.reflect.written import assert_files_say_the_same

ZOO = (Path(__file__).parent / "duckdb.sql").read_text()
ODD = TableName('Odd "Table', "Odd Schema")


@pytest.fixture(scope="module")
def zoo_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("duckdb") / "zoo.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(ZOO)
    return f"duckdb:///{path}"


@pytest.fixture(scope="module")
def zoo(zoo_url: str) -> Reflection:
    return reflect(zoo_url)


def model(zoo: Reflection, name: str) -> Model:
    table, _, schema = name.partition("@")
    return next(m for m in zoo.models if m.table == TableName(table, schema or None))


def fact(zoo: Reflection, path: str) -> Any:
    table, _, attribute = path.partition(".")
    name, _, column = table.partition(":")
    found: Any = model(zoo, name)
    if column:
        found = found.column(column)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found


COLUMN_TYPES = {
    "numbers": "tinyint|smallint|integer|bigint|hugeint|utinyint|usmallint|uinteger|ubigint|uhugeint|float|double"
    "|decimal(18, 3)|decimal(10, 2)|decimal(38, 0)|boolean",
    "times": "date|time|timetz|timestamp|timestamp_s|timestamp_ms|timestamp_ns|timestamptz|interval",
    "others": "varchar|blob|bitstring|uuid|json|varchar",
    "enums": "mood|shop.\"Size\"|ENUM('only', 'here')|mood[]",
    "enums@shop": "shop.mood",
    "nested": 'integer[]|integer[][]|integer[3]|STRUCT(x INTEGER, "y z" VARCHAR[])|MAP(VARCHAR, INTEGER)'
    "|STRUCT(p STRUCT(q DECIMAL(5,1)))[]|UNION(n INTEGER, t VARCHAR)|ENUM('p', 'q')[]|STRUCT(a INTEGER, b VARCHAR)",
}


@pytest.mark.parametrize(("table", "types"), COLUMN_TYPES.items())
def test_types(zoo: Reflection, table: str, types: str) -> None:
    assert "|".join(c.type.text for c in model(zoo, table).columns) == types


FACTS: list[tuple[str, Any]] = [
    ("nested:c.type.length", 3),
    ("nested:d.type.kind", Kind.STRUCT),
    ("nested:e.type.kind", Kind.MAP),
    ("enums:b.type.labels", ("S", "M")),
    ("keys.primary_key", PrimaryKey(("b", "a"))),
    ("keys.unique", (UniqueKey(("c",)), UniqueKey(("a", "c")))),
    ("keys:a.nullable", False),
    ("defaults:id.default", "nextval('counter')"),
    ("defaults:b.default", "'it''s'"),
    ("defaults:g.default", "uuid()"),
    ("orders@shop:id.default", "nextval('shop.orders_id')"),
    ("generated:b.generated", "a * 2"),
    ("generated:b.stored", False),
    ("generated:b.default", None),
    ("checks.checks", (Check("a > 0"), Check("b IN ('x', 'y')"), Check("(a < 10) AND (b != 'z')"))),
    ("not_null:a.nullable", False),
    ("not_null:b.nullable", True),
    ("collated:a.collation", "NOCASE"),
    ("collated:B.collation", "NOCASE.NOACCENT"),
    (
        "child.foreign_keys",
        (
            ForeignKey(("c",), TableName("keys"), ("c",)),
            ForeignKey(("y", "x"), TableName("keys"), ("b", "a")),
        ),
    ),
    ("tree.foreign_keys", (ForeignKey(("up",), TableName("tree"), ("id",)),)),
    ("points@Odd Schema.foreign_keys", (ForeignKey(("To",), ODD, ("From",)),)),
    ('Odd "Table@Odd Schema.indexes', (Index((IndexPart("a b"), IndexPart("select")), "odd index"),)),
    (
        "indexed.indexes",
        (
            Index((IndexPart(expression="lower(b)"), IndexPart("a")), "i_expression", unique=True),
            Index((IndexPart("a"),), "i_plain"),
        ),
    ),
    ("commented.description", "it's a table"),
    ("commented:a.description", "a column"),
]


@pytest.mark.parametrize(("path", "expected"), FACTS, ids=[p for p, _ in FACTS])
def test_facts(zoo: Reflection, path: str, expected: Any) -> None:
    assert fact(zoo, path) == expected


def test_objects(zoo: Reflection) -> None:
    assert zoo.objects.schemas == (("Odd Schema", None), ("shop", None))
    assert NamedType(TableName("mood"), "enum", ("sad", "ok", "it's")) in zoo.objects.types
    sequences = {str(s.name): s.options for s in zoo.objects.sequences}
    assert sequences == {
        "counter": (("increment", 2), ("maxvalue", 1000), ("start", 5), ("cycle", True)),
        "down": (("increment", -1),),
        "shop.orders_id": (),
    }


def test_what_is_left_out_is_named(zoo: Reflection) -> None:
    assert "Type `pair` is left out: columns hold what it stands for" in zoo.notes
    assert {"View `a_view` is left out", "Macro `twice` is left out"} <= set(zoo.notes)


def test_some_schemas_only(zoo_url: str) -> None:
    assert {m.table.schema for m in reflect(zoo_url, ["shop"]).models} == {"shop"}
    with pytest.raises(SsgError, match="no schema `nowhere`"):
        reflect(zoo_url, ["nowhere"])


def test_its_files_say_the_same(zoo: Reflection, tmp_path: Path) -> None:
    assert_files_say_the_same(zoo, tmp_path)


def test_made_again_it_reflects_the_same(zoo: Reflection, tmp_path: Path) -> None:
    destination = open_destination("duckdb:///copy.duckdb", tmp_path)
    models = sorted(zoo.models, key=lambda m: bool(m.foreign_keys))  # parents first
    with destination.session(Schema(tuple(models), zoo.objects, zoo.dialect)) as session:
        session.create(models)
        assert session.finish(models) == ()
        session.commit()
    again = reflect(f"duckdb:///{tmp_path / 'copy.duckdb'}")
    assert {m.table: m for m in again.models} == {m.table: m for m in zoo.models}
    assert again.objects == zoo.objects


def test_a_sequence_does_not_tell_how_many_rows_it_numbered(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "used.duckdb")) as con:
        con.execute("CREATE SEQUENCE s; CREATE TABLE t (id INTEGER DEFAULT nextval('s'), x INTEGER)")
        con.execute("INSERT INTO t (x) SELECT range FROM range(777)")
    (sequence,) = reflect(f"duckdb:///{tmp_path}/used.duckdb").objects.sequences
    assert sequence.options == ()
