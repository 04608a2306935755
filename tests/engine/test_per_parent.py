"""Tables whose number of rows hangs on their parents."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssgproj.engine import fill
from tests.engine.story_projects import query, run, write
from tests.engine.test_run import hashes

MODELS = {
    "orders": """
        table: orders
        rows: 2000
        columns:
          id: {type: integer, primary_key: true}
          placed: {type: date}
    """,
    "lines": """
        table: lines
        columns:
          order_id: {type: integer, references: orders.id, generate: {per_parent: [0, 6]}}
          line: {type: smallint}
          amount: {type: integer}
        primary_key: [order_id, line]
    """,
    "parts": """
        table: parts
        columns:
          id: {type: integer, primary_key: true}
          order_id: {type: integer}
          line: {type: smallint}
        foreign_keys:
          - {columns: [order_id, line], references: {table: lines, columns: [order_id, line]}}
        generators:
          - per_parent: {poisson: 2.5}
            columns: [order_id, line]
    """,
}


def project(root: Path) -> Path:
    write(root, "", MODELS)
    (root / "stories" / "s.py").unlink()
    return root


def test_rows_are_numbered_within_their_parent(tmp_path: Path) -> None:
    run(project(tmp_path), passes=2)
    per_order = "SELECT count(*) AS n, max(line) AS m, min(line) AS l FROM lines GROUP BY order_id"
    assert query(tmp_path, f"SELECT count(*) FROM ({per_order}) WHERE n <> m OR l <> 1 OR n > 6") == [(0,)]
    rows, orders = query(tmp_path, "SELECT (SELECT count(*) FROM lines), count(*) FROM orders")[0]
    assert orders == 4000 and abs(rows / orders - 3) < 0.15
    parts, lost = query(
        tmp_path,
        "SELECT count(*), count(*) FILTER (l.line IS NULL) FROM parts p LEFT JOIN lines l ON p.order_id = l.order_id AND p.line = l.line",
    )[0]
    assert lost == 0 and abs(parts / rows - 2.5) < 0.1
    assert query(tmp_path, "SELECT count(*) - count(DISTINCT id), min(id), max(id) - count(*) FROM parts") == [
        (0, 1, 0)
    ]


def test_the_same_rows_whatever_the_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "FEW_ROWS", 0)
    project(tmp_path)
    for name, workers in (("one", 1), ("two", 2), ("three", 3)):
        run(tmp_path, f"parquet:///{name}", workers=workers, passes=2)

    one, two, three = (hashes(tmp_path / name) for name in ("one", "two", "three"))
    assert len(one) >= 3 and one == two == three


def test_appending_goes_on(tmp_path: Path) -> None:
    project(tmp_path)
    run(tmp_path)
    before = query(tmp_path, "SELECT count(*), count(DISTINCT (order_id, line)) FROM lines")[0]
    run(tmp_path)
    after = query(tmp_path, "SELECT count(*), count(DISTINCT (order_id, line)) FROM lines")[0]
    assert before[0] == before[1] and after[0] == after[1] > 1.8 * before[0]
    assert query(tmp_path, "SELECT count(*) - count(DISTINCT id) FROM parts") == [(0,)]


def test_a_story_cannot_share_such_a_table(tmp_path: Path) -> None:
    from ssgproj.graph.resolve import resolve
    from ssgproj.plan.compile import compile_plan
    from ssgproj.project.parse import parse_project

    write(tmp_path, "\n@story(inserts=['lines'])\ndef more(ctx):\n    yield Row('lines', order_id=1)\n", MODELS)
    _, problems = compile_plan(resolve(parse_project(tmp_path)), stats={})
    assert [d.message for d in problems] == [
        "Story `more` inserts into `lines`, whose rows `per_parent` makes for each parent"
    ]
    assert str(problems[0].at).startswith("stories/s.py:3")
