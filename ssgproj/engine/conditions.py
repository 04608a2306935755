"""Conditions that could not be had by construction: rows that fail one are drawn again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.engine.filling import fill_group, finished_rows
from ssgproj.engine.unique import UniqueTracker
from ssgproj.errors import RunError
from ssgproj.generators.arrow import with_replaced
from ssgproj.plan import evaluate
from ssgproj.plan.plan import Group, RowCheck, TablePlan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.engine.batch import RowBatch

MAX_ATTEMPTS = 200
"""Draws of a row that fails a condition before ssg gives up on it."""
NULL_RATE_WHEN_TESTED = 0.5
"""Rows drawn again get this share of NULLs in columns whose condition asks whether they are NULL."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows after drawing again. `failing` are, for each check of the plan, the rows that still do not meet it; `repeated` the rows whose
    combination of columns that must be unique was there before."""

    rows: pa.Table
    failing: tuple[NDArray[np.bool_], ...]
    repeated: NDArray[np.bool_]

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Rows that do not meet a check."""
        return np.logical_or.reduce(self.failing) if self.failing else np.zeros(len(self.rows), bool)


def _failing(rows: pa.Table, checks: Sequence[RowCheck]) -> list[NDArray[np.bool_]]:
    """For each check, the rows where it is false. A check that breaks on a value of this batch is left to the destination."""
    try:
        values = evaluate.columns(rows, [c.sql for c in checks]).columns
    except evaluate.CannotEvaluateError:
        if len(checks) == 1:
            return [np.zeros(len(rows), bool)]
        return [f for c in checks for f in _failing(rows, [c])]
    return [~np.asarray(v.combine_chunks().cast(pa.bool_()).fill_null(True)) for v in values]


def meet_conditions(
    plan: TablePlan,
    batch: RowBatch,
    rows: pa.Table,
    tracker: UniqueTracker,
    fixed: Mapping[str, NDArray[np.bool_]] | None = None,
) -> Outcome:
    """Draw rows that fail again, as often as it takes or MAX_ATTEMPTS times.

    `fixed` tells, for some columns, the rows whose values must stay. The tracker is asked, but nothing is added to it.
    """
    kept = fixed or {}
    tested_null = {c: NULL_RATE_WHEN_TESTED for k in plan.checks for c in k.tests_null if _may_be_null(plan, c)}
    concerned: set[str] = set()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        failing = _failing(rows, plan.checks)
        wrong = np.logical_or.reduce(failing) if failing else np.zeros(len(rows), bool)
        repeated = np.zeros(len(rows), bool)
        concerned = {c for k, f in zip(plan.checks, failing, strict=True) if f.any() for c in k.columns}
        for unique in plan.unique_sets:
            again = tracker.repeated(tracker.hashes(rows, unique), unique, ~(wrong | repeated))
            concerned |= set(unique.columns) if again.any() else set()
            repeated |= again
        bad = wrong | repeated
        groups = [g for g in _redrawn(plan, concerned) if not _all_fixed(g, bad, kept)]
        if not bad.any() or not groups or attempt == MAX_ATTEMPTS:
            break
        rows = _drawn_again(plan, batch, rows, np.flatnonzero(bad), groups, attempt, tested_null, kept)
    if wrong.any():
        # Rows for which no combination is left that must be unique do not fit, whatever else is wrong with their last draw.
        kept_rows = ~(wrong | repeated)
        for unique in plan.unique_sets:
            repeated |= tracker.taken(tracker.hashes(rows, unique), unique, kept_rows)
        failing = [f & ~repeated for f in failing]
        wrong = wrong & ~repeated
    if wrong.any():
        rows, failing = _as_null(plan, rows, wrong, failing, concerned, kept)
    return Outcome(rows, tuple(failing), repeated)


def _all_fixed(group: Group, bad: NDArray[np.bool_], fixed: Mapping[str, NDArray[np.bool_]]) -> bool:
    return bool(fixed) and all(c in fixed and bool(fixed[c][bad].all()) for c in group.columns)


def _may_be_null(plan: TablePlan, name: str) -> bool:
    group = next((g for g in plan.groups if name in g.columns), None)
    return plan.model.column(name).nullable and group is not None and not group.nulls_together


def _redrawn(plan: TablePlan, concerned: set[str]) -> list[Group]:
    """The groups to draw again: those of the columns concerned, and whatever was made from them."""
    chosen: list[Group] = []
    # A pattern of NULLs is drawn anew for all of its columns.
    concerned = concerned | {c for g in plan.groups for m in g.masks if concerned & set(m.columns) for c in m.columns}
    changed = set(concerned)
    for group in plan.groups:
        if group.redraw and (set(group.columns) & concerned or set(group.needs) & changed):
            chosen.append(group)
            changed.update(group.columns)
    return chosen


def _drawn_again(
    plan: TablePlan,
    batch: RowBatch,
    rows: pa.Table,
    bad: NDArray[np.int64],
    groups: Sequence[Group],
    attempt: int,
    null_rates: Mapping[str, float],
    fixed: Mapping[str, NDArray[np.bool_]],
) -> pa.Table:
    part = batch.part(bad, attempt)
    old = rows.take(pa.array(bad))
    part.columns = {name: old.column(name).combine_chunks() for name in old.column_names}
    for group in groups:
        fill_group(plan, part, group, null_rates)
        for name in group.columns:
            if name in fixed and (stays := fixed[name][bad]).any():
                part.columns[name] = pc.if_else(pa.array(stays), old.column(name).combine_chunks(), part.columns[name])
    made = {g for group in groups for g in group.columns}
    columns = {}
    for group in plan.groups:
        for name in group.columns:
            whole = rows.column(name).combine_chunks()
            if name in made:
                whole = with_replaced(whole, bad, part.columns[name])
            columns[name] = whole
    return finished_rows(plan, columns)


def _as_null(
    plan: TablePlan,
    rows: pa.Table,
    wrong: NDArray[np.bool_],
    failing: list[NDArray[np.bool_]],
    concerned: set[str],
    fixed: Mapping[str, NDArray[np.bool_]],
) -> tuple[pa.Table, list[NDArray[np.bool_]]]:
    """The last resort: NULL passes a check, so nullable columns of the rows that fail become NULL if that helps."""
    columns = {name: rows.column(name).combine_chunks() for name in rows.column_names}
    for name in concerned:
        if plan.model.column(name).nullable and name in columns:
            emptied = wrong & ~fixed[name] if name in fixed else wrong
            columns[name] = pc.if_else(pa.array(emptied), pa.scalar(None, type=columns[name].type), columns[name])
    changed = finished_rows(plan, {g: columns[g] for group in plan.groups for g in group.columns})
    still = [f & wrong for f in _failing(changed, plan.checks)]
    return (changed, still) if not np.logical_or.reduce(still).any() else (rows, failing)


def cannot_meet(plan: TablePlan, failing: Sequence[NDArray[np.bool_]]) -> RunError:
    """That random values do not meet a check."""
    worst = max(range(len(failing)), key=lambda i: failing[i].sum())
    check = plan.checks[worst]
    names = ", ".join(f"`{c}`" for c in sorted(check.columns))
    share = failing[worst].mean()
    return RunError(
        f"Random values of {names} do not meet the check `{check.text}` of `{plan.model.table}` "
        f"({share:.0%} of rows fail after {MAX_ATTEMPTS} draws)",
        f"declare `generate:` for {names} in {plan.model.path} so that the check holds",
    )
