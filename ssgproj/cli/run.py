"""`ssg run`: generate the rows and load them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options, select_options
from ssgproj.cli.spread import Spread, spread_options
from ssgproj.errors import ExitCode, ProjectError, RunError, SsgError

if TYPE_CHECKING:
    from ssgproj.engine.shards import ShardResult
    from ssgproj.plan.plan import Plan


@click.command(
    cls=Command,
    examples=(
        ("Fill the destination", "ssg run"),
        ("Three times the rows", "ssg run --passes 3"),
        ("Begin again, with other values", "ssg run --full-refresh --seed 7"),
        ("One table and all that it refers to", "ssg run --select +sessions"),
        ("What would be made", "ssg run --dry-run"),
        ("One telling of a story, to see what it does", "ssg run --select story.sign_ups --only 17"),
        ("Make the rows on a Dask cluster", "ssg run --engine dask --engine-address tcp://10.0.0.5:8786"),
        ("Go on after such a run was ended", "ssg run --engine dask --resume"),
        ("The first of eight shares, by any scheduler", "ssg run --shard 0/8"),
        ("Publish the shares once all are made", "ssg run --shard finish"),
    ),
)
@click.option(
    "--passes", type=click.IntRange(min=1), default=1, show_default=True, help="Repetitions of the whole plan."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Instead of the project's seed.")
@click.option("--rows", type=click.IntRange(min=0), help="Rows of every table in a pass, instead of the models'.")
@click.option("--full-refresh", "-f", is_flag=True, help="Empty the selected tables first.")
@click.option("--dry-run", is_flag=True, help="Show the plan; touch nothing.")
@click.option(
    "--only",
    type=click.IntRange(min=0),
    metavar="N",
    help="Telling N alone of the selected stories, as it is among all.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes that make rows. Default: one a core.")
@spread_options
@select_options
@common_options
def command(
    common: Common,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    passes: int,
    seed: int | None,
    rows: int | None,
    full_refresh: bool,
    dry_run: bool,
    only: int | None,
    workers: int | None,
    spread: Spread,
) -> ExitCode:
    """Create the tables and fill them: vocabularies, then every other table, parents first.

    Rows depend on the project, its seed and the version of ssg alone: not on the workers, the selection, the destination or the day. A
    destination that has rows already gets more, with keys that go on. All or nothing: after a failure or a kill at any moment the
    destination is as it was. The source is never opened. docs/scale.md says when to use --engine and --shard.
    """
    from ssgproj.cli import console
    from ssgproj.cli.planning import destination_of, planned, resolved, selected_nodes
    from ssgproj.cli.progress import shown
    from ssgproj.cli.run_results import Record, done_document, failed_document
    from ssgproj.engine.results import RunResult
    from ssgproj.plan.artifacts import as_json, plan_text, write_artifacts
    from ssgproj.results import load_results

    graph = resolved(common)
    project = graph.project
    needed = graph.ancestors(graph.with_inserted(selected_nodes(graph, select, exclude)))
    stats = None if dry_run else load_results(project.root, [s for s in project.stats if s.node_id in needed])
    plan = planned(graph, select=select, exclude=exclude, stats=stats, seed=seed, rows=rows)
    if only is not None:
        _check_only(plan, only)
    if dry_run:
        click.echo(plan_text(plan), nl=False)
        return ExitCode.DONE
    destination = destination_of(common.profile(project), project)
    console.say(f"ssg run · project {plan.name} · destination {destination.name} · seed {plan.seed}")
    record = Record()
    target = plan.root / "target"
    try:
        with shown(plan) as progress:
            result = spread.run(
                plan,
                destination,
                passes=passes,
                workers=workers or _cores(),
                full_refresh=full_refresh,
                progress=record.watching(progress),
                only=only,
            )
    except BaseException as e:
        document = failed_document(plan, destination.name, record, e)
        with suppress(OSError):  # a directory that cannot be written to must not hide why the run failed
            if not spread.one_of_many:
                write_artifacts(target, {"run_results.json": as_json(document)})
        if record.current and isinstance(e, SsgError) and not isinstance(e, ProjectError | RunError):
            raise RunError(f"{record.current}: {e.message}", e.hint) from None
        if isinstance(e, RunError) and e.hint is None and "violated" in e.message and not full_refresh:
            # Values that must be unique go on after those of earlier passes of the same plan alone.
            raise RunError(e.message, "if rows of another seed or plan are there: ssg run --full-refresh") from None
        raise
    if not isinstance(result, RunResult):
        _tell_shard(result, spread)
        return ExitCode.DONE
    write_artifacts(target, {"run_results.json": as_json(done_document(plan, destination.name, result))})
    for note in result.notes:
        console.note(note)
    total = sum(n.rows for n in result.nodes)
    rate = total / result.seconds if result.seconds else 0
    filled = {n.node for n in result.nodes if not n.tables} | {t for n in result.nodes for t in n.tables}
    made = f"{console.counted(total, 'row')} in {console.counted(len(filled), 'table')}"
    console.say(f"Done: {made}, {result.seconds:.1f} s, {rate:,.0f} rows/s")
    return ExitCode.DONE


def _tell_shard(result: ShardResult, spread: Spread) -> None:
    from ssgproj.cli import console

    kept = f", {result.found:,} of them before" if result.found else ""
    helped = f"; {console.counted(result.helped, 'part')} of others that they wait for" if result.helped else ""
    console.say(
        f"Shard {spread.shard}: {result.parts:,} of {console.counted(result.total, 'part')} made{kept}{helped}, "
        f"{console.counted(result.rows, 'row')}, {result.seconds:.1f} s. The destination is as it was"
    )
    console.say("When all are made: ssg run --shard finish, with the same --select, --seed, --rows and --vars")


def _check_only(plan: Plan, only: int) -> None:
    """One telling is run by itself: raises SsgError if other things are selected, or it is none of the story's."""
    stories = [plan.stories[n] for n in plan.order if n in plan.selected and n in plan.stories]
    if len(stories) != 1 or len(plan.selected) != 1:
        name = next(iter(plan.stories), "story.NAME")
        raise SsgError("--only is for one selected story", f"ssg run --select {name} --only {only}")
    if only >= stories[0].count:
        told = f"{stories[0].count:,} times, from 0 on"
        raise SsgError(
            f"Story `{stories[0].name}` is told {told}: there is no telling {only}",
            f"--only {max(stories[0].count - 1, 0)}",
        )


def _cores() -> int:
    """The cores that this process may use."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
