"""How near `ssg run` comes to the limit of each destination: the same rows, ready in memory, through the fastest loader there is.

Making the rows, starting up and being all or nothing are on ssg's side alone. What both sides leave behind is compared, so that neither
is quicker by leaving out a key.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from benchmarks import airbnb, loaders
from benchmarks.context import NO_POSTGRES, Context
from benchmarks.measure import Sample, in_turns, timed
from benchmarks.results import Section, rates

RUN, WHOLE = "ssg run", "ssg run, with start-up"
VERIFIED = "limit, references verified"
TELLING = 1_000_000
"""With fewer rows it is not loading that takes the time."""
WANTED_SHARE, WANTED_PER_CORE = 0.8, 1_000_000


def measure(context: Context) -> Section:
    about = "The same rows, made beforehand, through the fastest loader, with the same keys and references at the end; and `ssg run`, which makes them too."
    section = Section("limit", "Against the limit of each destination", about, "rate")
    directory = context.workspace("limit")
    users = context.sizes.limit
    project = airbnb.write_project(directory / "project", {"users": users, "sessions": users})
    small = airbnb.write_project(directory / "small", {"users": 1000, "sessions": 1000})
    ready = airbnb.ready_rows(project, directory / "ready.parquet")
    rows = sum(b.num_rows for batches in ready.values() for b in batches)
    _duckdb(section, context, directory, (small, project), ready, rows)
    if context.postgres is None:
        section.skipped.append(NO_POSTGRES)
    elif find_spec("pgpq") is None:
        section.skipped.append("PostgreSQL: pip install 'ssgproj[postgres]'")
    else:
        _postgres(section, context, (small, project), ready, rows)
    _parquet(section, context, directory, (small, project), ready, rows)
    ready.clear()
    _users_on_one_core(section, context, directory, users)
    return section


def _record(section: Section, case: str, rows: int, samples: Mapping[str, list[Sample]]) -> None:
    """Measures of the limits and of ssg, and the share of each limit that ssg reaches. `samples` has ssg's own last."""
    *limits, _ = samples
    made = [section.add(case, name, rows, samples[name]) for name in limits]
    run = section.add(case, RUN, rows, samples[RUN], inner=True)
    whole = section.add(case, WHOLE, rows, samples[RUN])
    for limit in made:
        share = section.compare(case, "rows a second", RUN, limit.subject, rates(run, limit))
        section.compare(case, "rows a second", WHOLE, limit.subject, rates(whole, limit))
        if case != "Parquet" and limit.subject != VERIFIED:
            section.aim(f"{case}: share of the limit", WANTED_SHARE, share.median, telling=rows >= TELLING)


def _duckdb(
    section: Section, context: Context, directory: Path, projects: tuple[Path, Path], ready: loaders.Ready, rows: int
) -> None:
    small, project = projects
    limit, ours = directory / "limit.duckdb", directory / "ours.duckdb"

    def load(*, references: bool) -> Sample:
        limit.unlink(missing_ok=True)
        return timed(lambda: loaders.load_duckdb(limit, ready, references=references))

    def run() -> Sample:
        ours.unlink(missing_ok=True)
        return airbnb.run(project, f"duckdb:///{ours}")

    airbnb.run(small, f"duckdb:///{directory / 'warm.duckdb'}")
    works: dict[str, Callable[[], Sample]] = {
        "limit, references standing": lambda: load(references=True),
        VERIFIED: lambda: load(references=False),
        RUN: run,
    }
    samples = in_turns(works, context.repeat)
    load(references=True)
    loaders.same_contents(loaders.duckdb_contents(ours), loaders.duckdb_contents(limit))
    limit.unlink()
    ours.unlink()
    _record(section, "DuckDB", rows, samples)


def _postgres(section: Section, context: Context, projects: tuple[Path, Path], ready: loaders.Ready, rows: int) -> None:
    postgres = context.postgres
    assert postgres is not None
    small, project = projects
    airbnb.run(small, postgres.fresh("warm"))

    def load() -> Sample:
        url = postgres.fresh("limit")
        return timed(lambda: loaders.load_postgres(url, ready))

    samples = in_turns({"limit": load, RUN: lambda: airbnb.run(project, postgres.fresh("ours"))}, context.repeat)
    contents = [loaders.postgres_contents(postgres.url_of(name)) for name in ("ours", "limit")]
    loaders.same_contents(*contents)
    _record(section, "PostgreSQL", rows, samples)
    for name in ("warm", "limit", "ours"):
        postgres.drop(name)


def _parquet(
    section: Section, context: Context, directory: Path, projects: tuple[Path, Path], ready: loaders.Ready, rows: int
) -> None:
    small, project = projects
    limit, ours = directory / "limit.parquet", directory / "ours.parquet"
    airbnb.run(small, f"parquet:///{directory / 'warm.parquet'}")

    def write() -> Sample:
        shutil.rmtree(limit, ignore_errors=True)
        return timed(lambda: loaders.write_parquet(limit, ready))

    def run() -> Sample:
        shutil.rmtree(ours, ignore_errors=True)
        return airbnb.run(project, f"parquet:///{ours}")

    _record(section, "Parquet", rows, in_turns({"limit, one thread": write, RUN: run}, context.repeat))


def _users_on_one_core(section: Section, context: Context, directory: Path, users: int) -> None:
    """What a core makes and writes beyond start-up, by processor time: other work on the machine takes the core away, not the time that is counted."""
    few = 1000
    projects = {n: airbnb.write_project(directory / f"users{n}", {"users": n, "sessions": 0}) for n in (few, users)}
    out = directory / "users.parquet"

    def run(count: int) -> Sample:
        shutil.rmtree(out, ignore_errors=True)
        return airbnb.run(projects[count], f"parquet:///{out}", one_core=True)

    samples = in_turns({str(n): lambda n=n: run(n) for n in projects}, context.repeat)  # type: ignore[misc]
    section.add(
        "Parquet, users alone, one core", RUN, airbnb.made_rows(projects[users]), samples[str(users)], inner=True
    )
    spent = [
        (a.cpu_seconds or 0) - (b.cpu_seconds or 0) for a, b in zip(samples[str(users)], samples[str(few)], strict=True)
    ]
    beyond = [Sample(seconds) for seconds in spent if seconds > 0]
    if not beyond:
        return
    made = section.add("Parquet, users alone, by processor time after start-up", RUN, users - few, beyond)
    section.aim(
        "Parquet: rows of users a second and core",
        WANTED_PER_CORE,
        made.per_second,
        unit="rows/s",
        telling=users >= TELLING / 10,
    )
