"""CREATE statements in SQLite's SQL. Everything but indexes has to be in CREATE TABLE."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ssgproj.project.model import Column, ForeignKey, Index, Model, TableName
from ssgproj.project.types import Kind, SqlType
from ssgproj.targets.base import Schema
from ssgproj.targets.ddl.expressions import canonical_dialect, replace_value, translate, translate_in
from ssgproj.targets.ddl.named import NamedTypes
from ssgproj.targets.ddl.names import FreeNames, flat_names, literal, quote, quoted_list
from ssgproj.targets.keys import missing_parent


def sqlite_type(kind: SqlType) -> str:
    """SQLite's spelling: it keeps the word and takes from it only whether a value is a number or a text."""
    match kind.kind:
        case Kind.BOOLEAN:
            return "BOOLEAN"
        case Kind.INTEGER | Kind.YEAR:
            return "INTEGER"
        case Kind.DECIMAL | Kind.MONEY:
            return "NUMERIC" if kind.precision is None else f"NUMERIC({kind.precision}, {kind.scale or 0})"
        case Kind.FLOAT:
            return "REAL"
        case Kind.BINARY:
            return "BLOB"
        case Kind.DATE:
            return "DATE"
        case Kind.TIME:
            return "TIME"
        case Kind.TIMESTAMP:
            return "TIMESTAMP"
        case Kind.UUID:
            return "CHAR(36)"
        case Kind.STRING if kind.length is not None:
            return f"CHAR({kind.length})" if kind.fixed else f"VARCHAR({kind.length})"
        case _:
            return "TEXT"


class SqliteRenderer:
    """Statements for the tables of one schema. `accepts(create, expressions)` tries a table in an empty database; what it
    refuses is left out and noted."""

    def __init__(
        self,
        schema: Schema,
        accepts: Callable[[str, str, list[str]], bool],
        stands: Callable[[TableName], bool] = lambda _: False,
    ) -> None:
        self.schema = schema
        self.types = NamedTypes(schema.objects)
        self.same = canonical_dialect(schema.dialect) == "sqlite"
        self.accepts = accepts
        self.stands = stands
        self.notes: list[str] = []
        self._flat = flat_names(schema.models)
        self._free = FreeNames(taken={(None, n.lower()) for n in self._flat.values()})

    def name(self, table: TableName) -> str:
        """SQLite has no schemas: `shop.orders` is the table `shop_orders`."""
        return self._flat.get(table, table.name if table.schema is None else f"{table.schema}_{table.name}")

    def say(self, model: Model, sql: str) -> str | None:
        return translate_in(model, sql, self.schema.dialect, "sqlite")

    def create(self, model: Model) -> str:
        target = quote(self.name(model.table))
        options = f" {model.options}" if model.options and self.same else ""
        rowid = _rowid_column(model, self.same)
        columns: list[str] = []
        pieces: list[tuple[str, str, list[str]]] = []
        for column in model.columns:
            base, extras = self._column(model, column, column.name == rowid)
            columns.append(base)
            pieces += extras
        tail = []
        if model.primary_key and rowid is None:
            tail.append(f"{_named(model.primary_key.name)}PRIMARY KEY ({quoted_list(model.primary_key.columns)})")
        tail += [f"{_named(u.name)}UNIQUE ({quoted_list(u.columns)})" for u in model.unique]
        for key in model.foreign_keys:
            if key.to_table in self._flat or self.stands(key.to_table):
                tail.append(self._reference(key))
            else:
                self.notes.append(missing_parent(model, key))
        checks = list(self._checks(model))
        for exclusion in model.exclusions:
            self.notes.append(
                f"The exclusion `{exclusion.name or exclusion.sql}` of `{model.table}` has no counterpart in SQLite"
            )

        def statement(chosen: list[tuple[str, str, list[str]]], chosen_checks: list[tuple[str, str, str]]) -> str:
            extra = {name: sql for name, sql, _ in chosen}
            parts = [f"{base}{extra.get(c.name, '')}" for base, c in zip(columns, model.columns, strict=True)]
            return f"CREATE TABLE {target} ({', '.join([*parts, *tail, *(c[1] for c in chosen_checks)])}){options}"

        if self.accepts(target, statement(pieces, checks), [c[0] for c in checks] + [e for p in pieces for e in p[2]]):
            return statement(pieces, checks)
        kept: list[tuple[str, str, list[str]]] = []
        for piece in pieces:
            if self.accepts(target, statement([*kept, piece], []), piece[2]):
                kept.append(piece)
            else:
                self.notes.append(f"The expression of `{model.table}.{piece[0]}` has no counterpart in SQLite")
        good: list[tuple[str, str, str]] = []
        for check in checks:
            if self.accepts(target, statement(kept, [*good, check]), [check[0]]):
                good.append(check)
            else:
                self.notes.append(check[2])
        return statement(kept, good)

    def _column(self, model: Model, column: Column, rowid: bool) -> tuple[str, list[tuple[str, str, list[str]]]]:
        """The plain definition, and what follows it if SQLite takes it: (column, SQL, expressions to try)."""
        spelled = column.type.text if self.same else sqlite_type(column.type)
        if rowid:
            key = model.primary_key
            name = f" {_named(key.name).strip()}" if key and key.name else ""
            increment = " AUTOINCREMENT" if column.identity and column.identity.serial and self.same else ""
            return f"{quote(column.name)} INTEGER{name} PRIMARY KEY{increment}", []
        base = f"{quote(column.name)} {spelled}"
        if column.collation and self.same:
            base += f" COLLATE {column.collation}"
        if column.generated is not None:
            sql = self.say(model, column.generated)
            kind = "STORED" if column.stored else "VIRTUAL"
            return base, [(column.name, f" GENERATED ALWAYS AS ({sql or '('}) {kind}", [sql or "("])]
        if not column.nullable:
            base += " NOT NULL"
        if column.identity is not None:
            self.notes.append(
                f"`{model.table}.{column.name}` is not numbered by SQLite: only a one-column primary key is"
            )
        elif column.default is not None:
            sql = translate(column.default, self.schema.dialect, "sqlite")
            return base, [(column.name, f" DEFAULT {_bracketed(sql) if sql else '('}", [sql or "("])]
        return base, []

    def _checks(self, model: Model) -> Iterable[tuple[str, str, str]]:
        """(expression, constraint, note if it is refused)."""
        for check in model.checks:
            called = f"`{check.name or check.sql}` of `{model.table}`"
            sql = self.say(model, check.sql) or "("
            yield sql, f"{_named(check.name)}CHECK ({sql})", f"The check {called} has no counterpart in SQLite"
        for column in model.columns:
            kind, named = column.type, self.types.find(column.type)
            if kind.kind is Kind.ENUM and kind.labels and not self.same:
                sql = f"{quote(column.name)} IN ({', '.join(literal(label) for label in kind.labels)})"
                yield sql, f"CHECK ({sql})", ""
            if named is not None and named.kind == "domain":
                for check in named.checks:
                    said = replace_value(check.sql, column.name, self.schema.dialect)
                    sql = (said and self.say(model, said)) or "("
                    note = f"The check of domain `{named.name}` on `{model.table}.{column.name}` has no counterpart in SQLite"
                    yield sql, f"CHECK ({sql})", note

    def _reference(self, key: ForeignKey) -> str:
        words = [
            f"{_named(key.name)}FOREIGN KEY ({quoted_list(key.columns)})",
            f"REFERENCES {quote(self.name(key.to_table))} ({quoted_list(key.to_columns)})",
        ]
        for word, action in (("ON UPDATE", key.on_update), ("ON DELETE", key.on_delete)):
            if action:
                words.append(f"{word} {action.split('(')[0].strip().upper()}")
        if key.deferrable:
            deferred = "initially deferred" in key.deferrable.lower()
            words.append("DEFERRABLE INITIALLY DEFERRED" if deferred else "DEFERRABLE")
        return " ".join(words)

    def index(self, model: Model, index: Index) -> str | None:
        table = self.name(model.table)
        name = index.name or "_".join([table, *(p.column or "expr" for p in index.parts), "idx"])
        if index.sql and self.same:
            return index.sql
        name = self._free.take(name, table)
        parts, expressions = [], []
        for part in index.parts:
            if part.column is not None:
                sql: str | None = quote(part.column)
            else:
                sql = self.say(model, part.expression or "")
                expressions.append(sql or "(")
            suffix = f" {part.suffix}" if part.suffix and (self.same or part.suffix.upper() in ("ASC", "DESC")) else ""
            parts.append(f"{sql}{suffix}")
        where = self.say(model, index.where) if index.where else ""
        condition = f" WHERE {where or '('}" if index.where else ""
        unique = "UNIQUE " if index.unique else ""
        if index.using and index.using.lower() not in ("btree", "hash") and not self.same:
            condition = " ("
        sql = f"CREATE {unique}INDEX {quote(name)} ON {quote(table)} ({', '.join(parts)}){condition}"
        if not self.accepts("", sql, []):
            self.notes.append(f"The index `{name}` of `{model.table}` has no counterpart in SQLite")
            return None
        return sql


def _rowid_column(model: Model, same: bool) -> str | None:
    """The integer primary key, which SQLite numbers by itself when it is spelled INTEGER PRIMARY KEY."""
    key = model.primary_key
    if key is None or len(key.columns) != 1 or (same and "without rowid" in (model.options or "").lower()):
        return None
    column = model.column(key.columns[0])
    if column.generated is not None or column.type.kind is not Kind.INTEGER or column.type.bits == 128:
        return None
    # In SQLite itself `INT PRIMARY KEY` is another thing than `INTEGER PRIMARY KEY`.
    return column.name if not same or column.type.text.lower() == "integer" else None


def _named(name: str | None) -> str:
    return f"CONSTRAINT {quote(name)} " if name else ""


_LITERAL = re.compile(
    r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?|'([^']|'')*'|[xX]'[0-9a-fA-F]*'|NULL|TRUE|FALSE|CURRENT_(TIME|DATE|TIMESTAMP)",
    re.IGNORECASE,
)


def _bracketed(sql: str) -> str:
    """A default other than a literal must stand in brackets."""
    return sql if _LITERAL.fullmatch(sql) else f"({sql})"
