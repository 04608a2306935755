"""Columns' own defaults as values, for rows of stories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssgproj.plan import evaluate

if TYPE_CHECKING:
    from ssgproj.plan.draft import TableDraft
    from ssgproj.project.model import Column

_NOW = ("CurrentTimestamp", "CurrentDate", "CurrentTime", "CurrentDatetime", "Localtimestamp", "Localtime")


def story_defaults(draft: TableDraft) -> tuple[tuple[str, Any], ...]:
    """What an INSERT that leaves columns out would give them, as far as it is the same for every row. `now()` is the project's present."""
    keyed = draft.keyed_columns() | {c for u in draft.model.unique for c in u.columns}
    found = []
    for column in draft.filled:
        atom = draft.atom_of.get(column.name)
        if (
            column.default is None
            or column.identity
            or column.name in keyed
            or atom is None
            or atom.explicit
            or atom.reference
        ):
            continue
        known, value = _value(draft, column)
        if known and (value is not None or draft.nullable(column)):
            found.append((column.name, value))
    return tuple(found)


def _value(draft: TableDraft, column: Column) -> tuple[bool, Any]:
    """Whether the default is one value, and the value in the column's type."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    from ssgproj.generators.derive import unsteady
    from ssgproj.generators.values import from_python

    try:
        tree = parse_one(column.default or "", read=draft.context.dialect or None)
    except SqlglotError:
        return False, None
    now = f"TIMESTAMP '{draft.context.generation.now.isoformat(sep=' ')}'"
    tree = tree.transform(lambda n: parse_one(now, read="duckdb") if type(n).__name__ in _NOW else n)
    if tree.find(exp.Column) or unsteady(tree):
        return False, None
    try:
        value = evaluate.constant(tree.sql("duckdb"))
        return True, from_python([value], column.type)[0].as_py()
    except (evaluate.CannotEvaluateError, ValueError, TypeError, ArithmeticError):
        return False, None
