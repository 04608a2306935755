"""Counting, on real DuckDB destinations that are filled by SQL."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import numpy as np
import pytest

from ssgproj.graph.resolve import resolve
from ssgproj.project.parse import parse_project
from ssgproj.report.fidelity.found import Report
from ssgproj.report.fidelity.measure import measure
from ssgproj.report.fidelity.page import html_page
from ssgproj.targets import open_destination


def measured(root: Path, models: dict[str, str], sql: str) -> Report:
    """The report on tables that were made by these statements."""
    (root / "ssg_project.yml").write_text("name: t\nconfig_version: 1\n")
    (root / "models").mkdir()
    for name, text in models.items():
        (root / "models" / f"{name}.yml").write_text(text)
    with duckdb.connect(str(root / "t.duckdb")) as c:
        c.execute(sql)
    graph = resolve(parse_project(root))
    assert not [d for d in (*graph.diagnostics, *graph.project.diagnostics) if d.is_error]
    destination = open_destination("duckdb:///t.duckdb", root)
    return measure(graph, list(graph.nodes), destination.read, destination="duckdb")


EVENTS = """\
table: events
columns:
  id: {type: bigint, primary_key: true}
  person: {type: bigint, references: people.id}
  amount: {type: double precision, nullable: true}
  kind: {type: varchar(20), generate: {choice: [a, b, c], weights: [1, 1, 2]}}
  note: {type: text}
  at: {type: timestamp}
  open: {type: boolean}
"""
PEOPLE = "table: people\ncolumns:\n  id: {type: bigint, primary_key: true}\n"


def test_a_million_rows_take_seconds_and_are_all_counted(tmp_path: Path) -> None:
    sql = """
    CREATE TABLE people AS SELECT i AS id FROM range(100000) r(i);
    CREATE TABLE events AS SELECT i AS id, (i * 7919) % 90000 AS person, CASE WHEN i % 5 = 0 THEN NULL ELSE (i % 1000) / 10.0 END AS amount,
        CASE i % 4 WHEN 0 THEN 'a' WHEN 1 THEN 'b' ELSE 'c' END AS kind, 'note ' || i AS note,
        TIMESTAMP '2020-01-01' + INTERVAL 1 MINUTE * i AS at, i % 10 = 0 AS open FROM range(1000000) r(i)
    """
    started = time.monotonic()
    report = measured(tmp_path, {"events": EVENTS, "people": PEOPLE}, sql)
    page = html_page(report)
    assert time.monotonic() - started < 60  # a few seconds where nothing else runs
    assert len(page) < 500_000
    assert report.sampled
    events = next(t for t in report.tables if t.name == "events")
    assert events.rows == 1_000_000
    columns = {c.name: c for c in events.columns}
    assert columns["amount"].missing == pytest.approx(0.2)
    assert columns["amount"].values == 800_000
    assert columns["amount"].figures["mean"] == pytest.approx(np.mean([(i % 1000) / 10 for i in range(1000) if i % 5]))
    assert columns["amount"].histogram is not None
    assert sum(columns["amount"].histogram.synthetic) == pytest.approx(1)
    assert [(s.metric, round(s.distance, 9)) for s in columns["kind"].scores] == [("total_variation", 0)]
    assert columns["note"].shape == "text"
    assert columns["at"].histogram is not None
    assert columns["at"].histogram.axis.scale == "month"
    (parent,) = events.parents
    assert (parent.parents, parent.without, parent.most) == (100_000, 10_000, 12)
    assert events.associations is not None
    assert events.associations.synthetic["kind", "open"] > 0.2
    assert 150_000 < events.associations.rows < 250_000


def test_composite_and_self_references(tmp_path: Path) -> None:
    node = """\
table: node
columns:
  a: {type: integer}
  b: {type: text}
  up_a: {type: integer, nullable: true}
  up_b: {type: text, nullable: true}
primary_key: [a, b]
foreign_keys:
  - {columns: [up_a, up_b], references: {table: node, columns: [a, b]}}
"""
    sql = (
        "CREATE TABLE node AS SELECT i AS a, 'x' AS b, nullif(i // 10, 0) AS up_a, 'x' AS up_b FROM range(1, 101) r(i)"
    )
    report = measured(tmp_path, {"node": node}, sql)
    (table,) = report.tables
    (parent,) = table.parents
    assert parent.columns == ("up_a", "up_b")
    assert (parent.parents, parent.most) == (100, 10)


def test_thousands_of_categories(tmp_path: Path) -> None:
    words = "table: words\ncolumns:\n  word: {type: varchar(20)}\n  code: {type: integer}\n"
    report = measured(
        tmp_path,
        {"words": words},
        "CREATE TABLE words AS SELECT 'w' || (i % 5000) AS word, i AS code FROM range(200000) r(i)",
    )
    (table,) = report.tables
    word = table.columns[0]
    assert word.categories is not None
    assert len(word.categories.shown) < 20
    assert word.categories.rest is not None
    assert word.categories.others + len(word.categories.shown) == 5000
    assert word.categories.rest.synthetic == pytest.approx(1 - len(word.categories.shown) / 5000)
