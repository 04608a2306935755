"""What goes wrong in a story, with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssgproj.errors import RunError

if TYPE_CHECKING:
    from ssgproj.stories import Row


class RowProblemError(Exception):
    """Something is wrong with a row that a story yielded. Becomes a RunError with the row's place."""

    def __init__(self, row: Row, problem: str, hint: str | None = None) -> None:
        super().__init__(problem)
        self.row, self.problem, self.hint = row, problem, hint


class TellingTookTooLongError(BaseException):
    """Raised in a story that does not end. Not an Exception, so that a story's own handlers let it pass."""


class StoryError(RunError):
    """A telling failed. `message` has the story, the file and line, and which telling it was."""

    def __reduce__(self) -> tuple[type[StoryError], tuple[str, str | None]]:
        return StoryError, (self.message, self.hint)
