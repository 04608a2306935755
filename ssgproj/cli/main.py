"""The command line: `ssg`. A command's module is imported when the command is called, so that help and errors come at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import click

from ssgproj import __version__
from ssgproj.cli import boundary, registry
from ssgproj.cli.command import write_examples
from ssgproj.cli.options import group_options
from ssgproj.errors import SsgError

EXAMPLES = (
    ("A project that runs as it is", "ssg init airbnb --template airbnb"),
    ("What would be made, without a database", "ssg compile"),
    ("Make it", "ssg run"),
)
EXIT_CODES = (
    ("0", "done"),
    ("1", "the answer is no: findings, a failed node, over budget, a stale result"),
    ("2", "cannot: a bad option, no project, nothing selected, no connection"),
    ("3", "a bug in ssg; target/crash.log says where, without data"),
    ("130", "interrupted"),
)


class Group(click.Group):
    """All commands, loaded when called; every way out leads through the boundary."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(registry.COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return registry.load(cmd_name) if cmd_name in registry.COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in registry.COMMANDS and not name.startswith("-"):
            error = click.UsageError(f"No such command `{name}`", ctx)
            error.possibilities = _similar(name)  # type: ignore[attr-defined]
            raise error
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for entry in registry.COMMANDS.values():
            sections.setdefault(entry.section, []).append((entry.name, entry.summary))
        width = max(len(name) for name in registry.COMMANDS)
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl([(name.ljust(width), summary) for name, summary in rows])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl(EXIT_CODES)
        write_examples(formatter, EXAMPLES)

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        extra["standalone_mode"] = False
        arguments = list(sys.argv[1:] if args is None else args)
        call = super().main
        sys.exit(boundary.guard(lambda: call(arguments, "ssg", **extra), lambda: _target_of(arguments)))


@click.group(cls=Group, context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100})
@click.version_option(__version__, "--version", "-V", prog_name="ssg", message="%(prog)s %(version)s")
@group_options
def cli() -> None:
    """Fill a database with synthetic data that imitates a private one, and show exactly what was taken from it.

    The source is the private database, the destination the synthetic one. Commands are grouped by whether they touch private data.
    """


def main() -> NoReturn:
    """The entry point of the `ssg` command."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A name that the terminal's encoding lacks is no reason to stop.
        sys.stdout.reconfigure(errors="backslashreplace")
    # pyarrow's own allocators keep what was freed for later: the system's is as fast with batches, and a run takes a fifth less memory. For
    # the processes that this one starts too; pyarrow reads it when it is imported.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    cli.main()


def _similar(name: str) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name, registry.COMMANDS, n=2, cutoff=0.5)


def _target_of(arguments: Sequence[str]) -> Path | None:
    """The target directory of the project that the arguments are about. Parses nothing: what failed may fail again."""
    from ssgproj.project.discovery import find_project

    split = [part for argument in arguments for part in argument.split("=", 1)]
    named = [Path(value) for option, value in pairwise(split) if option == "--project-dir"]
    try:
        return find_project(named[-1] if named else None) / "target"
    except SsgError:
        return None


if __name__ == "__main__":
    main()
