"""Stories told in shards give the rows of a run by itself."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ssgproj.engine import parts
from ssgproj.engine.shards import Shard, finish_shards, run_shard
from ssgproj.errors import RunError
from ssgproj.graph.resolve import resolve
from ssgproj.plan.compile import compile_plan
from ssgproj.plan.plan import Plan
from ssgproj.project.parse import parse_project
from ssgproj.targets import open_destination
from tests.engine.story_projects import MODELS, PROJECT, run, write
from tests.engine.test_stories import VISITORS


def plan_of(root: Path) -> Plan:
    plan, problems = compile_plan(resolve(parse_project(root)), stats={})
    assert not problems
    return plan


def tables(directory: Path) -> dict[str, pa.Table]:
    return {f.name: pq.read_table(f) for f in sorted(directory.iterdir()) if f.is_dir()}


def test_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "BATCHES_A_PART", 1)
    models = {
        **MODELS,
        "visits": MODELS["visits"].replace("table: visits", "table: visits\n        rows: 5000"),
        "users": MODELS["users"].replace("table: users", "table: users\n        rows: 100"),
    }
    write(tmp_path, VISITORS, models, PROJECT.replace("n: 5", "n: 3500"))
    run(tmp_path, "parquet:///local", passes=2)
    destination = open_destination("parquet:///shards", tmp_path)
    for index in (1, 0, 2):
        run_shard(plan_of(tmp_path), destination, Shard(index, 3), passes=2)
    result = finish_shards(plan_of(tmp_path), destination)
    told = next(n for n in result.nodes if n.node == "story.visitors")
    assert told.asked == 7000 and told.tables["model.users"] == 7000
    local, shards = tables(tmp_path / "local"), tables(tmp_path / "shards")
    assert local.keys() == shards.keys() == {"countries", "users", "visits"}
    for name, table in local.items():
        order = [(table.column_names[0], "ascending")]
        assert shards[name].sort_by(order).equals(table.sort_by(order)), name


def test_references_beyond_the_batch_are_refused(tmp_path: Path) -> None:
    models = {
        "people": """
            table: people
            columns:
              id: {type: integer, primary_key: true}
              boss: {type: integer, nullable: true, references: people.id}
        """
    }
    story = """
        @story(count=2100, inserts=["people"])
        def people(ctx):
            yield Row("people", id=ctx.number, boss=0)
    """
    write(tmp_path, story, models)
    with pytest.raises(RunError, match="not among the rows of its batch"):
        run_shard(plan_of(tmp_path), open_destination("parquet:///out", tmp_path), Shard(0, 1))
