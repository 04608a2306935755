"""A run by itself against the same run on a local Dask cluster, into Parquet: users and sessions of the example.

    python -m benchmarks.scale 4000000 20000000 --workers 2 --repeat 3

For each number of rows, of both tables together. Prints a JSON line a repetition, and last the median of the ratios of neighbours.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
from functools import partial
from pathlib import Path

from benchmarks import airbnb
from benchmarks.measure import Sample, in_turns


def _run(project: Path, out: Path, *options: str) -> Sample:
    shutil.rmtree(out, ignore_errors=True)
    return airbnb.run(project, f"parquet:///{out}", *options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="+")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=2)
    arguments = parser.parse_args()
    workers = ("--workers", str(arguments.workers))
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
            project = airbnb.write_project(Path(name) / "project", {"users": rows // 2, "sessions": rows // 2})
            out = Path(name) / "out"
            works = {
                "local": partial(_run, project, out, *workers),
                "dask": partial(_run, project, out, *workers, "--engine", "dask"),
            }
            samples = in_turns(works, arguments.repeat)
            size = sum(f.stat().st_size for f in out.rglob("*.parquet"))
        for kind, measured in samples.items():
            for sample in measured:
                line = {
                    "run": kind,
                    "rows": rows,
                    "seconds": round(sample.seconds, 1),
                    "cpu_seconds": round(sample.cpu_seconds or 0, 1),
                    "rows_per_second": round(rows / sample.seconds),
                    "peak_mb": round(sample.peak_mb or 0),
                    "bytes_per_row": round(size / rows, 1),
                }
                print(json.dumps(line), flush=True)
        pairs = list(zip(samples["dask"], samples["local"], strict=True))
        wall = statistics.median(d.seconds / one.seconds for d, one in pairs)
        cpu = statistics.median((d.cpu_seconds or 0) / (one.cpu_seconds or 1) for d, one in pairs)
        print(json.dumps({"rows": rows, "dask_to_local": round(wall, 2), "cpu": round(cpu, 2)}), flush=True)


if __name__ == "__main__":
    main()
