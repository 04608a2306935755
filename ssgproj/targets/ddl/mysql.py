"""CREATE and ALTER statements in MariaDB's and MySQL's SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from ssgproj.project.model import Column, ForeignKey, Index, Model, TableName
from ssgproj.project.types import Kind, SqlType
from ssgproj.targets.base import Schema
from ssgproj.targets.ddl.expressions import canonical_dialect, replace_value, translate_in
from ssgproj.targets.ddl.named import NamedTypes
from ssgproj.targets.ddl.names import FreeNames, NameLimit, flat_names, quote_backtick

_KEY_CHARACTERS = 768
"""An InnoDB key holds 3072 bytes: this many characters of four bytes."""
LIMIT = NameLimit("MariaDB", 64)

_INTEGERS = {8: "tinyint", 16: "smallint", 24: "mediumint", 32: "int", 64: "bigint"}


def literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def quoted_list(names: Iterable[str]) -> str:
    return ", ".join(quote_backtick(n) for n in names)


def is_bits(kind: SqlType) -> bool:
    """Whether a column of this type is MariaDB's BIT: a fixed number of bits, at most 64."""
    return kind.kind is Kind.BIT and kind.fixed and kind.length is not None and kind.length <= 64


def mysql_type(kind: SqlType) -> str:
    """The spelling of a type that came from another database."""
    match kind.kind:
        case Kind.BOOLEAN:
            return "tinyint(1)"
        case Kind.INTEGER:
            if kind.bits == 128:
                return "decimal(39,0)"
            return _INTEGERS[kind.bits or 32] + (" unsigned" if kind.unsigned else "")
        case Kind.DECIMAL:
            if kind.precision is None:
                return "decimal(18,4)"
            # A negative scale rounds before the point: more digits there, none after it.
            digits = max(kind.precision - min(kind.scale or 0, 0), kind.scale or 0)
            return f"decimal({min(max(digits, 1), 65)},{min(max(kind.scale or 0, 0), 38)})"
        case Kind.MONEY:
            return "decimal(19,2)"
        case Kind.FLOAT:
            return "float" if kind.bits == 32 else "double"
        case Kind.STRING if kind.length is not None and 0 < kind.length <= 16_000:
            return f"char({kind.length})" if kind.fixed and kind.length <= 255 else f"varchar({kind.length})"
        case Kind.BINARY:
            return f"varbinary({kind.length})" if kind.length and kind.length <= 16_000 else "longblob"
        case Kind.DATE:
            return "date"
        case Kind.TIME:
            return f"time({6 if kind.precision is None else min(kind.precision, 6)})"
        case Kind.TIMESTAMP:
            return f"datetime({6 if kind.precision is None else min(kind.precision, 6)})"
        case Kind.INTERVAL:
            return "varchar(64)"
        case Kind.UUID:
            return "char(36)"
        case Kind.JSON | Kind.ARRAY | Kind.STRUCT | Kind.MAP:
            return "json"
        case Kind.ENUM if kind.labels:
            return f"enum({','.join(literal(label) for label in kind.labels)})"
        case Kind.YEAR:
            return "smallint"
        case Kind.BIT if is_bits(kind):
            return f"bit({kind.length})"
        case Kind.BIT if kind.length and kind.length <= 16_000:
            return f"varchar({kind.length})"
        case Kind.INET | Kind.CIDR | Kind.MACADDR:
            return "varchar(64)"
        case _:
            return "longtext"


class MysqlRenderer:
    """Statements for the tables of one schema. `place(table)` is where a referenced table stands during the run."""

    def __init__(self, schema: Schema, mariadb: bool, place: Callable[[TableName], str]) -> None:
        self.schema = schema
        self.same = canonical_dialect(schema.dialect) == "mysql"
        self.types = NamedTypes(schema.objects)
        self.mariadb = mariadb
        self.place = place
        self.notes: list[str] = []
        self._flat = flat_names(schema.models)
        free = FreeNames(LIMIT)
        # References' names belong to the database, those of other keys to their table.
        self._references = {
            (m.table, k.name): free.take(k.name, self.name(m.table))
            for m in schema.models
            for k in m.foreign_keys
            if k.name
        }

    def name(self, table: TableName) -> str:
        """A schema is a database here, and a run fills one database: `shop.orders` is the table `shop_orders`."""
        return self._flat.get(table, table.name if table.schema is None else f"{table.schema}_{table.name}")

    def say(self, model: Model, sql: str) -> str | None:
        return translate_in(model, sql, self.schema.dialect, "mysql")

    def create(self, model: Model, accepts: Callable[[str], bool]) -> str:
        """CREATE TABLE with the primary key, and with what a column needs at once: its number's key, checks."""
        target = quote_backtick(self.name(model.table))
        numbered = self._numbered(model)
        columns = [self._column(model, c, numbered) for c in model.columns]
        tail = []
        if model.primary_key:
            tail.append(f"PRIMARY KEY ({self._key_columns(model, model.primary_key.columns)})")
        if numbered and not _leads(model.primary_key.columns if model.primary_key else (), numbered):
            tail += [self._unique(model, n) for n, u in enumerate(model.unique) if _leads(u.columns, numbered)][:1] or [
                self._index(model, i) or "" for i in model.indexes if i.columns and _leads(i.columns, numbered)
            ][:1]
        checks = list(self._checks(model))
        for exclusion in model.exclusions:
            self.notes.append(
                f"The exclusion `{exclusion.name or exclusion.sql}` of `{model.table}` has no counterpart in MariaDB"
            )
        options = self._options(model)

        def statement(kept: list[str], good: list[tuple[str, str]]) -> str:
            parts = [base + extra for (base, _, _), extra in zip(columns, kept, strict=True)]
            return f"CREATE TABLE {target} ({', '.join([*parts, *tail, *(c for c, _ in good)])}){options}"

        extras = [extra for _, extra, _ in columns]
        if accepts(statement(extras, checks)):
            return statement(extras, checks)
        kept = ["" for _ in columns]
        for number, (_, extra, lost) in enumerate(columns):
            if extra:
                kept[number] = extra
                if not accepts(statement(kept, [])):
                    kept[number] = ""
                    self.notes.append(lost)
        good: list[tuple[str, str]] = []
        for check in checks:
            if accepts(statement(kept, [*good, check])):
                good.append(check)
            else:
                self.notes.append(check[1])
        return statement(kept, good)

    def column_type(self, model: Model, column: Column) -> str:
        if self.same:
            return column.type.text
        spelled = mysql_type(column.type)
        room = self._room(model, column.name)
        if room is None:
            return spelled
        if spelled == "longtext":
            return f"varchar({room})"
        if spelled == "longblob":
            return f"varbinary({room})"
        length = re.fullmatch(r"varchar\((\d+)\)", spelled)
        return f"varchar({min(int(length[1]), room)})" if length else spelled

    def _room(self, model: Model, column: str) -> int | None:
        """How many characters a key leaves for this column; None if it is in no key."""
        keys = [u.columns for u in model.unique] + [k.columns for k in model.foreign_keys]
        keys += [model.primary_key.columns] if model.primary_key else []
        keys += [i.columns for i in model.indexes if i.unique and i.columns and not i.where]
        keys += [k.to_columns for m in self.schema.models for k in m.foreign_keys if k.to_table == model.table]
        sizes = [len(k) for k in keys if column in k]
        return min(255, _KEY_CHARACTERS // max(sizes)) if sizes else None

    def _column(self, model: Model, column: Column, numbered: str | None) -> tuple[str, str, str]:
        """(definition, what MariaDB may refuse, the note if it does)."""
        where = f"`{model.table}.{column.name}`"
        words = [quote_backtick(column.name), self.column_type(model, column)]
        if column.collation and self.same:
            words.append(f"CHARACTER SET {column.collation.split('_')[0]} COLLATE {column.collation}")
        elif column.type.case_insensitive:
            words.append("COLLATE utf8mb4_general_ci")
        comment = f" COMMENT {literal(column.description)}" if column.description else ""
        if column.generated is not None:
            sql = self.say(model, column.generated)
            kind = "STORED" if column.stored else "VIRTUAL"
            extra = f" GENERATED ALWAYS AS ({sql or '('}) {kind}{comment}"
            return " ".join(words), extra, f"{where} is a plain column: its expression has no counterpart in MariaDB"
        if not column.nullable:
            words.append("NOT NULL")
        elif self.same and column.type.text.lower().startswith("timestamp"):
            words.append("NULL")
        lost = f"The default of {where} has no counterpart in MariaDB"
        if column.name == numbered:
            words.append("AUTO_INCREMENT")
        elif column.identity is not None:
            self.notes.append(f"{where} is not numbered by MariaDB: a table has one such column, the first of a key")
        elif column.default is not None:
            sql = column.default if self.same else self.say(model, column.default)
            if not self.same:
                sql = f"({sql})" if sql is not None else "("
            return " ".join(words), f" DEFAULT {sql}{comment}", lost
        return " ".join(words) + comment, "", ""

    def _numbered(self, model: Model) -> str | None:
        """The column that can be AUTO_INCREMENT: the first of a key."""
        keys = [model.primary_key.columns] if model.primary_key else []
        keys += [u.columns for u in model.unique] + [i.columns for i in model.indexes if i.columns and not i.where]
        for column in model.columns:
            if column.identity is not None and any(_leads(k, column.name) for k in keys):
                return column.name
        return None

    def _checks(self, model: Model) -> Iterator[tuple[str, str]]:
        for check in model.checks:
            name = f"CONSTRAINT {quote_backtick(LIMIT.fit(check.name))} " if check.name else ""
            called = f"`{check.name or check.sql}` of `{model.table}`"
            sql = self.say(model, check.sql) or "("
            yield f"{name}CHECK ({sql})", f"The check {called} has no counterpart in MariaDB"
        for column in model.columns:
            named = self.types.find(column.type)
            for check in named.checks if named is not None and named.kind == "domain" else ():
                said = replace_value(check.sql, column.name, self.schema.dialect)
                sql = (said and self.say(model, said)) or "("
                place = f"`{model.table}.{column.name}`"
                yield (
                    f"CHECK ({sql})",
                    f"The check of domain `{column.type.domain}` on {place} has no counterpart in MariaDB",
                )

    def _options(self, model: Model) -> str:
        if self.same:
            options = f" {model.options}" if model.options else ""
            partition = f" PARTITION BY {model.partition_by}" if model.partition_by else ""
        else:
            # Texts that differ only in case or in blanks at the end are the same to MariaDB's usual collations.
            collation = "utf8mb4_nopad_bin" if self.mariadb else "utf8mb4_0900_bin"
            options, partition = f" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={collation}", ""
        comment = ""
        if model.description and "comment=" not in options.lower():
            comment = f" COMMENT={literal(model.description)}"
        return options + comment + partition

    # What is added when the table is full

    def additions(self, model: Model) -> list[str]:
        """Unique keys and indexes, as parts of ALTER TABLE."""
        numbered = self._numbered(model)
        inline = (
            numbered
            if numbered and not _leads(model.primary_key.columns if model.primary_key else (), numbered)
            else None
        )
        parts = []
        for number, unique in enumerate(model.unique):
            if inline and _leads(unique.columns, inline):
                inline = None
                continue
            parts.append("ADD " + self._unique(model, number))
        for index in model.indexes:
            if inline and index.columns and _leads(index.columns, inline):
                inline = None
            elif sql := self._index(model, index):
                parts.append("ADD " + sql)
        return parts

    def _unique(self, model: Model, number: int) -> str:
        unique = model.unique[number]
        name = f" {quote_backtick(LIMIT.fit(unique.name))}" if unique.name else ""
        return f"UNIQUE KEY{name} ({self._key_columns(model, unique.columns)})"

    def _index(self, model: Model, index: Index) -> str | None:
        name = f" {quote_backtick(LIMIT.fit(index.name))}" if index.name else ""
        lost = f"The index {f'`{index.name}` ' if index.name else ''}of `{model.table}` has no counterpart in MariaDB"
        using = (index.using or "").lower()
        odd = index.where or not index.columns or using not in ("", "btree", "hash", "fulltext", "spatial")
        if odd and not (self.same and index.columns is None and index.parts):
            self.notes.append(lost)
            return None
        word = {"fulltext": "FULLTEXT KEY", "spatial": "SPATIAL KEY"}.get(
            using, "UNIQUE KEY" if index.unique else "KEY"
        )
        parts = []
        for part in index.parts:
            if part.column is None:
                parts.append(
                    f"({part.expression})"
                    if not re.match(r"^`.*`\(\d+\)$", part.expression or "")
                    else str(part.expression)
                )
                continue
            length = self._prefix(model, part.column, index.unique) if not self.same else ""
            suffix = part.suffix or ""
            if self.same and re.match(r"^\(\d+\)", suffix):
                length, suffix = suffix, ""
            if not self.same and suffix.upper() not in ("ASC", "DESC"):
                suffix = ""
            parts.append(f"{quote_backtick(part.column)}{length}{' ' + suffix if suffix else ''}")
        method = f" USING {using.upper()}" if self.same and using == "hash" else ""
        return f"{word}{name} ({', '.join(parts)}){method}"

    def _key_columns(self, model: Model, columns: Iterable[str]) -> str:
        return ", ".join(quote_backtick(c) for c in columns)

    def _prefix(self, model: Model, name: str, unique: bool) -> str:
        spelled = self.column_type(model, model.column(name))
        if spelled in ("longtext", "longblob", "json"):
            return "(191)"
        length = re.fullmatch(r"(?:varchar|varbinary)\((\d+)\)", spelled)
        return "(191)" if length and int(length[1]) > 255 and not unique else ""

    def reference(self, model: Model, key: ForeignKey) -> str:
        called = self._references.get((model.table, key.name), key.name) if key.name else None
        name = f"CONSTRAINT {quote_backtick(called)} " if called else ""
        words = [
            f"ADD {name}FOREIGN KEY ({quoted_list(key.columns)})",
            f"REFERENCES {self.place(key.to_table)} ({quoted_list(key.to_columns)})",
        ]
        for word, action in (("ON DELETE", key.on_delete), ("ON UPDATE", key.on_update)):
            if action and (self.same or action.lower() != "set default"):
                words.append(f"{word} {action.split('(')[0].strip().upper()}")
        return " ".join(words)


def _leads(columns: Iterable[str], name: str) -> bool:
    return next(iter(columns), None) == name
