"""The project's Python: found and read without running it; loaded when rows are made."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from ssgproj.errors import SsgError
from ssgproj.generators.base import Problem


def source_file(root: Path, dotted: str) -> tuple[Path, str]:
    """The file and the name of `module.function`, whether the file is there or not."""
    module, _, name = dotted.rpartition(".")
    path = root.joinpath(*module.split("."))
    package = path / "__init__.py"
    return (package if package.is_file() else path.with_suffix(".py")), name


def check_function(root: Path, dotted: str, arguments: Mapping[str, Any]) -> Iterator[Problem]:
    """Whether the function is there and takes the arguments, from the text of its file."""
    from ssgproj.project.suggest import suggestion

    parts = dotted.split(".")
    if len(parts) < 2 or not all(p.isidentifier() for p in parts):
        yield Problem(
            f"`{dotted}` is not `module.function`", "function", "for example: python: generators.dates.booking"
        )
        return
    path, name = source_file(root, dotted)
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    if not path.is_file():
        yield Problem(f"There is no file `{shown}`", "function", f"write `{shown}` with `def {name}(ctx): ...`")
        return
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        yield Problem(f"`{shown}` is not valid Python", "function", f"python -m py_compile {shown}")
        return
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    others = {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom | ast.Import) for a in n.names}
    others |= {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    if name not in functions:
        if name not in others:
            yield Problem(f"`{shown}` has no function `{name}`", "function", suggestion(name, functions))
        return
    yield from _check_arguments(functions[name], name, arguments)


def _check_arguments(
    node: ast.FunctionDef | ast.AsyncFunctionDef, name: str, arguments: Mapping[str, Any]
) -> Iterator[Problem]:
    from ssgproj.project.suggest import suggestion

    if isinstance(node, ast.AsyncFunctionDef):
        yield Problem(f"`{name}` is asynchronous", "function", f"write `def {name}(ctx): ...`")
    positional = [a.arg for a in [*node.args.posonlyargs, *node.args.args]]
    if not positional and node.args.vararg is None:
        yield Problem(f"`{name}` takes no argument for the context", "function", f"write `def {name}(ctx): ...`")
    known = [*positional[1:], *(a.arg for a in node.args.kwonlyargs)]
    for argument in arguments:
        if argument not in known and node.args.kwarg is None:
            yield Problem(f"`{name}` takes no argument `{argument}`", "arguments", suggestion(argument, known))


def load_function(root: Path, dotted: str) -> Callable[..., Any]:
    """Import the function. The project's root is on the import path while its modules are loaded. Raises SsgError."""
    module, _, name = dotted.rpartition(".")
    loaded = _load(root.resolve(), module)
    try:
        function: Callable[..., Any] = getattr(loaded, name)
    except AttributeError:
        raise SsgError(f"Module `{module}` has no function `{name}`", f"write `def {name}(ctx): ...`") from None
    return function


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
    path, _ = source_file(root, f"{module}.x")
    if not path.is_file():
        raise SsgError(f"There is no module `{module}` in the project", f"write `{module.replace('.', '/')}.py`")
    present = sys.modules.get(module)
    if present is not None and getattr(present, "__file__", None) == str(path):
        return present
    # Modules of another project may have the same names: forget them, so that imports between modules find this one's.
    top = module.partition(".")[0]
    for name in [n for n in sys.modules if n == top or n.startswith(top + ".")]:
        if not _belongs(sys.modules[name], root):
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
            raise SsgError(
                f"Module `{module}` cannot be imported: {type(error).__name__}", f"python -c 'import {module}'"
            ) from None
    return loaded


def _belongs(module: ModuleType, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    places = [file] if file else list(getattr(module, "__path__", []))
    return bool(places) and Path(str(places[0])).is_relative_to(root)
