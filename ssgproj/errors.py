"""The exceptions of ssg and the exit codes they lead to.

```
SsgError            cannot go on: bad option, no project, no connection        exit 2
├── ProjectError    the project files have errors; carries every Diagnostic    exit 1
└── RunError        the job was done or tried, and the answer is no            exit 1
```
Anything else that reaches the command line is a bug (exit 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from ssgproj.diagnostics import Diagnostic


class ExitCode(IntEnum):
    """What a command's exit code means."""

    DONE = 0
    NO = 1
    CANNOT = 2
    BUG = 3
    INTERRUPTED = 130


class SsgError(Exception):
    """The command cannot go on. `message` is for people; `hint` ends in something to type."""

    exit_code = ExitCode.CANNOT

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ProjectError(SsgError):
    """The project files have errors. All of them are in `diagnostics`."""

    exit_code = ExitCode.NO

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        errors = sum(d.is_error for d in diagnostics)
        super().__init__(f"The project has {errors} error{'s' if errors != 1 else ''}")
        self.diagnostics = tuple(diagnostics)


class RunError(SsgError):
    """A node failed, or a check said no. Nothing was left half done."""

    exit_code = ExitCode.NO
