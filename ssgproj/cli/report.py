"""`ssg report`: how the synthetic data look, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options, select_options
from ssgproj.errors import ExitCode, SsgError

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.graph.graph import Graph
    from ssgproj.project.model import Model
    from ssgproj.report.fidelity.found import Report
    from ssgproj.report.fidelity.measure import Read
    from ssgproj.targets.base import Destination

PAGE = "target/report.html"
PRIVATE_PAGE = "target/report_with_source.html"


@click.command(
    cls=Command,
    examples=(
        ("Make the page, and say where it is", "ssg report"),
        ("Some tables, into a file of your own", "ssg report --select users sessions --output users.html"),
        ("The scores as data; exit 1 if one is below 0.8", "ssg report --format json --fail-under 0.8"),
        ("Inside the wall: beside the real data", "ssg report --with-source"),
    ),
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=f"Where to write. Default: {PAGE}, with the source {PRIVATE_PAGE}; JSON goes to standard output.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "json"]),
    default="html",
    show_default=True,
    help="A page for people, or the scores for machines.",
)
@click.option("--with-source", is_flag=True, help="Read the source too. What is written then is private.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 1),
    metavar="SCORE",
    help="Exit 1 if a score against released statistics or the source is lower.",
)
@select_options
@common_options
def command(
    common: Common,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    output: Path | None,
    form: str,
    with_source: bool,
    fail_under: float | None,
) -> ExitCode:
    """Draw what is in the destination: a distribution for every column, beside the released statistics it was told to match.

    Histograms, categories, dates, missing values, rows per parent and how columns go together, with a score for each column and pair that
    has something to be compared with. One HTML file that loads nothing. Reads the destination and the project's files; the source is opened
    with --with-source alone. The page then has aggregates of at least ten people, is marked as private and has a name of its own.
    """
    from ssgproj.cli import console
    from ssgproj.cli.planning import destination_of, resolved, selected_nodes
    from ssgproj.files import replace_file
    from ssgproj.light import without_pandas
    from ssgproj.report.fidelity.distances import MISSING_SCIPY, has_scipy
    from ssgproj.report.fidelity.document import below, document
    from ssgproj.report.fidelity.measure import measure

    without_pandas()
    graph = resolved(common)
    nodes = selected_nodes(graph, select, exclude)
    destination = destination_of(common.profile(graph.project), graph.project)
    if not has_scipy():
        console.warn(*MISSING_SCIPY)
    with _source(common, graph, with_source) as source, console.working("reading") as show:
        report = measure(
            graph,
            nodes,
            _filled(destination),
            destination=destination.name,
            source=source,
            told_of=lambda t: show(f"reading {t}"),
        )
    if form == "json":
        from ssgproj.plan.artifacts import as_json

        text = as_json(document(report))
        if output is None:
            click.echo(text, nl=False)
    else:
        text = _page(report)
        output = output or graph.project.root / (PRIVATE_PAGE if with_source else PAGE)
    if output is not None:
        replace_file(output, text.encode())
        _say(report, output)
    if with_source:
        console.warn("What was written contains private data: do not let it leave")
    low = below(report, fail_under) if fail_under is not None else []
    for table, score in low:
        console.error(
            f"{table.name}.{' and '.join(score.columns)}: {score.metric} against {score.against} is {score.fidelity:.3f}"
        )
    return ExitCode.NO if low else ExitCode.DONE


def _filled(destination: Destination) -> Read:
    """The destination's rows; a table that cannot be read was most likely never filled."""

    def read(model: Model, columns: Sequence[str] | None = None, /) -> Iterator[pa.RecordBatch]:
        try:
            yield from destination.read(model, columns)
        except SsgError as e:
            e.hint = e.hint or f"fill it first: ssg run; or leave it out: ssg report --exclude {model.table}"
            raise

    return read


@contextmanager
def _source(common: Common, graph: Graph, wanted: bool) -> Iterator[Read | None]:
    """A way to read the source, where it is wanted. The only place that leads through the wall."""
    if not wanted:
        yield None
        return
    from ssgproj.cli.vocab import source_url
    from ssgproj.report.fidelity.shape import never_read
    from ssgproj.source.rows import open_rows

    with open_rows(source_url(common, graph.project), graph.project, only_whether=never_read) as read:
        yield read


def _page(report: Report) -> str:
    from datetime import UTC, datetime

    from ssgproj.report.fidelity.page import html_page

    return html_page(report, made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")


def _say(report: Report, output: Path) -> None:
    from ssgproj.cli import console
    from ssgproj.report.fidelity.document import overall

    rows = sum(t.rows for t in report.tables)
    console.say(f"{console.counted(len(report.tables), 'table')}, {console.counted(rows, 'row')}: {_shown(output)}")
    for against, mean in overall(report).items():
        if against != "model":
            console.say(f"mean fidelity to {'the source' if against == 'source' else 'what was released'}: {mean:.3f}")


def _shown(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)
