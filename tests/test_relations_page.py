"""The page about relations is a project: it lints, compiles and runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb

from ssgproj.engine.run import run_plan
from ssgproj.graph.resolve import resolve
from ssgproj.lint.linter import lint
from ssgproj.plan.compile import compile_plan
from ssgproj.project.parse import parse_project
from ssgproj.targets import open_destination

PAGE = Path(__file__).parents[1] / "docs" / "relations.md"
SETTINGS = """\
name: page
source: {dialect: postgres}
privacy: {unit: users.id, budget: {epsilon: 2.0, delta: 1.0e-4}}
"""
RESULTS: dict[str, dict[str, list[Any]]] = {
    "weeks_to_booking": {"week": [0, 1, 20, 52], "n": [500.2, 120.0, 40.1, -3.0]},
    "devices_by_country": {"country": ["US", "US", "FR"], "device": ["Mac", "iPhone", "Windows"], "n": [70.0, 30.0, 12.0]},
    "height_by_gender": {"gender": ["FEMALE", "MALE"], "mean": [165.0, 178.0], "std_dev": [7.0, 8.0]},
    "age_and_spent": {
        "mean_age": [1.0], "std_dev_age": [12.0], "mean_spent": [1.0], "std_dev_spent": [2.5], "product_age_spent": [16.0]
    },
    "missing_together": {"no_age": [0, 0, 1, 1], "no_gender": [0, 1, 0, 1], "n": [50.0, 10.0, 10.0, 30.0]},
    "sessions_per_user": {"tens": [0, 1, 2], "n": [80.0, 15.0, 5.0]},
}  # fmt: skip


def test_the_page_is_a_project(tmp_path: Path) -> None:
    """Without a finding, and with the relations that it tells about in its rows."""
    files = re.findall(
        r"^### (\S+)\n.*?^```\w+\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert len(files) == 8
    for name, text in [("ssg_project.yml", SETTINGS), *files]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    graph = resolve(parse_project(tmp_path))
    assert [f"{d.code} {d.at} {d.message}" for d in lint(graph)] == []
    assert {s.name for s in graph.project.stats} == set(RESULTS)
    plan, found = compile_plan(graph, stats=RESULTS)
    assert not found
    path = tmp_path / "out.duckdb"
    run_plan(plan, open_destination(f"duckdb:///{path}", tmp_path))
    with duckdb.connect(str(path)) as rows:
        checks = rows.sql(
            "SELECT count(*) FILTER (booked < created), count(*) FILTER (country = 'FR' AND device <> 'Windows'), corr(age, spent) > 0.3, "
            "avg(height) FILTER (gender = 'MALE') > 10 + avg(height) FILTER (gender = 'FEMALE'), abs(avg((age IS NULL)::int) - 0.4) < 0.06 FROM users"
        ).fetchall()
        assert checks == [(0, 0, True, True, True)]
        checks = rows.sql(
            'SELECT count(*) FILTER ("at" < created), count(*) FILTER (left_at < "at"), count(*) FILTER (domestic <> (country = \'US\')), '
            "count(*) FILTER (secs <> date_diff('second', \"at\", left_at)), min(battery) >= 1 AND max(battery) <= 100, count(*) > 5000 "
            "FROM sessions JOIN users ON users.id = user_id"
        ).fetchall()
        assert checks == [(0, 0, 0, 0, True, True)]


def test_editors_accept_what_the_page_writes() -> None:
    """The JSON Schema of models, made from the same declarations."""
    from ssgproj.generators import GENERATORS
    from ssgproj.project.json_schema import json_schemas
    from ssgproj.project.yaml_file import parse_yaml
    from tests.project.test_json_schema import tree, valid

    schema = json_schemas(GENERATORS)["model"]
    for name, text in re.findall(
        r"^### (\S+)\n.*?^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        root = parse_yaml(text, name)[0].root
        assert root is not None and valid(tree(root), schema, schema), name
    forms = [
        "{after: a, by: 3 days}", "{after: user_id.a, by: [0 days, 5 days], max: now}", "{after: {column: a, by: {exponential: 3}}}",
        "{per_parent: 5}", "{per_parent: [1, 5]}", "{per_parent: {min: 1, max: 5}}", "{per_parent: {poisson: 3}}",
        "{given: a, choice: stat.s, weights: n}", "{choice: stat.s, weights: n, given: a}", "{given: [a, b], cases: {x: {constant: 1}}, otherwise: 0}",
        "{missing: {\"01\": 3}}", "{correlated: {means: {a: 1}, std_devs: {a: 2}}}", "{series: events, start: 2024-01-01, gap: 1 hour, first: true}",
        "{series: ar, mean: users.level, memory: 0.5}",
    ]  # fmt: skip
    for form in forms:
        root = parse_yaml(f"table: t\ncolumns: {{c: {{type: date, generate: {form}}}}}\n", "t.yml")[0].root
        assert root is not None and valid(tree(root), schema, schema), form
    root = parse_yaml("table: t\ncolumns: {c: {type: date, generate: {after: a, bye: 3}}}\n", "t.yml")[0].root
    assert root is not None and not valid(tree(root), schema, schema)
