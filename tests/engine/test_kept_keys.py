"""Keys that are kept in files: what is taken is what was written, and taking does not copy the files into memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ssgproj.engine import keys as engine_keys
from ssgproj.engine.keys import KeyWriter
from ssgproj.engine.world import KeptKeys, PlanWorld, key_file
from ssgproj.plan.compile import compile_plan
from ssgproj.plan.plan import KeyPlan
from ssgproj.project.model import Check, Column, Model, PrimaryKey, TableName, UniqueKey
from ssgproj.project.types import parse_type
from tests.engine.schemas import graph_of

THINGS = Model(
    TableName("things"),
    "models/things.yml",
    (Column("code", parse_type("varchar(20)")), Column("other", parse_type("integer"), nullable=True)),
    rows=1_000,
    primary_key=PrimaryKey(("code",)),
    unique=(UniqueKey(("other",)),),
    checks=(Check("code <> upper(code)"),),
)


def written(root: Path, sizes: dict[int, list[int]]) -> PlanWorld:
    """A world whose `things` has these batches in each pass, two files a pass."""
    plan, problems = compile_plan(graph_of([THINGS], root=root))
    assert not problems
    kept = (KeyPlan(("code",), computed=False), KeyPlan(("other",), computed=False))
    table = replace(plan.tables["model.things"], keys=kept)
    plan = replace(plan, tables={"model.things": table})
    world = PlanWorld(plan, root)
    number = 0
    for pass_, batches in sizes.items():
        for part in range(2):
            writer = KeyWriter(key_file(root, "model.things", pass_, part), plan.tables["model.things"])
            for rows in batches[part::2]:
                numbers = range(number, number + rows)
                other = pa.array([None if n % 3 == 0 else n for n in numbers], pa.int32())
                code = pa.array([f"k{n}" for n in numbers], pa.string())
                writer.write(pa.record_batch([code, other], names=["code", "other"]))
                number += rows
            writer.close()
    return world


def test_what_is_taken_is_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_keys, "ROWS_A_CHUNK", 8)
    world = written(tmp_path, {3: [5, 0, 9, 30], 4: [1], 5: []})
    kept = world._kept(world.plan.tables["model.things"], ("code",))
    assert [kept.range(p, strict=True) for p in (3, 4, 5)] == [(0, 44), (44, 45), (45, 45)]
    assert kept.range(5) == (0, 45)
    index = np.random.default_rng(1).integers(0, 45, 500)
    everything = [v for p in kept.passes for v in p.column("code").to_pylist()]
    assert sorted(everything) == sorted(f"k{n}" for n in range(45))
    assert kept.take(index)[0].to_pylist() == [everything[i] for i in index]
    assert kept.take(np.zeros(0, np.int64))[0].type == pa.string()


def test_null_is_no_key(tmp_path: Path) -> None:
    world = written(tmp_path, {0: [10, 20]})
    kept = world._kept(world.plan.tables["model.things"], ("other",))
    assert kept.range(0) == (0, 20)
    assert None not in kept.take(np.arange(20))[0].to_pylist()


def test_taking_leaves_the_keys_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_keys, "ROWS_A_CHUNK", 50_000)
    world = written(tmp_path, {0: [100_000, 100_000]})
    kept = world._kept(world.plan.tables["model.things"], ("code",))
    assert isinstance(kept, KeptKeys)
    before = pa.total_allocated_bytes()
    taken = kept.take(np.arange(0, 200_000, 1_000))
    assert len(taken[0]) == 200
    assert pa.total_allocated_bytes() - before < 100_000
