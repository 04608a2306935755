"""Databases' errors, reduced to what may be shown: their texts carry values of rows."""

from __future__ import annotations

import re

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import Check, Model
from ssgproj.targets.ddl.expressions import mentioned

_BY_STATE = {
    "23505": "A unique or primary key is violated",
    "23503": "A foreign key is violated",
    "23502": "A column that must not be NULL has no value",
    "23514": "A check is violated",
    "23P01": "An exclusion constraint is violated",
    "22001": "A text is too long for its column",
    "22003": "A number is out of its column's range",
    "22P02": "A value has the wrong form for its column's type",
    "22007": "A value has the wrong form for its column's type",
    "22P03": "A value has the wrong form for its column's type",
    "42501": "The role may not do this",
    "42P01": "A table is missing",
    "42703": "A column is missing",
    "42704": "A type or another object is missing",
    "42883": "A function is missing",
    "53100": "The destination's disk is full",
    "53200": "The destination is out of memory",
    "40P01": "Another session was in the way (deadlock)",
    "55P03": "Another session holds a lock",
    "57014": "The statement was cancelled",
    "2BP01": "Other objects depend on it",
}


def describe(
    state: str | None,
    kind: str,
    *,
    table: str | None = None,
    column: str | None = None,
    constraint: str | None = None,
    doing: str | None = None,
) -> str:
    """One sentence from the parts that carry no values."""
    text = _BY_STATE.get(state or "") or f"The destination refused with `{kind}`"
    if constraint:
        text += f": `{constraint}`"
    if table:
        text += f" on table `{table}`"
    if column:
        text += f", column `{column}`"
    if doing:
        text += f", while {doing}"
    return f"{text} (SQLSTATE {state})" if state else text


def called(check: Check, dialect: str) -> str:
    """A check by its name, or by the columns it reads; not by its SQL, in which there may be values."""
    return f"`{check.name}`" if check.name else f"on `{', '.join(sorted(mentioned(check.sql, dialect)))}`"


def violated_check(model: Model, dialect: str, said: str, doing: str) -> RunError:
    """A check that the rows made by ssg do not meet; `said` is its name or its SQL, from the database's own words."""
    found = next((c for c in model.checks if said.strip() in (c.name, c.sql)), Check(said))
    named = f" {called(found, dialect)}" if found.name or mentioned(found.sql, dialect) else ""
    return RunError(f"Rows of `{model.table}` do not meet its check{named}, while {doing}", check_hint(model))


def check_hint(model: Model) -> str:
    """What to do about a check that ssg could not take into account."""
    return f"give its columns a `generate:` in {model.path} with which it holds, or remove it from `checks:`"


_DUCKDB = (
    (re.compile(r"violates primary key constraint"), "A primary key is violated"),
    (re.compile(r"violates unique constraint|PRIMARY KEY or UNIQUE constraint"), "A primary key or unique constraint is violated"),
    (re.compile(r"foreign key", re.IGNORECASE), "A foreign key is violated"),
    (re.compile(r"NOT NULL constraint failed"), "A column that must not be NULL has no value"),
    (re.compile(r"CHECK constraint failed"), "A check is violated"),
    (re.compile(r"out of range"), "A number is out of its column's range"),
)  # fmt: skip
_COLUMN = re.compile(r"NOT NULL constraint failed: (?P<place>\S+)")


def reduce_duckdb(error: Exception, table: str | None, doing: str) -> SsgError:
    """A DuckDB error without its text. Violations become RunError, the rest SsgError."""
    text, kind = str(error), type(error).__name__
    column = None
    if match := _COLUMN.search(text):
        column = match["place"].split(".")[-1]
    said = next((words for pattern, words in _DUCKDB if pattern.search(text)), None)
    if said is None and kind == "ConversionException":
        said = "A value has the wrong form for its column's type"
    if said is None and ("No space left" in text or "File too large" in text):
        return SsgError("The destination's disk is full")
    message = said or f"The destination refused with `{kind}`"
    if table:
        message += f" on table `{table}`"
    if column:
        message += f", column `{column}`"
    message += f", while {doing}"
    return RunError(message) if said else SsgError(message)
