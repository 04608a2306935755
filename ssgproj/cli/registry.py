"""Which commands there are, in the order `ssg --help` shows them, by the first question of every user: does it touch private data?

A command is one module of this package with a `command`. Adding one is that file and a line here; the module is imported only when the
command is called, so the summary stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click


@dataclass(frozen=True, slots=True)
class Entry:
    """One command. Its module is `ssgproj.cli.NAME`."""

    section: str
    name: str
    summary: str


SET_UP = "Set up"
FILES = "Files only (no database)"
SOURCE = "Read the source (private data)"
DESTINATION = "Write the destination (no private data)"
LOOK = "Look"
OTHER = "Other"

_ENTRIES = (
    Entry(SET_UP, "init", "Make a project, from a template or from a database's schema"),
    Entry(SET_UP, "debug", "Check versions, files, profile and connections"),
    Entry(FILES, "lint", "Check statistics, models and stories against the rules"),
    Entry(FILES, "compile", "Write the plan and the exact queries under target/"),
    Entry(FILES, "docs", "Write a page about what left the source, for those who decide"),
    Entry(FILES, "test", "Run the unit tests of statistics and of the project's Python"),
    Entry(FILES, "ls", "List the nodes of the project, or draw them"),
    Entry(SOURCE, "reflect", "Bring the models up to date with the source's schema"),
    Entry(SOURCE, "vocab", "Copy the vocabulary tables into vocabularies/"),
    Entry(SOURCE, "stats", "Run the statistics and write results/"),
    Entry(DESTINATION, "run", "Generate the rows and load them"),
    Entry(DESTINATION, "remove", "Delete what ssg wrote"),
    Entry(LOOK, "report", "Draw the synthetic data beside what was released, as a page"),
    Entry(OTHER, "clean", "Delete target/"),
)

COMMANDS: dict[str, Entry] = {e.name: e for e in _ENTRIES}


def load(name: str) -> click.Command:
    """The command itself; this imports its module."""
    command: click.Command = import_module(f"ssgproj.cli.{name}").command
    return command
