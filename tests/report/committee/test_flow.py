"""What the page says of a column is held against the engine: a result that a column does not draw on cannot change it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ssgproj.engine.run import run_plan
from ssgproj.graph.resolve import resolve
from ssgproj.plan.compile import compile_plan
from ssgproj.project.parse import parse_project
from ssgproj.report.committee.document import Document, Line
from ssgproj.results import load_results
from ssgproj.targets import open_destination
from ssgproj.vocabularies import vocabulary_rows
from tests.report.committee.conftest import document_of

Copied = Callable[[str], Path]
Columns = dict[str, list[Any]]


def rows(root: Path, stats: Mapping[str, Any], name: str) -> Columns:
    """Every column of the destination that these results give."""
    graph = resolve(parse_project(root))
    sizes = {m.node_id: vocabulary_rows(root, m) for m in graph.models.values() if m.vocabulary}
    plan, problems = compile_plan(graph, stats=stats, rows=300, vocabulary_rows=sizes)
    assert not [p for p in problems if p.is_error]
    file = root / "target" / f"{name}.duckdb"
    file.parent.mkdir(exist_ok=True)
    run_plan(plan, open_destination(f"duckdb:///{file}", root), workers=1)
    found: Columns = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall():
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            names = [d[0] for d in cursor.description or ()]
            values = cursor.fetchall()
            found |= {f"{table}.{n}": [v[i] for v in values] for i, n in enumerate(names)}
    return found


def changed(before: Columns, after: Columns) -> set[str]:
    return {c for c in before if before[c] != after.get(c)}


def drawing(document: Document, wanted: Callable[[Line], bool]) -> set[str]:
    """The columns with such a line, or with code on their way that is given one."""
    code = {c.name for c in document.code if any(wanted(x) for x in c.lines)}
    while more := {c.name for c in document.code if c.name not in code and code & set(c.code)}:
        code |= more
    return {
        f"{t.table}.{c.name}" for t in document.tables for c in t.columns if any(wanted(x) for x in c.lines) or code & set(c.code)
    }  # fmt: skip


MORE = """
  age_again: {type: integer, nullable: true, generate: {derive: "age + 1"}}
  late: {type: date, generate: {date: {min: column.date_account_created, within: 9 days}}}
"""


@pytest.fixture
def project(copied: Copied) -> Path:
    """The example with columns that follow others, and a check that ties two together."""
    root = copied("airbnb")
    users = root / "models" / "users.yml"
    users.write_text(users.read_text().rstrip() + MORE + "checks: ['signup_flow + age > 3 OR age IS NULL']\n")
    return root


def test_a_result_changes_only_columns_with_a_line_to_it(project: Path) -> None:
    document = document_of(project)
    results = load_results(project, parse_project(project).stats)
    before = rows(project, results, "before")
    for stat in ("age_stats", "devices", "actions", "sessions_per_user"):
        other = copy.deepcopy({k: dict(v) for k, v in results.items()})
        for name, values in other[stat].items():
            other[stat][name] = [
                v * 1.3 + 1 if isinstance(v, float) else v // 2 + 7 if isinstance(v, int) else v[::-1] for v in values
            ]
        drawn = drawing(document, lambda x, stat=stat: x.name == stat)
        found = changed(before, rows(project, other, stat))
        assert found <= drawn, stat
        assert bool(found) == bool(drawn)
        if stat == "age_stats":
            assert {"users.age", "users.age_again"} <= found


def test_a_vocabulary_changes_only_columns_with_a_line_to_it(project: Path) -> None:
    document = document_of(project)
    results = load_results(project, parse_project(project).stats)
    before = rows(project, results, "before")
    file = project / "vocabularies" / "countries.csv"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0], *(f"X{line}" for line in lines[1:])]) + "\n")
    drawn = drawing(document, lambda x: "countries.country_destination" in x.draws)
    found = changed(before, rows(project, results, "after"))
    assert {"users.country_destination", "age_gender_bkts.country_destination"} <= found <= drawn
