"""What generators read of parents is found by the parents' numbers where these are known, and by keys elsewhere: the same rows."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ssgproj.engine.parent_rows import ParentRows
from ssgproj.engine.world import PlanWorld
from ssgproj.errors import RunError
from tests.engine.story_projects import run, write

PEOPLE = """
    table: people
    rows: 70000
    columns:
      id: {type: KEY, primary_key: true}
      joined: {type: date, nullable: true, null_rate: 0.1, generate: {date: {min: 2010-01-01, max: 2014-06-30}}}
      height: {type: integer, generate: {integer: {min: 0, max: 200}}}
    """
VISITS = """
    table: visits
    rows: 140000
    columns:
      id: {type: integer, primary_key: true}
      person: {type: KEY, nullable: true, null_rate: 0.2, references: people.id}
      friend: {type: KEY, references: people.id, generate: {references: people.id, skew: 1.1}}
      at: {type: date, nullable: true, generate: {after: person.joined, by: [0 days, 100 days]}}
      both: {type: integer, nullable: true, generate: {derive: "person.height + friend.height"}}
    """
CALLS = """
    table: calls
    columns:
      id: {type: integer, primary_key: true}
      person: {type: KEY, references: people.id, generate: {per_parent: [0, 3]}}
      at: {type: date, nullable: true, generate: {after: person.joined, by: [0 days, 100 days]}}
    """


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables of which an index over their keys was made."""
    seen: list[str] = []
    of = ParentRows.of

    def noted(rows, key):  # type: ignore[no-untyped-def]
        seen.append(",".join(key))
        return of(rows, key)

    monkeypatch.setattr(ParentRows, "of", noted)
    return seen


@pytest.mark.parametrize("key", ["integer", "varchar(12)", "uuid"])
def test_by_number_and_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_up: list[str], key: str) -> None:
    models = {"people": PEOPLE, "visits": VISITS, "calls": CALLS}
    write(tmp_path, "", {name: text.replace("KEY", key) for name, text in models.items()})
    for _ in range(2):  # keys that go on after those of another run
        run(tmp_path, "parquet:///number", passes=2, workers=1)
    assert not looked_up
    monkeypatch.setattr(PlanWorld, "_by_number", lambda *_: None)
    for _ in range(2):
        run(tmp_path, "parquet:///key", passes=2, workers=1)
    assert looked_up
    for table in models:
        assert pq.read_table(tmp_path / "number" / table).equals(pq.read_table(tmp_path / "key" / table))


def test_where_rows_were_left_out_numbers_say_nothing(tmp_path: Path, looked_up: list[str]) -> None:
    """Of 400 people only as many are there as there are pairs."""
    few = {
        "people": """
            table: people
            rows: 400
            columns:
              id: {type: integer, primary_key: true}
              a: {type: integer, generate: {integer: {min: 1, max: 10}}}
              b: {type: integer, generate: {integer: {min: 1, max: 10}}}
            unique: [{columns: [a, b]}]
            checks: ["a <> b"]
            """,
        "visits": """
            table: visits
            rows: 1000
            columns:
              id: {type: integer, primary_key: true}
              person: {type: integer, references: people.id}
              sum: {type: integer, generate: {derive: "person.a * 100 + person.b"}}
            """,
    }
    write(tmp_path, "", few)
    run(tmp_path, "parquet:///out", workers=1)
    people = {r["id"]: r for r in pq.read_table(tmp_path / "out" / "people").to_pylist()}
    visits = pq.read_table(tmp_path / "out" / "visits").to_pylist()
    assert len(people) < 400 and len(visits) == 1000
    for visit in visits:
        person = people[visit["person"]]
        assert visit["sum"] == person["a"] * 100 + person["b"]


def test_a_row_that_others_may_refer_to_is_not_left_out_in_silence(tmp_path: Path) -> None:
    models = {
        "people": """
            table: people
            rows: 100
            columns:
              id: {type: integer, primary_key: true}
              a: {type: integer, nullable: true, null_rate: 0.5}
              b: {type: integer, generate: {derive: "a + 1"}}
            """,
        "visits": """
            table: visits
            rows: 100
            columns:
              id: {type: integer, primary_key: true}
              person: {type: integer, references: people.id}
            """,
    }
    write(tmp_path, "", models)
    with pytest.raises(RunError, match=r"Column `b` of `people` has no value in \d+ rows of a batch"):
        run(tmp_path, "parquet:///out", workers=1)
