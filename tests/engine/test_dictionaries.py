"""Texts that are taken from a few stay in dictionaries up to a destination that gains from it: nothing else may change."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ssgproj.targets.parquet import ParquetDestination
from tests.engine.story_projects import run, write

MODELS = {
    "kinds": """
        table: kinds
        rows: 3
        columns:
          name: {type: varchar(8), primary_key: true, generate: {choice: [one, two, three]}}
        """,
    "people": """
        table: people
        rows: 70000
        columns:
          id: {type: integer, primary_key: true}
          kind: {type: varchar(8), references: kinds.name}
          colour: {type: varchar(4), nullable: true, generate: {choice: [red, blue], weights: [3, 1]}}
          shade: {type: text, generate: {derive: "coalesce(colour, 'no') || '!'"}}
          city: {type: varchar(5), nullable: true, generate: {mimesis: address.city, pool: 100}}
          tags: {type: "text[]"}
        generators:
          - missing: stat.patterns
            weights: n
            flags: [no_colour, no_city]
            columns: [colour, city]
        """,
    "checked": """
        table: checked
        rows: 1000
        columns:
          id: {type: integer, primary_key: true}
          size: {type: text, generate: {choice: {s: 2, m: 1}}}
        checks: ["size = 's' OR id > 100"]
        """,
}


SQL = """/* ssg:stat
description: Which are left out.
*/
WITH query_result AS (SELECT id, colour IS NULL AS no_colour, city IS NULL AS no_city FROM people)
SELECT no_colour, no_city, COUNT(*) AS n FROM query_result GROUP BY no_colour, no_city
"""
STATS = {"patterns": {"no_colour": [0, 1, 1], "no_city": [0, 1, 0], "n": [5, 2, 3]}}


def test_the_same_rows_with_dictionaries_and_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "", MODELS)
    (tmp_path / "stats").mkdir()
    (tmp_path / "stats" / "patterns.sql").write_text(SQL)
    run(tmp_path, "parquet:///with", stats=STATS, workers=1)
    run(tmp_path, "parquet:///processes", stats=STATS, workers=3)
    monkeypatch.setattr(ParquetDestination, "takes_dictionaries", False)
    run(tmp_path, "parquet:///without", stats=STATS, workers=1)
    for table in MODELS:
        expected = pq.read_table(tmp_path / "without" / table)
        assert pq.read_table(tmp_path / "with" / table).equals(expected)
        assert pq.read_table(tmp_path / "processes" / table).equals(expected)
    people = pq.read_table(tmp_path / "with" / "people")
    assert set(people["colour"].to_pylist()) == {"red", "blue", None}
