"""Shards make, together, the rows of a run by itself, and nothing is published before all are made."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ssgproj.engine import parts
from ssgproj.engine.run import run_plan
from ssgproj.engine.shards import Shard, finish_shards, parse_shard, run_shard
from ssgproj.errors import RunError, SsgError
from ssgproj.graph.resolve import resolve
from ssgproj.plan.compile import compile_plan
from ssgproj.project.parse import parse_project
from ssgproj.targets import open_destination
from tests.engine.spread import plan_of, tables

ROWS = 70_000


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "BATCHES_A_PART", 1)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run by itself writes in two passes."""
    root = tmp_path_factory.mktemp("local")
    run_plan(plan_of(root, ROWS), open_destination("parquet:///out", root), passes=2)
    return root / "out"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_the_rows_of_a_run_by_itself(tmp_path: Path, local: Path, order: tuple[int, ...]) -> None:
    destination = open_destination("parquet:///out", tmp_path)
    made = [run_shard(plan_of(tmp_path, ROWS), destination, Shard(i, 3), passes=2) for i in order]
    assert not (tmp_path / "out").exists()
    assert sum(m.parts for m in made) == made[0].total == 2 * 2 + 2 * 3 + 1
    # The first one makes the keys that its own parts wait for; the others find them.
    assert made[0].helped > 0 and made[1].helped == made[2].helped == 0 and made[1].found > 0
    result = finish_shards(plan_of(tmp_path, ROWS), destination)
    assert tables(tmp_path / "out") == tables(local)
    assert {n.node: n.rows for n in result.nodes} == {
        "vocabulary.countries": 3,
        "model.users": 2 * ROWS,
        "model.orders": 4 * ROWS,
        "model.pairs": 2 * ROWS,
    }
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "vocabularies"]


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    plan, destination = plan_of(tmp_path, ROWS), open_destination("parquet:///out", tmp_path)
    with pytest.raises(RunError, match="No shard has been made"):
        finish_shards(plan, destination)
    for index in (0, 2):
        run_shard(plan, destination, Shard(index, 3))
    with pytest.raises(RunError, match="missing: those of 1/3") as error:
        finish_shards(plan, destination)
    assert error.value.hint == "ssg run --shard 1/3, then --shard finish"
    assert not (tmp_path / "out").exists()
    run_shard(plan, destination, Shard(1, 3))
    finish_shards(plan, destination)
    assert tables(tmp_path / "out")["users"].num_rows == ROWS


def test_what_was_damaged_is_made_again(tmp_path: Path, local: Path) -> None:
    plan, destination = plan_of(tmp_path, ROWS), open_destination("parquet:///out", tmp_path)
    run_shard(plan, destination, Shard(0, 1), passes=2)
    (place,) = [p for p in (tmp_path / "out.parts").iterdir() if p.is_dir()]
    files = sorted((place / "rows").iterdir())
    files[0].write_bytes(files[0].read_bytes()[:-10])
    files[1].unlink()
    next((place / "keys").iterdir()).unlink()
    receipt = sorted((place / "receipts").iterdir())[-1]
    receipt.write_text(receipt.read_text()[:-5])
    with pytest.raises(RunError, match="missing"):
        finish_shards(plan, destination)
    again = run_shard(plan, destination, Shard(0, 1), passes=2)
    assert again.total - again.found >= 3
    finish_shards(plan, destination)
    assert tables(tmp_path / "out") == tables(local)


def test_rows_are_appended_as_by_a_run_by_itself(tmp_path: Path, local: Path) -> None:
    plan, destination = plan_of(tmp_path, ROWS), open_destination("parquet:///out", tmp_path)
    run_plan(plan, destination)
    for index in range(2):
        run_shard(plan, destination, Shard(index, 2))
    assert finish_shards(plan, destination).first_pass == 1
    assert tables(tmp_path / "out") == tables(local)


def test_only_keys_are_made_of_what_is_not_selected(tmp_path: Path, local: Path) -> None:
    plan, destination = plan_of(tmp_path, ROWS, select=["model.orders"]), open_destination("parquet:///out", tmp_path)
    for index in range(2):
        run_shard(plan, destination, Shard(index, 2), passes=2)
    finish_shards(plan, destination)
    assert tables(tmp_path / "out") == {"orders": tables(local)["orders"]}


def test_another_plan_is_refused(tmp_path: Path) -> None:
    plan, destination = plan_of(tmp_path, 1_000), open_destination("parquet:///out", tmp_path)
    run_shard(plan, destination, Shard(0, 2))
    for other, shard, passes, said in (
        (plan_of(tmp_path, 1_000, seed=2), Shard(1, 2), 1, "the seed"),
        (plan_of(tmp_path, 1_001), Shard(1, 2), 1, "the plan"),
        (plan, Shard(1, 3), 1, "the number of shards"),
        (plan, Shard(1, 2), 2, "the number of passes"),
    ):
        with pytest.raises(SsgError, match=f"begun for another run: .*{said}") as error:
            run_shard(other, destination, shard, passes=passes)
        assert f"rm -r {tmp_path / 'out.parts'}" in str(error.value.hint)
    (tmp_path / "vocabularies" / "countries.csv").write_text("code,name\nDE,Deutschland\nFR,France\nGB,Britain\n")
    with pytest.raises(SsgError, match="the plan"):
        run_shard(plan, destination, Shard(1, 2))


def test_a_workspace_that_is_taken_away_is_noticed(tmp_path: Path) -> None:
    plan, destination = plan_of(tmp_path, 1_000), open_destination("parquet:///out", tmp_path)
    job = parts.begin(plan, destination, passes=1, shards=1)
    shutil.rmtree(tmp_path / "out.parts")
    with pytest.raises(SsgError, match="does not see"):
        job.make(job.parts("model.users")[0])


def test_other_versions_are_noticed(tmp_path: Path) -> None:
    job = parts.begin(plan_of(tmp_path, 1_000), open_destination("parquet:///out", tmp_path), passes=1, shards=1)
    manifest = json.loads(json.dumps(job.manifest))
    manifest["libraries"]["mimesis"] = "1.0"
    with pytest.raises(SsgError, match=r"run was begun with 1\.0"):
        replace(job, manifest=manifest).make(job.parts("model.users")[0])


def test_a_changed_destination_is_noticed(tmp_path: Path) -> None:
    plan, destination = plan_of(tmp_path, 1_000), open_destination("parquet:///out", tmp_path)
    run_shard(plan, destination, Shard(0, 1))
    run_plan(plan, destination)
    with pytest.raises(SsgError, match="what the destination holds"):
        finish_shards(plan, destination)


def test_one_file_cannot_be_shared(tmp_path: Path) -> None:
    with pytest.raises(SsgError, match="`duckdb` is one file"):
        run_shard(plan_of(tmp_path, 10), open_destination("duckdb:///x.duckdb", tmp_path), Shard(0, 2))


@pytest.mark.parametrize("text", ["3", "3/3", "-1/3", "a/b", "1/0", "", "1/2/3"])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(SsgError, match="is no shard"):
        parse_shard(text)


RELATED = {
    "ssg_project.yml": "name: related\nconfig_version: 1\nprofile: related\nsource: {dialect: postgres}\n",
    "models/people.yml": """
table: people
rows: 70000
columns:
  id: {type: uuid, primary_key: true, generate: {uuid: {}}}
  joined: {type: date, generate: {date: {min: 2020-01-01, max: 2022-12-31}}}
""",
    "models/visits.yml": """
table: visits
columns:
  id: {type: integer, primary_key: true}
  person: {type: uuid, references: people.id, generate: {per_parent: [0, 3]}}
  day: {type: date, generate: {after: person.joined, by: [0 days, 90 days]}}
""",
}


def test_rows_that_are_counted_by_their_parents(tmp_path: Path) -> None:
    for name, text in RELATED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    plan, problems = compile_plan(resolve(parse_project(tmp_path)))
    assert not problems
    assert plan.tables["model.visits"].parents == ("model.people",)
    run_plan(plan, open_destination("parquet:///alone", tmp_path))
    destination = open_destination("parquet:///out", tmp_path)
    made = [run_shard(plan, destination, Shard(i, 2)) for i in range(2)]
    finish_shards(plan, destination)
    assert made[0].total >= 4
    assert tables(tmp_path / "out") == tables(tmp_path / "alone")
