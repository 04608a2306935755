"""What a model file may say: the one declaration of its keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ssgproj.diagnostics import Location
from ssgproj.project import yaml_node as y
from ssgproj.project.constraint_fields import (
    ANY_TEXT,
    CHECK,
    EXCLUSION,
    FOREIGN_KEY,
    INDEX,
    PARTITIONS,
    PRIMARY_KEY,
    REFERENCES,
    SQL,
    TAGS,
    UNIQUE,
    VARIABLE,
    Literal,
    Names,
    same,
)
from ssgproj.project.generate_field import GenerateField, Generators
from ssgproj.project.model import Identity, Vocabulary
from ssgproj.project.reader import Converted, Field, ListOf, MapOf, OneOf, Record
from ssgproj.project.reading import INVALID, Reading
from ssgproj.project.scalar_types import Boolean, Integer, Number, Text, Word

SEQUENCE_OPTIONS: dict[str, Field] = {
    "sequence": Field(Text(), "The sequence's name, where it is not the database's default."),
    "start": Field(Integer(), "The first value."),
    "increment": Field(Integer(), "The step."),
    "minvalue": Field(Integer(), "The smallest value."),
    "maxvalue": Field(Integer(), "The greatest value."),
    "cache": Field(Integer(1), "Values fetched ahead."),
    "cycle": Field(Boolean(), "Begin again at the end."),
}


def sequence_options(values: dict[str, Any], leave_out: tuple[str, ...] = ()) -> tuple[tuple[str, Any], ...]:
    """A sequence's settings, in the order of the file."""
    return tuple((key, value) for key, value in values.items() if key not in leave_out and key != "@")


def _identity(value: Any, _: Location) -> Identity:
    if isinstance(value, str):
        return Identity(always=value == "always")
    return Identity(value.get("generation") == "always", options=sequence_options(value, ("generation",)))


_GENERATION = Word(("always", "by default"))
_IDENTITY = OneOf(
    (
        Converted(_GENERATION, _identity),
        Record(
            {"generation": Field(_GENERATION, "Whether values may be given."), **SEQUENCE_OPTIONS},
            _identity,
            noun="an identity",
        ),
    ),
    "`always`, `by default`, or a mapping",
)


def _serial(value: Any, _: Location) -> Identity | None:
    if isinstance(value, bool):
        return Identity(serial=True) if value else None
    return Identity(serial=True, options=sequence_options(value))


_SERIAL = OneOf(
    (
        Converted(Boolean(), _serial),
        Record(
            {
                **SEQUENCE_OPTIONS,
                "type": Field(Text("an SQL type"), "The sequence's type, where it is not the column's."),
            },
            _serial,
            noun="a serial",
        ),
    ),
    "`true`, or a mapping",
)


def _generated(value: Any, _: Location) -> tuple[str, bool]:
    return (value, True) if isinstance(value, str) else (value["sql"], value.get("stored", True))


_GENERATED = OneOf(
    (
        Converted(SQL, _generated),
        Record(
            {
                "sql": Field(SQL, "The expression.", required=True),
                "stored": Field(Boolean(), "false: computed when read."),
            },
            _generated,
            noun="a generated column",
        ),
    ),
    "an SQL expression, or a mapping with `sql:`",
)
_ROWS = OneOf(
    (Integer(0), Text("`var.NAME`", pattern=VARIABLE, example="rows: var.sign_ups")), "a whole number or `var.NAME`"
)


def column_record(generators: Generators) -> Record:
    """One column."""
    return Record(
        {
            "type": Field(
                Text("an SQL type", empty=True), "The SQL type, in the words of the source's database.", required=True
            ),
            "nullable": Field(Boolean(), "NULL is allowed (default false)."),
            "null_rate": Field(Number(0, 1), "Share of NULLs among the rows."),
            "primary_key": Field(Boolean(), "This column alone is the primary key."),
            "unique": Field(OneOf((Boolean(), Text())), "No value twice: `true`, or the constraint's name."),
            "references": Field(REFERENCES, "The column that values are taken from: `users.id`."),
            "generate": Field(GenerateField(generators), "How values are made; without it, the default for the type."),
            "default": Field(Literal(), "The SQL default."),
            "identity": Field(_IDENTITY, "GENERATED ... AS IDENTITY."),
            "serial": Field(_SERIAL, "A serial or AUTO_INCREMENT column."),
            "generated": Field(_GENERATED, "The SQL of a generated column."),
            "collation": Field(Text(), "The collation."),
            "description": Field(ANY_TEXT, "What it holds: the column's comment."),
            "tags": TAGS,
        },
        same,
        noun="a column",
        keep_node=True,
        lenient=True,
    )


def _vocabulary(values: dict[str, Any], at: Location) -> Vocabulary:
    return Vocabulary(values.get("reason", ""), values.get("columns", ()), values.get("where"), at)


_VOCABULARY = Record(
    {
        "reason": Field(Text(), "Why copying it is harmless.", required=True),
        "columns": Field(Names(), "Only these columns (default: all)."),
        "where": Field(SQL, "Only rows for which this holds at the source."),
    },
    _vocabulary,
    noun="a vocabulary",
    lenient=True,
)


@dataclass(frozen=True, slots=True)
class _WideGenerator:
    """An entry of `generators:`: `columns`, and one generator with its options beside it."""

    generate: GenerateField
    what: str = "a generator with `columns:`"

    def accepts(self, node: y.Node) -> bool:
        return type(node) is y.Mapping

    def read(self, node: y.Node, reading: Reading, name: str) -> Any:
        from dataclasses import replace

        if type(node) is not y.Mapping:
            return reading.wrong_type(name, self.what, node)
        if "columns" not in node.entries:
            message = f"`columns` is missing in `{name}`"
            reading.add(reading.codes.missing_key, "missing-key", message, node.start, "write `columns: [a, b]`")
            return INVALID
        columns = Names().read(node.entries["columns"].value, reading, "columns")
        generate = self.generate.read(node, reading, name)
        return INVALID if INVALID in (columns, generate) else replace(generate, columns=columns)

    def schema(self) -> dict[str, Any]:
        kinds = sorted(self.generate.generators)
        return {
            "type": "object",
            "required": ["columns"],
            "properties": {"columns": Names().schema()},
            "anyOf": [self.generate.one_schema(kind) for kind in kinds] or [{}],
        }


def model_record(generators: Generators) -> Record:
    """A whole model file."""
    return Record(
        {
            "table": Field(Text("a table's name"), "The table's name.", required=True),
            "schema": Field(Text("a schema's name"), "Its schema, if it is not the database's default."),
            "description": Field(ANY_TEXT, "What it holds: the table's comment."),
            "rows": Field(_ROWS, "Rows per pass; 0 when stories make them. A vocabulary has those of its file."),
            "tags": TAGS,
            "ignore": Field(Boolean(), "Leave the table out."),
            "vocabulary": Field(_VOCABULARY, "Copy the table verbatim."),
            "columns": Field(MapOf(column_record(generators), "a mapping of columns"), "The columns, in DDL order.", required=True),
            "primary_key": Field(PRIMARY_KEY, "The primary key."),
            "unique": Field(ListOf(UNIQUE), "Columns that are unique together."),
            "foreign_keys": Field(ListOf(FOREIGN_KEY), "References of several columns."),
            "checks": Field(ListOf(CHECK), "Conditions on each row."),
            "indexes": Field(ListOf(INDEX), "Indexes."),
            "exclusions": Field(ListOf(EXCLUSION), "PostgreSQL's EXCLUDE constraints."),
            "partition_by": Field(Text(), "The text after PARTITION BY."),
            "partitions": Field(PARTITIONS, "The partitions."),
            "options": Field(Text(), "The vendor's text after the list of columns."),
            "vendor": Field(ListOf(SQL), "Statements kept verbatim."),
            "generators": Field(
                ListOf(_WideGenerator(GenerateField(generators, beside=("columns",)))), "Generators that fill several columns."
            ),
        },
        same,
        noun="a model",
        keep_node=True,
        lenient=True,
    )  # fmt: skip
