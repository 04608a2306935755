"""CREATE statements in DuckDB's SQL.

DuckDB may refuse what it cannot bind (an unknown function in a check, a key on a generated column), and a refusal ends its
transaction. So each table is first tried in an empty database in memory, and what is refused there is left out and noted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ssgproj.project.model import Column, ForeignKey, Index, Model, NamedType, TableName
from ssgproj.project.model import Sequence as SequenceModel
from ssgproj.project.types import Kind, SqlType
from ssgproj.targets.base import Schema
from ssgproj.targets.ddl.expressions import canonical_dialect, replace_value, sequence_of, translate_in
from ssgproj.targets.ddl.named import NamedTypes
from ssgproj.targets.ddl.names import literal, qualified, quote, quoted_list
from ssgproj.targets.ddl.types import TEXT_ELSEWHERE, duckdb_type

_SEQUENCE_WORDS = {"start": "START WITH", "increment": "INCREMENT BY", "minvalue": "MINVALUE", "maxvalue": "MAXVALUE"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a CREATE TABLE that can be left out: `note` says so to people (None: nobody needs to know)."""

    sql: str
    note: str | None


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A table as DuckDB can have it. `key_columns` stand inline or are added when the table is full."""

    create: str
    notes: tuple[str, ...]


class DuckdbRenderer:
    """Statements for the tables of one schema."""

    def __init__(self, schema: Schema, default_schema: str | None) -> None:
        self.schema = schema
        self.default_schema = default_schema
        self.types = NamedTypes(schema.objects)
        self.same = canonical_dialect(schema.dialect) == "duckdb"

    def say(self, model: Model, sql: str) -> str | None:
        return translate_in(model, sql, self.schema.dialect, "duckdb")

    def table(self, name: TableName) -> str:
        return qualified(self.place(name))

    def place(self, name: TableName) -> TableName:
        """The table where it stands: models leave the default schema out."""
        return name if name.schema else TableName(name.name, self.default_schema or "main")

    def type_name(self, kind: SqlType) -> str | None:
        named = self.types.find(kind)
        return self.table(named.name) if named and named.kind == "enum" else None

    def column_type(self, kind: SqlType) -> str:
        if self.same and self.types.find(kind) is None and kind.kind is not Kind.ARRAY and kind.kind is not Kind.ENUM:
            return kind.text
        return duckdb_type(kind, self.type_name)

    def enum(self, named: NamedType) -> str:
        labels = ", ".join(literal(label) for label in named.labels)
        return f"CREATE TYPE {self.table(named.name)} AS ENUM ({labels})"

    def sequence(self, name: TableName, options: Iterable[tuple[str, int | str | bool]]) -> str:
        words = [f"CREATE SEQUENCE {self.table(name)}"]
        given = dict(options)
        words += [f"{_SEQUENCE_WORDS[key]} {value}" for key, value in given.items() if key in _SEQUENCE_WORDS]
        if given.get("cycle"):
            words.append("CYCLE")
        return " ".join(words)

    def column_sequence(self, model: Model, column: Column) -> SequenceModel | None:
        """The sequence that an identity or serial column takes its keys from."""
        if column.identity is None:
            return None
        options = dict(column.identity.options)
        named = options.pop("sequence", None)
        schema, name = model.table.schema, f"{model.table.name}_{column.name}_seq"
        if isinstance(named, str):
            schema, _, name = named.rpartition(".") if "." in named else (schema or "", "", named)
        return SequenceModel(TableName(name, schema or None), tuple(options.items()))

    def default_sequence(self, model: Model, column: Column) -> TableName | None:
        """The sequence behind a column's default, its own or a shared one."""
        if own := self.column_sequence(model, column):
            return own.name
        if found := sequence_of(column.default):
            return TableName(found[1], found[0])
        return None

    def nextval(self, name: TableName) -> str:
        return f"nextval({literal(self.table(name))})"

    def create(
        self,
        model: Model,
        keys: bool,
        references: Sequence[ForeignKey],
        accepts: Callable[[str], bool],
        name: TableName | None = None,
    ) -> TablePlan:
        """CREATE TABLE with what DuckDB takes. `keys`: primary and unique keys inline; `references`: the foreign keys to keep."""
        target = self.table(name or model.table)
        columns = [self._column(model, c) for c in model.columns]
        constraints = [*(self.keys(model) if keys else ()), *self._checks(model)]
        constraints += [Piece(self.reference(fk), None) for fk in references]

        def statement(options: Sequence[Sequence[Piece]], tail: Sequence[Piece]) -> str:
            parts = [
                " ".join([base.sql, *(o.sql for o in chosen)]) for base, chosen in zip(bases, options, strict=True)
            ]
            return f"CREATE TABLE {target} ({', '.join([*parts, *(p.sql for p in tail)])})"

        bases = [base for base, _ in columns]
        notes = [base.note for base in bases if base.note]
        for exclusion in model.exclusions:
            called = f"`{exclusion.name or exclusion.sql}` of `{model.table}`"
            notes.append(f"The exclusion {called} has no counterpart in DuckDB")
        everything = [options for _, options in columns]
        if accepts(statement(everything, constraints)):
            return TablePlan(statement(everything, constraints), tuple(notes))
        kept: list[list[Piece]] = [[] for _ in columns]
        for number, options in enumerate(everything):
            for option in options:
                kept[number].append(option)
                if not accepts(statement(kept, ())):
                    kept[number].pop()
                    if option.note:
                        notes.append(option.note)
        tail: list[Piece] = []
        for constraint in constraints:
            tail.append(constraint)
            if not accepts(statement(kept, tail)):
                tail.pop()
                if constraint.note:
                    notes.append(constraint.note)
        return TablePlan(statement(kept, tail), tuple(notes))

    def _column(self, model: Model, column: Column) -> tuple[Piece, list[Piece]]:
        where = f"`{model.table}.{column.name}`"
        spelled = self.column_type(column.type)
        note = None
        element = column.type.element if column.type.kind is Kind.ARRAY else column.type
        if element and element.kind in TEXT_ELSEWHERE and not self.same:
            note = f"{where} holds `{column.type.text}` as text"
        base = Piece(f"{quote(column.name)} {spelled}", note)
        options: list[Piece] = []
        if column.generated is not None:
            sql = self.say(model, column.generated)
            lost = f"{where} is a plain column here: DuckDB cannot compute its expression"
            if sql is None:
                return Piece(base.sql, note or lost), options
            return base, [Piece(f"GENERATED ALWAYS AS ({sql}) VIRTUAL", lost)]
        if not column.nullable:
            options.append(Piece("NOT NULL", None))
        if sequence := self.default_sequence(model, column):
            options.append(Piece(f"DEFAULT {self.nextval(sequence)}", f"{where} has no default here"))
        elif column.default is not None:
            sql = self.say(model, column.default)
            lost = f"The default of {where} has no counterpart in DuckDB"
            options.append(Piece(f"DEFAULT ({sql})" if sql is not None else "DEFAULT (", lost))
        if column.collation and self.same:
            options.append(Piece(f"COLLATE {column.collation}", f"{where} has no collation here"))
        return base, options

    def keys(self, model: Model) -> list[Piece]:
        """The primary key and unique constraints."""
        pieces = []
        if key := model.primary_key:
            lost = f"The primary key of `{model.table}` cannot stand in DuckDB"
            pieces.append(Piece(f"PRIMARY KEY ({quoted_list(key.columns)})", lost))
        for unique in model.unique:
            if model.primary_key and set(unique.columns) == set(model.primary_key.columns):
                continue
            listed = ", ".join(unique.columns)
            lost = f"The unique constraint of `{model.table}` on `{listed}` cannot stand in DuckDB"
            pieces.append(Piece(f"UNIQUE ({quoted_list(unique.columns)})", lost))
        return list(dict.fromkeys(pieces))

    def _checks(self, model: Model) -> Iterable[Piece]:
        for check in model.checks:
            name = f"CONSTRAINT {quote(check.name)} " if check.name else ""
            called = f"`{check.name or check.sql}` of `{model.table}`"
            sql = self.say(model, check.sql)
            yield Piece(f"{name}CHECK ({sql or '('})", f"The check {called} has no counterpart in DuckDB")
        for column in model.columns:
            named = self.types.find(column.type)
            if named is None or named.kind != "domain":
                continue
            for check in named.checks:
                said = replace_value(check.sql, column.name, self.schema.dialect)
                sql = said and self.say(model, said)
                lost = (
                    f"The check of domain `{named.name}` on `{model.table}.{column.name}` has no counterpart in DuckDB"
                )
                yield Piece(f"CHECK ({sql or '('})", lost)
            if named.not_null and column.nullable:
                yield Piece(f"CHECK ({quote(column.name)} IS NOT NULL)", None)

    def reference(self, key: ForeignKey) -> str:
        name = f"CONSTRAINT {quote(key.name)} " if key.name else ""
        return (
            f"{name}FOREIGN KEY ({quoted_list(key.columns)}) "
            f"REFERENCES {self.table(key.to_table)} ({quoted_list(key.to_columns)})"
        )

    def index(self, model: Model, index: Index, number: int) -> Piece:
        """CREATE INDEX, without what DuckDB's indexes do not have (order, method, included columns)."""
        name = index.name or "_".join([model.table.name, *(p.column or "expr" for p in index.parts), "idx"])
        kind = "unique index" if index.unique else "index"
        lost = f"The {kind} `{name}` of `{model.table}` has no counterpart in DuckDB"
        if self.same and index.sql:
            return Piece(index.sql, lost)
        if index.where or not index.parts or (index.using and index.using.lower() not in ("btree", "hash", "art")):
            return Piece("", lost)
        parts = []
        for part in index.parts:
            if part.column is not None:
                parts.append(quote(part.column))
            else:
                sql = self.say(model, part.expression or "")
                if sql is None:
                    return Piece("", lost)
                parts.append(f"({sql})")
        unique = "UNIQUE " if index.unique else ""
        return Piece(f"CREATE {unique}INDEX {quote(name)} ON {self.table(model.table)} ({', '.join(parts)})", lost)

    def comments(self, model: Model) -> Iterable[str]:
        if model.description:
            yield f"COMMENT ON TABLE {self.table(model.table)} IS {literal(model.description)}"
        for column in model.columns:
            if column.description:
                place = f"{self.table(model.table)}.{quote(column.name)}"
                yield f"COMMENT ON COLUMN {place} IS {literal(column.description)}"
