"""Whether ten times the rows take ten times as long, and no more memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks import airbnb
from benchmarks.context import NO_POSTGRES, Context
from benchmarks.measure import Sample, in_turns
from benchmarks.results import Measure, Section

MANY = 1_000_000
"""From here on one repetition is enough, and takes long enough."""
FROM, TO = 100_000, 10_000_000
WITHIN = 0.2


def measure(context: Context) -> Section:
    about = "`ssg run` of the example, rows of users and sessions together. Rows a second without start-up; memory is that of the process tree."
    section = Section("growth", "Growth", about, "growth")
    directory = context.workspace("growth")
    found: dict[tuple[str, int], Measure] = {}
    if context.postgres is None:
        section.skipped.append(NO_POSTGRES)
    for rows in context.sizes.growth:
        project = airbnb.write_project(directory / str(rows), {"users": rows // 2, "sessions": rows // 2})
        works: dict[str, Callable[[], Sample]] = {
            "Parquet": lambda p=project: _file(p, directory / "out.parquet", "parquet"),  # type: ignore[misc]
            "DuckDB": lambda p=project: _file(p, directory / "out.duckdb", "duckdb"),  # type: ignore[misc]
        }
        if (postgres := context.postgres) is not None:
            works["PostgreSQL"] = lambda p=project, s=postgres: airbnb.run(p, s.fresh("growth"))  # type: ignore[misc]
        context.say(f"  {rows:,} rows")
        for name, samples in in_turns(works, context.repeat if rows < MANY else 1).items():
            found[name, rows] = section.add(name, f"{rows:,} rows", airbnb.made_rows(project), samples, inner=True)
    for name in dict.fromkeys(name for name, _ in found):
        _judge(section, name, found.get((name, FROM)), found.get((name, TO)))
    return section


def _file(project: Path, out: Path, scheme: str) -> Sample:
    shutil.rmtree(out, ignore_errors=True)
    if out.is_file():
        out.unlink()
    return airbnb.run(project, f"{scheme}:///{out}")


def _judge(section: Section, name: str, small: Measure | None, large: Measure | None) -> None:
    rate = memory = None
    if small and large and small.per_second and large.per_second:
        rate = round(large.per_second / small.per_second, 2)
        if small.peak_mb and large.peak_mb:
            memory = round(large.peak_mb / small.peak_mb, 2)
    section.aim(f"{name}: rows a second at {TO:,} rows, of those at {FROM:,}", 1 - WITHIN, rate)
    section.aim(f"{name}: peak memory at {TO:,} rows, of that at {FROM:,}", 1 + WITHIN, memory, most=True)
