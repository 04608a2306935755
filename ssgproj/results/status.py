"""Is there a result that belongs to this statistic as it stands?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ssgproj.results.file import DIRECTORY, Result, UnreadableResultError, read_result, result_path

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat


class StatusKind(StrEnum):
    FRESH = "fresh"
    MISSING = "missing"
    STALE = "stale"
    """The statistic means something else than when it was run."""
    EDITED = "edited"
    """The file is not as `ssg stats` wrote it."""
    REFUSED = "refused"
    """Released and unchanged, but with nothing in it, or with something that is not a number."""


@dataclass(frozen=True, slots=True)
class Status:
    """`problem` is a sentence and `hint` the command to type, unless the result is fresh."""

    kind: StatusKind
    result: Result | None = None
    problem: str | None = None
    hint: str | None = None

    @property
    def usable(self) -> bool:
        return self.kind is StatusKind.FRESH


def result_status(root: Path, stat: Stat) -> Status:
    """The state of a statistic's result. Never raises for what is in the file."""
    path = result_path(root, stat.name)
    shown = f"{DIRECTORY}/{path.name}"
    again = f"ssg stats --select {stat.node_id}"
    if not path.is_file():
        return Status(
            StatusKind.MISSING,
            problem=f"The statistic `{stat.name}` has no result: there is no `{shown}`",
            hint=f"where the source can be reached: {again}",
        )
    restore = f"bring back what was released: git checkout {shown}"
    try:
        result, intact = read_result(path)
    except UnreadableResultError as e:
        return Status(StatusKind.EDITED, problem=f"`{shown}` is not as `ssg stats` wrote it: {e}", hint=restore)
    except OSError:
        return Status(StatusKind.EDITED, problem=f"`{shown}` cannot be read", hint=restore)
    if not intact or result.stat != stat.name:
        return Status(StatusKind.EDITED, result, f"`{shown}` was changed after `ssg stats` wrote it", restore)
    if result.meaning != stat.meaning:
        return Status(
            StatusKind.STALE,
            result,
            f"`{shown}` is the result of another version of `{stat.path}`",
            f"run it again: {again}",
        )
    if result.refused and not result.kept:
        return Status(
            StatusKind.REFUSED,
            result,
            f"The result of `{stat.name}` cannot be used as it is: {'; '.join(result.refused)}",
            f"change the statistic, or take the result as it is: {again} --keep",
        )
    return Status(StatusKind.FRESH, result)
