"""Problems as values: what is wrong, where, and what to type instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How a finding counts: errors make `ssg lint` and `ssg compile` exit 1, warnings do not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a project file. Lines and columns count from 1; `path` is relative to the project root, with `/`."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int | None = None
    end_column: int | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `code` is stable (`PJ003`), `name` is its words (`unknown-key`). `message` is one sentence without a final full stop;
    `hint` ends in something to type or to write.
    """

    code: str
    name: str
    message: str
    at: Location
    hint: str | None = None
    severity: Severity = field(default=Severity.ERROR)

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def sort_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Order by file, line, column, then code, without repeats: the order in which people read them."""
    unique = dict.fromkeys(diagnostics)
    return sorted(unique, key=lambda d: (d.at.path, d.at.line, d.at.column, d.code, d.message))
