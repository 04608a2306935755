"""`stories/**/*.py` → `Story`s, read from their decorators with `ast`: no code of the project runs.

```python
@story(count="var.sign_ups", inserts=["users"], stats=["sessions_per_user"])
def sign_ups(ctx): ...
```
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.project.model import NOWHERE, TableName
from ssgproj.project.names import parse_table_name, table_text
from ssgproj.project.story_body import YieldedRow, read_body
from ssgproj.project.suggest import suggestion

STORIES_DIR = "stories"
ARGUMENTS = ("count", "inserts", "stats", "parents", "tags", "timeout", "max_rows")
MAX_BYTES = 1_000_000
TIMEOUT = 10.0
"""Seconds that one telling may take."""
MAX_ROWS = 100_000
"""Rows that one telling may yield."""
_COUNT = re.compile(r"(?:var\.[A-Za-z_]\w*|stat\.[A-Za-z_]\w*(?:\.\w+)?)")


@dataclass(frozen=True, slots=True)
class Story:
    """One story. `count` is how many times it is told per pass: a number, or the text `var.NAME` or `stat.NAME.COLUMN`.

    `parents` are the tables that it asks `ctx.parents` for. `parameters` are the names that `args` of the project file may give, beside the
    context, and whether they must; `takes_any`: others too (`**kwargs`). `rows` are the rows whose table is written out where they are
    yielded. `sha256` is the hash of the whole file. `places` maps what the decorator names (`inserts.users`) to where it stands.
    """

    name: str
    path: str
    count: int | str = 1
    inserts: tuple[TableName, ...] = ()
    stats: tuple[str, ...] = ()
    parents: tuple[TableName, ...] = ()
    tags: tuple[str, ...] = ()
    timeout: float = TIMEOUT
    max_rows: int = MAX_ROWS
    description: str | None = None
    parameters: Mapping[str, bool] = field(default_factory=dict)
    takes_any: bool = False
    rows: tuple[YieldedRow, ...] = field(default=(), compare=False, repr=False)
    sha256: str = ""
    at: Location = field(default=NOWHERE, compare=False, repr=False)
    places: dict[str, Location] = field(default_factory=dict, compare=False, repr=False)

    @property
    def node_id(self) -> str:
        return f"story.{self.name}"


def parse_stories(root: Path) -> tuple[tuple[Story, ...], list[Diagnostic]]:
    """All stories, by path and then line, and what is wrong with their files and decorators."""
    directory = root / STORIES_DIR
    stories: list[Story] = []
    problems: list[Diagnostic] = []
    paths = sorted(directory.rglob("*.py"), key=lambda p: p.relative_to(root).as_posix()) if directory.is_dir() else []
    for path in paths:
        name = path.relative_to(root).as_posix()
        try:
            content = path.read_bytes()[: MAX_BYTES + 1]
            if len(content) > MAX_BYTES:
                raise ValueError("the file is too large")
            tree = ast.parse(content, filename=name)
        except SyntaxError as error:
            at = Location(name, error.lineno or 1, error.offset or 1)
            problems.append(Diagnostic("SY101", "invalid-python", f"Invalid Python: {error.msg}", at))
            continue
        except (OSError, ValueError, RecursionError, MemoryError):
            problems.append(Diagnostic("SY101", "invalid-python", "The file cannot be read as Python", Location(name)))
            continue
        for story in _stories(tree, name, content, problems):
            if any(other.name == story.name for other in stories):
                first = next(other for other in stories if other.name == story.name)
                message, hint = (
                    f"There is a story `{story.name}` already",
                    f"it is in {first.path}:{first.at.line}: rename one",
                )
                problems.append(Diagnostic("SY103", "story-twice", message, story.at, hint))
            else:
                stories.append(story)
    return tuple(stories), problems


def _stories(tree: ast.Module, path: str, content: bytes, problems: list[Diagnostic]) -> Iterator[Story]:
    import hashlib

    digest = hashlib.sha256(content).hexdigest()
    names = _names_of_story(tree)
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            if _dotted(call.func if call else decorator) in names:
                reader = _Decorator(path, problems)
                values = reader.arguments(call) if call else {}
                docstring = ast.get_docstring(node)
                body = read_body(node, path)
                problems.extend(body.problems)
                asked = dict.fromkeys((*values.pop("parents", ()), *body.parents))
                for table, at in body.parents.items():
                    reader.places.setdefault(f"parents.{table_text(table)}", at)
                yield Story(
                    name=node.name,
                    path=path,
                    description=docstring.split("\n\n")[0].strip() if docstring else None,
                    sha256=digest,
                    at=Location(path, node.lineno, node.col_offset + 1),
                    places=reader.places,
                    parents=tuple(asked),
                    parameters=body.parameters,
                    takes_any=body.takes_any,
                    rows=body.rows,
                    **values,
                )


def _names_of_story(tree: ast.Module) -> set[str]:
    """How the file calls `ssgproj.stories.story`."""
    names = {"ssgproj.stories.story"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("ssgproj.stories", "ssgproj") and node.level == 0:
            for alias in node.names:
                known = alias.asname or alias.name
                if node.module == "ssgproj.stories" and alias.name == "story":
                    names.add(known)
                elif node.module == "ssgproj" and alias.name == "stories":
                    names.add(f"{known}.story")
        elif isinstance(node, ast.Import):
            names.update(f"{a.asname}.story" for a in node.names if a.name == "ssgproj.stories" and a.asname)
    return names


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{_dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "?"


class _Decorator:
    """Reads the arguments of one `@story(...)`, which must be literals."""

    def __init__(self, path: str, problems: list[Diagnostic]) -> None:
        self.path, self.problems = path, problems
        self.places: dict[str, Location] = {}

    def add(self, message: str, node: ast.expr | ast.keyword, hint: str | None = None) -> None:
        at = Location(self.path, node.lineno, node.col_offset + 1, node.end_lineno, (node.end_col_offset or 0) + 1)
        self.problems.append(Diagnostic("SY102", "story-arguments", message, at, hint))

    def arguments(self, call: ast.Call) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for argument in call.args:
            self.add(
                "`story()` takes arguments by name only", argument, 'for example: @story(count=10, inserts=["users"])'
            )
        for keyword in call.keywords:
            if keyword.arg not in ARGUMENTS:
                self.add(
                    f"`story()` has no argument `{keyword.arg or '**'}`",
                    keyword,
                    suggestion(keyword.arg or "", ARGUMENTS),
                )
                continue
            try:
                value = ast.literal_eval(keyword.value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                self.add(
                    f"`{keyword.arg}` must be written out, so that it can be read without running code", keyword.value
                )
                continue
            read: Any
            if keyword.arg == "count":
                read = self._count(value, keyword.value)
            elif keyword.arg in ("timeout", "max_rows"):
                read = self._limit(keyword.arg, value, keyword.value)
            else:
                read = self._list(keyword.arg, value, keyword.value)
            if read is not None:
                values[keyword.arg] = read
        return values

    def _count(self, value: Any, node: ast.expr) -> int | str | None:
        self.places["count"] = Location(self.path, node.lineno, node.col_offset + 1)
        if (type(value) is int and value >= 0) or (isinstance(value, str) and _COUNT.fullmatch(value)):
            return value
        self.add("`count` must be a whole number from 0 on, or `var.NAME`", node, 'for example: count="var.sign_ups"')
        return None

    def _limit(self, name: str, value: Any, node: ast.expr) -> int | float | None:
        kinds = (int, float) if name == "timeout" else (int,)
        if type(value) in kinds and 0 < value < 10**9:
            return float(value) if name == "timeout" else int(value)
        what = "a number of seconds" if name == "timeout" else "a whole number"
        self.add(f"`{name}` must be {what} above 0", node, f"for example: {name}={TIMEOUT:.0f}")
        return None

    def _list(self, name: str, value: Any, node: ast.expr) -> tuple[Any, ...] | None:
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            self.add(f"`{name}` must be a list of names", node, f'for example: {name}=["users"]')
            return None
        items = node.elts if isinstance(node, ast.List | ast.Tuple) else []
        read: list[Any] = []
        for text, item in zip(value, items, strict=False):
            table = parse_table_name(text)
            tables = name in ("inserts", "parents")
            if tables and table is None:
                self.add(f"`{text}` is not a table", item, "write table or schema.table")
                continue
            read.append(table if tables else text)
            self.places[f"{name}.{text}"] = Location(self.path, item.lineno, item.col_offset + 1)
        return tuple(dict.fromkeys(read))
