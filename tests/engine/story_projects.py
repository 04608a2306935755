"""Small projects with stories, written to a directory and run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import duckdb

from ssgproj.engine.results import RunResult
from ssgproj.engine.run import run_plan
from ssgproj.graph.resolve import resolve
from ssgproj.plan.compile import compile_plan
from ssgproj.project.parse import parse_project
from ssgproj.targets import open_destination

HEAD = "from ssgproj.stories import Row, story\n"
PROJECT = "name: demo\nconfig_version: 1\nsource: {dialect: postgres}\ngeneration: {seed: 7, rows: 0}\nvars: {n: 5, most: 3}\n"
MODELS = {
    "countries": """
        table: countries
        vocabulary: {reason: geography}
        columns:
          code: {type: varchar(2), primary_key: true}
          name: {type: text, nullable: true}
    """,
    "users": """
        table: users
        columns:
          id: {type: integer, primary_key: true}
          name: {type: varchar(20), generate: {mimesis: person.first_name}}
          joined: {type: date}
          state: {type: varchar(10), default: "'new'"}
          age: {type: integer, nullable: true, null_rate: 0.5}
          country: {type: varchar(2), references: countries.code}
          label: {type: text, generated: "name || '!'"}
    """,
    "visits": """
        table: visits
        columns:
          id: {type: integer, primary_key: true}
          user_id: {type: integer, references: users.id}
          day: {type: date, generate: {date: {min: column.start, within: 3 days}}}
          start: {type: date}
    """,
}
COUNTRIES = "code,name\nNO,Norway\nDE,\nFR,France\n"


def write(root: Path, stories: str, models: Mapping[str, str] = MODELS, project: str = PROJECT) -> Path:
    """A project with one file of stories. Texts are dedented; `HEAD` stands before the stories."""
    for name, text in {
        "ssg_project.yml": project,
        "stories/s.py": HEAD + dedent(stories),
        **{f"models/{n}.yml": dedent(t) for n, t in models.items()},
        "vocabularies/countries.csv": COUNTRIES,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def run(
    root: Path, url: str = "duckdb:///out.duckdb", select: list[str] | None = None, stats: Any = None, **options: Any
) -> RunResult:
    """Parse, resolve, plan and run; nothing may be wrong on the way."""
    project = parse_project(root)
    assert not [d for d in project.diagnostics if d.is_error], project.diagnostics
    graph = resolve(project)
    assert not [d for d in graph.diagnostics if d.is_error], graph.diagnostics
    plan, problems = compile_plan(graph, stats=stats if stats is not None else {}, selected=select)
    assert not [d for d in problems if d.is_error], problems
    return run_plan(plan, open_destination(url, root), **options)


@contextmanager
def rows_of(root: Path, name: str = "out.duckdb") -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to what was written."""
    with duckdb.connect(str(root / name), read_only=True) as connection:
        yield connection


def query(root: Path, sql: str, name: str = "out.duckdb") -> list[tuple[Any, ...]]:
    """The rows of a query over what was written."""
    with rows_of(root, name) as connection:
        return connection.execute(sql).fetchall()
