"""`ssg docs`: one page that says what left the source, derived from the files."""

from __future__ import annotations

from pathlib import Path

import click

from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options
from ssgproj.errors import ExitCode


@click.command(
    cls=Command,
    examples=(
        ("Write the page for the data-access committee", "ssg docs"),
        ("Somewhere else", "ssg docs --output airbnb-review.html"),
        ("The same as data, to be compared in review", "ssg docs --format json --output - | diff docs.json -"),
    ),
)
@click.option("--format", "form", type=click.Choice(["html", "json"]), default="html", show_default=True, help="A page, or the data it shows.")  # fmt: skip
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Where to write; - is standard output.  [default: target/docs.html or target/docs.json]",
)
@common_options
def command(common: Common, form: str, output: Path | None) -> ExitCode:
    """Write one self-contained page about what left the source and what is made of it.

    The page says which source columns each statistic and vocabulary reads, what was released and what it cost, and leads every synthetic
    column back to the source, through the SQL. It loads nothing and works as a mail attachment. It is always about the whole project,
    since half of it would prove nothing. Reads files only: no database, and no Python of the project is run.
    """
    from ssgproj.cli import console
    from ssgproj.cli.planning import planned, resolved
    from ssgproj.plan.artifacts import as_json
    from ssgproj.report.committee.build import build_document
    from ssgproj.report.committee.page import html_page, statement

    graph = resolved(common)
    document = build_document(graph, planned(graph))
    text = as_json(document.as_dict()) if form == "json" else html_page(document)
    if output is not None and str(output) == "-":
        click.echo(text, nl=False)
    else:
        path = output if output is not None else graph.project.root / "target" / f"docs.{form}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        console.say(f"Wrote {output if output is not None else f'target/docs.{form}'}")
    for line in statement(document):
        console.say(line)
    return ExitCode.DONE
