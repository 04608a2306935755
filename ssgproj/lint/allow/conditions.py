"""WHERE, which the database runs, and HAVING, which SmartNoise runs over the released rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ssgproj.lint.allow.arithmetic import bracketed, misread
from ssgproj.lint.allow.base import CONDITIONS, TEXT_RESULTS, Cause, DpQuery, has_aggregate, has_column, strip
from ssgproj.project.smartnoise import names, tree
from ssgproj.project.smartnoise.types import value_type

MAX_OPERANDS = 150
_ISO = re.compile(r"'\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?'")
_NOT_IN_DATABASES = {
    "SQUARE",
    "TRUNC",
    "TRUNCATE",
    "CHAR_LENGTH",
    "POSITION",
    "SUBSTRING",
    "EXTRACT",
    "DAYNAME",
    "CONCAT",
    "CHOOSE",
    "PI",
}


def where_causes(dp: DpQuery) -> Iterator[Cause]:
    if dp.query.where is not None:
        yield from _where(dp.query.where, dp)


def _where(node: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    match node:
        case tree.Logical(operands=operands):
            if len(operands) > MAX_OPERANDS:
                yield dp.cause("too-many-operands", node, str(len(operands)))
            for operand in operands:
                yield from _where(operand, dp)
        case tree.Not(inner=inner):
            yield from _where(inner, dp)
        case tree.Brackets(inner=inner) if isinstance(strip(inner), (*CONDITIONS, tree.Column)):
            yield from _where(inner, dp)
        case tree.Compare(left=left, op=op, right=right):
            yield from _operator(node, op, dp)
            yield from _sides(node, (left, right), dp)
            yield from _types(node, left, right, dp)
        case tree.Between(inner=inner, lower=lower, upper=upper):
            yield from _sides(node, (inner, lower, upper), dp)
            yield from _types(node, inner, lower, dp)
            yield from _types(node, inner, upper, dp)
        case tree.In(inner=inner, items=items):
            yield from _sides(node, (inner, *items), dp)
            for item in items:
                yield from _types(node, inner, item, dp)
        case tree.Is(inner=inner, what=what):
            yield from _where_value(inner, dp)
            kind = value_type(inner, dp.types)
            if what != "NULL" and kind not in ("boolean", None):
                number = kind in ("int", "float")
                yield dp.cause(
                    "column-as-condition" if number else "text-as-condition", node, dp.text(inner), kind or ""
                )
        case tree.Column():
            yield from dp.column_causes(node, qualified=True)
            if dp.types.get(node.name) not in ("boolean", None):
                yield dp.cause("column-as-condition", node, node.name)
        case tree.Unreadable():
            return
        case _:
            yield dp.cause("value-as-condition", node)


def _operator(node: tree.Node, op: str, dp: DpQuery) -> Iterator[Cause]:
    if op in ("<=>", "!>", "!<"):
        yield dp.cause("comparison-operator", node, op)
    elif op == "==":
        yield dp.cause("double-equals", node, op)


def _sides(node: tree.Node, sides: tuple[tree.Node, ...], dp: DpQuery) -> Iterator[Cause]:
    for side in sides:
        if isinstance(strip(side), tree.Null):
            yield dp.cause("null-comparison", node)
        else:
            yield from _where_value(side, dp)
    if any(isinstance(strip(s), tree.Column | tree.Function) and dp.is_private_id(s) for s in sides):
        yield dp.cause("private-id-filter", node)


def _types(node: tree.Node, left: tree.Node, right: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    left, right = strip(left), strip(right)
    if isinstance(left, tree.Text):
        left, right = right, left
    kind = value_type(left, dp.types)
    if kind == "datetime" and isinstance(right, tree.Text) and not _ISO.fullmatch(right.text):
        yield dp.cause("date-text", right)
    elif kind == "boolean" and isinstance(right, tree.Text):
        yield dp.cause("boolean-text", node, dp.text(left))
    elif isinstance(left, tree.Column) and (
        (kind in ("int", "float") and isinstance(right, tree.Text))
        or (kind == "string" and isinstance(right, tree.Number))
    ):
        yield dp.cause("compared-types", node, left.name, kind or "")


def _where_value(node: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    match node:
        case tree.Column():
            yield from dp.column_causes(node, qualified=True)
        case tree.Number() | tree.Text() | tree.Boolean() | tree.Null() | tree.Unreadable():
            return
        case tree.Brackets(inner=inner):
            yield from _where_value(inner, dp)
        case tree.Arithmetic(left=left, op=op, right=right):
            yield from _where_value(left, dp)
            yield from _where_value(right, dp)
            if op == "/" and value_type(left, dp.types) == value_type(right, dp.types) == "int":
                yield dp.cause("whole-division", node)
        case tree.Case():
            if node.operand is not None:
                yield from _where_value(node.operand, dp)
            for condition, result in node.whens:
                yield from _where_value(condition, dp) if node.operand is not None else _where(condition, dp)
                yield from _where_value(result, dp)
            if node.otherwise is not None:
                yield from _where_value(node.otherwise, dp)
        case tree.Cast(inner=inner, type=type_):
            if type_.split("(")[0] not in ("INTEGER", "FLOAT", "VARCHAR", "NVARCHAR", "CHAR", "NCHAR"):
                yield dp.cause("date-cast", node, type_)
            yield from _where_value(inner, dp)
        case tree.Function():
            yield from _where_function(node, dp)
        case tree.Aggregate():
            yield dp.cause("aggregate-in-where", node)
        case _ if isinstance(node, CONDITIONS):
            yield dp.cause("condition-as-value", node)
        case _:
            yield dp.cause("where-form", node)


def _where_function(node: tree.Function, dp: DpQuery) -> Iterator[Cause]:
    name, args = node.name, node.args
    if name in names.RANDOM:
        yield dp.cause("random" if name == "RANDOM" else "function", node, name)
        return
    if name in names.CURRENT:
        yield dp.cause("current-time", node, name)
        return
    if name in _NOT_IN_DATABASES:
        good_form = name in ("SUBSTRING", "POSITION", "EXTRACT") or bool(args) or name == "PI"
        yield dp.cause("function" if good_form else "function-form", node, name)
    elif name == "ROUND":
        if len(args) != 2 or not isinstance(args[1], tree.Number) or not args[1].is_int:
            yield dp.cause("function-form", node, name, "ROUND(x, 0)")
        elif args[1].value < 0:
            yield dp.cause("key-round", node, name)
    elif name == "POWER":
        if len(args) != 2 or not isinstance(args[1], tree.Number):
            yield dp.cause("function-form", node, name, "POWER(x, 2)")
    elif name == "IIF":
        yield dp.cause("iif", node, name)
        if len(args) != 3:
            yield dp.cause("function-form", node, name, "IIF(condition, a, b)")
        else:
            yield from _where(args[0], dp)
        args = args[1:]
    elif name == "COALESCE":
        if len(args) < 2:
            yield dp.cause("function-form", node, name, "COALESCE(x, 0)")
    elif len(args) != 1:
        yield dp.cause("function-form", node, name, f"{name}(x)")
    if name == "FLOOR":
        for inner in node.walk():
            if isinstance(inner, tree.Column) and inner.name in dp.columns and inner.name not in dp.never_null:
                yield dp.cause("floor-null", node, inner.name)
    for arg in args:
        yield from _where_value(arg, dp)
    yield from function_type(node, dp)


def having_causes(dp: DpQuery) -> Iterator[Cause]:
    if dp.query.having is not None:
        yield from _having(dp.query.having, dp)


def _having(node: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    match node:
        case tree.Logical(operands=operands):
            for operand in operands:
                yield from _having(operand, dp)
        case tree.Not(inner=inner):
            yield from _having(inner, dp)
        case tree.Brackets(inner=inner) if isinstance(strip(inner), (*CONDITIONS, tree.Column)):
            yield from _having(inner, dp)
        case tree.Compare(left=left, op=op, right=right):
            if op in ("==", "<=>", "!>", "!<"):
                yield dp.cause("having-operator", node, op)
            for side in (left, right):
                if isinstance(strip(side), tree.Null):
                    yield dp.cause("null-comparison", node)
                else:
                    yield from released_causes(side, dp)
            yield from _having_types(node, left, right, dp)
            if op not in ("=", "<>", "!="):
                for side in (left, right):
                    yield from null_causes(side, dp)
        case tree.Between(inner=inner, lower=lower, upper=upper):
            yield from released_causes(inner, dp)
            yield from null_causes(inner, dp)
            yield from _having_types(node, inner, lower, dp)
            if isinstance(lower, tree.Number) and isinstance(upper, tree.Number):
                yield dp.cause(
                    "having-between",
                    node,
                    dp.text(inner),
                    f"{dp.text(inner)} >= {lower.text} AND {dp.text(inner)} <= {upper.text}",
                )
            else:
                yield dp.cause("having-bounds", node)
        case tree.In(inner=inner, items=items, negated=negated):
            yield from released_causes(inner, dp)
            if negated:
                items_text = ", ".join(dp.text(i) for i in items)
                yield dp.cause("having-not-in", node, instead=f"NOT {dp.text(inner)} IN ({items_text})")
            if not all(isinstance(i, tree.Number | tree.Text | tree.Boolean | tree.Unreadable) for i in items):
                yield dp.cause("having-form", node)
        case tree.Is(inner=inner, what=what):
            yield from released_causes(inner, dp)
            if what != "NULL":
                yield dp.cause("having-is", node, what)
        case tree.Column():
            yield from released_causes(node, dp)
            yield dp.cause("column-as-condition", node, node.name)
        case tree.Unreadable():
            return
        case _:
            yield dp.cause("value-as-condition", node)


def _having_types(node: tree.Node, left: tree.Node, right: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    kinds = [_released_type(strip(side), dp) for side in (left, right)]
    for kind, other in ((kinds[0], strip(right)), (kinds[1], strip(left))):
        if (
            (kind in ("string", "datetime") and isinstance(other, tree.Number))
            or (kind == "datetime" and isinstance(other, tree.Text) and not _ISO.fullmatch(other.text))
            or (
                kind in ("int", "float")
                and isinstance(other, tree.Text)
                and not re.fullmatch(r"'[-+]?\d+(\.\d+)?'", other.text)
            )
        ):
            yield dp.cause("having-types", node)


def _released_type(node: tree.Node, dp: DpQuery) -> str | None:
    """Its type in SmartNoise's evaluator; `text` for what comes back as text, whatever it was."""
    if isinstance(node, tree.Text):
        return None
    if isinstance(node, tree.Column):
        output = next((o for o in dp.query.outputs if o.name and o.name.lower() == node.name.lower()), None)
        if output is None:
            return None
        node = strip(output.value)
    if isinstance(node, tree.Cast) or (isinstance(node, tree.Function) and node.name in TEXT_RESULTS):
        return "text"
    return value_type(node, dp.types)


def null_causes(value: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    """A key that may be NULL can be neither sorted nor compared: the query fails once such a group is released."""
    for column in value.walk():
        if not isinstance(column, tree.Column):
            continue
        output = next((o for o in dp.query.outputs if o.name and o.name.lower() == column.name.lower()), None)
        source = output.value if output is not None else column
        if source.key() not in dp.group_keys or not has_column(source):
            continue
        for node in source.walk():
            if isinstance(node, tree.Case) and node.otherwise is None:
                yield dp.cause("order-null", column, "CASE without ELSE")
                break
            if isinstance(node, tree.Column) and node.name in dp.columns and node.name not in dp.never_null:
                yield dp.cause("order-null", column, node.name)
                break


def function_type(node: tree.Function, dp: DpQuery) -> Iterator[Cause]:
    """A text function of something else, or a mathematical one of something that is no number: one database fails, another guesses."""
    wanted = ("string",) if node.name in names.STRING_FUNCTIONS else ("int", "float") if node.name in names.MATH else ()
    kind = value_type(node.args[0], dp.types) if node.args else None
    if wanted and kind is not None and kind not in wanted:
        yield dp.cause("function-type", node, node.name, kind)


def released_causes(node: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    """A value over the released rows: an output by its name or written as in the SELECT list, with arithmetic and simple functions."""
    if node.key() in dp.output_values:
        return
    match node:
        case tree.Column():
            if node.quoted:
                inside = node.name.strip('"')
                works = node.name == f'"{inside}"' and any(o.name == inside for o in dp.query.outputs)
                yield dp.cause("quoted-here" if works else "quoted-name", node, instead=inside)
            elif node.qualifier is not None:
                yield dp.cause("qualified", node, instead=node.name)
            elif node.name.lower() not in dp.output_names:
                yield dp.cause("not-released", node, node.name)
        case tree.Number() | tree.Text() | tree.Boolean() | tree.Unreadable():
            return
        case tree.Brackets(inner=inner):
            yield from released_causes(inner, dp)
        case tree.Arithmetic(left=left, right=right):
            if misread(node):
                yield dp.cause("precedence", node, instead=bracketed(node, dp.query.text))
            for side in (left, right):
                yield from released_causes(side, dp)
                if _released_type(strip(side), dp) in ("string", "datetime", "text"):
                    yield dp.cause("having-form", node)
        case tree.Function(name=name, args=args) if (
            name in (names.STRING_FUNCTIONS | names.MATH) - {"LOG"} and len(args) == 1
        ):
            yield from released_causes(args[0], dp)
            if name in names.MATH and _released_type(strip(args[0]), dp) in ("string", "datetime", "text"):
                yield dp.cause("having-form", node)
        case tree.Function(name=name) if name in names.RANDOM:
            yield dp.cause("random", node, name)
            yield dp.cause("having-form", node)
        case tree.Aggregate():
            yield dp.cause("not-released", node)
        case tree.Case() if not has_aggregate(node):
            yield from _released_case(node, dp)
        case _:
            yield dp.cause("having-form", node)


def _released_case(node: tree.Case, dp: DpQuery) -> Iterator[Cause]:
    if node.operand is not None:
        yield from released_causes(node.operand, dp)
    for condition, result in node.whens:
        yield from released_causes(condition, dp) if node.operand is not None else _having(condition, dp)
        yield from released_causes(result, dp)
    if node.otherwise is not None:
        yield from released_causes(node.otherwise, dp)
