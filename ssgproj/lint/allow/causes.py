"""Putting the clauses together."""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.allow.base import Cause, DpQuery
from ssgproj.lint.allow.conditions import having_causes, where_causes
from ssgproj.lint.allow.keys import key_causes
from ssgproj.lint.allow.limits import limit_causes
from ssgproj.lint.allow.outputs import output_causes
from ssgproj.lint.allow.sorting import order_causes
from ssgproj.lint.allow.texts import text_causes

__all__ = ["Cause", "DpQuery", "causes"]


def causes(dp: DpQuery) -> list[Cause]:
    """Why SmartNoise would refuse this query or answer it wrongly; empty if it is on the allow-list. In the order of the text."""
    found = [Cause(p.kind, p.start, p.end, p.text) for p in dp.query.problems]
    found += _table(dp)
    for check in (output_causes, key_causes, where_causes, having_causes, order_causes, limit_causes, text_causes):
        found += check(dp)
    unique = {(c.kind, c.start, c.end): c for c in found}
    return sorted(unique.values(), key=lambda c: (c.start, c.end, c.kind))


def _table(dp: DpQuery) -> Iterator[Cause]:
    table = dp.query.table
    if table is not None and table.name != "query_result":
        yield Cause("other-table", table.start, table.end, table.name)
    for problem in dp.query.problems:
        if problem.kind == "top" and dp.query.limit is not None:
            yield Cause("quantifier-limit", problem.start, problem.end, "TOP")
    if dp.query.quantifier:
        kind = "select-" + dp.query.quantifier.lower()
        if kind == "select-distinct" and dp.group_keys and dp.group_keys <= dp.output_values:
            kind = "needless-distinct"
        yield Cause(kind, *dp.query.quantifier_place, dp.query.quantifier)
        if dp.query.limit is not None:
            yield Cause("quantifier-limit", *dp.query.quantifier_place, dp.query.quantifier)
