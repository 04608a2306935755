"""The literals of a condition as values of a column's type."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlglot import exp

from ssgproj.plan import evaluate
from ssgproj.plan.trees import bare, text_of
from ssgproj.project.types import Kind, SqlType


def number_of(tree: exp.Expr) -> Decimal | None:
    """A plain number, through brackets, signs and casts to other numbers."""
    tree = tree.unnest()
    if isinstance(tree, exp.Neg):
        inner = number_of(tree.this)
        return None if inner is None else -inner
    if isinstance(tree, exp.Cast) and tree.to.is_type(*exp.DataType.NUMERIC_TYPES) and not tree.to.expressions:
        inner = number_of(tree.this)
        whole = tree.to.is_type(*exp.DataType.INTEGER_TYPES)
        return None if inner is None or (whole and inner != int(inner)) else inner
    if isinstance(tree, exp.Literal) and not tree.is_string:
        try:
            return Decimal(tree.this)
        except InvalidOperation:
            return None
    return None


_DUCKDB_TYPES = {
    Kind.INTEGER: "HUGEINT", Kind.DECIMAL: "DECIMAL(38, 10)", Kind.MONEY: "DECIMAL(38, 10)", Kind.FLOAT: "DOUBLE",
    Kind.YEAR: "INTEGER", Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP", Kind.TIME: "TIME", Kind.STRING: "VARCHAR",
    Kind.ENUM: "VARCHAR", Kind.SET: "VARCHAR", Kind.BOOLEAN: "BOOLEAN", Kind.UUID: "VARCHAR", Kind.INTERVAL: "INTERVAL",
}  # fmt: skip


def value_of(tree: exp.Expr, sql_type: SqlType) -> Any:
    """A literal in the column's own terms. Raises CannotEvaluateError."""
    text = text_of(tree)
    if text is not None and sql_type.kind in (Kind.STRING, Kind.ENUM, Kind.SET):
        return text
    if (number := number_of(tree)) is not None:
        if sql_type.kind in (Kind.INTEGER, Kind.YEAR) and number == int(number):
            return int(number)
        if sql_type.kind in (Kind.DECIMAL, Kind.MONEY):
            return number
        if sql_type.kind is Kind.FLOAT:
            return float(number)
    return evaluate.constant(tree.sql("duckdb"), _DUCKDB_TYPES.get(sql_type.kind))


def is_whole(tree: exp.Expr) -> bool:
    """Whether an expression without columns is a whole number."""
    if (number := number_of(tree)) is not None:
        return number == int(number)
    try:
        value = evaluate.constant(tree.sql("duckdb"))
    except evaluate.CannotEvaluateError:
        return False
    try:
        return value is None or float(value) == int(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def literals_of(tree: exp.Expr, types: Mapping[str, SqlType]) -> dict[str, tuple[Any, ...]]:
    """The literals that columns are compared with by `=` and `IN`, in the columns' own terms."""
    found: dict[str, list[Any]] = {}

    def note(column: exp.Expr, value: exp.Expr) -> None:
        column = bare(column)
        if not isinstance(column, exp.Column) or value.find(exp.Column):
            return
        try:
            literal = value_of(value, types[column.name])
        except (evaluate.CannotEvaluateError, KeyError):
            return
        if literal is not None:
            found.setdefault(column.name, []).append(literal)

    for node in tree.find_all(exp.EQ, exp.NullSafeEQ):
        note(node.this, node.expression)
        note(node.expression, node.this)
        if isinstance(node.expression.unnest(), exp.Any):
            array = node.expression.unnest().this.unnest()
            while isinstance(array, exp.Cast):
                array = array.this.unnest()
            for item in array.expressions if isinstance(array, exp.Array) else ():
                note(node.this, item)
    for listed in tree.find_all(exp.In):
        for item in listed.expressions:
            note(listed.this, item)
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}
