"""SQL expressions of models (checks, defaults, generated columns, index conditions) in another database's words."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ssgproj.project.types import Kind
from ssgproj.targets.ddl.types import TEXT_ELSEWHERE

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

    from ssgproj.project.model import Model

_ALIASES = {"postgresql": "postgres", "mariadb": "mysql", "mssql": "tsql", "sqlserver": "tsql"}


_UTC_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00(?::?00)?$")


def canonical_dialect(name: str) -> str:
    """sqlglot's name of a dialect: MariaDB is `mysql`, SQL Server `tsql`."""
    lowered = name.lower()
    return _ALIASES.get(lowered, lowered)


@functools.lru_cache(maxsize=4096)
def translate(sql: str, source: str, target: str) -> str | None:
    """The same expression in the target's dialect: verbatim where the dialects are the same, None where it cannot be said.

    What comes back is well formed, but whether the target knows every function in it only the target can tell.
    """
    source, target = canonical_dialect(source), canonical_dialect(target)
    if source == target:
        return sql
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import ErrorLevel, SqlglotError

    try:
        tree = sqlglot.parse_one(f"SELECT {sql}", read=source)
        if not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or len(tree.args["expressions"]) != 1:
            return None
        if tree.find(exp.Typeof) or (tree.find(exp.Glob) and target not in ("sqlite", "duckdb")):
            return None  # SQLite's storage classes are nobody else's; its patterns only DuckDB's
        clock = tree.find(exp.CurrentDate, exp.CurrentTimestamp)
        if target == "sqlite" and (tree.find(exp.Interval) or (clock and tree.find(exp.Predicate))):
            return None  # SQLite's dates are texts: it would compare letters
        tree = tree.transform(_neutral)
        if target in ("mysql", "sqlite"):
            for moment in tree.find_all(exp.Literal):
                if moment.is_string and _UTC_MOMENT.match(moment.this):
                    moment.set("this", moment.this[: moment.this.rindex("+")])  # they read no zones in texts
        text = tree.expressions[0].sql(dialect=_writer(target), unsupported_level=ErrorLevel.RAISE)
    except (SqlglotError, ValueError, RecursionError):
        return None
    return str(text)


@functools.cache
def _writer(target: str) -> Any:
    """The dialect to write in. MariaDB has no REGEXP_LIKE; both it and MySQL have the operator."""
    if target != "mysql":
        return target
    from sqlglot import exp
    from sqlglot.dialects.mysql import MySQL

    transforms = {
        **MySQL.Generator.TRANSFORMS,
        exp.RegexpLike: lambda self, e: self.binary(e, "REGEXP BINARY"),
        exp.RegexpILike: lambda self, e: self.binary(e, "REGEXP"),
    }
    generator = type("Generator", (MySQL.Generator,), {"TRANSFORMS": transforms})
    return type("MySQLOperators", (MySQL,), {"Generator": generator})


def _neutral(node: Expression) -> Expression:
    """Say in plain SQL what PostgreSQL's catalogue says its own way: `'a'::text`, `x = ANY (ARRAY[...])`, `nextval('s'::regclass)`."""
    from sqlglot import exp

    if isinstance(node, exp.Cast):
        inner: Expression = node.this
        if node.to.this == exp.DataType.Type.USERDEFINED or node.to.sql().lower() in ("regclass", "bpchar"):
            return inner
        if isinstance(inner, exp.Literal) and inner.is_string and node.to.this in exp.DataType.TEXT_TYPES:
            return inner
        # A bare DECIMAL has any number of digits only in PostgreSQL: elsewhere it would round.
        if node.to.this == exp.DataType.Type.DECIMAL and not node.to.expressions:
            bare = inner.unnest()
            return inner if isinstance(bare, (exp.Literal, exp.Neg)) else exp.cast(inner, exp.DataType.Type.DOUBLE)
    if isinstance(node, (exp.EQ, exp.NEQ)):
        return _membership(node) or node
    return node


def _membership(node: Expression) -> Expression | None:
    """`x = ANY (ARRAY[...])` as IN, `x <> ALL (ARRAY[...])` as NOT IN."""
    from sqlglot import exp

    right = node.args["expression"]
    if isinstance(right, exp.Any if isinstance(node, exp.EQ) else exp.All):
        values = right.this
    elif isinstance(node, exp.NEQ) and isinstance(right, exp.Anonymous) and right.name.upper() == "ALL":
        values = right.expressions[0] if right.expressions else None
    else:
        return None
    while isinstance(values, (exp.Paren, exp.Cast)):
        values = values.this
    if not isinstance(values, exp.Array):
        return None
    # The pass does not come back to a node that it has replaced, so its parts are made plain here.
    parts = [e.transform(_neutral) for e in values.expressions]
    member = exp.In(this=node.this.transform(_neutral), expressions=parts)
    return member if isinstance(node, exp.EQ) else exp.Not(this=exp.Paren(this=member))


@functools.lru_cache(maxsize=4096)
def mentioned(sql: str, dialect: str) -> frozenset[str]:
    """The columns that an expression reads, in lower case; none where it cannot be read."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(f"SELECT {sql}", read=canonical_dialect(dialect))
    except (SqlglotError, RecursionError):
        return frozenset()
    return frozenset(c.name.lower() for c in tree.find_all(exp.Column))


def translate_in(model: Model, sql: str, source: str, target: str) -> str | None:
    """`translate` for an expression over a model's columns: None also where it reads a column that holds something else there (an
    array as JSON, a range as text), for which the same words would mean another thing."""
    said = translate(sql, source, target)
    if said is None or canonical_dialect(source) == canonical_dialect(target):
        return said
    others = {c.name.lower() for c in model.columns if c.type.kind in _OTHER_FORMS[canonical_dialect(target)]}
    return None if others and others & mentioned(sql, source) else said


_NESTED = frozenset({Kind.ARRAY, Kind.STRUCT, Kind.MAP, Kind.INTERVAL, Kind.BIT})
_OTHER_FORMS: defaultdict[str, frozenset[Kind]] = defaultdict(
    lambda: TEXT_ELSEWHERE | _NESTED,
    postgres=frozenset({Kind.STRUCT, Kind.MAP, Kind.GEOMETRY, Kind.SET, Kind.OTHER}),
    duckdb=TEXT_ELSEWHERE | {Kind.BIT},
)
"""By dialect, the kinds of columns that hold their values in another form than they had."""


def replace_value(sql: str, column: str, dialect: str) -> str | None:
    """A domain's check on `VALUE`, said of one column. None if it cannot be read."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    dialect = canonical_dialect(dialect)
    try:
        tree = sqlglot.parse_one(f"SELECT {sql}", read=dialect)
    except (SqlglotError, RecursionError):
        return None

    def swap(node: Expression) -> Expression:
        if isinstance(node, exp.Column) and not node.table and node.name.lower() == "value" and not node.this.quoted:
            return exp.column(exp.to_identifier(column, quoted=True))
        return node

    return str(tree.transform(swap).expressions[0].sql(dialect=dialect))


_NEXTVAL = re.compile(r"^\s*nextval\('(?P<name>(?:[^']|'')+)'(?:::regclass|::text)?\)\s*$", re.IGNORECASE)


def sequence_of(default: str | None) -> tuple[str | None, str] | None:
    """(schema, name) of the sequence that a default takes its value from, or None."""
    match = _NEXTVAL.match(default or "")
    if not match:
        return None
    parts = re.findall(r'"(?:[^"]|"")+"|[^.]+', match["name"].replace("''", "'"))
    names = [p[1:-1].replace('""', '"') if p.startswith('"') else p for p in parts]
    return (names[-2] if len(names) > 1 else None, names[-1])
