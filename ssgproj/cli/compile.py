"""`ssg compile`: what would be made and what would be sent, without a database."""

from __future__ import annotations

import click

from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options, select_options
from ssgproj.errors import ExitCode


@click.command(
    cls=Command,
    examples=(
        ("Check the project and write the plan", "ssg compile"),
        ("Read it", "cat target/plan.txt"),
        ("The plan of some tables and their parents", "ssg compile --select +sessions"),
    ),
)
@select_options
@common_options
def command(common: Common, select: tuple[str, ...], exclude: tuple[str, ...]) -> ExitCode:
    """Resolve the project into an ordered plan and write it under target/.

    target/manifest.json has every node with its file, what it depends on and a hash of its meaning; target/plan.txt says for
    every column how it will be made; target/compiled/stats/ has the two halves of every statistic exactly as they will be sent.
    Needs no database, no driver and no network, and runs no Python of the project.
    """
    from ssgproj import __version__
    from ssgproj.cli import console
    from ssgproj.cli.planning import planned, resolved
    from ssgproj.plan.artifacts import as_json, manifest, manifest_schema, plan_text, write_artifacts
    from ssgproj.privacy.artifacts import stat_artifacts
    from ssgproj.privacy.people import sent_query

    graph = resolved(common)
    plan = planned(graph, select=select, exclude=exclude)
    files = {
        "manifest.json": as_json(manifest(graph, __version__)),
        "manifest.schema.json": as_json(manifest_schema()),
        "plan.txt": plan_text(plan),
    }
    for stat in graph.project.stats:
        files |= stat_artifacts(stat, sent_query(stat, graph.project.settings.privacy.unit, graph.project.models))
    write_artifacts(graph.project.root / "target", files)
    tables = sum(n in plan.tables for n in plan.selected)
    vocabularies = len(plan.selected) - tables
    console.say(
        f"{console.counted(tables, 'table')}, {console.counted(vocabularies, 'vocabulary', 'vocabularies')}, "
        f"{console.counted(len(graph.project.stats), 'statistic')}: target/plan.txt, target/manifest.json"
    )
    return ExitCode.DONE
