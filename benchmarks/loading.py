"""How near `ssg run` comes to the limit of the destination, on the AirBnB schema with default generators.

The limit is measured in the same run: the same rows, ready in memory as Arrow, through the destination's fastest loader into bare tables, keys and
references added afterwards. `ssg run` has to make the rows as well, and is all or nothing.

    python benchmarks/loading.py duckdb 1000000
    python benchmarks/loading.py postgresql://root@127.0.0.1/postgres 1000000

The PostgreSQL URL is a server on which databases may be made; two are, and dropped. Prints JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

SCHEMA = """
CREATE TABLE countries (country_destination varchar(5) PRIMARY KEY, lat_destination numeric(8, 4) NOT NULL, destination_language varchar(20));
CREATE TABLE users (
    id varchar(10) PRIMARY KEY, date_account_created date NOT NULL, timestamp_first_active timestamp NOT NULL, date_first_booking date,
    gender varchar(20) NOT NULL, age integer, signup_method varchar(20) NOT NULL, signup_flow integer NOT NULL, language varchar(5) NOT NULL,
    affiliate_channel varchar(20) NOT NULL, affiliate_provider varchar(20) NOT NULL, first_affiliate_tracked varchar(20),
    signup_app varchar(20) NOT NULL, first_device_type varchar(40) NOT NULL, first_browser varchar(40) NOT NULL,
    country_destination varchar(5) REFERENCES countries (country_destination)
);
CREATE TABLE sessions (
    id integer PRIMARY KEY, user_id varchar(10) NOT NULL REFERENCES users (id), action varchar(100), action_type varchar(100),
    action_detail varchar(100), device_type varchar(100) NOT NULL, secs_elapsed integer
);
"""
KEYS = {"countries": "country_destination", "users": "id", "sessions": "id"}
REFERENCES = (("users", "country_destination", "countries"), ("sessions", "user_id", "users"))


def make_project(directory: Path, rows: int) -> None:
    """A project with the schema's models and nothing declared but the rows."""
    source = directory / "source.sqlite"
    with sqlite3.connect(source) as con:
        con.executescript(SCHEMA)
    ssg("init", str(directory / "project"), "--from", f"sqlite:///{source}", "-q")
    settings = directory / "project" / "ssg_project.yml"
    settings.write_text(
        settings.read_text().replace("dialect: sqlite", "dialect: postgres")
    )  # whose integer has 32 bits
    for file in (directory / "project" / "models").glob("*.yml"):
        wanted = 10 if file.stem == "countries" else rows
        lines = [line for line in file.read_text().splitlines() if not line.startswith("rows:")]
        file.write_text("\n".join([*lines, f"rows: {wanted}", ""]))


def ssg(*arguments: str, **environment: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "ssgproj.cli.main", *arguments], check=True, env={**os.environ, **environment}
    )


def ready_rows(project: Path) -> dict[str, list[pa.RecordBatch]]:
    """The rows that ssg would make, in memory."""
    from ssgproj.engine.table import batches_in_pass, make_batch
    from ssgproj.engine.world import PlanWorld
    from ssgproj.graph.resolve import resolve
    from ssgproj.plan.compile import compile_plan
    from ssgproj.project.parse import parse_project

    plan, _ = compile_plan(resolve(parse_project(project)))
    world = PlanWorld(plan, project)
    made = {}
    for node in plan.order:
        table = plan.tables[node]
        made[table.model.table.name] = [make_batch(table, 0, n, world) for n in range(batches_in_pass(table, 0))]
    return made


def limit_postgres(url: str, tables: dict[str, list[pa.RecordBatch]]) -> float:
    import pgpq
    import psycopg

    bare = SCHEMA.replace(" PRIMARY KEY", " NOT NULL")
    for child, column, parent in REFERENCES:
        bare = bare.replace(f" REFERENCES {parent} ({KEYS[parent]})", "")
        assert column and child
    begun = time.perf_counter()
    with psycopg.connect(url) as con:
        con.execute("SET LOCAL maintenance_work_mem = '256MB'")
        con.execute(bare)
        for name, batches in tables.items():
            encoder = pgpq.ArrowToPostgresBinaryEncoder(batches[0].schema)
            with con.cursor().copy(f"COPY {name} FROM STDIN WITH (FORMAT BINARY)") as copy:
                copy.write(encoder.write_header())
                for batch in batches:
                    copy.write(encoder.write_batch(batch))
                copy.write(encoder.finish())
        for name, key in KEYS.items():
            con.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({key})")
        for child, column, parent in REFERENCES:
            con.execute(f"ALTER TABLE {child} ADD FOREIGN KEY ({column}) REFERENCES {parent} ({KEYS[parent]})")
    return time.perf_counter() - begun


def limit_duckdb(path: Path, tables: dict[str, list[pa.RecordBatch]], *, references: bool) -> float:
    """With `references` the foreign keys stand, which DuckDB can only check row by row while loading; else they are verified by a query."""
    import duckdb

    ddl = (
        SCHEMA
        if references
        else SCHEMA.replace(" REFERENCES countries (country_destination)", "").replace(" REFERENCES users (id)", "")
    )
    begun = time.perf_counter()
    con = duckdb.connect(str(path))
    con.execute("SET preserve_insertion_order = false")
    for statement, name in zip(ddl.split(";"), KEYS, strict=False):
        con.execute(statement.replace(" PRIMARY KEY", " NOT NULL"))
        con.register("ready", pa.Table.from_batches(tables[name]))
        con.execute(f"INSERT INTO {name} FROM ready").fetchall()
        con.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({KEYS[name]})")
    if not references:
        for child, column, parent in REFERENCES:
            lost = con.execute(
                f"SELECT count(*) FROM {child} c ANTI JOIN {parent} p ON c.{column} = p.{KEYS[parent]} WHERE c.{column} IS NOT NULL"
            )
            assert lost.fetchall() == [(0,)]
    con.close()
    return time.perf_counter() - begun


def timed_run(project: Path, url: str) -> tuple[float, float]:
    """Seconds that the run itself reports, and the peak memory of all its processes in MB."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ssgproj.cli.main", "run", "--project-dir", str(project), "-q"],
        env={**os.environ, "SSG_DESTINATION_URL": url},
    )
    peak = 0.0
    ended = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.05):
            peak = max(peak, sum(_memory(p) for p in _family(process.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    ended.set()
    watcher.join()
    assert code == 0
    result = json.loads((project / "target" / "run_results.json").read_text())
    return result["seconds"], peak / 2**20


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _memory(pid: int) -> float:
    """Bytes of memory that belong to this process alone, shared ones in proportion."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1]) * 1024
    except OSError:
        pass
    return 0.0


def main() -> None:
    destination, rows = sys.argv[1], int(sys.argv[2])
    limits: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        make_project(directory, rows)
        project = directory / "project"
        with_limit = rows <= 2_000_000
        tables = ready_rows(project) if with_limit else {}
        if destination == "duckdb":
            if with_limit:
                limits["references verified"] = limit_duckdb(directory / "a.duckdb", tables, references=False)
                limits["references standing"] = limit_duckdb(directory / "b.duckdb", tables, references=True)
            tables.clear()
            seconds, memory = timed_run(project, f"duckdb:///{directory}/out.duckdb")
        else:
            import psycopg
            from sqlalchemy.engine import make_url

            urls = [
                make_url(destination).set(database=f"ssg_bench_{n}").render_as_string(False) for n in ("limit", "run")
            ]
            with psycopg.connect(destination, autocommit=True) as con:
                for n in ("limit", "run"):
                    con.execute(f"DROP DATABASE IF EXISTS ssg_bench_{n} WITH (FORCE)")
                    con.execute(f"CREATE DATABASE ssg_bench_{n}")
                try:
                    if with_limit:
                        limits["keys and references after"] = limit_postgres(urls[0], tables)
                    tables.clear()
                    seconds, memory = timed_run(project, urls[1])
                finally:
                    for n in ("limit", "run"):
                        con.execute(f"DROP DATABASE ssg_bench_{n} WITH (FORCE)")
    total = 2 * rows + 10
    print(
        json.dumps(
            {
                "destination": destination.partition(":")[0],
                "rows": total,
                "seconds": round(seconds, 2),
                "rows_per_second": round(total / seconds),
                "peak_mb": round(memory),
                "limit_seconds": {k: round(v, 2) for k, v in limits.items()},
                "share_of_limit": {k: round(v / seconds, 2) for k, v in limits.items()},
                "cores": os.cpu_count(),
                "self_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
