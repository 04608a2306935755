"""CREATE and ALTER statements in PostgreSQL's SQL.

A project reflected from PostgreSQL keeps PostgreSQL's own words (types, expressions, index definitions), so what is made from it
dumps the same as its source. Constraints without a name get the name PostgreSQL gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from ssgproj.project.model import (
    Check,
    Column,
    Exclusion,
    ForeignKey,
    Identity,
    Index,
    Model,
    NamedType,
    Partition,
    PrimaryKey,
    TableName,
    UniqueKey,
)
from ssgproj.project.model import Sequence as SequenceModel
from ssgproj.project.types import Kind, SqlType
from ssgproj.targets.base import Schema
from ssgproj.targets.ddl.expressions import canonical_dialect, sequence_of, translate, translate_in
from ssgproj.targets.ddl.named import NamedTypes
from ssgproj.targets.ddl.names import FreeNames, NameLimit, literal, qualified, quote, quoted_list
from ssgproj.targets.ddl.types import postgres_type
from ssgproj.targets.errors import called
from ssgproj.targets.keys import missing_parent

_SERIALS = {16: "smallserial", 32: "serial", 64: "bigserial"}
_SERIAL_WORDS = {
    "serial": "integer", "serial4": "integer", "bigserial": "bigint", "serial8": "bigint",
    "smallserial": "smallint", "serial2": "smallint",
}  # fmt: skip
_MOST_NAME_BYTES = 63
LIMIT = NameLimit("PostgreSQL", _MOST_NAME_BYTES, "bytes")
_INHERIT = re.compile(r"ALTER TABLE (?:ONLY )?\S+ INHERIT (?P<parent>\S+?);?")


class PostgresRenderer:
    """Statements for the tables of one schema. `notes` collects what could not be said."""

    def __init__(self, schema: Schema, *, unlogged: bool = False) -> None:
        self.schema = schema
        self.unlogged = unlogged
        self.types = NamedTypes(schema.objects)
        self.same = canonical_dialect(schema.dialect) == "postgres"
        self.notes: list[str] = []
        self.left_out: dict[TableName, set[str]] = {}
        """Columns whose default or expression is not to be said."""
        self._taken = FreeNames(LIMIT, {(m.table.schema, m.table.name.lower()) for m in schema.models})

    def free_name(self, name: str, table: TableName) -> str:
        """A name for an index or a key. Elsewhere such names belong to their table; here to the schema, with its tables."""
        return LIMIT.fit(name) if self.same else self._taken.take(name, table.name, table.schema)

    def say(self, sql: str, model: Model | None = None) -> str | None:
        """In PostgreSQL's words; None where it has none, or where they would mean another thing over the model's columns."""
        if model is None:
            return translate(sql, self.schema.dialect, "postgres")
        return translate_in(model, sql, self.schema.dialect, "postgres")

    # Objects

    def named_type(self, named: NamedType) -> str | None:
        """CREATE TYPE or CREATE DOMAIN; None for vendor's text of another database."""
        name = qualified(named.name)
        match named.kind:
            case "enum":
                return f"CREATE TYPE {name} AS ENUM ({', '.join(literal(label) for label in named.labels)})"
            case "domain":
                words = [f"CREATE DOMAIN {name} AS {self.type_text(named.base or 'text')}"]
                if named.collation:
                    words.append(f"COLLATE {_collation(named.collation)}")
                if named.default is not None and (default := self.say(named.default)) is not None:
                    words.append(f"DEFAULT {default}")
                if named.not_null:
                    words.append("NOT NULL")
                words += [self._check(check) for check in named.checks if self.say(check.sql) is not None]
                return " ".join(words)
            case "composite":
                fields = ", ".join(f"{quote(field)} {self.type_text(text)}" for field, text in named.fields)
                return f"CREATE TYPE {name} AS ({fields})"
        return named.sql if self.same else None

    def type_text(self, text: str) -> str:
        """A type as models write it: a named type is quoted, anything else is PostgreSQL's own already."""
        base, brackets = re.fullmatch(r"(.*?)((?:\[\d*\])*)", text.strip(), re.DOTALL).groups()  # type: ignore[union-attr]
        named = self.types.find(SqlType(Kind.OTHER, base))
        return qualified(named.name) + brackets if named else text

    def column_type(self, kind: SqlType) -> str:
        if kind.kind is Kind.ARRAY and kind.element is not None and kind.domain is None:
            if self.same and self.types.find(kind.element) is None:
                return kind.text
            return f"{self.column_type(kind.element)}[]"
        named = self.types.find(kind)
        if named and (named.kind in ("enum", "domain", "composite") or self.same):
            return qualified(named.name)
        if self.same:
            return _SERIAL_WORDS.get(kind.text.lower().strip(), kind.text)
        return postgres_type(kind)

    def sequence(
        self, name: TableName, options: Iterable[tuple[str, int | str | bool]], kind: str | None = None
    ) -> str:
        given = dict(options)
        type_ = given.get("type") or kind
        words = f"CREATE SEQUENCE {qualified(name)}" + (f" AS {type_}" if type_ else "")
        return f"{words}{_sequence_options(given)}"

    # Tables

    def create(self, model: Model) -> Iterator[str]:
        """The bare table and what its columns need: types, NOT NULL, defaults, identity, generated columns, partitions."""
        owned: list[str] = []
        columns = []
        parents = self.parents(model)
        inherited = {c.name for p in parents for c in p.columns}
        for column in model.columns:
            if column.name in inherited:
                continue
            text, before, after = self._column(model, column)
            if before:
                yield before
            columns.append(text)
            owned += after
        tail = f" PARTITION BY {model.partition_by}" if model.partition_by and self.same else ""
        options = f" {model.options}" if model.options and self.same else ""
        if parents:
            tail = f" INHERITS ({', '.join(qualified(p.table) for p in parents)})"
        yield f"{self._create(model.partition_by if self.same else None)} {qualified(model.table)} ({', '.join(columns)}){tail}{options}"
        yield from owned
        if self.same:
            for partition in model.partitions:
                yield from self._partition(model.table, partition)

    def _create(self, partition_by: str | None) -> str:
        """A partitioned table has no rows of its own, so PostgreSQL knows no unlogged one."""
        return "CREATE UNLOGGED TABLE" if self.unlogged and not partition_by else "CREATE TABLE"

    def parents(self, model: Model) -> list[Model]:
        """The tables of the run that a table inherits from, if its columns begin with theirs."""
        found = [f for f in map(_INHERIT.fullmatch, model.vendor) if f] if self.same else []
        names = [f["parent"].replace('"', "") for f in found]
        parents = [m for n in names for m in self.schema.models if str(m.table) == n and m is not model]
        expected = list(dict.fromkeys(_essence(c) for p in parents for c in p.columns))
        if len(parents) < len(names) or [_essence(c) for c in model.columns[: len(expected)]] != expected:
            return []
        return parents

    def vendor(self, model: Model) -> list[str]:
        """The vendor's statements that CREATE TABLE has not said already."""
        if not self.same:
            return []
        return [s for s in model.vendor if not (self.parents(model) and _INHERIT.fullmatch(s))]

    def _column(self, model: Model, column: Column) -> tuple[str, str | None, list[str]]:
        """The column's definition; a statement that must come before, and those that must come after the table."""
        words = [quote(column.name)]
        before, after = None, []
        spelled = self.column_type(column.type)
        identity = column.identity
        if identity is None and column.type.text.lower().strip() in _SERIAL_WORDS:
            identity = Identity(serial=True)
        own = self.column_sequence(model, column, identity)
        serial_word = _SERIALS.get(column.type.bits or 32)
        default = None
        if identity and identity.serial:
            if identity.options or column.nullable or serial_word is None or column.type.unsigned or own is None:
                own = own or SequenceModel(TableName(f"{model.table.name}_{column.name}_seq", model.table.schema))
                integer = spelled if spelled in ("smallint", "integer", "bigint") else "bigint"
                before = self.sequence(own.name, own.options, integer)
                default = f"nextval({literal(qualified(own.name))}::regclass)"
                after = [f"ALTER SEQUENCE {qualified(own.name)} OWNED BY {qualified(model.table)}.{quote(column.name)}"]
            else:
                spelled = serial_word
        words.append(spelled)
        if column.collation and self.same:
            words.append(f"COLLATE {_collation(column.collation)}")
        left_out = column.name in self.left_out.get(model.table, ())
        if column.generated is not None:
            sql = None if left_out else self.say(column.generated, model)
            if sql is None and not left_out:
                self.notes.append(f"`{model.table}.{column.name}` is a plain column: its expression has no counterpart")
            elif sql is not None:
                words.append(f"GENERATED ALWAYS AS ({sql}) {'STORED' if column.stored or not self.same else 'VIRTUAL'}")
        elif identity and not identity.serial:
            when = "ALWAYS" if identity.always else "BY DEFAULT"
            options = _sequence_options(dict(identity.options), self._sequence_name(model, identity))
            words.append(f"GENERATED {when} AS IDENTITY" + (f" ({options.strip()})" if options else ""))
        elif column.default is not None and identity is None and not left_out:
            default = self._default(model, column)
        if default is not None:
            words.append(f"DEFAULT {default}")
        if not column.nullable and not (column.generated is not None and words[-1] == spelled):
            words.append("NOT NULL")
        return " ".join(words), before, after

    def _default(self, model: Model, column: Column) -> str | None:
        sql = self.say(column.default or "")
        if not self.same and column.type.kind is Kind.BOOLEAN and sql in ("0", "1"):
            return "true" if sql == "1" else "false"
        if not self.same and sql is not None and (shared := sequence_of(column.default)):
            return f"nextval({literal(qualified(TableName(shared[1], shared[0])))}::regclass)"
        if sql is None:
            self.notes.append(f"The default of `{model.table}.{column.name}` has no counterpart in PostgreSQL")
        return sql

    def _sequence_name(self, model: Model, identity: Identity) -> str | None:
        named = dict(identity.options).get("sequence")
        if not isinstance(named, str):
            return None
        schema, _, name = named.rpartition(".")
        return qualified(TableName(name, schema or model.table.schema))

    def column_sequence(self, model: Model, column: Column, identity: Identity | None) -> SequenceModel | None:
        """The sequence of a serial or identity column."""
        if identity is None:
            return None
        options = dict(identity.options)
        named = options.pop("sequence", None)
        default = TableName(default_name(model.table.name, column.name, "seq"), model.table.schema)
        if isinstance(named, str):
            schema, _, name = named.rpartition(".")
            default = TableName(name, schema or model.table.schema)
        return SequenceModel(default, tuple(options.items()))

    def _partition(self, parent: TableName, partition: Partition) -> Iterator[str]:
        by = f" PARTITION BY {partition.by}" if partition.by else ""
        yield f"{self._create(partition.by)} {qualified(partition.table)} PARTITION OF {qualified(parent)} {partition.bound}{by}"
        for child in partition.partitions:
            yield from self._partition(partition.table, child)

    def in_order(self, models: Sequence[Model]) -> list[Model]:
        """As given, but a table that inherits after the tables it inherits from."""
        ordered: list[Model] = []

        def add(model: Model, above: tuple[Model, ...]) -> None:
            for parent in self.parents(model):
                if parent in models and parent not in above:
                    add(parent, (*above, model))
            if model not in ordered:
                ordered.append(model)

        for model in models:
            add(model, ())
        return ordered

    # What is added when the table is full

    def keys(self, model: Model) -> Iterator[tuple[str, str]]:
        """(what, statement) of the primary key and the unique constraints."""
        start = f"ALTER TABLE {qualified(model.table)} ADD"
        if key := model.primary_key:
            yield "the primary key", f"{start} {self._key(model.table, 'PRIMARY KEY', key)}"
        for unique in model.unique:
            yield f"the key on `{', '.join(unique.columns)}`", f"{start} {self._key(model.table, 'UNIQUE', unique)}"

    def _key(self, table: TableName, words: str, key: PrimaryKey | UniqueKey) -> str:
        distinct = " NULLS NOT DISTINCT" if isinstance(key, UniqueKey) and key.nulls_not_distinct else ""
        include = f" INCLUDE ({quoted_list(key.include)})" if key.include else ""
        name = self.free_name(key.name, table) if key.name else None
        return f"{_named(name)}{words}{distinct} ({quoted_list(key.columns)}){include}{_deferrable(key.deferrable)}"

    def checks(self, model: Model) -> Iterator[tuple[str, str]]:
        for check in model.checks:
            if self.say(check.sql, model) is None:
                which = f"`{check.name or check.sql}` of `{model.table}`"
                self.notes.append(f"The check {which} has no counterpart in PostgreSQL")
                continue
            yield (
                f"the check {called(check, self.schema.dialect)}",
                f"ALTER TABLE {qualified(model.table)} ADD {self._check(check)}",
            )
        if not self.same:
            for column in model.columns:
                kind = column.type
                if kind.kind is Kind.ENUM and kind.labels and self.types.find(kind) is None:
                    labels = ", ".join(literal(label) for label in kind.labels)
                    yield (
                        f"the check of the labels of `{column.name}`",
                        f"ALTER TABLE {qualified(model.table)} ADD CHECK ({quote(column.name)} IN ({labels}))",
                    )
        for partition in _all_partitions(model) if self.same else ():
            for check in partition.checks:
                yield (
                    f"the check {called(check, self.schema.dialect)}",
                    f"ALTER TABLE {qualified(partition.table)} ADD {self._check(check)}",
                )

    def _check(self, check: Check) -> str:
        inherit = " NO INHERIT" if check.no_inherit else ""
        valid = " NOT VALID" if check.not_valid else ""
        return f"{_named(check.name)}CHECK ({self.say(check.sql)}){inherit}{valid}"

    def indexes(self, model: Model) -> Iterator[tuple[str, str]]:
        for index in model.indexes:
            if statement := self._index(model, model.table, index):
                yield f"index `{index.name}`" if index.name else "an index", statement
        for partition in _all_partitions(model) if self.same else ():
            for index in partition.indexes:
                if statement := self._index(model, partition.table, index):
                    yield f"index `{index.name}`" if index.name else "an index", statement

    def _index(self, model: Model, table: TableName, index: Index) -> str | None:
        if index.sql and self.same:
            return index.sql
        lost = f"The index {f'`{index.name}` ' if index.name else ''}of `{table}` has no counterpart in PostgreSQL"
        parts = []
        for part in index.parts:
            if part.column is not None:
                text: str | None = quote(part.column)
            else:
                text = self.say(part.expression or "", model)
                text = None if text is None else f"({text})"
            if text is None:
                self.notes.append(lost)
                return None
            parts.append(f"{text} {part.suffix}" if part.suffix and self.same else text)
        where = self.say(index.where, model) if index.where else ""
        if where is None or not parts:
            self.notes.append(lost)
            return None
        unique = "UNIQUE " if index.unique else ""
        name = f"{quote(self.free_name(index.name, table))} " if index.name else ""
        using = f" USING {index.using}" if index.using and self.same else ""
        include = f" INCLUDE ({quoted_list(index.include)})" if index.include else ""
        distinct = " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
        condition = f" WHERE {where}" if where else ""
        return f"CREATE {unique}INDEX {name}ON {qualified(table)}{using} ({', '.join(parts)}){include}{distinct}{condition}"

    def exclusions(self, model: Model) -> Iterator[tuple[str, str]]:
        if not self.same:
            for exclusion in model.exclusions:
                self.notes.append(f"The exclusion `{exclusion.name or exclusion.sql}` of `{model.table}` is left out")
            return
        for exclusion in model.exclusions:
            yield (
                f"the exclusion `{exclusion.name}`" if exclusion.name else "an exclusion",
                f"ALTER TABLE {qualified(model.table)} ADD {_exclusion(exclusion)}",
            )

    def references(self, model: Model, stands: Callable[[TableName], bool]) -> Iterator[tuple[str, str]]:
        for key in model.foreign_keys:
            if not stands(key.to_table):
                self.notes.append(missing_parent(model, key))
                continue
            what = f"the reference to `{key.to_table}`"
            yield what, f"ALTER TABLE {qualified(model.table)} ADD {self.reference(key)}"

    def reference(self, key: ForeignKey) -> str:
        words = [
            f"{_named(key.name)}FOREIGN KEY ({quoted_list(key.columns)})",
            f"REFERENCES {qualified(key.to_table)} ({quoted_list(key.to_columns)})",
        ]
        if key.match_full:
            words.append("MATCH FULL")
        if key.on_update:
            words.append(f"ON UPDATE {key.on_update.upper() if '(' not in key.on_update else key.on_update}")
        if key.on_delete:
            words.append(f"ON DELETE {key.on_delete.upper() if '(' not in key.on_delete else key.on_delete}")
        valid = " NOT VALID" if key.not_valid else ""
        return " ".join(words) + _deferrable(key.deferrable) + valid

    def comments(self, model: Model) -> Iterator[str]:
        if model.description:
            yield f"COMMENT ON TABLE {qualified(model.table)} IS {literal(model.description)}"
        for column in model.columns:
            if column.description:
                place = f"{qualified(model.table)}.{quote(column.name)}"
                yield f"COMMENT ON COLUMN {place} IS {literal(column.description)}"


def default_name(table: str, column: str, suffix: str) -> str:
    """The name PostgreSQL gives: `TABLE_COLUMN_SUFFIX`, the longer of the two cut until it fits 63 bytes."""
    first, second = table.encode(), column.encode()
    room = _MOST_NAME_BYTES - len(suffix) - 2
    while len(first) + len(second) > room:
        if len(first) > len(second):
            first = first[:-1]
        else:
            second = second[:-1]
    return f"{first.decode(errors='ignore')}_{second.decode(errors='ignore')}_{suffix}"


def _all_partitions(model: Model) -> Iterator[Partition]:
    waiting = list(model.partitions)
    while waiting:
        partition = waiting.pop(0)
        yield partition
        waiting = [*partition.partitions, *waiting]


def _essence(column: Column) -> Column:
    """What a child's column has in common with its parent's."""
    return replace(column, description=None, null_rate=None, tags=(), identity=None, default=None)


def _named(name: str | None) -> str:
    return f"CONSTRAINT {quote(LIMIT.fit(name))} " if name else ""


def _deferrable(deferrable: str | None) -> str:
    if not deferrable:
        return ""
    return " DEFERRABLE INITIALLY DEFERRED" if "initially deferred" in deferrable.lower() else " DEFERRABLE"


def _exclusion(exclusion: Exclusion) -> str:
    sql = exclusion.sql if exclusion.sql.lstrip().upper().startswith("EXCLUDE") else f"EXCLUDE {exclusion.sql}"
    return f"{_named(exclusion.name)}{sql}"


def _collation(name: str) -> str:
    """`C`, `"C"` or `pg_catalog."C"`, as written or quoted."""
    return name if '"' in name else ".".join(quote(part) for part in name.split("."))


def _sequence_options(options: dict[str, int | str | bool], name: str | None = None) -> str:
    words = [f"SEQUENCE NAME {name}"] if name else []
    for key, text in (
        ("start", "START WITH"),
        ("increment", "INCREMENT BY"),
        ("minvalue", "MINVALUE"),
        ("maxvalue", "MAXVALUE"),
        ("cache", "CACHE"),
    ):
        if key in options and options[key] is not None:
            words.append(f"{text} {options[key]}")
    if options.get("cycle"):
        words.append("CYCLE")
    return "".join(f" {w}" for w in words)
