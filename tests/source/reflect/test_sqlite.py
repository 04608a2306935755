from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ssgproj.errors import SsgError
from ssgproj.project.model import Check, ForeignKey, Identity, Index, IndexPart, Model, PrimaryKey, TableName, UniqueKey
from ssgproj.project.types import Kind
from ssgproj.source.reflect import Reflection, reflect
from tests.source.reflect.written import assert_files_say_the_same

ZOO = (Path(__file__).parent / "sqlite.sql").read_text()


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Reflection:
    path = tmp_path_factory.mktemp("sqlite") / "a zoo#1.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(ZOO)
    connection.close()
    return reflect(f"sqlite:///{path}")


def model(zoo: Reflection, name: str) -> Model:
    return next(m for m in zoo.models if m.table.name == name)


def fact(zoo: Reflection, path: str) -> Any:
    table, _, attribute = path.partition(".")
    name, _, column = table.partition(":")
    found: Any = model(zoo, name)
    if column:
        found = found.column(column)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found


FACTS: list[tuple[str, Any]] = [
    ("plain:id.identity", Identity()),
    ("plain.primary_key", PrimaryKey(("id",))),
    ("plain:name.default", "'x'"),
    ("plain:name.nullable", False),
    ("counted:id.identity", Identity(serial=True)),
    ("counted:a.type.text", ""),
    ("int_key:id.identity", None),
    ("int_key:id.nullable", False),
    ("descending:id.identity", None),
    ("without_rowid.options", "WITHOUT ROWID"),
    ("without_rowid.primary_key", PrimaryKey(("b", "a"))),
    ("strict.options", "STRICT, WITHOUT ROWID"),
    ("strict:id.identity", None),
    ('quoted "table".unique', (UniqueKey(("a b", "c`d")),)),
    ('quoted "table".checks', (Check("[a b] > 0"),)),
    ("commented.checks", (Check("b <> 'it''s, (not)'   AND length(b) > 1"),)),
    ("commented:c.default", "'x -- no comment'"),
    (
        "checked.checks",
        (
            Check("a > 0", "positive"),
            Check("a < 10"),
            Check("b IN ('x', 'y')"),
            Check("a > 1 OR b = 'x'", "both"),
            Check("a <> 5"),
            Check("a>b"),
        ),
    ),
    ('quoted "table":e,f.default', "'dq'"),
    ("defaults:d.default", None),
    ("defaults:a.default", "-1"),
    ("defaults:b.default", "lower('X') || 'y'"),
    ("defaults:c.default", "CURRENT_TIMESTAMP"),
    ("defaults:f.default", "x'00ff'"),
    ("generated:b.generated", "a * 2"),
    ("generated:b.stored", True),
    ("generated:b.type.text", "INT"),
    ("generated:c.generated", "a || ',' || b"),
    ("generated:c.stored", False),
    ("generated:d.generated", "a"),
    ("collated:a.collation", "NOCASE"),
    ("collated:b.collation", "RTRIM"),
    ("collated.unique", (UniqueKey(("b",)),)),
    ("spelled:a.type.kind", Kind.INTEGER),
    ("spelled:a.type.text", "UNSIGNED BIG INT"),
    ("spelled:b.type.kind", Kind.STRING),
    ("spelled:e.type.kind", Kind.OTHER),
    ("spelled:f.type.scale", 5),
    (
        "children.foreign_keys",
        (
            ForeignKey(("id",), TableName("parents"), ("id",)),
            ForeignKey(("p",), TableName("parents"), ("id",), on_delete="cascade", on_update="set null"),
            ForeignKey(("q",), TableName("parents"), ("id",), name="named", deferrable="initially deferred"),
            ForeignKey(("me",), TableName("children"), ("id",)),
            ForeignKey(("x", "y"), TableName("two_keys"), ("x", "y")),
            ForeignKey(
                ("y", "x"), TableName("parents"), ("a", "b"), name="pair", on_delete="restrict", match_full=True
            ),
        ),
    ),
    ("named_keys.primary_key", PrimaryKey(("a", "b"), "the_key")),
    ("named_keys.unique", (UniqueKey(("c",), "only_c"), UniqueKey(("b", "c"), "pair"))),
    (
        "indexed.indexes",
        (
            Index(
                (IndexPart(expression="lower(b)"), IndexPart(expression="a + 1", suffix="DESC"), IndexPart("c")),
                "i_expression",
                where="a > 0 AND b <> ')'",
            ),
            Index((IndexPart("a"),), "i_plain"),
            Index((IndexPart("b", suffix="COLLATE NOCASE DESC"), IndexPart("a")), "i_unique", unique=True),
        ),
    ),
    ("altered.checks", (Check("b <> ''"),)),
    ("altered:new name.nullable", True),
    ("made_from:two words.type.text", ""),
    ("select:from.type.text", "INT"),
]


@pytest.mark.parametrize(("path", "expected"), FACTS, ids=[p for p, _ in FACTS])
def test_facts(zoo: Reflection, path: str, expected: Any) -> None:
    assert fact(zoo, path) == expected


def test_columns_come_in_the_order_of_the_table(zoo: Reflection) -> None:
    assert [c.name for c in model(zoo, 'quoted "table"').columns] == ["a b", "c`d", "e,f", "g", "select_"]
    assert [c.name for c in model(zoo, "commented").columns] == ["id", "a", "b", "c"]


def test_what_is_left_out_is_named(zoo: Reflection) -> None:
    for note in (
        "View `a_view` is left out",
        "Trigger `a_trigger` of table `plain` is left out",
        "Virtual table `searched` is left out",
        "The reference from `children.lost` is left out: there is no table `nowhere`",
        "The reference from `children.wrong` is left out: `two_keys` has no such key",
        "ON CONFLICT clauses of table `conflicts` are left out",
    ):
        assert note in zoo.notes
    assert not any(m.table.name.startswith(("searched", "sqlite_")) for m in zoo.models)


def test_its_files_say_the_same(zoo: Reflection, tmp_path: Path) -> None:
    assert_files_say_the_same(zoo, tmp_path)


def test_only_main_is_a_schema(tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite"
    sqlite3.connect(path).executescript("CREATE TABLE a (b)").close()
    assert reflect(f"sqlite:///{path}", ["main"]).models[0].table == TableName("a")
    with pytest.raises(SsgError, match="no schema `other`"):
        reflect(f"sqlite:///{path}", ["other"])
