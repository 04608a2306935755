"""A run by itself against the same run on a local Dask cluster, and how memory grows with the rows: users and sessions of the AirBnB schema.

    python benchmarks/scale.py 4000000 8000000 --workers 2

Runs both in turns for each number of rows (of each of the two tables), into Parquet, each twice. Prints a JSON line a run: seconds, rows per second,
bytes per row on disk, and peak memory of all processes in MB: `private` is theirs alone, `mapped` are files that the system can drop.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from loading import make_project


def measured(project: Path, name: str, *options: str) -> dict[str, object]:
    """One run with these options into a fresh directory."""
    out = project / "target" / name
    shutil.rmtree(out, ignore_errors=True)
    begun, cpu = time.perf_counter(), _cpu()
    process = subprocess.Popen(
        [sys.executable, "-m", "ssgproj.cli.main", "run", "--project-dir", str(project), "-q", *options],
        env={**os.environ, "SSG_DESTINATION_URL": f"parquet:///target/{name}"},
    )
    peaks = {"private": 0, "shared": 0, "mapped": 0}
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            now = dict.fromkeys(peaks, 0)
            for pid in _family(process.pid):
                for key, value in _memory(pid).items():
                    now[key] += value
            for key, value in now.items():
                peaks[key] = max(peaks[key], value)

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - begun
    ended.set()
    watcher.join()
    assert code == 0
    document = json.loads((project / "target" / "run_results.json").read_text())
    rows = sum(n["rows"] for n in document["nodes"])
    size = sum(f.stat().st_size for f in out.rglob("*.parquet"))
    shutil.rmtree(out)
    return {
        "run": name,
        "rows": rows,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(_cpu() - cpu, 1),
        "rows_per_second": round(rows / seconds),
        "bytes_per_row": round(size / rows, 1),
        **{f"{k}_mb": v // 1024 for k, v in peaks.items()},
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(pid: int) -> Iterator[int]:
    yield pid
    for file in Path(f"/proc/{pid}/task").glob(
        "*/children"
    ):  # of each thread: clusters are started from others than the first
        try:
            children = file.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _memory(pid: int) -> dict[str, int]:
    """Kilobytes: of the process alone, of shared memory, of files."""
    names = {"RssAnon": "private", "RssShmem": "shared", "RssFile": "mapped"}
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {names[k]: int(v.split()[0]) for k, _, v in (line.partition(":") for line in lines) if k in names}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int, nargs="+")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=2)
    arguments = parser.parse_args()
    workers = ("--workers", str(arguments.workers))
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory() as name:
            make_project(Path(name), rows)
            project = Path(name) / "project"
            for _ in range(arguments.repeat):
                print(json.dumps(measured(project, "local", *workers)), flush=True)
                print(json.dumps(measured(project, "dask", *workers, "--engine", "dask")), flush=True)


if __name__ == "__main__":
    main()
