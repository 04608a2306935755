"""The pages of docs/ that are made from the code itself: `python -m ssgproj.cli.reference docs` writes them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ssgproj.cli import registry
from ssgproj.cli.main import EXIT_CODES, cli

_HEAD = """\
# Command line

<!-- Made by `python -m ssgproj.cli.reference docs`; a test checks that it is current. -->

Every command takes its project from `--project-dir`, `SSG_PROJECT_DIR`, or the nearest directory upwards that has an `ssg_project.yml`. Standard
output is data, standard error is talk. The options that all commands share may also stand before the command.

| exit code | means |
| --- | --- |
"""


def pages() -> dict[str, str]:
    """The text of each page, by its file's name."""
    from ssgproj.generators import GENERATORS
    from ssgproj.generators.documentation import document

    return {"command-line.md": command_line(), "generators.md": document(GENERATORS)}


def command_line() -> str:
    """Every command, in the order and under the headings of `ssg --help`."""
    return _HEAD + "".join(f"| {code} | {means} |\n" for code, means in EXIT_CODES) + "".join(_commands())


def _commands() -> Iterator[str]:
    section = ""
    with click.Context(cli, info_name="ssg", terminal_width=100, help_option_names=["--help", "-h"]) as parent:
        for entry in registry.COMMANDS.values():
            if entry.section != section:
                section = entry.section
                yield f"\n## {section}\n"
            command = registry.load(entry.name)
            with click.Context(command, info_name=entry.name, parent=parent) as context:
                yield f"\n### ssg {entry.name}\n\n{entry.summary}.\n\n```\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (Path(sys.argv[1]) / name).write_text(text, encoding="utf-8")
