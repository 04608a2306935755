"""ORDER BY and LIMIT, over the released rows."""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.allow.base import CONDITIONS, Cause, DpQuery, has_column, strip
from ssgproj.lint.allow.conditions import released_causes
from ssgproj.project.smartnoise import tree


def order_causes(dp: DpQuery) -> Iterator[Cause]:
    for key in dp.query.order:
        value = strip(key.value)
        if isinstance(value, CONDITIONS):
            yield dp.cause("condition-as-value", value)
            continue
        if isinstance(value, tree.Number | tree.Text | tree.Boolean | tree.Null):
            yield dp.cause("order-constant", value)
            continue
        yield from released_causes(key.value, dp)
        yield from _null(value, dp)
    limit = dp.query.limit
    if limit is not None and not (limit.is_int and limit.value >= 0):
        yield dp.cause("limit", limit)


def _null(value: tree.Node, dp: DpQuery) -> Iterator[Cause]:
    """A key that may be NULL cannot be sorted: the query fails once such a group is released."""
    if not isinstance(value, tree.Column):
        return
    output = next((o for o in dp.query.outputs if o.name and o.name.lower() == value.name.lower()), None)
    source = output.value if output is not None else value
    if source.key() not in dp.group_keys or not has_column(source):
        return
    for node in source.walk():
        if isinstance(node, tree.Case) and node.otherwise is None:
            yield dp.cause("order-null", value, "CASE without ELSE")
            return
        if isinstance(node, tree.Column) and node.name in dp.columns and node.name not in dp.never_null:
            yield dp.cause("order-null", value, node.name)
            return
