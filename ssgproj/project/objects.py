"""`models/_schema.yml` → `SchemaObjects`, and the project's own types as `SqlType`s."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.project import yaml_node as y
from ssgproj.project.constraint_fields import ANY_TEXT, CHECK, SQL, TABLE, Literal, same
from ssgproj.project.model import Function, NamedType, SchemaObjects, Sequence, TableName
from ssgproj.project.model_fields import SEQUENCE_OPTIONS, sequence_options
from ssgproj.project.models import SCHEMA_FILES
from ssgproj.project.names import join_name
from ssgproj.project.reader import Field, ListOf, MapOf, OneOf, Record
from ssgproj.project.reading import INVALID, MODEL_CODES, Reading
from ssgproj.project.scalar_types import Boolean, Text
from ssgproj.project.suggest import suggestion
from ssgproj.project.types import Kind, SqlType, parse_type
from ssgproj.project.yaml_file import read_yaml

_DESCRIPTION = Field(ANY_TEXT, "Its comment.")
_OBJECT = Field(TABLE, "[schema.]name", required=True)


@dataclass(frozen=True, slots=True)
class _Null:
    """Nothing: a schema without a comment."""

    what: str = "nothing"

    def accepts(self, node: y.Node) -> bool:
        return y.is_null(node)

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        return ""

    def schema(self) -> dict[str, Any]:
        return {"type": "null"}


def _named(kind: str, values: dict[str, Any], at: Location) -> NamedType:
    return NamedType(
        name=values[kind],
        kind=kind,
        labels=values.get("labels", ()),
        base=values.get("type"),
        not_null=values.get("not_null", False),
        default=values.get("default"),
        collation=values.get("collation"),
        checks=values.get("checks", ()),
        fields=tuple(values.get("fields", {}).items()),
        sql=values.get("sql"),
        description=values.get("description") or None,
        at=at,
    )


def _kind(kind: str, fields: Mapping[str, Field]) -> Record:
    return Record(
        {kind: _OBJECT, **fields, "description": _DESCRIPTION},
        lambda values, at: _named(kind, values, at),
        noun=f"the type `{kind}`",
    )


_KINDS: dict[str, Record] = {
    "enum": _kind("enum", {"labels": Field(ListOf(ANY_TEXT, 1), "Its labels, in order.", required=True)}),
    "domain": _kind(
        "domain",
        {
            "type": Field(Text("an SQL type"), "The type it is based on.", required=True),
            "not_null": Field(Boolean(), "NULL is not allowed."),
            "default": Field(Literal(), "The SQL default."),
            "collation": Field(Text(), "The collation."),
            "checks": Field(ListOf(CHECK), "Conditions on VALUE."),
        },
    ),
    "composite": _kind(
        "composite", {"fields": Field(MapOf(Text("an SQL type")), "Its fields and their types.", required=True)}
    ),
    "range": _kind("range", {"sql": Field(SQL, "The whole CREATE TYPE.", required=True)}),
    "other": _kind("other", {"sql": Field(SQL, "The whole CREATE TYPE.", required=True)}),
}


@dataclass(frozen=True, slots=True)
class _NamedTypeField:
    """One entry of `types:`; the key that holds its name says what it is."""

    what: str = "a type: `enum`, `domain`, `composite`, `range` or `other`"

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Mapping

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        if type(node) is not y.Mapping:
            return reading.wrong_type(name, self.what, node)
        for kind, record in _KINDS.items():
            if kind in node.entries:
                return record.read(node, reading, kind)
        first = next(iter(node.entries.values()), None)
        hint = suggestion(first.key.text if first else "", _KINDS, sort=False)
        reading.add("MD003", "missing-key", "An entry of `types` does not say what it is", node.start, hint)
        return INVALID

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [record.schema() for record in _KINDS.values()]}


SCHEMA = Record(
    {
        "schemas": Field(MapOf(OneOf((_Null(), ANY_TEXT), "a comment")), "Schemas other than the default, with their comments."),
        "extensions": Field(ListOf(Text()), "Extensions that the types need."),
        "types": Field(ListOf(_NamedTypeField()), "The database's own types, in creation order."),
        "sequences": Field(
            ListOf(
                Record(
                    {
                        "name": _OBJECT,
                        "type": Field(Text("an SQL type"), "Its integer type."),
                        **{k: f for k, f in SEQUENCE_OPTIONS.items() if k != "sequence"},
                        "description": _DESCRIPTION,
                    },
                    lambda v, at: Sequence(
                        v["name"], sequence_options(v, ("name", "description")), v.get("description") or None, at
                    ),
                    noun="a sequence",
                )
            ),
            "Sequences that no column owns.",
        ),
        "functions": Field(
            ListOf(
                Record(
                    {"name": _OBJECT, "sql": Field(SQL, "The whole CREATE FUNCTION.", required=True)},
                    lambda v, at: Function(v["name"], v["sql"], at),
                    noun="a function",
                )
            ),
            "Functions that defaults, checks, indexes and generated columns call.",
        ),
    },
    same,
    noun="the schema's objects",
)  # fmt: skip


def read_objects(root: Path, dialect: str) -> tuple[SchemaObjects, dict[str, SqlType], list[Diagnostic]]:
    """What `models/_schema.yml` says (nothing, if there is none), the named types for `parse_type`, and problems."""
    path = next((root / "models" / name for name in SCHEMA_FILES if (root / "models" / name).is_file()), None)
    if path is None:
        return SchemaObjects(), {}, []
    name = path.relative_to(root).as_posix()
    file, problems = read_yaml(path, name)
    reading = Reading(file, MODEL_CODES, problems)
    if file.root is None:
        return SchemaObjects(), {}, problems
    values = SCHEMA.read(file.root, reading, name)
    if values is INVALID:
        return SchemaObjects(), {}, problems
    objects = SchemaObjects(
        schemas=tuple((key, comment or None) for key, comment in values.get("schemas", {}).items()),
        extensions=values.get("extensions", ()),
        types=values.get("types", ()),
        sequences=values.get("sequences", ()),
        functions=values.get("functions", ()),
    )
    _check(objects, reading)
    return objects, named_types(objects, dialect), problems


def _check(objects: SchemaObjects, reading: Reading) -> None:
    for group, noun in ((objects.types, "type"), (objects.sequences, "sequence")):
        seen: set[TableName] = set()
        for item in group:
            if item.name in seen:
                reading.add(
                    "MD010", "duplicate", f"The {noun} `{item.name}` is here twice", item.at, "remove one of them"
                )
            seen.add(item.name)
    for kind in objects.types:
        repeated = [label for label, count in Counter(kind.labels).items() if count > 1]
        if repeated:
            message = f"The label `{repeated[0]}` is in `{kind.name}` twice"
            reading.add("MD010", "duplicate", message, kind.at, "remove one of them")


def named_types(objects: SchemaObjects, dialect: str) -> dict[str, SqlType]:
    """Each type of the project under every spelling of its name, for `parse_type`. Domains are their base types."""
    named: dict[str, SqlType] = {}
    for _ in range(2):  # the second time round, types know those that come after them
        for kind in objects.types:
            found = _sql_type(kind, named, dialect)
            for spelling in _spellings(kind.name):
                named[spelling] = found
    return named


def _spellings(name: TableName) -> list[str]:
    choices = [
        dict.fromkeys((part, join_name(part), '"' + part.replace('"', '""') + '"'))
        for part in (name.schema, name.name)
        if part
    ]
    return [".".join(parts) for parts in product(*choices)]


def _sql_type(kind: NamedType, named: Mapping[str, SqlType], dialect: str) -> SqlType:
    text = join_name(kind.name.schema, kind.name.name)
    if kind.kind == "enum":
        return SqlType(Kind.ENUM, text, labels=kind.labels, name=text)
    if kind.kind == "domain":
        return replace(parse_type(kind.base or "", named, dialect), text=text, domain=text)
    if kind.kind == "composite":
        fields = tuple((field, parse_type(base, named, dialect)) for field, base in kind.fields)
        return SqlType(Kind.STRUCT, text, name=text, fields=fields)
    if kind.kind == "range":
        subtype = re.search(r"\bsubtype\s*=\s*(\"[^\"]+\"|[\w. ]+(?:\([\d, ]*\))?)", kind.sql or "", re.IGNORECASE)
        element = parse_type(subtype[1], named, dialect) if subtype else None
        return SqlType(Kind.RANGE, text, name=text, element=element)
    return SqlType(Kind.OTHER, text, name=text)
