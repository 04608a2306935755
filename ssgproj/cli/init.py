"""`ssg init`: a project that runs, from a template or from a database's schema."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from ssgproj.cli import console
from ssgproj.cli.command import Command
from ssgproj.cli.options import talk_options
from ssgproj.errors import SsgError
from ssgproj.templating import PROJECT_TEMPLATES


@click.command(
    cls=Command,
    examples=(
        ("The smallest project that runs", "ssg init shop"),
        ("The example of the documentation", "ssg init airbnb --template airbnb"),
        ("Models for every table of a database", "ssg init shop --from postgresql://reader@127.0.0.1/shop"),
        (
            "The same, with the URL in a variable",
            "ssg init shop --from env:SSG_SOURCE_URL --schema sales --schema stock",
        ),
    ),
)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--template", type=click.Choice(PROJECT_TEMPLATES), help="The project to start from. Default: minimal.")
@click.option(
    "--from", "source", metavar="URL", help="Read the tables of this database; env:NAME takes the URL from a variable."
)
@click.option(
    "--schema", "schemas", multiple=True, metavar="NAME", help="With --from: only this schema. May be repeated."
)
@click.option("--name", help="The project's name. Default: from the directory's.")
@click.option(
    "--force", is_flag=True, help="Write into a directory that has files; those of the same names are replaced."
)
@talk_options
def command(
    directory: Path, template: str | None, source: str | None, schemas: tuple[str, ...], name: str | None, force: bool
) -> None:
    """Make a project in DIRECTORY.

    It runs at once, into a DuckDB file of its own. With --from, the schema of a database is read (its tables, never their rows) and the
    URL is written nowhere. Nothing is asked; either all files are written or none.
    """
    from ssgproj.project.scaffold import check_empty, check_name, name_from, write_project
    from ssgproj.templating import project_files

    if source and template:
        raise SsgError(
            "`--template` and `--from` exclude each other: the models come from one of them", hint="leave one out"
        )
    if schemas and not source:
        raise SsgError(
            "`--schema` says which schemas of `--from` to read", hint="ssg init DIRECTORY --from URL --schema NAME"
        )
    name = check_name(name) if name else name_from(directory.resolve().name)
    if not force:
        check_empty(directory)
    if source:
        from ssgproj.cli.reflected import reflected_files

        reflected = reflected_files(_url(source), schemas)
        files = project_files(None, name, reflected.dialect) | reflected.files
        notes, what = reflected.notes, f" with {console.counted(reflected.tables, 'table')}"
    else:
        files = project_files(template or "minimal", name)
        notes, what = (), ""
    write_project(directory, files | _schemas())
    for text in notes:
        console.note(text)
    console.say(f"Made the project `{name}`{what} in {_shown(directory)}")
    _next_steps(directory, source)


def _url(source: str) -> str:
    """The URL itself, or what the variable after `env:` holds."""
    from ssgproj.project.dotenv import with_dotenv

    if not source.startswith("env:"):
        return source
    variable = source.removeprefix("env:")
    if url := with_dotenv(Path.cwd(), os.environ).get(variable):
        return url
    raise SsgError(
        f"The variable `{variable}` is not set; looked at: the environment, `.env` in this directory",
        hint=f"export {variable}=postgresql://...",
    )


def _schemas() -> dict[str, bytes]:
    """The JSON Schemas that editors check the YAML files with, offline."""
    from ssgproj.project.json_schema import SCHEMAS_DIR, schema_files

    return {f"{SCHEMAS_DIR}/{name}": text.encode() for name, text in schema_files().items()}


def _shown(directory: Path) -> str:
    return "this directory" if directory.resolve() == Path.cwd() else f"`{directory}`"


def _next_steps(directory: Path, source: str | None) -> None:
    console.say("Next:")
    if directory.resolve() != Path.cwd():
        console.say(f"  cd {shlex.quote(str(directory))}")
    console.say("  ssg compile")
    console.say("  ssg run")
    if source and source != "env:SSG_SOURCE_URL":
        console.say(
            "The URL was not kept. For `ssg reflect` and statistics, put it into .env as SSG_SOURCE_URL (see .env.example)."
        )
