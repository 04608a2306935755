"""ORDER BY and LIMIT, over the released rows."""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.allow.base import CONDITIONS, Cause, DpQuery, strip
from ssgproj.lint.allow.conditions import null_causes, released_causes
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
        yield from null_causes(value, dp)
    limit = dp.query.limit
    if limit is not None and not (limit.is_int and limit.value >= 0):
        yield dp.cause("limit", limit)
