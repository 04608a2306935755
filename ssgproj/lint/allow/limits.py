"""Numbers: noise that SmartNoise refuses to scale, and outputs it cannot scale."""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.allow.base import Cause, DpQuery
from ssgproj.project.smartnoise import tree


def limit_causes(dp: DpQuery) -> Iterator[Cause]:
    for node in dp.query.nodes():
        if isinstance(node, tree.Aggregate) and isinstance(node.argument, tree.Column):
            column = dp.columns.get(node.argument.name)
            if column is None or column.lower is None or column.upper is None or node.name == "COUNT":
                continue
            if column.lower == 0 and column.upper == 0:
                yield dp.cause("zero-bounds", node.argument, node.argument.name)
