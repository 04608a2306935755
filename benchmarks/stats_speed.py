"""How long a statistic takes on a large source, next to SmartNoise's own way through a data frame.

    python -m benchmarks.stats_speed --rows 1000000 --with-from-df
    python -m benchmarks.stats_speed --rows 10000000 [--postgres postgresql://127.0.0.1/postgres]

Prints seconds and peak memory of each; every measurement is in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measure import BenchmarkError, Sample

STAT = """/* ssg:stat
epsilon: 1.0
delta: 1.0e-6
max_ids: {max_ids}
columns:
  id: {{type: string, private_id: true}}
  age: {{type: float, lower: 0, upper: 100}}
  device: {{type: string}}
*/
WITH query_result AS (
    SELECT id, age, device FROM users
)

SELECT device, COUNT(*) AS n, AVG(age) AS mean
FROM query_result
GROUP BY device
"""
COLUMNS = "i, 'u' || (i // {each}) AS id, (20 + i % 60)::DOUBLE AS age, 'device ' || (i % 8) AS device"


def build(path: Path, rows: int, each: int, postgres: str | None) -> str:
    """The source, with `each` rows of a person. Returns its URL."""
    if postgres is None:
        with duckdb.connect(str(path)) as c:
            c.execute(f"CREATE TABLE users AS SELECT {COLUMNS.format(each=each)} FROM range({rows}) t(i)")
        return f"duckdb:///{path}"
    import psycopg

    with psycopg.connect(postgres) as c:
        c.execute("DROP TABLE IF EXISTS users")
        c.execute(
            f"CREATE UNLOGGED TABLE users AS SELECT i, 'u' || (i / {each}) AS id, (20 + i % 60)::float8 AS age, 'device ' || (i % 8) AS device"
            f" FROM generate_series(0, {rows - 1}) i"
        )
    return postgres


def ours(url: str, root: str, max_ids: int) -> None:
    from ssgproj.project.project import Project, Settings
    from ssgproj.project.stat import parse_stat
    from ssgproj.source.stats import run_stats

    dialect = "duckdb" if url.startswith("duckdb") else "postgres"
    stat, _ = parse_stat(STAT.format(max_ids=max_ids), "stats/s.sql", dialect)
    [outcome] = run_stats(Project(Path(root), Settings("p", "p", dialect), ()), [stat], url, Path(root))
    assert outcome.error is None, outcome.error


def from_df(url: str, root: str, max_ids: int) -> None:
    """The same rows, from the same source, through a data frame."""
    import snsql

    from ssgproj.privacy.metadata import smartnoise_metadata
    from ssgproj.project.stat import parse_stat

    stat, _ = parse_stat(STAT.format(max_ids=max_ids), "stats/s.sql", "duckdb")
    if url.startswith("duckdb"):
        with duckdb.connect(url.removeprefix("duckdb:///"), read_only=True) as c:
            frame = c.execute(stat.query_result).df()
    else:
        import pandas as pd
        import sqlalchemy

        engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        frame = pd.read_sql(stat.query_result, engine)
    reader = snsql.from_df(frame, privacy=snsql.Privacy(epsilon=0.3, delta=1e-6), metadata=smartnoise_metadata(stat))
    assert len(list(reader.execute(stat.dp))) > 1


def exact(url: str, root: str, max_ids: int) -> None:
    """The same answer without any noise, computed by the source."""
    from ssgproj.project.stat import parse_stat

    stat, _ = parse_stat(STAT.format(max_ids=max_ids), "stats/s.sql", "duckdb")
    assert url.startswith("duckdb") and root
    with duckdb.connect(url.removeprefix("duckdb:///"), read_only=True) as c:
        rows = c.execute(f"WITH query_result AS ({stat.query_result}) {stat.dp}").fetchall()
    assert len(rows) > 1


def sample(work: Callable[[str, str, int], None], *arguments: Any) -> Sample:
    """`measured` as the other benchmarks have it. Raises BenchmarkError."""
    found = measured(work, *arguments)
    if "failed" in found:
        raise BenchmarkError(f"`{work.__name__}` failed")
    return Sample(found["seconds"], None, found["megabytes"])


def measured(work: Callable[[str, str, int], None], *arguments: Any) -> dict[str, float]:
    """Seconds and peak megabytes of `work` in a fresh process."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_measure, args=(work, arguments, queue))
    process.start()
    process.join()
    return queue.get(timeout=1) if process.exitcode == 0 else {"failed": float(process.exitcode or 1)}


def _measure(work: Callable[[str, str, int], None], arguments: tuple[Any, ...], queue: Any) -> None:
    start = time.perf_counter()
    work(*arguments)
    queue.put({"seconds": round(time.perf_counter() - start, 2), "megabytes": round(_peak_megabytes())})


def _peak_megabytes() -> float:
    """Of this process since it began; `ru_maxrss` counts what its parent had when it was forked off."""
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--each", type=int, default=1, help="rows of each person")
    parser.add_argument("--max-ids", type=int, default=1, help="below --each, SmartNoise samples")
    parser.add_argument("--postgres", metavar="URL", help="an empty database to use instead of DuckDB")
    parser.add_argument("--with-from-df", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        url = build(Path(directory) / "source.duckdb", chosen.rows, chosen.each, chosen.postgres)
        print(
            json.dumps(
                {"rows": chosen.rows, "each": chosen.each, "max_ids": chosen.max_ids, "source": url.partition(":")[0]}
            )
        )
        print("ssg      ", json.dumps(measured(ours, url, f"{directory}/results", chosen.max_ids)))
        if chosen.with_from_df:
            print("from_df  ", json.dumps(measured(from_df, url, directory, chosen.max_ids)))


if __name__ == "__main__":
    main()
