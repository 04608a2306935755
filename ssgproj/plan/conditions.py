"""CHECK conditions taken apart: what holds by construction, and what has to be tested on rows.

A check is a conjunction. Each conjunct is one of

* a **restriction** of one column (`age >= 18`, `status IN (...)`, `length(code) = 2`, a regular expression): the column's default
  generator stays inside it;
* an **ordering** of two columns (`start <= end`): they are drawn together;
* a **remainder**: evaluated over each batch, rows that fail are drawn again.

A condition that is NULL passes, as in SQL, so `x IS NULL OR ...` says nothing about values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import ErrorLevel, SqlglotError

from ssgproj.generators.base import Restriction
from ssgproj.plan import evaluate
from ssgproj.plan.literals import literals_of
from ssgproj.plan.restriction_of import hull_of, ordering_of, restriction_of
from ssgproj.plan.simplify import simplified
from ssgproj.plan.trees import conjuncts, is_null_test
from ssgproj.project.types import SqlType


@dataclass(frozen=True, slots=True)
class Condition:
    """One conjunct of a check. `text` is the check as written, `tree` this part of it; `types` are those of `columns`, empty if a name
    in it is no column."""

    text: str
    columns: tuple[str, ...]
    tree: exp.Expr
    types: tuple[SqlType, ...] = ()
    restriction: Restriction | None = None
    ordering: tuple[str, str, bool] | None = None
    """(smaller, greater, strict)"""
    literals: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Values that the condition compares columns with: good guesses for values that satisfy it."""
    tests_null: tuple[str, ...] = ()
    """Columns compared with NULL."""
    not_null: bool = False
    """NULL in its one column does not pass."""
    hull: Restriction | None = None
    """Bounds outside of which no value of its one column passes; inside, some may not."""

    @property
    def sql(self) -> str | None:
        """The condition as DuckDB writes it, or None if it cannot be evaluated. Asked only of those that have to be tested."""
        if not self.types:
            return None
        text = self.tree.sql("duckdb", unsupported_level=ErrorLevel.IGNORE)
        return text if evaluate.understands(text, self.columns, self.types) else None


def conditions(
    checks: Iterable[str], types: Mapping[str, SqlType], dialect: str, now: datetime
) -> tuple[list[Condition], list[str]]:
    """Take checks apart. Returns the conditions, and the checks that cannot be read or evaluated."""
    found: list[Condition] = []
    opaque: list[str] = []
    for text in checks:
        try:
            tree = parse_one(text, read=dialect or None, into=exp.Condition)
        except (SqlglotError, RecursionError):
            opaque.append(text)
            continue
        for conjunct in conjuncts(simplified(tree, types, now)):
            condition = _condition(conjunct, text, types, now)
            if condition is None:
                continue
            if condition.restriction is None and condition.ordering is None and condition.sql is None:
                opaque.append(text)
            found.append(condition)
    return found, list(dict.fromkeys(opaque))


def substitute_value(check: str, column: str, dialect: str) -> str:
    """A domain's check with its `VALUE` replaced by a column."""
    try:
        tree = parse_one(check, read=dialect or None, into=exp.Condition)
    except SqlglotError:
        return re.sub(r"\bVALUE\b", evaluate.quote(column), check, flags=re.IGNORECASE)
    for node in list(tree.find_all(exp.Column)):
        if node.name.upper() == "VALUE" and not node.table:
            node.replace(exp.column(exp.to_identifier(column, quoted=True)))
    return tree.sql(dialect or None)


def _condition(tree: exp.Expr, text: str, types: Mapping[str, SqlType], now: datetime) -> Condition | None:
    names = tuple(dict.fromkeys(c.name for c in tree.find_all(exp.Column)))
    if not names:
        return None
    known = all(n in types for n in names)
    of_types = tuple(types[n] for n in names) if known else ()
    restriction = ordering = None
    inner = tree.this.unnest() if isinstance(tree, exp.Not) else None
    not_null = False
    hull = None
    if known and len(names) == 1:
        if inner is not None and is_null_test(inner):
            return Condition(text, names, tree, of_types, Restriction(), not_null=True)
        restriction = restriction_of(tree, names[0], types[names[0]], now)
        # Comparisons pass NULL on; of what does not, ask the database.
        plain = not tree.find(exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Coalesce, exp.Case, exp.If, exp.Func)
        not_null = not plain and evaluate.fails_for_null(
            tree.sql("duckdb", unsupported_level=ErrorLevel.IGNORE), names[0], types[names[0]]
        )
        hull = hull_of(tree, names[0], types[names[0]], now) if restriction is None else None
    elif known and len(names) == 2:
        ordering = ordering_of(tree, types)
    return Condition(
        text,
        names,
        tree,
        of_types,
        restriction,
        ordering,
        literals_of(tree, types) if known else {},
        tuple(
            dict.fromkeys(
                c.name
                for n in tree.find_all(exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Coalesce)
                for c in n.find_all(exp.Column)
            )
        ),
        not_null,
        hull,
    )
