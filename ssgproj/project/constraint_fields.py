"""What a model may say about keys, references, checks, indexes and partitions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ssgproj.diagnostics import Location
from ssgproj.project import yaml_node as y
from ssgproj.project.model import (
    Check,
    Exclusion,
    ForeignKey,
    Index,
    IndexPart,
    Partition,
    PrimaryKey,
    TableName,
    UniqueKey,
)
from ssgproj.project.names import parse_table_name, split_name
from ssgproj.project.reader import Converted, Field, ListOf, OneOf, Record
from ssgproj.project.reading import INVALID, Failure, Reading, Type
from ssgproj.project.scalar_types import Boolean, Text, Word

ANY_TEXT = Text(empty=True)
SQL = Text("an SQL text")
VARIABLE = r"var\.[A-Za-z_][A-Za-z0-9_]*"


@dataclass(frozen=True, slots=True)
class Names:
    """Columns of this model, in order: a list, or one name. Unknown ones are found once all columns are read."""

    at_least: int = 1
    what: str = "a list of columns"

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Sequence or (type(node) is y.Scalar and isinstance(node.value, str))

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        if not self.accepts(node):
            return reading.wrong_type(name, self.what, node, f"for example: {name}: [a, b]")
        items = node.items if type(node) is y.Sequence else [node]
        names: dict[str, None] = {}
        for item in items:
            value = Text("a column's name").read(item, reading, name)
            if value is INVALID:
                continue
            if value in names:
                reading.add("MD010", "duplicate", f"Column `{value}` is in `{name}` twice", item, "remove one of them")
            names[value] = None
            reading.uses.append((value, item))
        if len(names) < self.at_least:
            return INVALID if items else reading.bad_value(f"`{name}` is empty", node)
        return tuple(names)

    def schema(self) -> dict[str, Any]:
        array: dict[str, Any] = {"type": "array", "items": {"type": "string", "minLength": 1}}
        if self.at_least:
            array["minItems"] = self.at_least
        return {"anyOf": [array, {"type": "string", "minLength": 1}]}


@dataclass(frozen=True, slots=True)
class Literal:
    """An SQL expression; a number or a boolean may stand without quotes, `null` is none."""

    what: str = "an SQL expression"

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Scalar

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        if type(node) is not y.Scalar:
            return reading.wrong_type(name, self.what, node)
        if y.is_null(node):
            return None
        if not isinstance(node.value, str):
            return node.text
        return SQL.read(node, reading, name)

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean", "null"]}


@dataclass(frozen=True, slots=True)
class Later:
    """A type that is declared further down and refers to itself: `$defs` of the schema holds it under `key`."""

    key: str
    type: Callable[[], Type]
    what: str

    def accepts(self, node: y.Node) -> bool:
        return self.type().accepts(node)

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        return self.type().read(node, reading, name)

    def schema(self) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{self.key}"}


def same(values: dict[str, Any], _: Location) -> dict[str, Any]:
    """The values as they were read."""
    return values


def _table(text: str, _: Location) -> TableName | Failure:
    return parse_table_name(text) or Failure(
        f"cannot be `{text}`", 'write table or schema.table; quote odd names: "a.b".c'
    )


TABLE = Converted(Text("a table: `table` or `schema.table`"), _table)


def _column_reference(text: str, at: Location) -> ForeignKey | Failure:
    parts = split_name(text)
    if parts is None or len(parts) not in (2, 3):
        return Failure(
            f"must be `table.column` or `schema.table.column`, not `{text}`", "for example: references: users.id"
        )
    return ForeignKey((), TableName(parts[-2], parts[0] if len(parts) == 3 else None), (parts[-1],), at=at)


_ACTION = re.compile(r"(no action|restrict|cascade|set null|set default)(\s*\(.+\))?", re.IGNORECASE | re.DOTALL)


def _action(text: str, _: Location) -> Any:
    match = _ACTION.fullmatch(text.strip())
    if match is None:
        return Failure(f"cannot be `{text}`", "expected one of: cascade, restrict, set null, set default, no action")
    action = match[1].lower()
    return None if action == "no action" and not match[2] else action + (match[2] or "")


ACTION = Converted(Text("an action"), _action)


def _deferrable(value: Any, _: Location) -> Any:
    if isinstance(value, bool):
        return "deferrable" if value else None
    return value


DEFERRABLE = Field(
    Converted(OneOf((Boolean(), Word(("deferrable", "initially deferred")))), _deferrable),
    "Checked at the end of a transaction on request (`deferrable`) or always (`initially deferred`).",
)
NAME = Field(Text(), "The constraint's name, where it is not the database's default.")
_INCLUDE = Field(Names(), "Columns stored beside the key.")
TAGS = Field(ListOf(Text(), single=True), "Words to select by: `--select tag:pii`.")

_REFERENCE_OPTIONS = {
    "name": NAME,
    "on_delete": Field(ACTION, "What happens when the referenced row is deleted: `cascade`, `set null` ..."),
    "on_update": Field(ACTION, "What happens when the referenced key changes."),
    "match": Field(Word(("simple", "full")), "MATCH FULL or the default."),
    "deferrable": DEFERRABLE,
    "not_valid": Field(Boolean(), "The database did not check existing rows."),
}  # fmt: skip


def reference_options(values: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a ForeignKey beyond its columns."""
    return {
        "name": values.get("name"),
        "on_delete": values.get("on_delete"),
        "on_update": values.get("on_update"),
        "match_full": values.get("match") == "full",
        "deferrable": values.get("deferrable"),
        "not_valid": values.get("not_valid", False),
    }


def _reference(values: dict[str, Any], at: Location) -> ForeignKey:
    to: ForeignKey = values["column"]
    return ForeignKey((), to.to_table, to.to_columns, at=at, **reference_options(values))


_COLUMN_REFERENCE = Converted(Text("a column of another table"), _column_reference)
REFERENCES = OneOf(
    (
        _COLUMN_REFERENCE,
        Record(
            {"column": Field(_COLUMN_REFERENCE, "[schema.]table.column", required=True), **_REFERENCE_OPTIONS},
            _reference,
            noun="a reference",
        ),
    ),
    "`table.column`, or a mapping with `column:`",
)


def _foreign_key(values: dict[str, Any], at: Location) -> Any:
    target = values["references"]
    if isinstance(target, ForeignKey):
        table, columns, at = target.to_table, target.to_columns, target.at
    else:
        table, columns, at = target["table"], target["columns"], target["@at"]
    return ForeignKey(values["columns"], table, columns, at=at, **reference_options(values))


FOREIGN_KEY = Record(
    {
        "columns": Field(Names(), "The columns here.", required=True),
        "references": Field(
            OneOf(
                (
                    _COLUMN_REFERENCE,
                    Record(
                        {
                            "table": Field(TABLE, "[schema.]table", required=True),
                            "columns": Field(
                                ListOf(Text(), 1, single=True), "The columns there, in the same order.", required=True
                            ),
                        },
                        lambda values, at: {**values, "@at": at},
                        noun="a referenced table",
                    ),
                ),
                "{table: ..., columns: [...]}",
            ),
            "The table and columns there.",
            required=True,
        ),
        **_REFERENCE_OPTIONS,
    },
    _foreign_key,
    noun="a foreign key",
)


def _unique(values: Any, at: Location) -> UniqueKey:
    if isinstance(values, tuple):
        return UniqueKey(values, at=at)
    return UniqueKey(
        columns=values["columns"],
        name=values.get("name"),
        nulls_not_distinct=values.get("nulls_not_distinct", False),
        deferrable=values.get("deferrable"),
        include=values.get("include", ()),
        at=at,
    )


@dataclass(frozen=True, slots=True)
class _NameList(Names):
    """Columns in brackets; a bare name would leave open whether it stands alone."""

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Sequence

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}


UNIQUE = OneOf(
    (
        Record(
            {
                "columns": Field(Names(), "The columns that are unique together.", required=True),
                "name": NAME,
                "nulls_not_distinct": Field(Boolean(), "Two NULLs count as equal."),
                "deferrable": DEFERRABLE,
                "include": _INCLUDE,
            },
            _unique,
            noun="a unique key",
        ),
        Converted(_NameList(), _unique),
    ),
    "a list of columns, or a mapping with `columns:`",
)


def _key(values: Any, at: Location) -> PrimaryKey:
    if isinstance(values, tuple):
        return PrimaryKey(values, at=at)
    return PrimaryKey(
        columns=values["columns"],
        name=values.get("name"),
        deferrable=values.get("deferrable"),
        include=values.get("include", ()),
        at=at,
    )


PRIMARY_KEY = OneOf(
    (
        Record(
            {
                "columns": Field(Names(), "The key's columns.", required=True),
                "name": NAME,
                "deferrable": DEFERRABLE,
                "include": _INCLUDE,
            },
            _key,
            noun="a primary key",
        ),
        Converted(Names(), _key),
    ),
    "a list of columns, or a mapping with `columns:`",
)


def _check(values: Any, at: Location) -> Check:
    if isinstance(values, str):
        return Check(values, at=at)
    return Check(values["sql"], values.get("name"), values.get("no_inherit", False), values.get("not_valid", False), at)


CHECK = OneOf(
    (
        Converted(SQL, _check),
        Record(
            {
                "name": NAME,
                "sql": Field(SQL, "The condition, without the word CHECK.", required=True),
                "no_inherit": Field(Boolean(), "NO INHERIT"),
                "not_valid": Field(Boolean(), "The database did not check existing rows."),
            },
            _check,
            noun="a check",
        ),
    ),
    "an SQL condition, or a mapping with `sql:`",
)


def _index(values: dict[str, Any], at: Location) -> Index:
    return Index(
        parts=values.get("columns", ()),
        name=values.get("name"),
        unique=values.get("unique", False),
        where=values.get("where"),
        using=values.get("using"),
        include=values.get("include", ()),
        nulls_not_distinct=values.get("nulls_not_distinct", False),
        sql=values.get("sql"),
        at=at,
    )


@dataclass(frozen=True, slots=True)
class _PartColumn(Text):
    """The name of a column in an index."""

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        value = Text.read(self, node, reading, name)
        if value is not INVALID:
            reading.uses.append((value, node))
        return value


_INDEX_PART = OneOf(
    (
        Converted(_PartColumn("a column's name"), lambda text, at: IndexPart(text)),
        Record(
            {
                "column": Field(_PartColumn("a column's name"), "A column."),
                "expression": Field(SQL, "An SQL expression."),
                "suffix": Field(Text(), "The rest: `DESC`, `NULLS LAST`, an operator class."),
            },
            lambda v, at: IndexPart(v.get("column"), v.get("expression"), v.get("suffix")),
            noun="a part of an index",
            requires_any=("column", "expression"),
        ),
    ),
    "a column, or a mapping with `column:` or `expression:`",
)
INDEX = Record(
    {
        "name": Field(Text(), "The index's name."),
        "columns": Field(ListOf(_INDEX_PART), "What is indexed, in order."),
        "unique": Field(Boolean(), "No two rows may be equal."),
        "where": Field(SQL, "Only rows for which this holds."),
        "using": Field(Text(), "The method, where it is not the database's default: `gin`, `hash` ..."),
        "include": Field(Names(), "Columns stored beside the key."),
        "nulls_not_distinct": Field(Boolean(), "Two NULLs count as equal."),
        "sql": Field(SQL, "The whole CREATE INDEX, for what the keys above cannot say."),
    },
    _index,
    noun="an index",
    requires_any=("columns", "sql"),
)
EXCLUSION = Record(
    {
        "name": NAME,
        "sql": Field(SQL, "The constraint from USING on.", required=True),
        "overlaps": Field(Names(), "Columns compared with `&&`."),
        "equals": Field(Names(), "Columns compared with `=`."),
    },
    lambda v, at: Exclusion(v["sql"], v.get("name"), v.get("overlaps", ()), v.get("equals", ()), at),
    noun="an exclusion",
)


def _partitions() -> Type:
    return _PARTITIONS


PARTITIONS = Later("partitions", _partitions, "a list of partitions")


def _partition(values: dict[str, Any], at: Location) -> Partition:
    return Partition(
        table=values["table"],
        bound=values["bound"],
        by=values.get("by"),
        partitions=values.get("partitions", ()),
        indexes=values.get("indexes", ()),
        checks=values.get("checks", ()),
        at=at,
    )


_PARTITIONS: Type = ListOf(
    Record(
        {
            "table": Field(TABLE, "The partition's name.", required=True),
            "bound": Field(Text(), "`FOR VALUES ...` or `DEFAULT`.", required=True),
            "by": Field(Text(), "How it is partitioned itself."),
            "partitions": Field(PARTITIONS, "Its own partitions."),
            "indexes": Field(ListOf(INDEX), "Indexes of this partition only."),
            "checks": Field(ListOf(CHECK), "Checks of this partition only."),
        },
        _partition,
        noun="a partition",
    ),
    noun="a list of partitions",
)
