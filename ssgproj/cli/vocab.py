"""`ssg vocab`: copy the vocabulary tables from the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ssgproj.cli import console
from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options, select_options
from ssgproj.errors import ExitCode, SsgError

if TYPE_CHECKING:
    from ssgproj.project.model import Model
    from ssgproj.project.project import Project
    from ssgproj.source.vocabulary import Copied


@click.command(
    cls=Command,
    examples=(
        ("Copy all vocabularies", "ssg vocab"),
        ("One of them", "ssg vocab --select countries"),
        ("Show the queries, and touch nothing", "ssg vocab --dry-run"),
    ),
)
@click.option("--dry-run", is_flag=True, help="Show the queries on standard output; touch nothing.")
@select_options
@common_options
def command(common: Common, select: tuple[str, ...], exclude: tuple[str, ...], dry_run: bool) -> ExitCode:
    """Copy tables marked `vocabulary: {reason: ...}` from the source into vocabularies/, row by row as they are.

    CSV up to 100,000 rows, Parquet past that; what is written is what leaves the source, so review it. Tables without the mark are
    refused, and so are vocabularies that refer to tables without it. The source is only read.
    """
    from ssgproj.cli.planning import resolved, selected_nodes
    from ssgproj.errors import ProjectError
    from ssgproj.source.vocabulary import copy_vocabularies, vocabulary_query
    from ssgproj.vocabularies.checks import LARGE, check_vocabularies

    graph = resolved(common)
    project = graph.project
    chosen = set(selected_nodes(graph, select, exclude))
    _only_vocabularies(chosen, select)
    # As they are written: the graph's own models may lack references that a run cannot keep.
    models = [m for m in project.models if m.vocabulary and not m.ignore and m.node_id in chosen]
    if not models:
        if names_only(select):
            raise SsgError(
                "Nothing is selected that is a vocabulary", hint="see which there are: ssg ls --select 'vocabulary:*'"
            )
        nothing = "the project has no vocabulary: mark a table with `vocabulary: {reason: ...}` in its model"
        console.note("no vocabulary is selected" if select else nothing)
        return ExitCode.DONE
    findings = check_vocabularies(project, models)
    if any(d.is_error for d in findings):
        raise ProjectError(findings)
    console.show_diagnostics(findings)
    if dry_run:
        for model in models:
            click.echo(f"-- {model.node_id}: {model.vocabulary.reason if model.vocabulary else ''}")
            click.echo(f"{vocabulary_query(model, project.settings.dialect, project.settings.default_schema)};")
        return ExitCode.DONE
    url = source_url(common, project)
    console.say(
        f"ssg vocab · project {project.settings.name} · {console.counted(len(models), 'vocabulary', 'vocabularies')}"
    )
    width = max(len(str(m.table)) for m in models)

    def told(copied: Copied) -> None:
        shown = copied.path.relative_to(project.root).as_posix()
        console.say(
            f"  {copied.model.table!s:<{width}}  {copied.rows:>10,} rows  {'written' if copied.changed else 'unchanged'}  {shown}"
        )
        if copied.rows > LARGE:
            console.warn(f"`{copied.model.table}` has more than {LARGE:,} rows, which is much for a vocabulary")

    with console.working("copying") as show:

        def next_one(copied: Copied) -> None:
            told(copied)
            show(_next(models, copied.model))

        copy_vocabularies(project, models, url, project.root, told=next_one, warned=console.warn)
    console.say("Review what is in vocabularies/ before it leaves, then: git add vocabularies")
    return ExitCode.DONE


def source_url(common: Common, project: Project) -> str:
    """The source of the profile. Raises SsgError if it is not set."""
    profile = common.profile(project)
    if not profile.source:
        raise SsgError("No source is set", hint="set SSG_SOURCE_URL, for example to postgresql://reader@127.0.0.1/shop")
    return profile.source.reveal()


def names_only(select: tuple[str, ...]) -> bool:
    """Whether the selection names nodes. A method (`tag:x`) that matches nothing is an answer, a name is a mistake."""
    words = [word for text in select for word in text.split()]
    return bool(words) and not any(":" in word for word in words)


def _next(models: list[Model], done: Model) -> str:
    after = models.index(done) + 1
    return f"copying {models[after].table}" if after < len(models) else "finishing"


def _only_vocabularies(chosen: set[str], select: tuple[str, ...]) -> None:
    """Somebody who names a table wants its rows; say why they do not get them."""
    names = {word for text in select for word in text.split()}
    for node in sorted(chosen):
        kind, _, name = node.partition(".")
        if kind == "model" and names & {name, node}:
            raise SsgError(
                f"`{name}` is not a vocabulary, so its rows stay in the source",
                hint=f"if they are public, write in its model: vocabulary: {{reason: ...}}, then: ssg vocab --select {name}",
            )
