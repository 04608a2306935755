"""Small projects on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from ssgproj.graph.graph import Graph
from ssgproj.graph.resolve import resolve
from ssgproj.project.parse import parse_project

STAT = """\
/* ssg:stat
epsilon: 0.5
delta: 1.0e-6
max_ids: 1
columns:
  id: {type: string, private_id: true}
  age: {type: float, lower: 0, upper: 100}
*/
WITH query_result AS (SELECT id, age FROM users)
SELECT AVG(age) AS mean, COUNT(*) AS n FROM query_result
"""


def project(
    root: Path, models: Mapping[str, str], *, settings: str = "", files: Mapping[str, str] | None = None
) -> Graph:
    """Resolve a project of these models (by file name without its suffix) and other files (by path)."""
    (root / "ssg_project.yml").write_text(f"name: p\nsource: {{dialect: postgres}}\n{settings}")
    for name, text in models.items():
        path = root / "models" / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    for name, text in (files or {}).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return resolve(parse_project(root))


def table(name: str, *references: str, key: str = "{type: integer, primary_key: true}", more: str = "") -> str:
    """A table with a key `id` and columns `COLUMN=TABLE.COLUMN`; a `?` behind it makes the column nullable."""
    lines = [f"table: {name}"]
    lines += [more] if more else []
    lines += ["columns:", f"  id: {key}"]
    for reference in references:
        column, _, target = reference.rstrip("?").partition("=")
        nullable = ", nullable: true" if reference.endswith("?") else ""
        lines.append(f"  {column}: {{type: integer{nullable}, references: {target}}}")
    return "\n".join(lines) + "\n"


def codes(graph: Graph) -> list[tuple[str, str]]:
    """Code and place of everything that resolving found."""
    return [(d.code, str(d.at)) for d in graph.diagnostics]
