"""A database's errors, reduced to what says nothing about rows."""

from __future__ import annotations

import re
from typing import Any

from ssgproj.errors import RunError

_STATES = {
    "0A000": "the database does not support it",
    "22003": "a number is out of range",
    "22007": "a text is not a date or time",
    "22008": "a date or time is out of range",
    "22012": "a division by zero",
    "22P02": "a text could not be cast",
    "25006": "the transaction is read-only",
    "42501": "permission denied",
    "42601": "a syntax error",
    "42702": "an ambiguous column",
    "42703": "a column that does not exist",
    "42803": "a column that is neither grouped nor aggregated",
    "42804": "types that do not go together",
    "42883": "a function or operator that does not exist for these types",
    "42P01": "a table that does not exist",
    "53100": "the disk is full",
    "53200": "out of memory",
    "57014": "the statement timeout passed, or somebody cancelled the query",
}


def reduced(what: str, error: BaseException, sql: str = "", hint: str | None = None) -> RunError:
    """An error for people: what was tried, the class of the failure, and the table, column or constraint where the database
    names one. Never the database's own text, which quotes values; use with `raise ... from None`."""
    origin = getattr(error, "orig", None) or error
    details = [_kind(origin)]
    diagnostic: Any = getattr(origin, "diag", None)
    for name in ("table", "column", "constraint"):
        if value := getattr(diagnostic, f"{name}_name", None):
            details += [f"{name} `{value}`"]
    position = getattr(diagnostic, "statement_position", None)
    if position and sql:
        before = sql[: int(position) - 1]
        details.append(f"line {before.count(chr(10)) + 1} of the query")
    return RunError(f"{what}: {', '.join(details)}", hint)


def _kind(error: BaseException) -> str:
    state = getattr(error, "sqlstate", None)
    if state:
        return f"{_STATES.get(state, type(error).__name__)} (SQLSTATE {state})"
    arguments = getattr(error, "args", ())
    if type(error).__module__.startswith("pymysql") and arguments and isinstance(arguments[0], int):
        return f"{type(error).__name__} {arguments[0]}"
    code = getattr(error, "sqlite_errorname", None)
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    return f"{name} ({code})" if code else name
