"""What statistics released: `results/NAME.yml`, written by `ssg stats`, read by everything else. No source needed here."""

from ssgproj.results.audit import audit
from ssgproj.results.file import DIRECTORY, Result, read_result, result_path, write_result
from ssgproj.results.load import load_results, usable_results
from ssgproj.results.status import Status, StatusKind, result_status

__all__ = [
    "DIRECTORY",
    "Result",
    "Status",
    "StatusKind",
    "audit",
    "load_results",
    "read_result",
    "result_path",
    "result_status",
    "usable_results",
    "write_result",
]
