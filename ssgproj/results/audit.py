"""Do the results and the ledger agree? For `ssg lint` and `ssg stats`: files only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.ledger import FILE, read_ledger
from ssgproj.results.file import DIRECTORY
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
        elif status.result is not None and not ledger.paid(status.result.ledger, status.result.sha256):
            message = f"No line of `{FILE}` records the release of this result of `{stat.name}`"
            found.append(Diagnostic("PJ042", "unrecorded-result", message, at, RESTORE))
    return found
