"""`ssg lint`: the project's files against the rules."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ssgproj.cli import console
from ssgproj.cli.command import Command
from ssgproj.cli.options import Common, common_options
from ssgproj.errors import ExitCode, SsgError

if TYPE_CHECKING:
    from ssgproj.lint.linter import LintResult

FORMATS = ("text", "concise", "json", "github", "gitlab", "sarif")
_MAX_ROUNDS = 10


@click.command(
    cls=Command,
    examples=(
        ("Check the whole project", "ssg lint"),
        ("Check what is under stats/, and repair what is sure", "ssg lint stats --fix"),
        ("Read the page of a rule", "ssg lint --rule DP203"),
        ("See what is silenced, and why", "ssg lint --show-suppressed"),
        ("For GitHub's code scanning", "ssg lint --output sarif --output-file lint.sarif"),
    ),
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--fix", is_flag=True, help="Repair what can be repaired with certainty.")
@click.option("--rule", "code", metavar="CODE", help="Print the page of a rule, and do nothing else.")
@click.option("--list-rules", is_flag=True, help="List all rules, and do nothing else.")
@click.option("--show-suppressed", is_flag=True, help="List the findings that comments silence, with their reasons.")
@click.option(
    "--output", type=click.Choice(FORMATS), default="text", show_default=True, help="The form of the findings."
)
@click.option(
    "--output-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the findings to a file.",
)
@common_options
def command(
    common: Common,
    paths: tuple[Path, ...],
    fix: bool,
    code: str | None,
    list_rules: bool,
    show_suppressed: bool,
    output: str,
    output_file: Path | None,
) -> ExitCode:
    """Check statistics, models and stories against the rules.

    Needs no database and runs no code of the project. Exits with 1 if there is an error; warnings are shown. PATHS limit the findings to
    these files and directories; the whole project is read all the same.
    """
    if list_rules:
        from ssgproj.report.rules import rules_list

        click.echo(rules_list(), nl=False)
        return ExitCode.DONE
    if code is not None:
        _show_rule(code)
        return ExitCode.DONE
    root = common.root()
    result = _fix(common, root, paths) if fix else _lint(common, root, paths)
    if show_suppressed:
        _show_suppressed(result)
        return ExitCode.DONE
    _write(result, output, output_file, root)
    return ExitCode.NO if any(d.is_error for d in result.findings) else ExitCode.DONE


def _show_rule(code: str) -> None:
    from ssgproj.lint.registry import RULES, page
    from ssgproj.project.suggest import suggestion

    if code.upper() not in RULES:
        raise SsgError(f"There is no rule `{code}`", hint=suggestion(code.upper(), RULES) + "; ssg lint --list-rules")
    click.echo(page(code.upper()), nl=False)


def _lint(common: Common, root: Path, paths: Sequence[Path]) -> LintResult:
    from ssgproj.graph.resolve import resolve
    from ssgproj.lint.linter import LintResult, lint_result
    from ssgproj.project.parse import parse_project

    graph = resolve(parse_project(root, vars=common.vars))
    result = lint_result(graph.project, graph.diagnostics)
    _say_budget(result)
    if not paths:
        return result
    wanted = [_inside(root, p) for p in paths]

    def chosen(path: str) -> bool:
        return any(w in ("", path) or path.startswith(f"{w}/") for w in wanted)

    return LintResult(
        tuple(d for d in result.findings if chosen(d.at.path)),
        tuple(s for s in result.suppressed if chosen(s.finding.at.path)),
        tuple(e for e in result.edits if chosen(e.path)),
        result.budget,
    )


def _inside(root: Path, path: Path) -> str:
    """The path relative to the project, with `/`; empty for the project itself."""
    there = Path(os.path.abspath(path))  # noqa: PTH100 - links stay links: findings are named by the path in the project
    if not there.exists():
        raise SsgError(f"There is no `{path}`", hint="ssg lint stats")
    for base, full in ((root, there), (root.resolve(), there.resolve())):
        if full.is_relative_to(base):
            relative = full.relative_to(base).as_posix()
            return "" if relative == "." else relative
    raise SsgError(f"`{path}` is not in the project", hint="ssg lint --project-dir DIR")


def _fix(common: Common, root: Path, paths: Sequence[Path]) -> LintResult:
    from ssgproj.lint.fix import apply_edits

    done: dict[str, int] = {}
    for _ in range(_MAX_ROUNDS):
        result = _lint(common, root, paths)
        if not result.edits:
            break
        for path, number in apply_edits(root, result.edits).items():
            done[path] = done.get(path, 0) + number
    for path, number in sorted(done.items()):
        console.say(f"Fixed {number} finding{'' if number == 1 else 's'} in {path}")
    return result


def _say_budget(result: LintResult) -> None:
    spent = result.budget
    if spent is None or not spent.spends:
        return
    of = f" of {spent.epsilon_limit:g}" if spent.epsilon_limit is not None else ""
    delta_of = f" of {spent.delta_limit:g}" if spent.delta_limit is not None else ""
    number = len(spent.spends)
    files = f"{number} statistic{' spends' if number == 1 else 's spend'}"
    console.say(f"{files} epsilon {spent.epsilon:g}{of}, delta {spent.delta:g}{delta_of}")


def _show_suppressed(result: LintResult) -> None:
    for suppression in result.suppressed:
        d = suppression.finding
        click.echo(f"{d.at}: {d.code} {d.message}")
        click.echo(f"  reason: {suppression.reason or 'none given'}")
    if not result.suppressed:
        console.say("Nothing is silenced")


def _write(result: LintResult, output: str, output_file: Path | None, root: Path) -> None:
    from ssgproj.report.findings import render_findings, summary

    text = render_findings(result, output, root)
    if output_file is None:
        click.echo(text, nl=False)
    else:
        output_file.parent.mkdir(parents=True, exist_ok=True)
        output_file.write_text(text, encoding="utf-8")
    console.say(summary(result.findings))
