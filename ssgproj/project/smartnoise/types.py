"""The types of SmartNoise's values: int, float, string, boolean, datetime, or None where it does not know (and returns text)."""

from __future__ import annotations

from collections.abc import Mapping

from ssgproj.project.smartnoise import names, tree

_ORDER = ("boolean", "datetime", "float", "int", "string")


def value_type(node: tree.Node, columns: Mapping[str, str]) -> str | None:
    """The type of an expression over columns of these types."""
    match node:
        case tree.Column(name=name):
            return columns.get(name)
        case tree.Number():
            return "int" if node.is_int else "float"
        case tree.Text():
            return "string"
        case tree.Boolean() | tree.Compare() | tree.Logical() | tree.Not() | tree.Between() | tree.In() | tree.Is():
            return "boolean"
        case tree.Brackets(inner=inner):
            return value_type(inner, columns)
        case tree.Arithmetic(op="/"):
            return "float"
        case tree.Arithmetic(op="%"):
            return "int"
        case tree.Arithmetic(left=left, right=right):
            both = [value_type(left, columns), value_type(right, columns)]
            return None if None in both else min(both, key=lambda t: _ORDER.index(t or "string"))
        case tree.Aggregate():
            return aggregate_type(node, columns)
        case tree.Case(whens=whens, otherwise=otherwise):
            found = {value_type(v, columns) for _, v in whens}
            if otherwise is not None:
                found.add(value_type(otherwise, columns))
            if found == {"int", "float"}:
                return "float"
            return found.pop() if len(found) == 1 else None
        case tree.Function(name=name, args=args):
            return _function_type(name, args, columns)
    return None


def aggregate_type(node: tree.Aggregate, columns: Mapping[str, str]) -> str:
    """A COUNT is whole, a SUM as its column, all others are floats."""
    if node.name == "COUNT":
        return "int"
    if node.name == "SUM" and isinstance(node.argument, tree.Column):
        return "int" if columns.get(node.argument.name) == "int" else "float"
    return "float"


def _function_type(name: str, args: tuple[tree.Node, ...], columns: Mapping[str, str]) -> str | None:
    if name in names.STRING_FUNCTIONS:
        return "string"
    if name == "POWER" and args:
        return value_type(args[0], columns)
    if name in names.MATH or name == "PI":
        return "float"
    return None
