"""SQLAlchemy's metadata from models, for databases without a renderer of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from ssgproj.project.model import Column, Model, TableName
from ssgproj.project.types import Kind, SqlType
from ssgproj.targets.base import Schema
from ssgproj.targets.ddl.expressions import canonical_dialect, sequence_of, translate
from ssgproj.targets.keys import missing_parent

Say = Callable[[str, str], "sa.TextClause | None"]


def alchemy_type(kind: SqlType) -> sa.types.TypeEngine[Any]:
    """SQLAlchemy's generic type; arrays, structs and what few databases know become JSON or text."""
    made: sa.types.TypeEngine[Any]
    match kind.kind:
        case Kind.BOOLEAN:
            made = sa.Boolean()
        case Kind.INTEGER if kind.bits == 128:
            made = sa.Numeric(38, 0)
        case Kind.INTEGER if (kind.bits or 32) >= 64 or (kind.unsigned and kind.bits == 32):
            made = sa.Numeric(20, 0) if kind.unsigned and kind.bits == 64 else sa.BigInteger()
        case Kind.INTEGER:
            made = sa.SmallInteger() if (kind.bits or 32) <= 16 and not kind.unsigned else sa.Integer()
        case Kind.DECIMAL:
            made = sa.Numeric(18, 4) if kind.precision is None else sa.Numeric(min(kind.precision, 38), kind.scale or 0)
        case Kind.MONEY:
            made = sa.Numeric(19, 2)
        case Kind.FLOAT:
            made = sa.REAL() if kind.bits == 32 else sa.Double()
        case Kind.STRING if kind.length is not None and kind.length <= 4000:
            made = sa.CHAR(kind.length) if kind.fixed else sa.Unicode(kind.length)
        case Kind.BINARY:
            made = sa.LargeBinary()
        case Kind.DATE:
            made = sa.Date()
        case Kind.TIME:
            made = sa.Time()
        case Kind.TIMESTAMP:
            made = sa.DateTime(timezone=kind.with_time_zone)
        case Kind.INTERVAL:
            made = sa.Interval()
        case Kind.UUID:
            made = sa.Uuid(as_uuid=False)
        case Kind.ARRAY | Kind.STRUCT | Kind.MAP:
            made = sa.JSON()
        case Kind.ENUM if kind.labels:
            made = sa.Unicode(max(len(label) for label in kind.labels))
        case Kind.YEAR:
            made = sa.SmallInteger()
        case Kind.INET | Kind.CIDR | Kind.MACADDR:
            made = sa.Unicode(64)
        case _:
            made = sa.UnicodeText()
    return made


class Verbatim(sa.types.UserDefinedType[Any]):
    """A type of the database's own, as its models spell it."""

    cache_ok = True

    def __init__(self, text: str) -> None:
        self.text = text

    def get_col_spec(self, **_: object) -> str:
        return self.text


def metadata(schema: Schema, dialect: str, default_schema: str | None, notes: list[str]) -> sa.MetaData:
    """Tables with their types, keys, references, checks, defaults, identity, generated columns, indexes and comments."""
    made = sa.MetaData()
    for model in schema.models:
        _table(made, schema, model, dialect, default_schema, notes)
    return made


def table_of(made: sa.MetaData, table: TableName, default_schema: str | None) -> sa.Table:
    place = table.schema or default_schema
    return made.tables[f"{place}.{table.name}" if place else table.name]


def _table(
    made: sa.MetaData, schema: Schema, model: Model, dialect: str, default_schema: str | None, notes: list[str]
) -> None:
    def say(sql: str, what: str) -> sa.TextClause | None:
        said = translate(sql, schema.dialect, dialect)
        if said is None:
            notes.append(f"{what} of `{model.table}` has no counterpart in this database")
            return None
        return sa.text(said.replace(":", "\\:"))

    same = canonical_dialect(schema.dialect) == canonical_dialect(dialect)
    text_keys = _short_texts(schema, model)
    columns = [_column(schema, model, c, same, c.name in text_keys, say) for c in model.columns]
    parts: list[Any] = []
    if model.primary_key:
        parts.append(sa.PrimaryKeyConstraint(*model.primary_key.columns, name=model.primary_key.name))
    parts += [sa.UniqueConstraint(*u.columns, name=u.name) for u in model.unique]
    for check in model.checks:
        if (sql := say(check.sql, f"The check `{check.name or check.sql}`")) is not None:
            parts.append(sa.CheckConstraint(sql, name=check.name))
    place = model.table.schema or default_schema
    there_too = {m.table for m in schema.models}
    for number, key in enumerate(model.foreign_keys):
        if key.to_table not in there_too:
            notes.append(missing_parent(model, key))
            continue
        there = key.to_table.schema or default_schema
        targets = [".".join(p for p in (there, key.to_table.name, c) if p) for c in key.to_columns]
        name = key.name or f"{model.table.name}_{'_'.join(key.columns)}_fkey{number}"
        parts.append(
            sa.ForeignKeyConstraint(
                list(key.columns), targets, name=name, ondelete=key.on_delete, onupdate=key.on_update
            )
        )
    table = sa.Table(model.table.name, made, *columns, *parts, schema=place, comment=model.description)
    for index in model.indexes:
        if index.where or not index.columns or (index.using and index.using.lower() != "btree"):
            notes.append(f"The index `{index.name}` of `{model.table}` is left out")
            continue
        name = index.name or f"{model.table.name}_{'_'.join(index.columns)}_idx"
        sa.Index(name, *(table.c[c] for c in index.columns), unique=index.unique)


def _column(schema: Schema, model: Model, column: Column, same: bool, short: bool, say: Say) -> sa.Column[Any]:
    kind: sa.types.TypeEngine[Any] = Verbatim(column.type.text) if same else alchemy_type(column.type)
    if short and isinstance(kind, sa.UnicodeText):
        kind = sa.Unicode(255)
    extra: list[Any] = []
    default, numbered = None, column.identity is not None and column.generated is None
    if column.generated is not None:
        if (sql := say(column.generated, f"The expression of `{column.name}`")) is not None:
            extra.append(sa.Computed(sql, persisted=column.stored or None))
    elif column.identity is not None:
        options = dict(column.identity.options)
        extra.append(sa.Identity(start=int(options.get("start", 1)), increment=int(options.get("increment", 1))))
    elif column.default is not None and sequence_of(column.default) is None:
        default = say(column.default, f"The default of `{column.name}`")
    return sa.Column(
        column.name,
        kind,
        *extra,
        nullable=column.nullable or column.generated is not None,
        server_default=default,
        comment=column.description,
        autoincrement="auto" if numbered else False,
    )


def _short_texts(schema: Schema, model: Model) -> set[str]:
    """Columns in keys: few databases index a text of any length."""
    keys = [u.columns for u in model.unique] + [k.columns for k in model.foreign_keys]
    keys += [model.primary_key.columns] if model.primary_key else []
    keys += [i.columns for i in model.indexes if i.columns]
    keys += [k.to_columns for m in schema.models for k in m.foreign_keys if k.to_table == model.table]
    return {name for key in keys for name in key}
