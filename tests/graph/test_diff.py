"""Differences in meaning, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssgproj.graph.diff import diff_generation, diff_models, diff_objects
from ssgproj.project.model import (
    Check,
    Column,
    ForeignKey,
    Generate,
    Identity,
    Index,
    IndexPart,
    Model,
    NamedType,
    PrimaryKey,
    SchemaObjects,
    Sequence,
    TableName,
    UniqueKey,
    Vocabulary,
)
from ssgproj.project.types import parse_type

AGE = Column("age", parse_type("integer"))
BASE = Model(
    TableName("users"), "models/users.yml", (Column("id", parse_type("int")), AGE), primary_key=PrimaryKey(("id",))
)


def with_age(**more: object) -> Model:
    return replace(BASE, columns=(BASE.columns[0], replace(AGE, **more)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new", "lines"),
    [
        (BASE, []),
        (replace(BASE, path="other.yml", rows=4, tags=("x",), ignore=True), []),
        (with_age(type=parse_type("int4")), []),
        (with_age(null_rate=0.5, tags=("x",)), []),
        (with_age(type=parse_type("bigint")), ["users.age: type integer → bigint"]),
        (with_age(nullable=True), ["users.age: nullable"]),
        (with_age(default="0"), ["users.age: default none → 0"]),
        (with_age(identity=Identity(True, options=(("start", 5),))), ["users.age: identity none → always {start: 5}"]),
        (with_age(generated="1 + 1"), ["users.age: generated none → 1 + 1"]),
        (with_age(description="years"), ["users.age: description none → years"]),
        (replace(BASE, columns=BASE.columns[:1]), ["users.age: removed"]),
        (
            replace(BASE, columns=(*BASE.columns, Column("x", parse_type("text"), nullable=True))),
            ["users.x: added, text, nullable"],
        ),
        (replace(BASE, columns=BASE.columns[::-1]), ["users: order of columns id, age → age, id"]),
        (replace(BASE, primary_key=PrimaryKey(("id", "age"))), ["users: primary key (id) → (id, age)"]),
        (replace(BASE, primary_key=None), ["users: primary key (id) → none"]),
        (replace(BASE, unique=(UniqueKey(("age",), "u"),)), ["users: unique added: (age) named u"]),
        (
            replace(BASE, foreign_keys=(ForeignKey(("age",), TableName("t", "s"), ("x",), on_delete="cascade"),)),
            ["users: reference added: (age) → s.t (x) on delete cascade"],
        ),
        (replace(BASE, checks=(Check("age > 0", "c"),)), ["users: check added: c: age > 0"]),
        (
            replace(BASE, indexes=(Index((IndexPart("age", suffix="DESC"),), "i", unique=True),)),
            ["users: index added: i: {columns: [{column: age, suffix: DESC}], unique: true}"],
        ),
        (replace(BASE, vendor=("A  B",)), ["users: statement added: A B"]),
        (replace(BASE, partition_by="LIST (age)"), ["users: partition_by none → LIST (age)"]),
    ],
)
def test_tables(new: Model, lines: list[str]) -> None:
    assert diff_models([BASE], [new]) == lines
    assert bool(diff_models([new], [BASE])) == bool([x for x in lines if "description" not in x])


def test_tables_come_and_go() -> None:
    other = replace(BASE, table=TableName("a", "shop"))
    assert diff_models([BASE], [other]) == ["users: removed", "shop.a: added, 2 columns"]


def test_constraints_that_changed() -> None:
    old = replace(
        BASE, checks=(Check("age > 0", "c"), Check("id > 0")), unique=(UniqueKey(("age",)), UniqueKey(("id",)))
    )
    new = replace(
        BASE, checks=(Check("id > 0"), Check("age > 1", "c")), unique=(UniqueKey(("id",)), UniqueKey(("age",)))
    )
    assert diff_models([old], [new]) == ["users: check c: age > 0 ⇒ c: age > 1"]


def test_objects() -> None:
    mood = NamedType(TableName("mood"), "enum", ("a",))
    old = SchemaObjects((("shop", None),), ("citext",), (mood,), (Sequence(TableName("s")),))
    new = SchemaObjects(
        (("shop", "x"),),
        (),
        (replace(mood, labels=("a", "b")), replace(mood, name=TableName("m2"))),
        (Sequence(TableName("s"), (("start", 2),)),),
    )
    assert diff_objects(old, old) == []
    assert diff_objects(old, new) == [
        "extension citext: removed",
        "schema shop: no comment → x",
        "type m2: added",
        "type mood: {enum: mood, labels: [a]} → {enum: mood, labels: [a, b]}",
        "sequence s: {name: s} → {name: s, start: 2}",
    ]


def test_generation() -> None:
    uniform = replace(BASE, generators=(Generate("uniform", {"min": 1}, ("age",)),))
    normal = replace(BASE, generators=(Generate("normal", {"mean": 1}, ("age",)),), rows=5, vocabulary=Vocabulary("x"))
    assert diff_generation([uniform], [normal]) == [
        "users: rows none → 5",
        "users: vocabulary no → yes",
        "users.age: generator uniform → normal",
    ]
    assert diff_generation([uniform], [replace(uniform, generators=())]) == [
        "users.age: generator uniform {min: 1} → default"
    ]
    changed = replace(uniform, generators=(Generate("uniform", {"": 3}, ("age",)),))
    assert diff_generation([uniform], [changed]) == ["users.age: generator uniform {min: 1} → uniform {uniform: 3}"]
