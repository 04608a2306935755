"""SmartNoise's arithmetic is not SQL's: every operator has a precedence of its own, `* / % + -` from tightest to loosest."""

from __future__ import annotations

from typing import Any

from ssgproj.project.smartnoise import tree

_LEVELS = ("*", "/", "%", "+", "-")


def flatten(node: tree.Node) -> tuple[list[tree.Node], list[str]]:
    """The operands and operators of one level, from left to right, as they are written without brackets."""
    if not isinstance(node, tree.Arithmetic):
        return [node], []
    left_operands, left_operators = flatten(node.left)
    right_operands, right_operators = flatten(node.right)
    return left_operands + right_operands, [*left_operators, node.op, *right_operators]


def misread(node: tree.Arithmetic) -> bool:
    """Whether SmartNoise's evaluator reads this level differently from SQL."""
    operands, operators = flatten(node)
    if len(operators) < 2:
        return False
    shape = _sql_shape(node, iter(range(len(operands))))
    return bool(shape != _smartnoise_shape(list(range(len(operands))), operators))


def _sql_shape(node: tree.Node, numbers: Any) -> Any:
    if not isinstance(node, tree.Arithmetic):
        return next(numbers)
    left = _sql_shape(node.left, numbers)
    return (left, node.op, _sql_shape(node.right, numbers))


def _smartnoise_shape(operands: list[Any], operators: list[str]) -> Any:
    for level in _LEVELS:
        kept_operands, kept_operators = operands[:1], []
        for operator, operand in zip(operators, operands[1:], strict=True):
            if operator == level:
                kept_operands[-1] = (kept_operands[-1], operator, operand)
            else:
                kept_operators.append(operator)
                kept_operands.append(operand)
        operands, operators = kept_operands, kept_operators
    return operands[0]


def bracketed(node: tree.Arithmetic, text: str) -> str:
    """The expression with brackets that make SmartNoise read it as SQL does."""
    left = text[node.left.start : node.left.end]
    right = text[node.right.start : node.right.end]
    if isinstance(node.left, tree.Arithmetic):
        left = f"({bracketed(node.left, text)})"
    if isinstance(node.right, tree.Arithmetic):
        right = f"({bracketed(node.right, text)})"
    return f"{left} {node.op} {right}"
