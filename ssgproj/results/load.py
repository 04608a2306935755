"""Results as generators and stories get them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.errors import ProjectError
from ssgproj.ledger import read_ledger
from ssgproj.results.audit import is_paid, unrecorded
from ssgproj.results.status import result_status

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat


def load_results(root: Path, stats: Iterable[Stat]) -> Mapping[str, Mapping[str, list[Any]]]:
    """The released values of statistics, by name and column, in the order of the rows.

    Where there is a ledger, it must have paid for every result. Raises ProjectError with a diagnostic for each result that is missing, stale, edited or refused: none of it is used then.
    """
    ledger = read_ledger(root)
    loaded: dict[str, Mapping[str, list[Any]]] = {}
    problems = []
    for stat in stats:
        status = result_status(root, stat)
        if status.usable and status.result is not None and ledger.entries and not is_paid(ledger, status.result):
            problems.append(unrecorded(stat))
        elif status.usable and status.result is not None:
            loaded[stat.name] = status.result.values()
        else:
            at = Location(stat.path)
            problems.append(Diagnostic("PJ040", f"result-{status.kind}", status.problem or "", at, status.hint))
    if problems:
        raise ProjectError(problems)
    return loaded


def usable_results(root: Path, stats: Iterable[Stat]) -> Mapping[str, Mapping[str, list[Any]]]:
    """As `load_results`, without those that cannot be used: for looking at what a project would make."""
    found = ((stat.name, result_status(root, stat)) for stat in stats)
    return {name: s.result.values() for name, s in found if s.usable and s.result is not None}
