"""Statistics without differential privacy: what makes them hand out single rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ssgproj.lint.rule import Found
from ssgproj.privacy.mixing import group_key, several_groupings

if TYPE_CHECKING:
    from ssgproj.lint.context import StatContext
    from ssgproj.privacy.lineage import Origin

RELEASABLE = frozenset(
    {
        "Count", "CountIf", "Sum", "Avg", "Stddev", "StddevPop", "StddevSamp", "Variance", "VariancePop", "Corr", "CovarPop", "CovarSamp",
        "PercentileCont", "Median", "ApproxDistinct", "RegrSlope", "RegrIntercept", "RegrR2", "RegrCount", "RegrAvgx", "RegrAvgy",
        "RegrSxx", "RegrSxy", "RegrSyy", "Skewness", "Kurtosis",
    }
)  # fmt: skip
"""Aggregates that depend on many rows at once, as sqlglot classes."""

_HINT = "use COUNT, SUM, AVG, STDDEV or PERCENTILE_CONT"


def row_level(stat: StatContext, query: Any) -> Iterator[Found]:
    """What in the outermost SELECT could release a row, or a value of one row."""
    from sqlglot import exp

    group = query.args.get("group")
    keys = [group_key(k, query) for k in group.expressions] if group is not None else []
    if group is not None and several_groupings(group):
        yield stat.in_source(group, "Which groups this makes cannot be checked", "list the columns in GROUP BY")
    if query.args.get("distinct") is not None:
        yield stat.in_source(query.args["distinct"], "DISTINCT lists values", "GROUP BY them, and COUNT")
    yield from _functions(stat, query)
    yield from _keys(stat, query, keys)
    aggregated = any(isinstance(n, exp.AggFunc) for item in query.expressions for n in item.walk())
    if not aggregated:
        yield stat.in_source(
            query.expressions[0] if query.expressions else query,
            "No column is an aggregate",
            "add COUNT(*) AS n, and GROUP BY",
        )
        return
    texts = {k.sql() for k in keys}
    for item in query.expressions:
        value = item.unalias()
        if item.is_star:
            yield stat.in_source(item, "`*` releases rows", "name aggregates and the columns of GROUP BY")
        elif not _inside(value, texts):
            yield stat.in_source(
                item, "The column is neither an aggregate nor in GROUP BY", "aggregate it, or add it to GROUP BY"
            )


def _inside(value: Any, keys: set[str]) -> bool:
    """Whether an output is made of keys, constants and aggregates only."""
    from sqlglot import exp

    if value.sql() in keys or isinstance(
        value, exp.AggFunc | exp.WithinGroup | exp.Filter | exp.Literal | exp.Null | exp.Boolean
    ):
        return True
    if isinstance(value, exp.Column | exp.Subquery | exp.Window):
        return False
    return all(_inside(child, keys) for child in value.iter_expressions() if not isinstance(child, exp.DataType))


def _functions(stat: StatContext, query: Any) -> Iterator[Found]:
    from sqlglot import exp

    for node in query.walk():
        if isinstance(node, exp.Window):
            yield stat.in_source(node, "A window function gives a value for each row", "use an aggregate with GROUP BY")
        elif _of_outermost(node, query) and isinstance(node, exp.AggFunc) and type(node).__name__ not in RELEASABLE:
            if isinstance(node.parent, exp.Window):
                continue
            name = node.sql_name() if not isinstance(node, exp.AnonymousAggFunc) else node.name
            yield stat.in_source(node, f"{name.upper()} releases values of single rows", _HINT)
        elif isinstance(node, exp.Anonymous) and node.name.lower() in _ROW_LEVEL_NAMES:
            yield stat.in_source(node, f"{node.name.upper()} releases values of single rows", _HINT)


_ROW_LEVEL_NAMES = frozenset(
    {"histogram", "json_agg", "xmlagg", "mode", "first", "last", "arbitrary", "max_by", "min_by", "summarize"}
)


def _of_outermost(node: Any, query: Any) -> bool:
    """Whether a node belongs to the outermost SELECT rather than to a CTE or subquery, whose rows are not released."""
    from sqlglot import exp

    return bool(node.find_ancestor(exp.Select) is query)


def _keys(stat: StatContext, query: Any, keys: list[Any]) -> Iterator[Found]:
    from sqlglot import exp

    environment: Mapping[str, Any] = stat.lineage.environment(query)
    for key in keys:
        for column in key.find_all(exp.Column):
            origin = stat.lineage.column(column, query, environment)
            if origin is not None and identifies(stat, origin):
                message = f"`{column.sql()}` identifies people or rows, so each group is one"
                yield stat.in_source(column, message, "group by what many have in common")


def identifies(stat: StatContext, origin: Origin) -> bool:
    """Whether a column tells rows or people apart: it is unique by itself, or holds the privacy unit."""
    if stat.tables.is_unit(origin.model, origin.column):
        return True
    people = bool(stat.tables.unit_columns(origin.model))
    return people and stat.tables.is_unique(origin.model, [origin.column])


def literal_tests(stat: StatContext, tree: Any) -> Iterator[Found]:
    """Tests of an identifier against values, and subqueries in a SELECT list."""
    from sqlglot import exp

    for select, environment in stat.people.selects(tree, {}):
        for item in select.expressions:
            for node in item.find_all(exp.Subquery, exp.Exists):
                yield stat.in_source(
                    node,
                    "A subquery in the SELECT list can single out people by a difference",
                    "use one aggregate for each column",
                )
        for node in select.find_all(
            exp.EQ, exp.NEQ, exp.In, exp.GT, exp.LT, exp.GTE, exp.LTE, exp.Between, exp.Like, exp.ILike
        ):
            if node.find_ancestor(exp.Select) is not select or _is_join_condition(node):
                continue
            for column in node.find_all(exp.Column):
                origin = stat.lineage.column(column, select, environment)
                if origin is not None and identifies(stat, origin) and not _other_column(node, column):
                    message = f"`{column.sql()}` identifies people or rows, and is tested against a value"
                    yield stat.in_source(node, message, "filter by what many have in common")
                    break


def _is_join_condition(node: Any) -> bool:
    from sqlglot import exp

    columns = list(node.find_all(exp.Column))
    return isinstance(node, exp.EQ) and len(columns) == 2 and not list(node.find_all(exp.Literal))


def _other_column(node: Any, column: Any) -> bool:
    """`a.id < b.id` compares two columns, which is no test against a value."""
    from sqlglot import exp

    return not list(node.find_all(exp.Literal)) and any(c is not column for c in node.find_all(exp.Column))
