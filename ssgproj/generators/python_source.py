"""The project's Python: found and read without running it; loaded when rows are made."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from ssgproj.errors import SsgError
from ssgproj.generators.base import Problem
from ssgproj.generators.python_signature import Signature, signature_of_text

MAX_IMPORTS = 10
"""How many modules a name is followed through."""
_TRANSPARENT = {"cache", "lru_cache", "batch", "staticmethod", "deprecated", "override", "no_type_check", "final"}
"""Decorators that leave the parameters as they are."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """A function as its file shows it. `signature` is None where the name is no `def` or `lambda`.

    `certain` is False where a decorator may have changed what it is called with.
    """

    path: Path
    name: str
    line: int
    signature: Signature | None = None
    certain: bool = True
    is_batch: bool = False
    is_async: bool = False
    yields: bool = False


def source_file(root: Path, dotted: str) -> tuple[Path, str]:
    """The file and the name of `module.function`, whether the file is there or not."""
    module, _, name = dotted.rpartition(".")
    return _module_file(root, module), name


def _module_file(root: Path, module: str) -> Path:
    path = root.joinpath(*module.split("."))
    package = path / "__init__.py"
    return package if package.is_file() else path.with_suffix(".py")


def find_function(root: Path, dotted: str) -> tuple[Source | None, list[Problem]]:
    """The function from the text of its file, which is not run. None with the reason if there is none."""
    from ssgproj.project.suggest import suggestion

    parts = dotted.split(".")
    if len(parts) < 2 or not all(p.isidentifier() for p in parts):
        hint = "for example: python: generators.dates.booking"
        return None, [Problem(f"`{dotted}` is not `module.function`", "function", hint)]
    path, name = source_file(root, dotted)
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    if not path.is_file():
        hint = f"write `{shown}` with `def {name}(ctx): ...`"
        near = _near_module(root, dotted)
        return None, [Problem(f"There is no file `{shown}`", "function", f"did you mean `{near}`?" if near else hint)]
    try:
        tree = _tree(path)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        hint = f"python -m py_compile {shown}"
        return None, [Problem(f"`{shown}` is not valid Python{line}", "function", hint)]
    found = _find(root, path, tree, name, MAX_IMPORTS)
    if found is None:
        names = [n for n, node in _names(tree).items() if isinstance(node, Definition) and not n.startswith("_")]
        return None, [Problem(f"`{shown}` has no function `{name}`", "function", suggestion(name, names))]
    return found, []


def _near_module(root: Path, dotted: str) -> str | None:
    from ssgproj.project.suggest import closest

    module, _, name = dotted.rpartition(".")
    directory = _module_file(root, module).parent
    if not directory.is_dir() or not directory.is_relative_to(root):
        return None
    before = ".".join(directory.relative_to(root).parts)
    found = [f"{before}.{p.stem}".lstrip(".") for p in directory.glob("*.py") if p.stem != "__init__"]
    near = closest(module, found)
    return f"{near}.{name}" if near else None


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """What runs when the module is loaded, also within `if`, `try` and `with`."""
    for node in body:
        yield node
        if not isinstance(node, Definition | ast.ClassDef):
            for part in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, part, []) or [])
            for handler in getattr(node, "handlers", []):
                yield from _statements(handler.body)


def _names(tree: ast.Module) -> dict[str, ast.stmt]:
    """What a module's names are bound to, the last time."""
    found: dict[str, ast.stmt] = {}
    for node in _statements(tree.body):
        if isinstance(node, Definition | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.update({a.asname or a.name.partition(".")[0]: node for a in node.names})
        elif isinstance(node, ast.Assign):
            found.update({t.id: node for t in node.targets if isinstance(t, ast.Name)})
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found[node.target.id] = node
    return found


def _find(root: Path, path: Path, tree: ast.Module, name: str, depth: int) -> Source | None:
    names = _names(tree)
    node = names.get(name)
    if isinstance(node, Definition):
        return _source(root, path, tree, node, depth)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        value = node.value
        if isinstance(value, ast.Lambda):
            return Source(path, name, node.lineno, signature_of_text(value.args))
        if isinstance(value, ast.Name) and value.id != name and depth:
            return _find(root, path, tree, value.id, depth - 1)
    if isinstance(node, ast.ImportFrom) and depth:
        return _imported(root, path, node, name, depth) or Source(path, name, node.lineno)
    if node is None and any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in tree.body):
        return Source(path, name, 1)
    return Source(path, name, node.lineno) if node is not None else None


def _imported(root: Path, path: Path, node: ast.ImportFrom, name: str, depth: int) -> Source | None:
    """A name that comes from another module of the project."""
    original = next((a.name for a in node.names if (a.asname or a.name) == name), None)
    module = node.module or ""
    if node.level:
        base = path.parent
        for _ in range(node.level - 1):
            base = base.parent
        if not base.is_relative_to(root):
            return None
        module = ".".join((*base.relative_to(root).parts, *(module.split(".") if module else ())))
    file = _module_file(root, module) if module else None
    if original is None or file is None or not file.is_file():
        return None
    try:
        return _find(root, file, _tree(file), original, depth - 1)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _source(root: Path, path: Path, tree: ast.Module, node: Definition, depth: int) -> Source:
    kept = all(_keeps_parameters(root, path, tree, d, depth) for d in node.decorator_list)
    return Source(
        path,
        node.name,
        node.lineno,
        signature_of_text(node.args),
        kept,
        any(_called(d) == "batch" for d in node.decorator_list),
        isinstance(node, ast.AsyncFunctionDef),
        _yields(node),
    )


def _called(node: ast.expr) -> str:
    target = node.func if isinstance(node, ast.Call) else node
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def _keeps_parameters(root: Path, path: Path, tree: ast.Module, decorator: ast.expr, depth: int) -> bool:
    """Whether what a decorator returns is called like what it decorates: it wraps it with `functools.wraps`, or gives it back."""
    name = _called(decorator)
    if name in _TRANSPARENT:
        return True
    node = _names(tree).get(name)
    if isinstance(node, ast.ImportFrom) and depth:
        found = _definition(root, path, node, name, depth)
    else:
        found = node if isinstance(node, Definition) else None
    if found is None:
        return False
    parameters = {a.arg for a in ast.walk(found.args) if isinstance(a, ast.arg)}
    for inner in ast.walk(found):
        if isinstance(inner, Definition) and any(_called(d) == "wraps" for d in inner.decorator_list):
            return True
        if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Name) and inner.value.id in parameters:
            return True
    return False


def _definition(root: Path, path: Path, node: ast.ImportFrom, name: str, depth: int) -> Definition | None:
    found = _imported(root, path, node, name, depth)
    if found is None:
        return None
    inner = _names(_tree(found.path)).get(found.name)
    return inner if isinstance(inner, Definition) else None


def _yields(node: Definition) -> bool:
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        current = waiting.pop()
        if isinstance(current, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(current, Definition | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(current))
    return False


def load_function(root: Path, dotted: str) -> Callable[..., Any]:
    """Import the function. The project's root is on the import path while its modules are loaded. Raises SsgError."""
    module, _, name = dotted.rpartition(".")
    loaded = _load(root.resolve(), module)
    function = getattr(loaded, name, None)
    if function is None:
        raise SsgError(f"Module `{module}` has no function `{name}`", f"write `def {name}(ctx): ...`")
    if not callable(function):
        raise SsgError(f"`{dotted}` is no function, but `{type(function).__name__}`", f"write `def {name}(ctx): ...`")
    return function  # type: ignore[no-any-return]


@contextmanager
def on_path(root: Path) -> Iterator[None]:
    """The project's root on the import path, for what its code imports while it runs."""
    added = str(root) not in sys.path
    if added:
        sys.path.insert(0, str(root))
    try:
        yield
    finally:
        if added and str(root) in sys.path:
            sys.path.remove(str(root))


@lru_cache(maxsize=256)
def _load(root: Path, module: str) -> ModuleType:
    path = _module_file(root, module)
    if not path.is_file():
        raise SsgError(f"There is no module `{module}` in the project", f"write `{module.replace('.', '/')}.py`")
    present = sys.modules.get(module)
    if present is not None and getattr(present, "__file__", None) == str(path):
        return present
    # Modules of another project may have the same names: forget them, so that imports between modules find this one's.
    top = module.partition(".")[0]
    same = {n: m for n, m in sys.modules.items() if n == top or n.startswith(top + ".")}
    for name in [n for n, m in same.items() if not _belongs(m, root)]:
        del sys.modules[name]
    with on_path(root):
        try:
            specification = importlib.util.spec_from_file_location(module, path)
            assert specification is not None and specification.loader is not None  # noqa: S101 - a .py file has a loader
            loaded = importlib.util.module_from_spec(specification)
            sys.modules[module] = loaded
            specification.loader.exec_module(loaded)
        except Exception as error:
            sys.modules.pop(module, None)
            place = failure_place(error, root)
            said = f" at {place}" if place else ""
            raise SsgError(
                f"Module `{module}` cannot be imported: {type(error).__name__}{said}", f"python -c 'import {module}'"
            ) from None
    return loaded


def failure_place(error: BaseException, root: Path) -> str | None:
    """`generators/dates.py:12`: the innermost line of the project that an exception came through."""
    import traceback

    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_relative_to(root):
        return f"{Path(error.filename).relative_to(root).as_posix()}:{error.lineno}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(root) and "site-packages" not in path.parts:
            return f"{path.relative_to(root).as_posix()}:{frame.lineno}"
    return None


def _belongs(module: ModuleType, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    try:
        places = [file] if file else list(getattr(module, "__path__", []))
    except KeyError:  # a directory below one that was forgotten before
        return False
    return bool(places) and Path(str(places[0])).is_relative_to(root)
