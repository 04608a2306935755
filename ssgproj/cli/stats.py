"""`ssg stats`: run the statistics on the source."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssgproj.cli import console
from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options, select_options
from ssgproj.errors import ExitCode, SsgError

if TYPE_CHECKING:
    from ssgproj.graph.graph import Graph
    from ssgproj.ledger import Ledger
    from ssgproj.project.project import Project
    from ssgproj.project.stat import Stat
    from ssgproj.source.stats import Outcome


@click.command(
    cls=Command,
    examples=(
        ("Run what has no result yet", "ssg stats"),
        ("What would run, what it would spend, and the noise to expect", "ssg stats --dry-run"),
        ("One statistic, without a question", "ssg stats --select age_stats --yes"),
        ("Draw new noise for one, which spends again", "ssg stats --select age_stats --full-refresh"),
    ),
)
@click.option(
    "--threads", type=click.IntRange(1, 64), help="Queries at the source side by side. Default: the profile's."
)
@click.option("--timeout", type=click.FloatRange(min=0.001), metavar="SECONDS", help="For each query. Default: 3600.")
@click.option("--dry-run", is_flag=True, help="Show what would run and what it would spend; touch nothing.")
@click.option("--full-refresh", "-f", is_flag=True, help="Run fresh and edited results again too; this spends again.")
@click.option(
    "--keep", is_flag=True, help="Take refused results (empty, not a number) as they are; runs nothing again."
)
@click.option("--yes", "-y", is_flag=True, help="Spend without asking.")
@select_options
@common_options
def command(
    common: Common,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    threads: int | None,
    timeout: float | None,
    dry_run: bool,
    full_refresh: bool,
    keep: bool,
    yes: bool,
) -> ExitCode:
    """Run statistics on the source, and write what they release into results/.

    Results that are fresh are not run again, since that would spend again. Before the source is touched, lint and SmartNoise see every
    query, and the budget must hold over everything that results/ledger.csv ever recorded. Asks before it spends, on a terminal; elsewhere
    say --yes.
    """
    from ssgproj.cli.planning import resolved, selected_nodes
    from ssgproj.cli.vocab import names_only
    from ssgproj.ledger import check_budget, verified_ledger

    graph = resolved(common)
    project = graph.project
    chosen = set(selected_nodes(graph, select, exclude))
    stats = [s for s in project.stats if s.node_id in chosen]
    if not stats:
        if names_only(select):
            raise SsgError(
                "Nothing is selected that is a statistic", hint="see which there are: ssg ls --select 'stat:*'"
            )
        console.note("no statistic is selected" if select else "the project has no statistics: they are stats/*.sql")
        return ExitCode.DONE
    _lint(graph, stats)
    ledger = verified_ledger(project.root)
    todo, problems = _todo(project.root, stats, ledger, full_refresh=full_refresh, keep=keep)
    limits = (project.settings.privacy.epsilon, project.settings.privacy.delta)
    spending = [(s.name, s.epsilon or 0.0, s.delta or 0.0) for s in todo if s.private]
    if dry_run:
        _show_plan(project, stats, todo)
    check_budget(ledger, spending, limits)
    if dry_run or not todo:
        for problem in problems:
            console.error(*problem)
        if not todo and not dry_run and not problems:
            console.say("Every result is fresh: there is nothing to run")
        return ExitCode.NO if problems else ExitCode.DONE
    if spending:
        _agree(spending, ledger.epsilon, limits[0], yes=yes)
    outcomes = _run(common, project, todo, threads, timeout)
    for problem in problems:
        console.error(*problem)
    return _summary(outcomes, verified_ledger(project.root).epsilon - ledger.epsilon, bool(problems))


def _lint(graph: Graph, stats: Sequence[Stat]) -> None:
    """Raise ProjectError if a rule has an error for one of these statistics, or nobody knows whom they are to protect."""
    from ssgproj.errors import ProjectError
    from ssgproj.lint.linter import lint

    paths = {s.path for s in stats}
    found = [d for d in lint(graph) if d.is_error and (d.at.path in paths or d.code == "DP237")]
    if found:
        raise ProjectError(found)


def _todo(
    root: Path, stats: Iterable[Stat], ledger: Ledger, *, full_refresh: bool, keep: bool
) -> tuple[list[Stat], list[tuple[str, str | None]]]:
    """What has to be run, and the results that stand in the way of it."""
    from ssgproj.results import StatusKind, result_status
    from ssgproj.results.audit import is_paid, unrecorded

    todo, problems = [], []
    for stat in stats:
        status = result_status(root, stat)
        if full_refresh or status.kind in (StatusKind.MISSING, StatusKind.STALE):
            todo.append(stat)
        elif status.kind is StatusKind.REFUSED and keep and status.result is not None:
            from ssgproj.source.stats import keep_result

            keep_result(root, status.result)
            console.say(f"Kept results/{stat.name}.yml as it is")
        elif status.kind is not StatusKind.FRESH:
            problems.append((status.problem or "", status.hint))
        elif status.result is not None and not is_paid(ledger, status.result):
            problem = unrecorded(stat)
            problems.append((problem.message, problem.hint))
    return todo, problems


def _show_plan(project: Project, stats: Sequence[Stat], todo: Sequence[Stat]) -> None:
    """On standard output: every statistic, what it would spend, and the noise of its outputs."""
    from ssgproj.ledger import read_ledger
    from ssgproj.privacy.noise import expected_noise

    ledger = read_ledger(project.root)
    for stat in stats:
        does = "run" if stat in todo else "fresh"
        if not stat.private:
            click.echo(
                f"{does:<6}{stat.name}  no differential privacy: {stat.reason}; at least {stat.min_people} people a row"
            )
            continue
        click.echo(
            f"{does:<6}{stat.name}  epsilon {stat.epsilon:g}  delta {stat.delta:g}  spent on it before: {ledger.spent_on(stat.name):g}"
        )
        for noise in expected_noise(stat):
            over = f", for {noise.rows:,} rows" if noise.rows else ""
            click.echo(
                f"        {noise.output}: within {noise.within_95:.3g} of the exact value in 95 % of draws{over}"
            )
    total = sum(s.epsilon or 0.0 for s in todo if s.private)
    delta = sum(s.delta or 0.0 for s in todo if s.private)
    limit = project.settings.privacy.epsilon
    of = f" of {limit:g}" if limit is not None else ", with no budget set"
    click.echo(
        f"would spend epsilon {total:g} and delta {delta:g}; with what was spent before, epsilon {ledger.epsilon + total:g}{of}"
    )


def _agree(spending: Sequence[tuple[str, float, float]], spent: float, limit: float | None, *, yes: bool) -> None:
    total = sum(s[1] for s in spending)
    of = f" of {limit:g}" if limit is not None else ""
    said = (
        f"This spends epsilon {total:g} on {', '.join(f'`{s[0]}`' for s in spending)}; {spent:g}{of} were spent before"
    )
    console.say(said)
    if limit is None:
        console.warn(
            "The project has no budget, so nothing stops the total",
            "write in ssg_project.yml: privacy: {budget: {epsilon: 1.0}}",
        )
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise SsgError("Spending needs an answer, and nobody is there to give one", hint="ssg stats --yes")
    if not click.confirm("Spend it?", err=True):
        raise SsgError("Nothing was spent", hint="ssg stats --dry-run")


def _run(
    common: Common, project: Project, todo: Sequence[Stat], threads: int | None, timeout: float | None
) -> tuple[Outcome, ...]:
    from ssgproj.cli.vocab import source_url
    from ssgproj.source.limits import DEFAULT_SECONDS
    from ssgproj.source.stats import run_stats

    url = source_url(common, project)
    count, done = len(todo), 0
    console.say(f"ssg stats · project {project.settings.name} · {count} to run")
    with console.working("asking the source"):

        def told(outcome: Outcome) -> None:
            nonlocal done
            done += 1
            _tell(outcome, f"{done} of {count}")

        return run_stats(
            project,
            todo,
            url,
            project.root,
            threads=threads or common.profile(project).threads,
            seconds=timeout or DEFAULT_SECONDS,
            told=told,
            warned=console.warn,
        )


def _tell(outcome: Outcome, number: str) -> None:
    name = outcome.stat.name
    for warning in outcome.warnings:
        console.warn(warning)
    if outcome.error is not None:
        console.error(f"{number}  {name}: {outcome.error.message}", outcome.error.hint)
        return
    result = outcome.result
    if result is None:
        return
    console.say(f"  {number}  {name}  results/{name}.yml  {len(result.rows)} row{'s' if len(result.rows) != 1 else ''}")
    for note in result.notes:
        console.note(f"{name}: {note}")
    for reason in result.refused:
        console.error(
            f"{name}: {reason}", f"change the statistic, or take it as it is: ssg stats --select {name} --keep"
        )


def _summary(outcomes: Sequence[Outcome], spent: float, problems: bool) -> ExitCode:
    bad = [o for o in outcomes if o.error is not None or (o.result is not None and o.result.refused)]
    console.say(f"Done: {len(outcomes) - len(bad)} of {len(outcomes)} released, epsilon {spent:g} spent")
    if len(bad) < len(outcomes):
        console.say("Review what is in results/ before it leaves, then: git add results")
    return ExitCode.NO if bad or problems else ExitCode.DONE
