"""What `models/*.yml` say: tables, columns, keys and checks, as frozen data.

Every object carries `at`, the place it was written; it takes no part in comparisons, so that two models are equal when they mean
the same. Names are the database's own, unquoted, in their exact case. SQL texts (`default`, `generated`, checks, index
expressions) are in the project's `source.dialect`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ssgproj.diagnostics import Location

if TYPE_CHECKING:
    from ssgproj.project.types import SqlType

NOWHERE = Location("")
MASKS = frozenset({"missing"})
"""Generators that fill no column."""


def _place() -> Any:
    return field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table's name, with its schema (None: the target's default schema)."""

    name: str
    schema: str | None = None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class Generate:
    """One `generate:`: the generator's name and its options as plain YAML values, unchecked against the generator.

    `columns` are filled from it, in order. `option_places` maps each option's name to where it stands, and keys
    within an option's mapping as `option.key`.
    """

    kind: str
    options: Mapping[str, Any]
    columns: tuple[str, ...]
    at: Location = _place()
    option_places: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False)

    def place(self, option: str) -> Location:
        """Where an option stands. `arguments.days` is `days` under `arguments`, or written beside the generator's name."""
        outer, _, inner = option.partition(".")
        found = (self.option_places.get(name) for name in (option, inner, outer) if name)
        return next((at for at in found if at is not None), self.at)

    @property
    def is_mask(self) -> bool:
        """Whether it takes values away from columns that others fill."""
        return self.kind in MASKS


@dataclass(frozen=True, slots=True)
class Identity:
    """`GENERATED ... AS IDENTITY` or AUTO_INCREMENT, or a serial column (`serial=True`).

    `always`: GENERATED ALWAYS rather than BY DEFAULT. `options` are the sequence's settings where they differ from the
    database's defaults (`start increment minvalue maxvalue cache cycle`, `sequence`: its name).
    """

    always: bool = False
    serial: bool = False
    options: tuple[tuple[str, int | str | bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `nullable` is False unless said. `generated` is the SQL of a generated column, `stored` its kind."""

    name: str
    type: SqlType
    nullable: bool = False
    default: str | None = None
    identity: Identity | None = None
    generated: str | None = None
    stored: bool = True
    collation: str | None = None
    description: str | None = None
    null_rate: float | None = None
    tags: tuple[str, ...] = ()
    at: Location = _place()


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """`name` is None where it is the database's default (`TABLE_pkey`). `include`: the columns after INCLUDE."""

    columns: tuple[str, ...]
    name: str | None = None
    deferrable: str | None = None
    include: tuple[str, ...] = ()
    at: Location = _place()


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """A UNIQUE constraint. `deferrable` is None, `deferrable` or `initially deferred`. `include`: as in `PrimaryKey`."""

    columns: tuple[str, ...]
    name: str | None = None
    nulls_not_distinct: bool = False
    deferrable: str | None = None
    include: tuple[str, ...] = ()
    at: Location = _place()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference. `to_columns` are the referenced columns, in the order of `columns`; never empty.

    `on_delete` and `on_update` are lower-case SQL (`cascade`, `set null (a)`) or None for no action. `match_full`: MATCH FULL.
    """

    columns: tuple[str, ...]
    to_table: TableName
    to_columns: tuple[str, ...]
    name: str | None = None
    on_delete: str | None = None
    on_update: str | None = None
    match_full: bool = False
    deferrable: str | None = None
    not_valid: bool = False
    at: Location = _place()


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK: `sql` is the condition, without the word CHECK and without its outer brackets."""

    sql: str
    name: str | None = None
    no_inherit: bool = False
    not_valid: bool = False
    at: Location = _place()


@dataclass(frozen=True, slots=True)
class IndexPart:
    """One key of an index: a column, or an SQL expression; `suffix` is the rest (`DESC NULLS LAST`, an operator class)."""

    column: str | None = None
    expression: str | None = None
    suffix: str | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """An index. `using` is its method where it is not the database's default; `sql` the vendor's whole CREATE INDEX,
    kept where the parts cannot say all of it and used on a database of the source's dialect."""

    parts: tuple[IndexPart, ...]
    name: str | None = None
    unique: bool = False
    where: str | None = None
    using: str | None = None
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    sql: str | None = None
    at: Location = _place()

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The index's columns, or None if a part is an expression."""
        names = tuple(p.column for p in self.parts if p.column is not None)
        return names if len(names) == len(self.parts) else None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A PostgreSQL EXCLUDE constraint: `sql` from `USING` on; `overlaps` the columns compared with `&&`, `equals` with `=`."""

    sql: str
    name: str | None = None
    overlaps: tuple[str, ...] = ()
    equals: tuple[str, ...] = ()
    at: Location = _place()


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition of a partitioned table: `bound` is `FOR VALUES ...` or `DEFAULT`, `by` its own partitioning if any."""

    table: TableName
    bound: str
    by: str | None = None
    partitions: tuple[Partition, ...] = ()
    indexes: tuple[Index, ...] = ()
    checks: tuple[Check, ...] = ()
    at: Location = _place()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`vocabulary:` — the table is copied verbatim. `columns` empty: all. `where` is SQL at the source."""

    reason: str
    columns: tuple[str, ...] = ()
    where: str | None = None
    at: Location = _place()


@dataclass(frozen=True, slots=True)
class Model:
    """One destination table. `path` is its file; `rows` per pass, or the text `var.NAME`, or None for the project's default.

    `partition_by` is the text after PARTITION BY. `options` is the vendor's text after the column list (storage, engine, STRICT).
    `vendor` are whole statements in the source's dialect, kept because ssg does not understand them, run once the table is filled
    in a destination of that dialect.
    """

    table: TableName
    path: str
    columns: tuple[Column, ...]
    rows: int | str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    ignore: bool = False
    vocabulary: Vocabulary | None = None
    primary_key: PrimaryKey | None = None
    unique: tuple[UniqueKey, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    partition_by: str | None = None
    partitions: tuple[Partition, ...] = ()
    options: str | None = None
    vendor: tuple[str, ...] = ()
    generators: tuple[Generate, ...] = ()
    at: Location = _place()

    @property
    def node_id(self) -> str:
        return f"{'vocabulary' if self.vocabulary else 'model'}.{self.table}"

    def column(self, name: str) -> Column:
        """The column of this name. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class NamedType:
    """A type of the database's own. `kind`: `enum` (labels), `domain` (base, checks, default, not_null), `composite`
    (fields), `range` and `other` (vendor text in `sql`)."""

    name: TableName
    kind: str
    labels: tuple[str, ...] = ()
    base: str | None = None
    not_null: bool = False
    default: str | None = None
    collation: str | None = None
    checks: tuple[Check, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    sql: str | None = None
    description: str | None = None
    at: Location = _place()


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence that no column owns, used in a default. `options` as in `Identity`, plus `type`."""

    name: TableName
    options: tuple[tuple[str, int | str | bool], ...] = ()
    description: str | None = None
    at: Location = _place()


@dataclass(frozen=True, slots=True)
class Function:
    """A function that a default, check, index or generated column calls, as the vendor's CREATE FUNCTION text."""

    name: TableName
    sql: str
    at: Location = _place()


@dataclass(frozen=True, slots=True)
class SchemaObjects:
    """What `models/_schema.yml` says: everything tables need that is not a table, in creation order."""

    schemas: tuple[tuple[str, str | None], ...] = ()
    """Schemas other than the default, each with its comment."""
    extensions: tuple[str, ...] = ()
    types: tuple[NamedType, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    functions: tuple[Function, ...] = ()
