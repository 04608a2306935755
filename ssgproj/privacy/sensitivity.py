"""How far one row can move a sum, as SmartNoise computes it, and the limits it sets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ssgproj.project.smartnoise import tree

if TYPE_CHECKING:
    from ssgproj.privacy.cost import NoisyStatistic
    from ssgproj.project.stat import Stat
    from ssgproj.project.stat_header import StatColumn

LARGEST_SCALE = 1e7
"""SmartNoise refuses noise with a larger scale."""


def column_sensitivity(column: StatColumn) -> float | None:
    """The largest absolute value of a bounded column; None without both bounds."""
    if column.lower is None or column.upper is None:
        return None
    if column.type == "int":
        return float(max(abs(int(column.lower)), abs(int(column.upper))))
    return max(abs(column.lower), abs(column.upper))


def statistic_sensitivity(statistic: NoisyStatistic, stat: Stat) -> float | None:
    """What one row changes the statistic by at most; None where the column has no bounds."""
    if statistic.function == "count":
        return 1.0
    column = stat.column(statistic.column) if statistic.column else None
    bound = column_sensitivity(column) if column else None
    if bound is None:
        return None
    return bound * bound if statistic.function == "sum of squares" else bound


def expression_sensitivity(node: tree.Node, stat: Stat) -> float | None:
    """The sensitivity SmartNoise gives an output expression; None where it has none.

    It scales a mechanism that is never used, but refuses the query where that cannot be scaled: `COUNT(*) * 0`, `-1 * COUNT(*)`.
    """
    if isinstance(node, tree.Brackets):
        return expression_sensitivity(node.inner, stat)
    if isinstance(node, tree.Aggregate):
        if node.name == "COUNT":
            return 1.0
        column = stat.column(node.argument.name) if isinstance(node.argument, tree.Column) else None
        return column_sensitivity(column) if node.name == "SUM" and column is not None else None
    if isinstance(node, tree.Column):
        column = stat.column(node.name)
        if column is None or not column.is_numeric:
            return None
        bound = column_sensitivity(column)
        return math.inf if bound is None else bound
    if isinstance(node, tree.Arithmetic):
        return _arithmetic(node, stat)
    return None


def _arithmetic(node: tree.Arithmetic, stat: Stat) -> float | None:
    left, right = expression_sensitivity(node.left, stat), expression_sensitivity(node.right, stat)
    if left is not None and right is not None:
        return {"+": left + right, "*": left * right}.get(node.op)
    if left is not None and isinstance(node.right, tree.Number):
        value = node.right.value
        if node.op in "+-":
            return left
        if node.op == "%":
            return value
        if node.op == "*":
            return left * value
        return left / value if value else 0.0
    if right is not None and isinstance(node.left, tree.Number):
        if node.op in "+-":
            return right
        return right * node.left.value if node.op == "*" else None
    return None
