"""`ssg remove`: delete what ssg wrote."""

from __future__ import annotations

import sys

import click

from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options, select_options
from ssgproj.errors import ExitCode, SsgError


@click.command(
    cls=Command,
    examples=(
        ("Empty the generated tables", "ssg remove --data"),
        ("Empty vocabularies too, without being asked", "ssg remove --data --vocabularies --yes"),
        ("Drop all tables of the project", "ssg remove --tables --yes"),
    ),
)
@click.option("--data", is_flag=True, help="Empty the generated tables and reset their sequences.")
@click.option("--vocabularies", is_flag=True, help="Empty the vocabulary tables.")
@click.option(
    "--tables", is_flag=True, help="Drop the tables of the project, with the types and sequences they alone use."
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@select_options
@common_options
def command(
    common: Common,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    data: bool,
    vocabularies: bool,
    tables: bool,
    yes: bool,
) -> ExitCode:
    """Delete from the destination what ssg wrote: rows, vocabularies or tables.

    Touches the tables of the project alone. All or nothing. The source is never opened.
    """
    from ssgproj.cli import console
    from ssgproj.cli.planning import destination_of, resolved, selected_nodes
    from ssgproj.engine.remove import remove

    if not (data or vocabularies or tables):
        raise SsgError("Say what to remove", "ssg remove --data, --vocabularies or --tables")
    graph = resolved(common)
    chosen = selected_nodes(graph, select, exclude)
    profile = common.profile(graph.project)
    destination = destination_of(profile, graph.project)
    what = " and ".join(
        w for w, on in (("all rows", data), ("vocabularies", vocabularies), ("the tables themselves", tables)) if on
    )
    if not yes:
        if not sys.stdin.isatty():
            raise SsgError(f"Not asked whether to remove {what}", "add `--yes`")
        click.confirm(
            f"Remove {what} of project {graph.project.settings.name} from {destination.name}?", abort=True, err=True
        )
    done = remove(graph, destination, chosen, data=data, vocabularies=vocabularies, tables=tables)
    for line in done:
        console.say(line)
    if not done:
        console.say("Nothing to remove")
    return ExitCode.DONE
