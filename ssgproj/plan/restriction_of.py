"""What one conjunct says about one column by itself, or about the order of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlglot import exp

from ssgproj.generators.base import Restriction
from ssgproj.plan import evaluate
from ssgproj.plan.literals import _DUCKDB_TYPES, is_whole, value_of
from ssgproj.plan.patterns import pattern_of
from ssgproj.plan.restrictions import intersect
from ssgproj.plan.trees import bare, comparison, conjuncts, disjuncts, text_of
from ssgproj.project.types import Kind, SqlType

FAR_FUTURE = timedelta(days=365 * 60)
"""A value that must be later than the database's clock is drawn at least this much after the project's `now`."""


def restriction_of(tree: exp.Expr, name: str, sql_type: SqlType, now: datetime) -> Restriction | None:
    """What a conjunct on one column allows it; None if that cannot be said in full by a restriction."""
    tree = tree.unnest()
    if sql_type.kind is Kind.BOOLEAN and (wanted := _boolean(tree)) is not None:
        return Restriction(values=(wanted,))
    if isinstance(tree, exp.Or):
        parts = [restriction_of(d, name, sql_type, now) for d in disjuncts(tree)]
        if all(p is not None and p.values is not None and p == Restriction(values=p.values) for p in parts):
            return Restriction(values=tuple(dict.fromkeys(v for p in parts if p for v in p.values or ())))
        return None
    negated = isinstance(tree, exp.Not)
    inner = tree.this.unnest() if negated else tree
    if isinstance(inner, exp.In) and isinstance(bare(inner.this), exp.Column) and not inner.args.get("query"):
        return _listed(inner.expressions, sql_type, negated)
    if isinstance(inner, exp.EQ | exp.NEQ) and isinstance(inner.expression.unnest(), exp.Any | exp.All):
        quantified = inner.expression.unnest()
        array = quantified.this.unnest()
        while isinstance(array, exp.Cast):
            array = array.this.unnest()
        if isinstance(array, exp.Array) and isinstance(bare(inner.this), exp.Column):
            equal = isinstance(inner, exp.EQ) and isinstance(quantified, exp.Any)
            unequal = isinstance(inner, exp.NEQ) and isinstance(quantified, exp.All)
            if equal or unequal:
                return _listed(array.expressions, sql_type, unequal != negated)
        return None
    if not negated and (pattern := pattern_of(tree)):
        return Restriction(patterns=(pattern,))
    found = comparison(tree)
    if not found:
        return None
    operator, left, right = found
    if right.find(exp.Column):
        if (
            operator is exp.EQ
            and isinstance(left, exp.Upper | exp.Lower)
            and isinstance(bare(left.this), exp.Column)
            and isinstance(right, exp.Column)
        ):
            return Restriction(patterns=("^[A-Z0-9]*$" if isinstance(left, exp.Upper) else "^[a-z0-9]*$",))
        return None
    if isinstance(left, exp.Column):
        return _bound(operator, right, sql_type, now)
    if isinstance(left, exp.Length | exp.ByteLength) or (
        isinstance(left, exp.Anonymous) and left.name.lower() in ("octet_length", "char_length", "len")
    ):
        argument = left.this if not isinstance(left, exp.Anonymous) else left.expressions[0]
        if isinstance(_trimmed(argument), exp.Column):
            return _length(operator, right)
    if operator is exp.NEQ and isinstance(_trimmed(left), exp.Column) and text_of(right) == "":
        return Restriction(min_length=1)
    return None


def hull_of(tree: exp.Expr, name: str, sql_type: SqlType, now: datetime) -> Restriction | None:
    """The bounds around alternatives that each have bounds: partitions with gaps between them, opening hours, and the like."""
    lowers, uppers = [], []
    for alternative in disjuncts(tree):
        bounds = Restriction()
        for conjunct in conjuncts(alternative):
            if part := restriction_of(conjunct, name, sql_type, now):
                bounds = intersect(bounds, part)
        listed = [v for v in bounds.values or () if v is not None]
        try:
            lowers.append(min(listed) if listed else bounds.lower)
            uppers.append(max(listed) if listed else bounds.upper)
        except TypeError:
            return None
    lower = min(lowers) if all(v is not None for v in lowers) else None
    upper = max(uppers) if all(v is not None for v in uppers) else None
    if sql_type.kind in (Kind.STRING, Kind.ENUM, Kind.BOOLEAN, Kind.UUID) or (lower is None and upper is None):
        return None
    return Restriction(lower=lower, upper=upper)


def ordering_of(tree: exp.Expr, types: Mapping[str, SqlType]) -> tuple[str, str, bool] | None:
    """(smaller, greater, strict) if the conjunct compares two columns."""
    found = comparison(tree)
    if not found:
        return None
    operator, left, right = found
    if not (isinstance(left, exp.Column) and isinstance(right, exp.Column)):
        return None
    if operator in (exp.LT, exp.LTE):
        return left.name, right.name, operator is exp.LT
    if operator in (exp.GT, exp.GTE):
        return right.name, left.name, operator is exp.GT
    return None


def _trimmed(tree: exp.Expr) -> exp.Expr:
    tree = bare(tree)
    if isinstance(tree, exp.Trim) or (
        isinstance(tree, exp.Anonymous) and tree.name.lower() in ("btrim", "ltrim", "rtrim")
    ):
        inner = tree.this if isinstance(tree, exp.Trim) else tree.expressions[0]
        return bare(inner)
    return tree


def _boolean(tree: exp.Expr) -> bool | None:
    if isinstance(bare(tree), exp.Column):
        return True
    if isinstance(tree, exp.Not):
        inner = _boolean(tree.this.unnest())
        return None if inner is None else not inner
    if (
        isinstance(tree, exp.Is)
        and isinstance(tree.expression, exp.Boolean)
        and isinstance(bare(tree.this), exp.Column)
    ):
        return bool(tree.expression.this)
    return None


def _listed(items: Sequence[exp.Expr], sql_type: SqlType, negated: bool) -> Restriction | None:
    try:
        values = tuple(value_of(i, sql_type) for i in items)
    except evaluate.CannotEvaluateError:
        return None
    values = tuple(v for v in values if v is not None)
    return Restriction(excluded=values) if negated else Restriction(values=values)


def _bound(operator: type[exp.Expr], right: exp.Expr, sql_type: SqlType, now: datetime) -> Restriction | None:
    if sql_type.kind not in _DUCKDB_TYPES:
        return None
    exact = sql_type.kind not in (Kind.INTEGER, Kind.YEAR) or is_whole(right)
    if not exact:
        # 0.5 against an integer column: the cast would round; leave it to the rows.
        return None
    try:
        value = value_of(right, sql_type)
    except evaluate.CannotEvaluateError:
        return None
    if value is None:
        return None
    if operator is exp.EQ:
        return Restriction(values=(value,))
    if operator is exp.NEQ:
        return Restriction(excluded=(value,))
    if sql_type.kind in (Kind.STRING, Kind.UUID, Kind.ENUM, Kind.SET, Kind.BOOLEAN):
        return None
    if operator in (exp.GT, exp.GTE):
        if sql_type.kind in (Kind.DATE, Kind.TIMESTAMP) and _near(value, now):
            value = value + FAR_FUTURE  # the database's clock will be later than the project's
        return Restriction(lower=value, lower_open=operator is exp.GT)
    return Restriction(upper=value, upper_open=operator is exp.LT)


def _near(value: Any, now: datetime) -> bool:
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    return abs(moment.replace(tzinfo=None) - now) < timedelta(days=2)


def _length(operator: type[exp.Expr], right: exp.Expr) -> Restriction | None:
    try:
        value = int(evaluate.constant(right.sql("duckdb"), "INTEGER"))
    except (evaluate.CannotEvaluateError, TypeError):
        return None
    shortest: dict[type[exp.Expr], int] = {exp.GT: value + 1, exp.GTE: value, exp.EQ: value}
    longest: dict[type[exp.Expr], int] = {exp.LT: value - 1, exp.LTE: value, exp.EQ: value}
    if operator is exp.NEQ:
        return Restriction(min_length=1) if value == 0 else None
    return Restriction(min_length=shortest.get(operator), max_length=longest.get(operator))
