"""`ssg ls`: the nodes of the project, as a list or a drawing."""

from __future__ import annotations

import click

from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options, output_option, select_options
from ssgproj.errors import ExitCode


@click.command(
    cls=Command,
    examples=(
        ("Everything, in the order in which it is made", "ssg ls"),
        ("What `sessions` needs", "ssg ls --select +sessions"),
        ("Only the statistics", "ssg ls --select 'stat:*'"),
        ("For a program", "ssg ls --output json"),
        ("A picture", "ssg ls --output dot | dot -Tsvg > graph.svg"),
        ("A picture for Markdown", "ssg ls --output mermaid"),
    ),
)
@output_option("text", "json", "dot", "mermaid")
@select_options
@common_options
def command(common: Common, select: tuple[str, ...], exclude: tuple[str, ...], output: str) -> ExitCode:
    """List the nodes of the project: models, vocabularies, statistics and stories.

    Reads files only.
    """
    from ssgproj.cli.planning import resolved, selected_nodes
    from ssgproj.report.drawing import FORMATS

    graph = resolved(common)
    chosen = selected_nodes(graph, select, exclude)
    click.echo(FORMATS[output]([graph.nodes[n] for n in chosen]), nl=False)
    return ExitCode.DONE
