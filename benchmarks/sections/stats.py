"""A statistic: `ssg stats`, SmartNoise's own way through a data frame, and the exact query without any privacy."""

from __future__ import annotations

from importlib.util import find_spec

from benchmarks import stats_speed
from benchmarks.context import Context
from benchmarks.measure import Sample, in_turns
from benchmarks.results import Section

OURS, PLAIN, EXACT = "ssg stats", "snsql.from_df", "exact query"


def measure(context: Context) -> Section:
    about = "COUNT and AVG by group over a table of DuckDB, one row a person. Each in a process of its own, with what it has to import."
    section = Section("stats", "Statistics", about, "seconds")
    if find_spec("snsql") is None:
        section.skipped.append("SmartNoise: pip install 'ssgproj[dp]'")
        return section
    directory = context.workspace("stats")
    works = {OURS: stats_speed.ours, PLAIN: stats_speed.from_df, EXACT: stats_speed.exact}
    for rows in context.sizes.stats:
        url = stats_speed.build(directory / f"{rows}.duckdb", rows, 1, None)
        turn = iter(range(1000))

        def once(name: str, url: str = url, rows: int = rows, turn: object = turn) -> Sample:
            root = directory / f"{rows}-{next(turn)}"  # type: ignore[call-overload]
            return stats_speed.sample(works[name], url, str(root), 1)

        samples = in_turns({name: lambda n=name: once(n) for name in works}, context.repeat)  # type: ignore[misc]
        case = f"{rows:,} rows"
        for name, found in samples.items():
            section.add(case, name, rows, found)
        for other in (PLAIN, EXACT):
            pairs = [(a.seconds, b.seconds) for a, b in zip(samples[OURS], samples[other], strict=True)]
            section.compare(case, "seconds", OURS, other, pairs)
        memory = [(a.peak_mb or 0.0, b.peak_mb or 1.0) for a, b in zip(samples[OURS], samples[PLAIN], strict=True)]
        section.compare(case, "peak memory", OURS, PLAIN, memory)
    return section
