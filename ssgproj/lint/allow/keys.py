"""GROUP BY: columns with few values, CASE over simple conditions, FLOOR(x / k), and whole-number arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.allow.arithmetic import bracketed, misread
from ssgproj.lint.allow.base import CONDITIONS, MANY_VALUES, Cause, DpQuery, has_aggregate, strip, unreadable
from ssgproj.privacy.cost import censors, query_cost
from ssgproj.project.smartnoise import names, tree
from ssgproj.project.smartnoise.types import value_type

_TEXT_KEYS = {"ROUND", "TRUNC", "TRUNCATE"}


def key_causes(dp: DpQuery) -> Iterator[Cause]:
    query = dp.query
    bare = [k for k in query.group if isinstance(k, tree.Column)]
    if bare and all(k.name in dp.private_ids for k in bare):
        yield dp.cause("private-id-alone", bare[0], bare[0].name)
    aliases = {o.alias: o for o in query.outputs if o.alias is not None and not isinstance(o.value, tree.Column)}
    renamed = {o.alias: o for o in query.outputs if o.alias is not None}
    for key in query.group:
        if unreadable(key):
            continue
        alias = renamed.get(key.name) if isinstance(key, tree.Column) and key.name not in dp.columns else None
        if alias is not None:
            yield dp.cause("key-alias", key, instead=dp.text(alias.value))
        elif isinstance(key, tree.Column) and key.name in aliases and key.name not in dp.columns:
            yield dp.cause("key-alias", key, instead=dp.text(aliases[key.name].value))
        else:
            yield from _key(key, dp, alone=len(query.group) == 1)
        if key.key() not in dp.output_values and not isinstance(strip(key), tree.Number):
            yield dp.cause("key-not-selected", key)
    yield from _collisions(dp)


def _key(key: tree.Node, dp: DpQuery, *, alone: bool) -> Iterator[Cause]:
    if has_aggregate(key):
        yield dp.cause("key-aggregate", key)
        return
    if dp.is_private_id(key) and not (isinstance(key, tree.Column) and alone):
        yield dp.cause("private-id-key", key)
    match key:
        case tree.Column():
            yield from _column(key, dp)
        case tree.Brackets(inner=inner):
            yield from _key(inner, dp, alone=False)
        case tree.Case():
            yield from _case(key, dp)
        case tree.Function():
            yield from _function(key, dp)
        case tree.Arithmetic():
            yield from _arithmetic(key, dp)
        case tree.Cast():
            whole = value_type(key.inner, dp.types) in ("int", "string")
            text = key.type.split("(")[0] in ("VARCHAR", "NVARCHAR", "CHAR", "NCHAR")
            yield dp.cause("key-text" if whole and text else "key-cast", key, key.type)
            yield from _columns(key, dp)
        case tree.Number():
            yield dp.cause("key-ordinal", key)
        case tree.Null():
            yield dp.cause("null", key)
        case tree.Text() | tree.Boolean():
            yield dp.cause("key-constant", key)
        case _ if isinstance(key, CONDITIONS):
            yield dp.cause("condition-as-value", key)
        case _:
            yield dp.cause("key-form", key)


def _columns(node: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    for inner in node.walk():
        if isinstance(inner, tree.Column):
            yield from dp.column_causes(inner)


def _column(key: tree.Column, dp: DpQuery) -> Iterator[Cause]:
    wrong = list(dp.column_causes(key))
    yield from wrong
    column = dp.columns.get(key.name)
    if wrong or column is None:
        return
    if column.type == "float":
        yield dp.cause("continuous-key", key, key.name, f"FLOOR({key.name} / 10)")
    elif column.type == "datetime":
        yield dp.cause("datetime-key", key, key.name)
    elif column.type == "int" and column.lower is not None and column.upper is not None:
        values = column.upper - column.lower + 1
        if values > MANY_VALUES:
            yield dp.cause("many-values", key, key.name, f"{values:g}")


def _case(key: tree.Case, dp: DpQuery) -> Iterator[Cause]:
    if key.operand is not None:
        yield from _value(key.operand, dp)
    for condition, result in key.whens:
        if key.operand is None:
            yield from _condition(condition, dp)
        else:
            yield from _value(condition, dp)
        yield from _value(result, dp)
    if key.otherwise is not None:
        yield from _value(key.otherwise, dp)
    results = [r for _, r in key.whens] + ([key.otherwise] if key.otherwise is not None else [])
    kinds = {value_type(r, dp.types) for r in results}
    if len(kinds) > 1 and not kinds <= {"int", "float"} and None not in kinds:
        yield dp.cause("mixed-case", key)


def _condition(node: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    """The conditions that SmartNoise can carry inside a key: comparisons, BETWEEN, AND, OR, NOT, boolean columns."""
    match node:
        case tree.Logical(operands=operands):
            for operand in operands:
                yield from _condition(operand, dp)
        case tree.Not(inner=inner) | tree.Brackets(inner=inner):
            yield from _condition(inner, dp)
        case tree.Compare(left=left, op=op, right=right):
            if op in ("<=>", "!>", "!<"):
                yield dp.cause("comparison-operator", node, op)
            elif op == "==":
                yield dp.cause("double-equals", node, op)
            for side in (left, right):
                yield from _value(side, dp, compared=True)
        case tree.Between(inner=inner, lower=lower, upper=upper):
            for side in (inner, lower, upper):
                yield from _value(side, dp, compared=True)
        case tree.In():
            items = " OR ".join(f"{dp.text(node.inner)} = {dp.text(i)}" for i in node.items[:4])
            yield dp.cause("key-in", node, instead=items)
        case tree.Is():
            yield dp.cause("key-is-null" if node.what == "NULL" else "key-is-true", node, dp.text(node.inner))
        case tree.Column():
            yield from dp.column_causes(node)
        case tree.Unreadable():
            return
        case _:
            yield dp.cause("value-as-condition", node)


def _value(node: tree.Node, dp: DpQuery, *, compared: bool = False) -> Iterator[Cause]:
    match node:
        case tree.Null():
            yield dp.cause("null-comparison" if compared else "null", node)
            if compared:
                yield dp.cause("null", node)
        case tree.Column():
            yield from dp.column_causes(node)
        case tree.Number() | tree.Text() | tree.Boolean() | tree.Unreadable():
            return
        case tree.Brackets(inner=inner):
            yield from _value(inner, dp, compared=compared)
        case tree.Case():
            yield from _case(node, dp)
        case tree.Arithmetic():
            if misread(node):
                yield dp.cause("precedence", node, instead=bracketed(node, dp.query.text))
            yield from _columns(node, dp)
        case tree.Function() if node.name in names.STRING_FUNCTIONS | {"FLOOR", "CEIL", "CEILING", "ABS"}:
            yield from _function(node, dp)
        case _ if isinstance(node, CONDITIONS):
            yield dp.cause("condition-as-value", node)
        case _:
            yield dp.cause("key-form", node)


def _function(key: tree.Function, dp: DpQuery) -> Iterator[Cause]:
    name = key.name
    if name in names.RANDOM:
        yield dp.cause("random", key, name)
        return
    if name in names.CURRENT:
        yield dp.cause("current-time", key, name)
        return
    yield from _columns(key, dp)
    if name in ("FLOOR", "CEIL", "CEILING") and len(key.args) == 1:
        yield from _floor(key, dp)
    elif name in names.STRING_FUNCTIONS and len(key.args) == 1:
        inner = strip(key.args[0])
        if isinstance(inner, tree.Function):
            yield from _function(inner, dp)
        elif not isinstance(inner, tree.Column | tree.Text) or value_type(inner, dp.types) not in ("string", None):
            yield dp.cause("key-form", key)
    elif name in _TEXT_KEYS and len(key.args) != 2:
        yield dp.cause("function-form", key, name, f"{name}(x, 0)")
    elif name == "ROUND":
        yield dp.cause("key-round", key, name)
    elif name == "IIF":
        yield dp.cause("iif", key, name)
    elif name in ("COALESCE", "CONCAT", "CHOOSE"):
        yield dp.cause("key-list", key, name)
    elif name in names.MATH and len(key.args) == 1 and name != "SQUARE":
        yield dp.cause("key-function", key, name)
    elif name == "POWER":
        good = len(key.args) == 2 and isinstance(key.args[1], tree.Number)
        yield dp.cause("key-function" if good else "function-form", key, name, "POWER(x, 2)")
    else:
        yield dp.cause("function", key, name)


def _floor(key: tree.Function, dp: DpQuery) -> Iterator[Cause]:
    inner = strip(key.args[0])
    if not isinstance(inner, tree.Column | tree.Arithmetic):
        yield dp.cause("key-form", key)
        return
    if isinstance(inner, tree.Arithmetic) and misread(inner):
        yield dp.cause("precedence", inner, instead=bracketed(inner, dp.query.text))
    for node in inner.walk():
        if isinstance(node, tree.Function):
            yield from _function(node, dp)
        whole = isinstance(node, tree.Arithmetic) and node.op == "/" and _whole(node, dp)
        if whole and key.name != "FLOOR":
            yield dp.cause("key-division", key, instead=f"FLOOR({dp.text(inner)})")
        if isinstance(node, tree.Column) and dp.types.get(node.name) not in ("int", "float", None):
            yield dp.cause("key-form", key)
        elif (
            isinstance(node, tree.Column)
            and key.name == "FLOOR"
            and node.name in dp.columns
            and node.name not in dp.never_null
        ):
            yield dp.cause("floor-null", key, node.name)


def _whole(node: tree.Arithmetic, dp: DpQuery) -> bool:
    """Whether both sides are whole numbers, so that databases differ in what their quotient is."""
    return value_type(node.left, dp.types) == value_type(node.right, dp.types) == "int"


def _arithmetic(key: tree.Arithmetic, dp: DpQuery) -> Iterator[Cause]:
    if misread(key):
        yield dp.cause("precedence", key, instead=bracketed(key, dp.query.text))
    divided = False
    for node in _outside_calls(key):
        if isinstance(node, tree.Column):
            yield from dp.column_causes(node)
            if dp.types.get(node.name) == "float":
                yield dp.cause("continuous-key", key, dp.text(key), f"FLOOR({dp.text(key)})")
            elif dp.types.get(node.name) not in ("int", None):
                yield dp.cause("key-form", key)
        elif isinstance(node, tree.Function):
            yield from _function(node, dp)
        elif isinstance(node, tree.Arithmetic):
            divided = divided or node.op == "/"
        elif not isinstance(node, tree.Number | tree.Brackets):
            yield dp.cause("key-form", key)
    if divided and not any(isinstance(n, tree.Function) for n in key.walk()):
        yield dp.cause("key-division", key, instead=f"FLOOR({dp.text(key)})")


def _outside_calls(node: tree.Node) -> Iterator[tree.Node]:
    """The node and what is below it, but not what stands inside a call: FLOOR makes whole numbers of fractions."""
    yield node
    if not isinstance(node, tree.Function):
        for child in node.children():
            yield from _outside_calls(child)


def _collisions(dp: DpQuery) -> Iterator[Cause]:
    """SmartNoise names its inner columns `keycount`, `row_num`, `star`, `sum_x`, `count_x`, and overwrites what is called so."""
    pid = next(iter(dp.private_ids), None)
    made = {
        s.smartnoise_name
        for s in query_cost(dp.query, pid, censor=censors(dp.query)).statistics
        if s.function != "sum of squares"
    }
    for key in dp.query.group:
        if isinstance(key, tree.Column) and (key.name.lower() in ("keycount", "row_num") or key.name in made):
            yield dp.cause("colliding-name", key, key.name)
    counts = [
        n
        for n in dp.query.nodes()
        if isinstance(n, tree.Aggregate) and n.name in ("COUNT", "AVG", "VAR", "STDDEV", "VARIANCE", "STD")
    ]
    if any(isinstance(c.argument, tree.Star) for c in counts):
        for count in counts:
            if isinstance(count.argument, tree.Column) and count.argument.name == "star":
                yield dp.cause("colliding-name", count.argument, "star")
