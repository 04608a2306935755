"""`ssg reflect`: bring the models up to date with the source's schema."""

from __future__ import annotations

import click

from ssgproj.cli import console
from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options
from ssgproj.errors import ExitCode, SsgError


@click.command(
    cls=Command,
    examples=(
        ("What has changed at the source; ends with 1 if something has", "ssg reflect --check"),
        ("Bring the models up to date", "ssg reflect"),
        ("Delete the models of tables that are gone, too", "ssg reflect --prune"),
        ("Add the tables of another schema", "ssg reflect --schema stock"),
    ),
)
@click.option("--check", is_flag=True, help="Only show the differences; end with 1 if there are any.")
@click.option("--prune", is_flag=True, help="Delete the models of tables that are gone from the source.")
@click.option(
    "--schema",
    "schemas",
    multiple=True,
    metavar="NAME",
    help="Only this schema. Default: those of the models. May be repeated.",
)
@common_options
def command(common: Common, check: bool, prune: bool, schemas: tuple[str, ...]) -> ExitCode:
    """Compare models/ with the schema of the source, and bring them up to date.

    Columns, types, keys, references, checks and indexes follow the source; generators, rows, vocabularies, tags and comments stay as they
    were written. Reads the schema, never a row.
    """
    from ssgproj.project.scaffold import write_project
    from ssgproj.source.updates import find_updates

    if check and prune:
        raise SsgError("`--check` changes nothing and `--prune` deletes", hint="leave one of them out")
    project = common.project()
    profile = common.profile(project)
    if profile.source is None:
        raise SsgError(
            f"Target `{profile.target}` has no source",
            hint="write the line SSG_SOURCE_URL=... to .env, then: ssg debug",
        )
    with console.working("Reading the schema"):
        update = find_updates(project, profile.source.reveal(), schemas)
    for line in update.differences:
        click.echo(line)
    for note in update.notes:
        console.note(note)
    if check:
        console.say(
            "The models are up to date"
            if not update.differences
            else console.counted(len(update.differences), "difference")
        )
        return ExitCode.NO if update.differences else ExitCode.DONE
    write_project(project.root, update.files)
    if prune:
        for path in update.gone.values():
            (project.root / path).unlink()
    for table, path in update.gone.items():
        if prune:
            console.say(f"Deleted {path}")
        else:
            console.warn(f"`{table}` is gone from the source; {path} was left", hint="ssg reflect --prune")
    for path in update.files:
        console.say(f"Wrote {path}")
    if not update.files and not update.gone:
        console.say("The models are up to date")
    return ExitCode.DONE
