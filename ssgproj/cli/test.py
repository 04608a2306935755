"""`ssg test`: statistics over given rows, and the project's own Python tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssgproj.cli import console
from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options, output_option
from ssgproj.errors import ExitCode, ProjectError

if TYPE_CHECKING:
    from ssgproj.project.project import Project
    from ssgproj.unit_tests.python import PythonRun
    from ssgproj.unit_tests.run import Outcome


@click.command(
    cls=Command,
    examples=(
        ("Everything in tests/", "ssg test"),
        ("The tests of one statistic", "ssg test --select age_stats"),
        ("One test", "ssg test --select test:jokes_are_left_out"),
        ("Without pytest", "ssg test --no-python"),
        ("For a build server", "ssg test --junit target/tests.xml"),
        ("For a program", "ssg test --output json"),
    ),
)
@click.option(
    "--select", "-s", multiple=True, metavar="TESTS",
    help="Only these: age_stats, stat:age*, test:NAME, tag:ages, tests/age_stats.yml. May be repeated. Runs no Python tests.",
)  # fmt: skip
@click.option("--exclude", multiple=True, metavar="TESTS", help="All unit tests but these.")
@click.option("--no-python", is_flag=True, help="Do not run tests/*.py under pytest.")
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the outcomes as JUnit's XML too.",
)
@output_option("text", "json")
@common_options
def command(
    common: Common, select: tuple[str, ...], exclude: tuple[str, ...], no_python: bool, junit: Path | None, output: str
) -> ExitCode:
    """Run the unit tests of statistics, and the project's Python tests.

    A unit test in tests/*.yml gives rows of source tables, and says what query_result and the answer without noise are. It runs on DuckDB in
    memory: no database is opened, no budget is spent. tests/test_*.py run under pytest. Exits with 1 if a test fails, with 2 if one
    cannot be run.
    """
    from ssgproj.light import without_pandas

    without_pandas()
    project = common.project()
    outcomes = _unit_tests(project, select, exclude)
    if output == "text":
        from ssgproj.report.unit_tests import render_text

        click.echo(render_text(outcomes, color=sys.stdout.isatty() and not _plain()), nl=False)
    python = None if no_python or any(s.strip() for s in select) else _python(project.root, output)
    _write(outcomes, python, junit, output)
    return _code(outcomes, python)


def _plain() -> bool:
    import os

    return bool(os.environ.get("NO_COLOR"))


def _unit_tests(project: Project, select: tuple[str, ...], exclude: tuple[str, ...]) -> list[Outcome]:
    from ssgproj.unit_tests.check import read_unit_tests
    from ssgproj.unit_tests.run import run_unit_tests
    from ssgproj.unit_tests.select import select_tests

    tests, problems = read_unit_tests(project)
    if any(d.is_error for d in problems):
        raise ProjectError(problems)
    console.show_diagnostics(problems)
    if not tests and not select:
        console.note("No unit tests: write tests/STAT.yml")
        return []
    chosen = select_tests(project, tests, select, exclude)
    with console.working(f"Running {console.counted(len(chosen), 'unit test')}"):
        return run_unit_tests(project, chosen)


def _python(root: Path, output: str) -> PythonRun | None:
    from ssgproj.unit_tests.python import python_tests, run_python_tests

    if not python_tests(root):
        return None
    sys.stdout.flush()
    console.say("Python tests, under pytest:")
    # Standard output is for data: with `--output json` what pytest prints is talk.
    run = run_python_tests(root, captured=output != "text" or console.is_quiet())
    if run.output and (not run.passed or not console.is_quiet()):
        click.echo(run.output, err=True, nl=False)
    return run


def _write(outcomes: list[Outcome], python: PythonRun | None, junit: Path | None, output: str) -> None:
    from ssgproj.report.unit_tests import render_json, render_junit, summary

    if output == "json":
        click.echo(render_json(outcomes, python), nl=False)
    if junit is not None:
        junit.parent.mkdir(parents=True, exist_ok=True)
        junit.write_text(render_junit(outcomes, python), encoding="utf-8")
    if outcomes:
        console.say(summary(outcomes))


def _code(outcomes: list[Outcome], python: PythonRun | None) -> ExitCode:
    if any(o.status == "fail" for o in outcomes) or (python is not None and python.code == 1):
        return ExitCode.NO
    if any(o.status == "error" for o in outcomes) or (python is not None and not python.passed):
        return ExitCode.CANNOT
    return ExitCode.DONE
