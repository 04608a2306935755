"""`ssg clean`: delete what `compile` and `run` wrote for people and tools."""

from __future__ import annotations

import shutil

import click

from ssgproj.cli import console
from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options
from ssgproj.errors import SsgError


@click.command(
    cls=Command,
    examples=(
        ("Delete target/ of this project", "ssg clean"),
        ("Of another one", "ssg clean --project-dir airbnb"),
    ),
)
@common_options
def command(common: Common) -> None:
    """Delete the project's target/ directory.

    Everything in it can be made again by `ssg compile` and `ssg run`, a DuckDB destination inside it too. Nothing else is touched:
    results/ and vocabularies/ are reviewed files, and other destinations are emptied by `ssg remove`.
    """
    root = common.root()
    target = root / "target"
    if target.is_symlink():
        raise SsgError("`target` is a link, and what it points to may be outside the project", hint="rm target")
    if not target.exists():
        console.say("There is no target/ to delete")
        return
    shutil.rmtree(target)
    console.say("Deleted target/")
