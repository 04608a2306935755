"""A run that is killed at any moment leaves the destination as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ssgproj.targets import open_destination
from tests.targets.target_zoo import rows_of, run, shop

CHILD = """
import sys, time
from pathlib import Path
from tests.targets.target_zoo import shop
from ssgproj.targets import open_destination

url, root, moment = sys.argv[1:]
schema, batches = shop()
users, orders = schema.models

def stop(at):
    if at == moment:
        print("here", flush=True)
        time.sleep(60)

def slow(given):
    for number, batch in enumerate(given * 3):
        stop(f"batch {number}")
        yield batch

with open_destination(url, Path(root)).session(schema) as session:
    stop("begun")
    if session.existing(users):
        session.drop(schema.models)
    session.create(schema.models)
    stop("created")
    session.load(users, slow(batches["users"]) if moment.startswith("batch") else batches["users"])
    session.load(orders, batches["Order Items"])
    stop("loaded")
    session.finish(schema.models)
    stop("finished")
"""

MOMENTS = ("begun", "created", "batch 1", "loaded", "finished")
URLS = {
    "duckdb": "duckdb:///a/b.duckdb",
    "sqlite": "sqlite:///a/b.sqlite",
    "parquet": "parquet:///a/b",
    "postgres": "fresh_postgres",
    "mariadb": "fresh_mariadb",
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", URLS)
def test_killed(kind: str, moment: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(URLS[kind]) if URLS[kind].startswith("fresh") else URLS[kind]
    destination = open_destination(url, tmp_path)
    schema, batches = shop()
    if kind == "parquet":
        batches = {}  # its batches carry generated columns too; none is enough here

    def kill() -> None:
        command = [sys.executable, "-c", CHILD, url, str(tmp_path), moment]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2]
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"here\n"
            child.kill()

    kill()
    if kind in ("duckdb", "sqlite", "parquet"):
        assert not (tmp_path / url.split("///")[1]).exists()
    run(destination, schema, batches)
    before = [sorted(rows_of(destination, m), key=repr) for m in schema.models]
    kill()
    assert [sorted(rows_of(destination, m), key=repr) for m in schema.models] == before
    with destination.session(schema) as session:
        session.drop(schema.models)
        session.create(schema.models)
        for model in schema.models:
            session.load(model, batches.get(str(model.table), []))
        session.finish(schema.models)
        session.commit()
    assert [sorted(rows_of(destination, m), key=repr) for m in schema.models] == before
    if kind in ("duckdb", "sqlite", "parquet"):
        assert [p.name for p in (tmp_path / "a").iterdir()] == [Path(url).name]
