"""Running the rules: everything found while reading and resolving, and what each rule adds, less what is silenced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ssgproj.diagnostics import Diagnostic, Location, Severity, sort_diagnostics
from ssgproj.lint.context import ProjectContext
from ssgproj.lint.noqa import Noqa, Suppression, find_noqa, silence
from ssgproj.lint.registry import RULES, rule
from ssgproj.lint.rule import Edit, Found
from ssgproj.privacy.budget import Budget, budget
from ssgproj.results.audit import audit

if TYPE_CHECKING:
    from ssgproj.project.project import Project


_FOLLOWS = frozenset({"SF007", "DP201", "DP202", "DP230"})


class HasProject(Protocol):
    """A resolved graph: the project, and what resolving found. The project's own diagnostics are read from the project."""

    @property
    def project(self) -> Project: ...

    @property
    def diagnostics(self) -> Iterable[Diagnostic]: ...


@dataclass(frozen=True, slots=True)
class LintResult:
    """`findings` stand, `suppressed` were silenced by comments, `edits` are the sure fixes of findings that stand."""

    findings: tuple[Diagnostic, ...]
    suppressed: tuple[Suppression, ...]
    edits: tuple[Edit, ...]
    budget: Budget | None = None


def lint(graph: HasProject) -> list[Diagnostic]:
    """All findings of a project, sorted by file and place, with those of reading and resolving."""
    return list(lint_result(graph.project, graph.diagnostics).findings)


def lint_result(project: Project, resolved: Iterable[Diagnostic] = ()) -> LintResult:
    """The findings, the suppressions, the fixes and the budget of a project. `resolved` are the diagnostics of resolving it."""
    edits: dict[Diagnostic, Edit] = {}
    found = [
        *project.diagnostics,
        *resolved,
        *audit(project.root, project.stats),
        *_vocabularies(project),
        *_unit_tests(project),
    ]
    for diagnostic, edit in _check(ProjectContext(project)):
        found.append(diagnostic)
        if edit is not None:
            edits[diagnostic] = edit
    found = [d for d in sort_diagnostics(_causes_only(found)) if d.code not in project.settings.lint_ignore]
    comments = _comments(project, found)
    standing, silenced = silence(found, comments)
    standing += [d for d in _about_noqa(comments, found) if d.code not in project.settings.lint_ignore]
    standing = sort_diagnostics(standing)
    spent = budget(project.stats, project.settings.privacy)
    return LintResult(tuple(standing), tuple(silenced), tuple(edits[d] for d in standing if d in edits), spent)


def _causes_only(found: list[Diagnostic]) -> list[Diagnostic]:
    """Without what only follows from a header that cannot be read: that its keys are missing."""
    unread = {d.at.path for d in found if d.code in ("SF001", "SF002") and d.is_error}
    return [d for d in found if d.at.path not in unread or d.code not in _FOLLOWS]


def _unit_tests(project: Project) -> list[Diagnostic]:
    if not (project.root / "tests").is_dir():
        return []
    from ssgproj.unit_tests.check import read_unit_tests

    return read_unit_tests(project)[1]


def _vocabularies(project: Project) -> list[Diagnostic]:
    models = [m for m in project.models if m.vocabulary]
    if not models:
        return []
    from ssgproj.vocabularies.checks import check_vocabularies

    return check_vocabularies(project, models)


def _check(context: ProjectContext) -> Iterator[tuple[Diagnostic, Edit | None]]:
    for code in RULES:
        one = rule(code)
        found: list[Found] = []
        if one.stat is not None:
            for stat in context.stats:
                try:
                    found += one.stat(stat)
                except RecursionError:
                    # Expressions of thousands of operators; nobody can review those either.
                    at = stat.places.at(stat.stat.sql_start)
                    yield _too_complex(at), None
        if one.project is not None:
            found += one.project(context)
        for each in found:
            yield one.diagnostic(each), each.edit


def _too_complex(at: Location) -> Diagnostic:
    return Diagnostic(
        "SF008",
        rule("SF008").name,
        "The SQL is nested too deep to be checked",
        at,
        "split it into several CTEs or statistics",
    )


def _comments(project: Project, found: Iterable[Diagnostic]) -> dict[str, dict[int, Noqa]]:
    """The noqa comments of every statistic, and of every other file that has a finding or a model."""
    comments = {s.path: find_noqa(s.path, s.text) for s in project.stats}
    others = {d.at.path for d in found} | {m.path for m in project.models}
    for path in sorted(others - comments.keys()):
        text = _text(project.root / path)
        if text is not None:
            comments[path] = find_noqa(path, text)
    return {path: c for path, c in comments.items() if c}


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else None
    except (OSError, UnicodeDecodeError):
        return None


def _about_noqa(comments: dict[str, dict[int, Noqa]], found: list[Diagnostic]) -> Iterator[Diagnostic]:
    lines = {(d.at.path, d.at.line) for d in found}
    for path, of_file in comments.items():
        for line, noqa in of_file.items():
            for code in noqa.codes:
                if code not in RULES:
                    yield _finding("SF011", f"There is no rule `{code}`", noqa, "see the rules: ssg lint --list-rules")
                elif code not in noqa.used and rule(code).elsewhere is None:
                    message = f"`{code}` finds nothing on this line"
                    yield _finding("SF010", message, noqa, f"remove `{code}` from the comment", Severity.WARNING)
                elif code.startswith("DP") and not noqa.reason:
                    hint = f"write the reason behind it: -- noqa: {code} -- one row per user by key"
                    yield _finding("SF011", f"`{code}` cannot be silenced without a reason", noqa, hint)
            if noqa.bare and (path, line) in lines:
                yield _finding(
                    "SF011",
                    "A `noqa` without codes silences nothing",
                    noqa,
                    "name the code: -- noqa: SN104",
                    Severity.WARNING,
                )


def _finding(code: str, message: str, noqa: Noqa, hint: str, severity: Severity = Severity.ERROR) -> Diagnostic:
    return Diagnostic(code, rule(code).name, message, noqa.at, hint, severity)
