"""`models/_schema.yml` and the project's own types."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssgproj.project.model import Check, Function, NamedType, SchemaObjects, Sequence, TableName
from ssgproj.project.objects import read_objects
from ssgproj.project.types import Kind, parse_type

TEXT = """\
schemas: {shop: of the shop, other: }
extensions: [citext]
types:
  - {enum: mood, labels: [sad, "no", ""], description: How one feels}
  - {domain: us_postal, type: text, not_null: true, default: "'0'", checks: ["VALUE ~ '^[0-9]+$'"]}
  - {domain: shop.moods, type: "mood[]"}
  - {composite: addr, fields: {street: text, mood: mood}}
  - {range: floats, sql: "CREATE TYPE floats AS RANGE (subtype = float8)"}
  - {other: thing, sql: CREATE TYPE thing}
  - {enum: Odd.Name, labels: [x]}
sequences:
  - {name: shop.s, start: 5, increment: 2, type: bigint}
functions:
  - {name: f, sql: CREATE FUNCTION f()}
"""


def write(root: Path, text: str) -> Path:
    (root / "models").mkdir(exist_ok=True)
    (root / "models" / "_schema.yml").write_text(text, encoding="utf-8")
    return root


def test_everything_is_read(tmp_path: Path) -> None:
    objects, named, problems = read_objects(write(tmp_path, TEXT), "postgres")
    assert not problems
    assert objects.schemas == (("shop", "of the shop"), ("other", None))
    assert objects.extensions == ("citext",)
    assert objects.types[0] == NamedType(TableName("mood"), "enum", ("sad", "no", ""), description="How one feels")
    assert objects.types[1].checks == (Check("VALUE ~ '^[0-9]+$'"),)
    assert objects.sequences == (
        Sequence(TableName("s", "shop"), (("start", 5), ("increment", 2), ("type", "bigint"))),
    )
    assert objects.functions == (Function(TableName("f"), "CREATE FUNCTION f()"),)
    mood = parse_type("mood", named)
    assert (mood.kind, mood.labels, mood.name) == (Kind.ENUM, ("sad", "no", ""), "mood")
    postal = parse_type("us_postal", named)
    assert (postal.kind, postal.domain) == (Kind.STRING, "us_postal")
    moods = parse_type('shop."moods"', named)
    assert moods.kind is Kind.ARRAY and moods.element is not None and moods.element.labels == mood.labels
    assert parse_type("addr", named).fields[1][1].kind is Kind.ENUM
    floats = parse_type("floats", named)
    assert floats.kind is Kind.RANGE and floats.element is not None and floats.element.kind is Kind.FLOAT
    assert parse_type("thing", named).kind is Kind.OTHER
    assert parse_type('"Odd"."Name"', named).kind is Kind.ENUM


def test_a_domain_over_a_type_that_comes_later(tmp_path: Path) -> None:
    _, named, _ = read_objects(
        write(tmp_path, "types:\n  - {domain: d, type: e}\n  - {enum: e, labels: [a]}\n"), "postgres"
    )
    assert parse_type("d", named).labels == ("a",)


def test_nothing_there(tmp_path: Path) -> None:
    assert read_objects(tmp_path, "postgres") == (SchemaObjects(), {}, [])
    assert read_objects(write(tmp_path, ""), "postgres") == (SchemaObjects(), {}, [])


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("tpyes: []\n", "MD001", "1:1"),
        ("types: [{enm: x, labels: [a]}]\n", "MD003", "1:9"),
        ("types: [{enum: x}]\n", "MD003", "1:9"),
        ("types: [{enum: x, labels: []}]\n", "MD004", "1:27"),
        ("types: [{enum: x, labels: [a, a]}]\n", "MD010", "1:9"),
        ("types: [{enum: x, labels: [1]}]\n", "MD002", "1:28"),
        ("types: [{enum: x, labels: [a]}, {enum: x, labels: [a]}]\n", "MD010", "1:33"),
        ("sequences: [{name: a.b.c}]\n", "MD004", "1:20"),
        ("- x\n", "MD002", "1:1"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, code: str, place: str) -> None:
    _, _, problems = read_objects(write(tmp_path, text), "postgres")
    assert [(d.code, str(d.at)) for d in problems] == [(code, f"models/_schema.yml:{place}")]
