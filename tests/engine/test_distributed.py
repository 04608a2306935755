"""A run on a Dask cluster makes the rows of a run by itself, whoever is lost on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("distributed")

from ssgproj.engine import distributed, parts
from ssgproj.engine.distributed import run_distributed
from ssgproj.engine.results import Progress
from ssgproj.engine.run import run_plan
from ssgproj.errors import SsgError
from ssgproj.targets import open_destination
from tests.engine.spread import plan_of, tables

ROWS = 70_000
DRIVER = """
import sys
from pathlib import Path
from ssgproj.engine import parts
from ssgproj.engine.distributed import run_distributed
from ssgproj.targets import open_destination
from tests.engine.spread import plan_of

if __name__ == "__main__":
    parts.BATCHES_A_PART = 1
    root = Path(sys.argv[1])
    run_distributed(plan_of(root, int(sys.argv[2])), open_destination("parquet:///out", root), passes=2, workers=1)
"""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "BATCHES_A_PART", 1)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("local")
    run_plan(plan_of(root, ROWS), open_destination("parquet:///out", root), passes=2)
    return root / "out"


def test_a_worker_is_killed(tmp_path: Path, local: Path) -> None:
    killed: list[int] = []

    def kill(node: str, rows: int) -> None:
        if not killed:
            from distributed import default_client

            workers = default_client().run(os.getpid)
            killed.append(next(iter(workers.values())))
            os.kill(killed[0], signal.SIGKILL)

    run_distributed(
        plan_of(tmp_path, ROWS),
        open_destination("parquet:///out", tmp_path),
        passes=2,
        workers=2,
        progress=Progress(loaded=kill),
    )
    assert killed
    assert tables(tmp_path / "out") == tables(local)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "vocabularies"]


def test_the_driver_is_killed_and_its_run_resumed(tmp_path: Path, local: Path) -> None:
    command = [sys.executable, "-c", DRIVER, str(tmp_path), str(ROWS)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL) as driver:
        until = time.monotonic() + 60
        while len(list(tmp_path.glob("out.parts/*/receipts/*.json"))) < 3:
            assert time.monotonic() < until and driver.poll() is None
            time.sleep(0.02)
        driver.kill()
    assert not (tmp_path / "out").exists()
    done = {f: f.stat().st_mtime_ns for f in tmp_path.glob("out.parts/*/receipts/*.json")}
    assert 3 <= len(done) < 11
    plan, destination = plan_of(tmp_path, ROWS), open_destination("parquet:///out", tmp_path)
    with pytest.raises(SsgError, match="the seed"):
        run_distributed(plan_of(tmp_path, ROWS, seed=2), destination, passes=2, resume=True)
    kept: set[Path] = set()

    def look(node: str, rows: int) -> None:
        kept.update(f for f, at in done.items() if f.exists() and f.stat().st_mtime_ns == at)

    run_distributed(plan, destination, passes=2, workers=1, resume=True, progress=Progress(loaded=look))
    assert kept == set(done)
    assert tables(tmp_path / "out") == tables(local)


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(SsgError, match="nothing to go on with"):
        run_distributed(plan_of(tmp_path, 10), open_destination("parquet:///out", tmp_path), resume=True)


def test_no_scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "SECONDS_TO_ANSWER", 1)
    with pytest.raises(SsgError, match=r"No Dask scheduler answers at `tcp://127\.0\.0\.1:9`"):
        run_distributed(
            plan_of(tmp_path, 10), open_destination("parquet:///out", tmp_path), address="tcp://127.0.0.1:9"
        )
    assert not (tmp_path / "out").exists()


def test_shards_that_are_being_made_are_left_alone(tmp_path: Path) -> None:
    plan, destination = plan_of(tmp_path, 1_000), open_destination("parquet:///out", tmp_path)
    parts.begin(plan, destination, passes=1, shards=2)
    with pytest.raises(SsgError, match="Shards are being made"):
        run_distributed(plan, destination)
    assert (tmp_path / "out.parts").is_dir()
