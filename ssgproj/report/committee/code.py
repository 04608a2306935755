"""The project's Python as text: stories, functions of generators, and the modules of the project that they import. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the project: its path from the root, its text, and the line of each function."""

    path: str
    text: str
    lines: dict[str, int]
    descriptions: dict[str, str]


def source_files(root: Path, paths: list[str]) -> dict[str, SourceFile]:
    """These files and every module of the project that they import, directly or not, by path."""
    found: dict[str, SourceFile] = {}
    waiting = list(dict.fromkeys(paths))
    while waiting:
        path = waiting.pop(0)
        if path in found:
            continue
        try:
            text = (root / path).read_text("utf-8", errors="replace")
            tree = ast.parse(text)
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        functions = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        texts = {n.name: (ast.get_docstring(n) or "").split("\n\n")[0].strip() for n in functions}
        found[path] = SourceFile(path, text[:MOST_CHARACTERS], {n.name: n.lineno for n in functions}, texts)
        waiting += [p for p in _imported(root, path, tree) if p not in found]
    return found


def _imported(root: Path, path: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = Path(path).parts[: -node.level] if node.level else ()
            module = ".".join((*package, *([node.module] if node.module else [])))
            names = [module, *(f"{module}.{a.name}" for a in node.names)]
        for name in names:
            parts = [p for p in name.split(".") if p]
            for candidate in (
                (root.joinpath(*parts).with_suffix(".py"), root.joinpath(*parts, "__init__.py")) if parts else ()
            ):
                if candidate.is_file():
                    yield candidate.relative_to(root).as_posix()
