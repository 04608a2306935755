"""What a rule is. A rule is one module of `ssgproj.lint.rules`: its docstring is its page, its `RULE` says how to find it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssgproj.diagnostics import Diagnostic, Location, Severity

if TYPE_CHECKING:
    from ssgproj.lint.allow import Cause
    from ssgproj.lint.context import ProjectContext, StatContext


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `text[start:end]` of a file."""

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a rule. `severity` None: the rule's own. `edit`: what `--fix` would do, where that is sure."""

    at: Location
    message: str
    hint: str | None = None
    severity: Severity | None = None
    edit: Edit | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A part of SmartNoise's half."""

    start: int
    end: int


StatCheck = Callable[["StatContext"], Iterable[Found]]
ProjectCheck = Callable[["ProjectContext"], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. `stat` looks at one statistic, `project` at the whole project; a rule with neither is found while files are read and
    references resolved, and only documented here."""

    code: str
    name: str
    stat: StatCheck | None = None
    project: ProjectCheck | None = None
    severity: Severity = Severity.ERROR
    fixable: bool = False
    elsewhere: str | None = None
    """Who reports it, if lint alone does not: then a comment that silences it is never called unused."""

    def diagnostic(self, found: Found) -> Diagnostic:
        return Diagnostic(self.code, self.name, found.message, found.at, found.hint, found.severity or self.severity)


@dataclass(frozen=True, slots=True)
class Says:
    """What a rule says about one kind of cause; `{about}` and `{instead}` are filled in. `edit` makes the fix, if it is sure."""

    message: str
    hint: str
    severity: Severity | None = None
    edit: Callable[[Cause], str | None] | None = None


def causes(says: Mapping[str, Says]) -> StatCheck:
    """The check of a rule that explains some of the causes of the allow-list."""

    def check(stat: StatContext) -> Iterator[Found]:
        for cause in stat.causes(*says):
            said = says[cause.kind]
            values = {"about": cause.about, "instead": cause.instead or "..."}
            yield stat.in_dp(
                cause,
                said.message.format(**values),
                said.hint.format(**values),
                severity=said.severity,
                replacement=said.edit(cause) if said.edit else None,
            )

    return check
