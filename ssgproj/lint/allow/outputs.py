"""The SELECT list: keys as they stand in GROUP BY, and aggregates of bare columns with little around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ssgproj.lint.allow.arithmetic import bracketed, misread
from ssgproj.lint.allow.base import (
    CONDITIONS,
    TEXT_RESULTS,
    Cause,
    DpQuery,
    has_aggregate,
    has_column,
    strip,
    unreadable,
)
from ssgproj.project.smartnoise import names, tree
from ssgproj.project.smartnoise.types import value_type


def output_causes(dp: DpQuery) -> Iterator[Cause]:
    seen: dict[str, tree.Output] = {}
    for output in dp.query.outputs:
        yield from _name(output, dp, seen)
        yield from _value(output, dp)


def _name(output: tree.Output, dp: DpQuery, seen: dict[str, tree.Output]) -> Iterator[Cause]:
    name = output.name
    if name is None:
        if not isinstance(output.value, tree.Star | tree.Unreadable):
            yield dp.cause("unnamed", output.value, instead=_alias_for(output.value, seen))
        return
    if any(c in name for c in '"[`'):
        if output.alias is not None:
            yield Cause("quoted-alias", output.alias_start, output.alias_end, name, _plain_name(name))
        return
    if name in seen:
        yield Cause("duplicate-output", output.alias_start if output.alias else output.start, output.end, name)
    seen[name] = output


def _plain_name(quoted: str) -> str:
    """A name that needs no quotes."""
    name = re.sub(r"\W+", "_", quoted.strip('"[]`')).strip("_") or "value"
    return f"{name}_" if name.upper() in names.RESERVED or name[0].isdigit() else name


def _alias_for(value: tree.Node, seen: dict[str, tree.Output]) -> str:
    value = strip(value)
    name = "value"
    if isinstance(value, tree.Aggregate):
        argument = value.argument.name if isinstance(value.argument, tree.Column) else ""
        short = {"COUNT": "n", "AVG": "mean", "SUM": "total", "VAR": "variance", "STDDEV": "std_dev"}.get(
            value.name, value.name.lower()
        )
        name = f"{short}_{argument}" if argument else short
    if name.upper() in names.RESERVED:
        name += "_"
    number = 1
    unique = name
    while unique in seen:
        number += 1
        unique = f"{name}_{number}"
    return unique


def _value(output: tree.Output, dp: DpQuery) -> Iterator[Cause]:
    value = output.value
    if (unreadable(value) or (value.key() in dp.group_keys)) and not has_aggregate(value):
        return
    if isinstance(value, tree.Star):
        yield dp.cause("star", value)
    elif isinstance(value, CONDITIONS):
        yield dp.cause("condition-as-value", value)
    elif has_aggregate(value):
        yield from _calculation(value, dp)
    elif has_column(value):
        yield from _ungrouped(value, dp)
    else:
        yield from _constant(value, dp)


def _ungrouped(value: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    column = strip(value)
    if isinstance(column, tree.Column):
        wrong = list(dp.column_causes(column))
        yield from wrong
        if any(c.kind in ("quoted-name", "unknown-column") for c in wrong):
            return
    yield dp.cause("ungrouped", value)


def _constant(value: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    if isinstance(value, tree.Null):
        yield dp.cause("null", value)
        return
    for node in value.walk():
        if isinstance(node, tree.Function) and node.name in names.RANDOM | {"PI"}:
            yield dp.cause("random-output" if node.name in names.RANDOM else "function", node)
        elif isinstance(node, tree.Function) and node.name in names.CURRENT:
            yield dp.cause("current-time", node)
    plain = all(
        not isinstance(n, tree.Function) or n.name in names.STRING_FUNCTIONS | names.CURRENT for n in value.walk()
    )
    beside = plain and any(has_aggregate(o.value) for o in dp.query.outputs)
    yield dp.cause("constant-beside" if beside else "constant-output", value)


def _calculation(value: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    """An output with aggregates: by themselves, in brackets, or in arithmetic with numbers and each other."""
    match value:
        case tree.Unreadable():
            return
        case tree.Aggregate():
            yield from aggregate_causes(value, dp)
        case tree.Brackets(inner=inner):
            yield from _calculation(inner, dp)
        case tree.Arithmetic():
            if misread(value):
                yield dp.cause("precedence", value, instead=bracketed(value, dp.query.text))
            yield from _operands(value, dp)
        case tree.Number():
            return
        case tree.Function() | tree.Cast() | tree.Case():
            yield from _around(value, dp)
        case tree.Column():
            yield dp.cause("calculation-column", value)
        case _:
            yield dp.cause("calculation-value", value)


def _operands(node: tree.Arithmetic, dp: DpQuery) -> Iterator[Cause]:
    for side in (node.left, node.right):
        if isinstance(side, tree.Arithmetic):
            yield from _operands(side, dp)
        else:
            yield from _calculation(side, dp)
    if node.op == "/":
        yield from _divisor(node, dp)
    if node.op == "%" and "float" in (value_type(node.left, dp.types), value_type(node.right, dp.types)):
        yield dp.cause("modulo-float", node)


def _divisor(node: tree.Arithmetic, dp: DpQuery) -> Iterator[Cause]:
    low, high = _range(node.right, dp)
    if low == high == 0:
        yield dp.cause("division-by-zero", node.right)
    elif low > -1 and high <= 1:
        yield dp.cause("small-divisor", node.right)
    elif low < 1 and high > -1:
        yield dp.cause("perhaps-small-divisor", node.right)


def _range(node: tree.Node, dp: DpQuery) -> tuple[float, float]:
    """Between which values an operand lies. Counts and sums are taken to be large: a count near 0 is noise anyway."""
    node = strip(node)
    if isinstance(node, tree.Number):
        return node.value, node.value
    if isinstance(node, tree.Aggregate):
        column = dp.columns.get(node.argument.name) if isinstance(node.argument, tree.Column) else None
        if node.name == "AVG" and column is not None and column.lower is not None and column.upper is not None:
            return column.lower, column.upper
        return (0.0, 1e300) if node.name not in ("COUNT", "SUM", "AVG") else (1.0, 1e300)
    if isinstance(node, tree.Arithmetic) and node.op in "+-*":
        (a, b), (c, d) = _range(node.left, dp), _range(node.right, dp)
        if node.op == "+":
            return a + c, b + d
        if node.op == "-":
            return (a - d, b - c) if b < 1e299 else (1.0, 1e300)
        products = [a * c, a * d, b * c, b * d]
        return min(products), max(products)
    return 0.0, 1e300


def _around(node: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    """Something called around an aggregate: SmartNoise's Python evaluator runs it, with types of its own."""
    if isinstance(node, tree.Function):
        name = node.name
        if name in ("COALESCE", "CONCAT"):
            yield dp.cause("list-around-aggregate", node, name)
        elif name in ("ROUND", "TRUNC", "TRUNCATE") and not _round_form(node):
            yield dp.cause("function-form", node, name, f"{name}(x, 2)")
        elif name in TEXT_RESULTS:
            yield dp.cause("text-result", node, name)
        elif name in ("LOG", "LN", "LOG10", "LOG2") and len(node.args) == 1:
            yield dp.cause("logarithm", node, name)
        elif (
            name == "SQRT"
            and len(node.args) == 1
            and any(isinstance(n, tree.Aggregate) and n.name in ("VAR", "VARIANCE") for n in node.walk())
        ):
            yield dp.cause("root-of-variance", node, instead="STDDEV(...)")
        elif name == "POWER":
            good = len(node.args) == 2 and isinstance(node.args[1], tree.Number)
            whole = value_type(node.args[0], dp.types) == "int" if good else False
            kind = "function-form" if not good else "power" if whole else "function-around-aggregate"
            yield dp.cause(kind, node, name, "POWER(x, 2)")
        elif len(node.args) != 1:
            yield dp.cause("function-form", node, name, f"{name}(x)")
        else:
            yield dp.cause("function-around-aggregate", node, name)
    elif isinstance(node, tree.Cast):
        yield dp.cause("text-result", node, "CAST")
    else:
        yield dp.cause("list-around-aggregate", node, "CASE")
    for child in node.children():
        for inner in child.walk():
            if isinstance(inner, tree.Aggregate):
                yield from aggregate_causes(inner, dp)
            elif isinstance(inner, tree.Function) and inner.name in names.MATH and len(inner.args) != 1:
                yield dp.cause("function-form", inner, inner.name, f"{inner.name}(x)")
            elif isinstance(inner, tree.Case) or (
                isinstance(inner, tree.Function) and inner.name in ("COALESCE", "CONCAT", "CHOOSE")
            ):
                about = "CASE" if isinstance(inner, tree.Case) else inner.name
                yield dp.cause("list-around-aggregate", inner, about)


def _round_form(node: tree.Function) -> bool:
    return len(node.args) == 2 and isinstance(node.args[1], tree.Number) and node.args[1].is_int


def aggregate_causes(node: tree.Aggregate, dp: DpQuery) -> Iterator[Cause]:
    """COUNT(*), or an aggregate of one bare column."""
    if node.name in names.DEAD_AGGREGATES:
        yield dp.cause("aggregate", node)
        return
    if node.name in {"STD", "VARIANCE"}:
        yield dp.cause("unfloored", node, node.name, "STDDEV" if node.name == "STD" else "VAR")
    argument = node.argument
    if argument is None or isinstance(argument, tree.Unreadable):
        return
    if isinstance(argument, tree.Star):
        if argument.qualifier is not None:
            yield dp.cause("qualified", argument, instead="*")
        if node.name != "COUNT" or node.quantifier:
            yield dp.cause("aggregate-star", node, node.name)
        return
    if node.name == "COUNT" and not node.quantifier and isinstance(argument, tree.Number | tree.Text | tree.Boolean):
        yield dp.cause("count-constant", node)
        return
    if isinstance(strip(argument), tree.Column) and isinstance(argument, tree.Brackets):
        inside = f"{node.quantifier} {dp.text(strip(argument))}".strip()
        yield dp.cause("aggregate-brackets", node, instead=f"{node.name}({inside})")
        return
    if not isinstance(argument, tree.Column):
        yield dp.cause("aggregate-expression", node, dp.text(argument), node.name)
        return
    wrong = list(dp.column_causes(argument))
    yield from wrong
    if argument.name.lower() == "row_num":
        yield dp.cause("colliding-name", argument, argument.name)
    if any(c.kind in ("quoted-name", "unknown-column") for c in wrong):
        return
    if node.quantifier == "DISTINCT" and node.name != "COUNT":
        yield dp.cause("distinct-sum", node, node.name)
    if node.name != "COUNT":
        yield from _summed(node, argument, dp)


def _summed(node: tree.Aggregate, argument: tree.Column, dp: DpQuery) -> Iterator[Cause]:
    column = dp.columns[argument.name]
    if not column.is_numeric:
        if column.type is not None:
            yield dp.cause("wrong-type", argument, f"{node.name}({argument.name})", column.type)
        return
    if argument.name in dp.private_ids:
        yield dp.cause("private-id-summed", argument, argument.name)
    if argument.name in dp.grouped_columns:
        yield dp.cause("grouped-summed", node, argument.name)
    if not column.bounded:
        yield dp.cause("unbounded", argument, argument.name, node.name)
