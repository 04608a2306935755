"""`run_stats`: from reviewed files to results, each step once, charged before it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ssgproj.errors import SsgError
from ssgproj.ledger import LedgerWriter, check_budget, locked
from ssgproj.project.sql_text import lexis, meaning
from ssgproj.results.file import Result, write_result
from ssgproj.source.connect import SourceConnection, connect
from ssgproj.source.dialects import check_dialect, use_schema
from ssgproj.source.limits import DEFAULT_SECONDS, cancel, time_limit
from ssgproj.source.rights import rights_warning
from ssgproj.source.stats.intake import Intake, take_in
from ssgproj.source.stats.outputs import Released, released
from ssgproj.source.stats.plain import plain_query, run_plain
from ssgproj.source.stats.smartnoise import check_query, run_query
from ssgproj.spool import open_spool

if TYPE_CHECKING:
    from ssgproj.project.project import Project
    from ssgproj.project.stat import Stat


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one statistic: a result in `results/`, or an error. `warnings` are things to know that no file says."""

    stat: Stat
    result: Result | None = None
    error: SsgError | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Run:
    """What all statistics of a run share. `paying` guards the ledger between threads."""

    project: Project
    root: Path
    writer: LedgerWriter
    paying: Lock
    told: Callable[[Outcome], None]
    warned: Callable[[str], None]
    memory: str
    open: list[SourceConnection] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def look_at_rights(self, connection: SourceConnection) -> None:
        """Warn once if the source's role may do more than read."""
        with self.paying:
            warning = None if self.seen else rights_warning(connection)
            self.seen.append(warning or "")
        if warning:
            self.warned(warning)

    @contextmanager
    def busy(self, connection: SourceConnection) -> Iterator[None]:
        """While the connection is in use, an interrupt ends what it does."""
        self.open.append(connection)
        try:
            yield
        finally:
            self.open.remove(connection)


def run_stats(
    project: Project,
    stats: Sequence[Stat],
    url: str,
    root: Path,
    *,
    threads: int = 1,
    seconds: float = DEFAULT_SECONDS,
    told: Callable[[Outcome], None] = lambda _: None,
    warned: Callable[[str], None] = lambda _: None,
) -> tuple[Outcome, ...]:
    """Run these statistics on the source at `url` and write their results, whatever results there are already.

    Before the source is touched, SmartNoise sees every query, and the budget must hold for all of them on top of everything the ledger
    records; RunError otherwise. Statistics with the same `query_result` share one run of it; `threads` queries run side by
    side at the source. One that fails does not stop the others; `told` hears of each as it ends, `warned` what is odd
    about the source.
    """
    with locked(root):
        limits = (project.settings.privacy.epsilon, project.settings.privacy.delta)
        writer = LedgerWriter(root, limits)
        check_budget(writer.ledger, [(s.name, s.epsilon or 0.0, s.delta or 0.0) for s in stats if s.private], limits)
        for stat in stats:
            if stat.private:
                check_query(stat)
            else:
                plain_query(project, stat)
        run = _Run(project, root, writer, Lock(), told, warned, f"{max(192, 512 // max(1, threads))}MB")
        with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
            tasks = [pool.submit(_run_group, run, group, url, seconds) for group in _groups(stats)]
            try:
                found = [outcome for task in tasks for outcome in task.result()]
            except BaseException:
                for task in tasks:
                    task.cancel()
                for connection in list(run.open):
                    cancel(connection)
                raise
    order = {s.name: i for i, s in enumerate(stats)}
    return tuple(sorted(found, key=lambda o: order[o.stat.name]))


def keep_result(root: Path, result: Result) -> Result:
    """Accept a refused result as it is, without running anything; the ledger records the new sha256."""
    from dataclasses import replace

    with locked(root):
        writer = LedgerWriter(root)
        kept = replace(result, kept=True)
        write_result(root, kept)
        writer.finish(kept.stat, kept.meaning, kept.sha256)
    return kept


def _groups(stats: Sequence[Stat]) -> list[list[Stat]]:
    """Statistics that read the same rows, together."""
    groups: dict[object, list[Stat]] = {}
    for stat in stats:
        columns = tuple((c.name, c.type, c.private_id, c.nullable) for c in stat.columns)
        said = meaning(stat.query_result, lexis(stat.dialect))
        key: object = (said, columns) if stat.private else (said, stat.name)
        groups.setdefault(key, []).append(stat)
    return list(groups.values())


def _run_group(run: _Run, group: Sequence[Stat], url: str, seconds: float) -> list[Outcome]:
    outcomes: list[Outcome] = []

    def ended(outcome: Outcome) -> None:
        outcomes.append(outcome)
        run.told(outcome)

    with ExitStack() as stack:
        try:
            # The source is let go before SmartNoise begins.
            with connect(url) as connection, time_limit(connection, seconds), run.busy(connection):
                check_dialect(connection, run.project.settings.dialect)
                run.look_at_rights(connection)
                use_schema(connection, run.project.settings.default_schema)
                if not group[0].private:
                    ended(_run_plain(run, connection, group[0]))
                    return outcomes
                spool = stack.enter_context(open_spool(run.memory))
                intake = take_in(connection, group[0], spool)
        except SsgError as e:
            for stat in group:
                ended(Outcome(stat, error=e))
            return outcomes
        for stat in group:
            try:
                ended(_run_private(run, stat, spool, intake))
            except SsgError as e:
                ended(Outcome(stat, error=e))
    return outcomes


def _run_private(run: _Run, stat: Stat, spool: object, intake: Intake) -> Outcome:
    warnings: tuple[str, ...] = ()
    if intake.most_rows > (stat.max_ids or 1):
        warnings = (
            f"Some people have more rows in `query_result` of `{stat.name}` than its `max_ids: {stat.max_ids}`: "
            "SmartNoise takes that many of each at random",
        )
    intent = _pay(run, stat)
    names, rows = run_query(stat, spool, most_rows=intake.most_rows)
    return Outcome(stat, _write(run, stat, intent, released(stat, names, rows)), warnings=warnings)


def _run_plain(run: _Run, connection: SourceConnection, stat: Stat) -> Outcome:
    intent = _pay(run, stat)
    return Outcome(stat, _write(run, stat, intent, run_plain(connection, run.project, stat)))


def _pay(run: _Run, stat: Stat) -> str:
    with run.paying:
        spent = (stat.epsilon or 0.0, stat.delta or 0.0) if stat.private else (0.0, 0.0)
        return run.writer.intend(stat.name, *spent, stat.meaning)


def _write(run: _Run, stat: Stat, intent: str, found: Released) -> Result:
    result = Result(
        stat=stat.name,
        meaning=stat.meaning,
        columns=found.columns,
        rows=found.rows,
        epsilon=stat.epsilon or 0.0 if stat.private else 0.0,
        delta=stat.delta or 0.0 if stat.private else 0.0,
        reason=None if stat.private else stat.reason or "",
        min_people=None if stat.private else stat.min_people,
        released=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ledger=intent,
        versions=_versions(stat.private),
        notes=found.notes,
        refused=found.refused,
    )
    with run.paying:
        write_result(run.root, result)
        run.writer.finish(stat.name, stat.meaning, result.sha256)
    return result


def _versions(private: bool) -> dict[str, str]:
    names = {"ssg": "ssgproj"} | (
        {"smartnoise-sql": "smartnoise-sql", "opendp": "opendp", "duckdb": "duckdb"} if private else {}
    )
    found = {}
    for shown, name in names.items():
        try:
            found[shown] = version(name)
        except PackageNotFoundError:
            found[shown] = "unknown"
    return found
