"""Do the results and the ledger agree? For `ssg lint` and `ssg stats`: files only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.ledger import FILE, Ledger, read_ledger
from ssgproj.results.file import DIRECTORY, Result
from ssgproj.results.status import StatusKind, result_status

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat

RESTORE = f"bring back what was committed: git checkout {DIRECTORY}"


def audit(root: Path, stats: Iterable[Stat]) -> list[Diagnostic]:
    """Every line of the ledger that does not hold, every result that was edited, and every result that no line paid for."""
    ledger = read_ledger(root)
    found = [Diagnostic("PJ041", "broken-ledger", f.message, Location(FILE, f.line), RESTORE) for f in ledger.flaws]
    for stat in stats:
        at = Location(f"{DIRECTORY}/{stat.name}.yml")
        status = result_status(root, stat)
        if status.kind is StatusKind.EDITED:
            found.append(Diagnostic("PJ040", f"result-{status.kind}", status.problem or "", at, status.hint))
        elif status.result is not None and not is_paid(ledger, status.result):
            found.append(unrecorded(stat))
    return found


def is_paid(ledger: Ledger, result: Result) -> bool:
    """Whether the ledger records the release of this very result."""
    return ledger.paid(result.ledger, result.sha256)


def unrecorded(stat: Stat) -> Diagnostic:
    """What to say where it does not."""
    message = f"No line of `{FILE}` records the release of this result of `{stat.name}`"
    return Diagnostic("PJ042", "unrecorded-result", message, Location(f"{DIRECTORY}/{stat.name}.yml"), RESTORE)
