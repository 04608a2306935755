"""A condition in the words that DuckDB evaluates: names in the model's case, the project's clock, casts that do not fail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlglot import exp, parse_one

from ssgproj.plan.patterns import similar_to_regex
from ssgproj.plan.trees import bare, text_of
from ssgproj.project.types import Kind, SqlType

_STORAGE = {
    Kind.INTEGER: "integer", Kind.BOOLEAN: "integer", Kind.YEAR: "integer", Kind.FLOAT: "real", Kind.STRING: "text",
    Kind.DATE: "text", Kind.TIMESTAMP: "text", Kind.BINARY: "blob",
}  # fmt: skip


def simplified(tree: exp.Expr, types: Mapping[str, SqlType], now: datetime) -> exp.Expr:
    """Fix the case of column names to the model's, the clock to the project's, and rewrite what DuckDB spells differently."""
    by_lower = {name.lower(): name for name in types}

    def named(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            name = node.name if node.name in types else by_lower.get(node.name.lower(), node.name)
            if name == node.name and name not in types and isinstance(node.this, exp.Identifier) and node.this.quoted:
                return exp.Literal.string(node.name)  # SQLite and MySQL read an unknown "name" as text
            return exp.column(exp.to_identifier(name, quoted=True))
        return node

    def fix(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast) and node.find(exp.Column):
            return exp.TryCast(this=node.this, to=node.to)  # a value that cannot be cast fails the check, not the query
        if isinstance(node, exp.Date | exp.TsOrDsToDate) and not node.expressions and isinstance(node.this, exp.Column):
            return exp.TryCast(this=node.this, to=exp.DataType.build("date"))
        if isinstance(node, exp.Typeof) or (isinstance(node, exp.Anonymous) and node.name.lower() == "typeof"):
            argument = node.this if isinstance(node, exp.Typeof) else node.expressions[0]
            storage = _storage(argument, types)
            if storage is None:
                return node
            return (
                exp.case()
                .when(exp.Is(this=argument.copy(), expression=exp.Null()), exp.Literal.string("null"))
                .else_(exp.Literal.string(storage))
            )
        if isinstance(node, exp.CurrentDate):
            return exp.cast(exp.Literal.string(now.date().isoformat()), "date")
        if isinstance(node, exp.CurrentTimestamp | exp.CurrentDatetime):
            return exp.cast(exp.Literal.string(now.isoformat(sep=" ")), "timestamp")
        if isinstance(node, exp.Anonymous) and node.name.lower() in ("num_nonnulls", "num_nulls"):
            test = "NOT {} IS NULL" if node.name.lower() == "num_nonnulls" else "{} IS NULL"
            terms = [f"CAST(({test.format(a.sql('duckdb'))}) AS INT)" for a in node.expressions]
            return parse_one(f"({' + '.join(terms)})", read="duckdb")
        if isinstance(node, exp.Anonymous) and node.name.lower() in ("similar_to_escape", "similar_escape"):
            pattern = text_of(node.expressions[0])  # how PostgreSQL keeps SIMILAR TO
            return exp.Literal.string(similar_to_regex(pattern)) if pattern is not None else node
        if isinstance(node, exp.Anonymous) and node.name.lower() in ("current_date", "now", "localtimestamp"):
            return exp.cast(exp.Literal.string(now.isoformat(sep=" ")), "timestamp")
        return node

    return tree.transform(named, copy=False).transform(fix, copy=False)


def _storage(argument: exp.Expr, types: Mapping[str, SqlType]) -> str | None:
    """What SQLite's typeof() says of a column's values."""
    column = bare(argument)
    if not isinstance(column, exp.Column) or column.name not in types:
        return None
    return _STORAGE.get(types[column.name].kind)
