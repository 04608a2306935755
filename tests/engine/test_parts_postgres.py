"""Parts in PostgreSQL: the rows of a run by itself, nothing to be seen before the end, and nothing left after it."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from ssgproj.engine import parts
from ssgproj.engine.results import Progress
from ssgproj.engine.run import run_plan
from ssgproj.engine.shards import Shard, finish_shards, run_shard
from ssgproj.errors import SsgError
from ssgproj.graph.resolve import resolve
from ssgproj.plan.compile import compile_plan
from ssgproj.plan.plan import Plan
from ssgproj.project.project import Generation, Project, Settings
from ssgproj.source.reflect import reflect
from ssgproj.targets import open_destination, postgres_standing
from ssgproj.targets.postgres_standing import Standing
from tests.engine.spread import plan_of

ROWS = 70_000
SHOP = ("countries", "users", "orders", "pairs")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "BATCHES_A_PART", 1)


def contents(url: str, tables: Sequence[str]) -> dict[str, tuple[int, str]]:
    """The number of rows of each table, and a hash of all of them that does not depend on their order."""
    with psycopg.connect(url) as connection:
        return {
            t: connection.execute(f"SELECT count(*), sum(hashtextextended(t::text, 0))::text FROM {t} t").fetchone()
            for t in tables
        }  # type: ignore[misc]


def names(url: str, query: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [n for (n,) in connection.execute(query).fetchall()]


SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'ssg%'"
CONSTRAINTS = "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid > 16000 ORDER BY 1"


def test_the_rows_of_a_run_by_itself(fresh_postgres: str, tmp_path: Path) -> None:
    plan, destination = plan_of(tmp_path, ROWS), open_destination(fresh_postgres, tmp_path)
    run_plan(plan, destination, passes=2)
    expected, constraints = contents(fresh_postgres, SHOP), names(fresh_postgres, CONSTRAINTS)
    with psycopg.connect(fresh_postgres) as connection:
        connection.execute(f"DROP TABLE {', '.join(SHOP)} CASCADE")
    for index in (1, 0):
        run_shard(plan, destination, Shard(index, 2), passes=2)
        assert not names(fresh_postgres, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    # What is made twice is there once.
    job = parts.begin(plan, destination, passes=2, shards=2)
    again = job.parts("model.orders")[2]
    job._receipt(again).unlink()
    assert job.make(again).rows == 2 * ROWS - 2 * 65_536
    finish_shards(plan, destination)
    assert contents(fresh_postgres, SHOP) == expected
    assert names(fresh_postgres, CONSTRAINTS) == constraints
    assert not names(fresh_postgres, SCHEMAS)
    assert not list((tmp_path / "target").iterdir())


def test_many_rows_into_standing_tables(fresh_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and references are taken away for them, and stand afterwards as before."""
    plan, destination = plan_of(tmp_path, ROWS), open_destination(fresh_postgres, tmp_path)
    run_plan(plan, destination)
    constraints, taken = names(fresh_postgres, CONSTRAINTS), list[str]()
    drop = Standing._drop
    monkeypatch.setattr(Standing, "_drop", lambda self, said: (taken.extend(said), drop(self, said))[1])
    monkeypatch.setattr(postgres_standing, "SEGMENT", 10_000)
    run_shard(plan, destination, Shard(0, 1), passes=2)
    finish_shards(plan, destination)
    assert any("users_pkey" in statement for statement in taken)
    assert names(fresh_postgres, CONSTRAINTS) == constraints
    by_itself = contents(fresh_postgres, SHOP)
    with psycopg.connect(fresh_postgres) as connection:
        connection.execute(f"DROP TABLE {', '.join(SHOP)} CASCADE")
    run_plan(plan, destination, passes=3)
    assert contents(fresh_postgres, SHOP) == by_itself


def test_rows_that_are_lost_are_noticed(fresh_postgres: str, tmp_path: Path) -> None:
    plan, destination = plan_of(tmp_path, 1_000), open_destination(fresh_postgres, tmp_path)
    run_shard(plan, destination, Shard(0, 1))
    (schema,) = names(fresh_postgres, SCHEMAS)
    with psycopg.connect(fresh_postgres) as connection:
        connection.execute(f"DELETE FROM {schema}.users WHERE id < 10")
    with pytest.raises(SsgError, match="other rows of `users` than were made"):
        finish_shards(plan, destination)
    assert not names(fresh_postgres, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")


TYPES = """
CREATE SCHEMA "Odd Schema";
CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy');
CREATE DOMAIN "Odd Schema".price AS numeric(9, 2) CHECK (VALUE >= 0);
CREATE TYPE point3 AS (x integer, label text);
CREATE TABLE "Odd Schema"."Things" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code char(6) NOT NULL UNIQUE,
    feeling mood NOT NULL,
    feelings mood[],
    cost "Odd Schema".price NOT NULL,
    place point3,
    doubled numeric GENERATED ALWAYS AS (cost * 2) STORED,
    flags bit(5),
    tags text[],
    document jsonb,
    took interval,
    token uuid
);
CREATE TABLE events (day date NOT NULL, thing bigint NOT NULL REFERENCES "Odd Schema"."Things" (id), code char(6) REFERENCES "Odd Schema"."Things" (code))
PARTITION BY RANGE (day);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2000-01-01') TO ('2020-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2040-01-01');
"""
TYPED = ('"Odd Schema"."Things"', "events")


def typed_plan(url: str, root: Path) -> Plan:
    source = reflect(url)
    settings = Settings("typed", "typed", dialect="postgres", generation=Generation(seed=1))
    project = Project(root, settings, tuple(source.models), objects=source.objects)
    plan, problems = compile_plan(resolve(project), rows=50)
    assert not [p for p in problems if p.is_error]
    return plan


def test_every_kind_of_type(fresh_postgres: str, tmp_path: Path) -> None:
    with psycopg.connect(fresh_postgres, autocommit=True) as connection:
        connection.execute(TYPES)
    plan, destination = typed_plan(fresh_postgres, tmp_path), open_destination(fresh_postgres, tmp_path)
    run_plan(plan, destination)
    expected = contents(fresh_postgres, TYPED)
    assert [rows for rows, _ in expected.values()] == [50, 50]
    # Into tables that stand, whose rows stay until the end.
    run_shard(plan, destination, Shard(0, 1), full_refresh=True)
    assert contents(fresh_postgres, TYPED) == expected
    finish_shards(plan, destination)
    assert contents(fresh_postgres, TYPED) == expected
    # Into tables that are made, with their types.
    with psycopg.connect(fresh_postgres, autocommit=True) as connection:
        connection.execute(f"DROP TABLE {', '.join(TYPED)} CASCADE")
        connection.execute('DROP TYPE mood, point3; DROP SCHEMA "Odd Schema" CASCADE')
    run_shard(plan, destination, Shard(0, 1))
    assert not names(fresh_postgres, "SELECT typname FROM pg_type WHERE typname = 'mood'")
    finish_shards(plan, destination)
    assert contents(fresh_postgres, TYPED) == expected
    # And more of them, with keys that go on.
    run_shard(plan, destination, Shard(0, 1))
    finish_shards(plan, destination)
    assert [rows for rows, _ in contents(fresh_postgres, TYPED).values()] == [100, 100]


def test_a_worker_is_killed(fresh_postgres: str, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    from ssgproj.engine.distributed import run_distributed

    plan, destination = plan_of(tmp_path, ROWS), open_destination(fresh_postgres, tmp_path)
    run_plan(plan, destination)
    expected = contents(fresh_postgres, SHOP)
    killed: list[int] = []

    def kill(node: str, rows: int) -> None:
        if not killed:
            from distributed import default_client

            killed.append(next(iter(default_client().run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    run_distributed(plan, destination, workers=2, full_refresh=True, progress=Progress(loaded=kill))
    assert killed
    assert contents(fresh_postgres, SHOP) == expected
    assert not names(fresh_postgres, SCHEMAS)
