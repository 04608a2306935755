"""Small projects with one statistic, and what `ssg test` makes of a unit test of it."""

from __future__ import annotations

import textwrap
from pathlib import Path

from ssgproj.project.parse import parse_project
from ssgproj.unit_tests.check import read_unit_tests
from ssgproj.unit_tests.run import Outcome, run_unit_tests

MODELS = {
    "users": "id: {type: varchar(10), primary_key: true}\n  age: {type: integer}\n  born: {type: date}\n  seen: {type: timestamp}\n"
    "  score: {type: 'numeric(10,2)'}\n  amount: {type: numeric}\n  active: {type: boolean}\n  city: {type: text}\n",
    "sessions": "id: {type: bigint, primary_key: true}\n  user_id: {type: varchar(10), references: users.id}\n"
    "  action: {type: text}\n  seconds: {type: double precision}\n",
}
HEADER = """/* ssg:stat
epsilon: 1.0
delta: 1.0e-6
max_ids: {max_ids}
columns:
{columns}
*/
"""


def private(columns: str, query: str, final: str, max_ids: int = 1) -> str:
    """A differentially private statistic. `columns` are the header's, one a line."""
    header = HEADER.format(max_ids=max_ids, columns=textwrap.indent(columns.strip(), "  "))
    return f"{header}WITH query_result AS (\n{query}\n)\n{final}\n"


def plain(query: str, keys: str = "") -> str:
    return f"/* ssg:stat\nprivacy: none\nreason: public\n{keys}*/\n{query}\n"


def make_project(
    root: Path, stat: str, test: str, dialect: str = "postgres", models: dict[str, str] | None = None
) -> Path:
    files = {
        "ssg_project.yml": f"name: x\nsource: {{dialect: {dialect}, default_schema: {'main' if dialect == 'sqlite' else 'public'}}}\n"
        "privacy: {unit: users.id, budget: {epsilon: 10, delta: 0.1}}\n",
        "stats/s.sql": stat,
        "tests/s.yml": "unit_tests:\n" + textwrap.indent(textwrap.dedent(test).strip("\n"), "  ") + "\n",
    }
    for name, columns in (MODELS if models is None else models).items():
        files[f"models/{name}.yml"] = (
            columns if columns.startswith("table:") else f"table: {name}\ncolumns:\n  {columns}"
        )
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def run(
    root: Path, stat: str, test: str, dialect: str = "postgres", models: dict[str, str] | None = None
) -> list[Outcome]:
    """The outcomes; nothing may be wrong with the files."""
    project = parse_project(make_project(root, stat, test, dialect, models))
    assert not [d for d in project.diagnostics if d.is_error], project.diagnostics
    tests, problems = read_unit_tests(project)
    assert not problems, problems
    return run_unit_tests(project, tests)


def problems(root: Path, stat: str, test: str) -> list[str]:
    """What is wrong with the files of tests."""
    found = read_unit_tests(parse_project(make_project(root, stat, test)))[1]
    return [f"{d.at.path}:{d.at.line} {d.code} {d.message} | {d.hint}" for d in found]
