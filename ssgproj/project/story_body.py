"""What the body of a story says about it, read from its syntax tree: nothing runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ssgproj.diagnostics import Diagnostic, Location, Severity
from ssgproj.project.model import TableName
from ssgproj.project.names import parse_table_name

_GLOBAL_RANDOM = ("random", "numpy.random", "np.random", "secrets")


@dataclass(frozen=True, slots=True)
class YieldedRow:
    """A `Row("users", age=3)` or `("users", {"age": 3})` in a story's text, with the columns that are written out."""

    table: str
    columns: tuple[str, ...]
    at: Location


@dataclass(frozen=True, slots=True)
class Body:
    """`parents` are tables that the text asks the context for, with the places."""

    parameters: Mapping[str, bool]
    takes_any: bool
    parents: Mapping[TableName, Location]
    rows: tuple[YieldedRow, ...]
    problems: list[Diagnostic] = field(default_factory=list)


def read_body(node: ast.FunctionDef | ast.AsyncFunctionDef, path: str) -> Body:
    """Read one story's function. Problems are what would fail, or go wrong unnoticed, in every telling."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = len(positional) - len(arguments.defaults)
    parameters = {a.arg: i < defaults for i, a in enumerate(positional) if i and i >= len(arguments.posonlyargs)}
    parameters |= {a.arg: d is None for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)}
    context = positional[0].arg if positional else ""
    own = list(_own(node))
    body = Body(
        parameters,
        arguments.kwarg is not None,
        dict(_parents(own, context, path)),
        tuple(_rows(own, path)),
    )
    if not positional:
        hint = f"write `def {node.name}(ctx): ...`"
        body.problems.append(
            Diagnostic("SY104", "story-signature", f"Story `{node.name}` takes no context", _at(node, path), hint)
        )
    if isinstance(node, ast.AsyncFunctionDef):
        hint = f"write `def {node.name}(ctx): ...`"
        body.problems.append(
            Diagnostic("SY104", "story-signature", f"Story `{node.name}` is asynchronous", _at(node, path), hint)
        )
    elif not _yields(own) and not _unwritten(node):
        message = f"Story `{node.name}` yields nothing"
        body.problems.append(
            Diagnostic("SY105", "story-yields-nothing", message, _at(node, path), 'for example: yield Row("users")')
        )
    body.problems.extend(_random(own, path))
    return body


def _yields(own: list[ast.AST]) -> bool:
    """Whether it yields, or returns what another function yields."""
    return any(
        isinstance(n, ast.Yield | ast.YieldFrom) or (isinstance(n, ast.Return) and n.value is not None) for n in own
    )


def _unwritten(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """`def sign_ups(ctx): ...`"""
    return all(isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) for n in node.body)


def _own(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function's body, without those of functions and classes in it."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        current = waiting.pop(0)
        yield current
        if not isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting[:0] = ast.iter_child_nodes(current)


def _at(node: ast.expr | ast.stmt, path: str) -> Location:
    return Location(path, node.lineno, node.col_offset + 1)


def _parents(own: list[ast.AST], context: str, path: str) -> Iterator[tuple[TableName, Location]]:
    """`ctx.parents("countries")`."""
    for node in own:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "parents"
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == context
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
            and (table := parse_table_name(node.args[0].value)) is not None
        ):
            yield table, _at(node.args[0], path)


def _rows(own: list[ast.AST], path: str) -> Iterator[YieldedRow]:
    """What is yielded, as far as it is written out."""
    for node in own:
        if not isinstance(node, ast.Yield) or node.value is None:
            continue
        value = node.value
        if isinstance(value, ast.Call) and value.args and _called(value.func) == "Row":
            table, names = value.args[0], [k.arg for k in value.keywords if k.arg is not None]
            if len(value.args) > 1:
                names += _keys(value.args[1])
        elif isinstance(value, ast.Tuple) and len(value.elts) == 2:
            table, names = value.elts[0], _keys(value.elts[1])
        else:
            continue
        if isinstance(table, ast.Constant) and isinstance(table.value, str):
            yield YieldedRow(table.value, tuple(names), _at(value, path))


def _called(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _keys(node: ast.expr) -> list[str]:
    keys = node.keys if isinstance(node, ast.Dict) else []
    return [k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]


def _random(own: list[ast.AST], path: str) -> Iterator[Diagnostic]:
    """Calls of the modules' own generators. They are seeded for each telling, but shared with all that runs beside it."""
    for node in own:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = ast.unparse(node.func.value)
        if owner in _GLOBAL_RANDOM:
            mine = "ctx.numpy" if "np" in owner or "numpy" in owner else "ctx.random"
            message = f"`{owner}.{node.func.attr}` draws from a generator that the whole program shares"
            yield Diagnostic(
                "SY503",
                "global-random",
                message,
                _at(node, path),
                f"write {mine}.{node.func.attr}(...)",
                Severity.WARNING,
            )
