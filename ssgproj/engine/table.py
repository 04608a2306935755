"""One batch of one table: every column filled, every condition met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.engine.batch import RowBatch
from ssgproj.errors import RunError
from ssgproj.generators.arrow import arrow_type
from ssgproj.plan import evaluate
from ssgproj.plan.plan import BATCH_ROWS, Group, RowCheck, TablePlan, UniqueSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.engine.world import PlanWorld

MAX_ATTEMPTS = 200
"""Draws of a row that fails a condition before ssg gives up on it."""
NULL_RATE_WHEN_TESTED = 0.5
"""Rows drawn again get this share of NULLs in columns whose condition asks whether they are NULL."""


@dataclass(slots=True)
class UniqueTracker:
    """What the unique sets of a table hold so far: hashes of the combinations seen."""

    seen: dict[UniqueSet, set[int]] = field(default_factory=dict)

    def hashes(self, rows: pa.Table, unique: UniqueSet) -> pa.Array:
        """A hash of each row's combination; NULL where the row does not count."""
        parts = unique.expressions or tuple(evaluate.quote(c) for c in unique.columns)
        conditions = [] if unique.nulls_not_distinct else [f"({p}) IS NOT NULL" for p in parts]
        conditions += [f"({unique.where})"] if unique.where else []
        value = f"hash({', '.join(parts)})"
        sql = f"CASE WHEN {' AND '.join(conditions)} THEN {value} END" if conditions else value
        return evaluate.columns(rows, [sql]).column(0).combine_chunks()

    def repeated(self, hashes: pa.Array, unique: UniqueSet, alive: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Rows whose combination was seen, or stands earlier in the batch among rows that are alive."""
        seen = self.seen.setdefault(unique, set())
        counts = np.asarray(hashes.is_valid()) & alive
        values = hashes.fill_null(0).to_numpy(zero_copy_only=False).astype(np.uint64)
        repeated = np.zeros(len(values), bool)
        index = np.flatnonzero(counts)
        if seen:
            repeated[index] = [int(v) in seen for v in values[index]]
            index = index[~repeated[index]]
        _, first = np.unique(values[index], return_index=True)
        later = np.ones(len(index), bool)
        later[first] = False
        repeated[index[later]] = True
        return repeated

    def add(self, rows: pa.Table, unique: UniqueSet) -> None:
        self.seen.setdefault(unique, set()).update(v for v in self.hashes(rows, unique).to_pylist() if v is not None)


def batches_in_pass(plan: TablePlan, pass_: int) -> int:
    """How many batches a pass of a table has."""
    return -(-plan.rows_in_pass(pass_) // BATCH_ROWS)


def make_batch(
    plan: TablePlan, pass_: int, number: int, world: PlanWorld, tracker: UniqueTracker | None = None
) -> pa.RecordBatch:
    """Make batch `number` of a pass, with all columns of the model, generated ones too (NULL where they cannot be computed).

    `tracker` is needed for tables with unique sets to test. Rows that fit no unique set are left out. Raises RunError if a condition
    cannot be met by drawing again.
    """
    start = plan.first_row(pass_)
    first = start + number * BATCH_ROWS
    last = min(first + BATCH_ROWS, plan.first_row(pass_ + 1))
    batch = RowBatch(world.plan.seed, plan.node, pass_, number, start, np.arange(first, last), world)
    for group in plan.groups:
        _fill(plan, batch, group)
    rows = _finished(plan, batch.columns)
    if plan.checks or plan.unique_sets:
        rows = _meet_conditions(plan, batch, rows, tracker or UniqueTracker())
    return _without_misfits(plan, rows)


def _fill(plan: TablePlan, batch: RowBatch, group: Group, null_rate: dict[str, float] | None = None) -> None:
    batch.filling = "\x1e".join(group.columns)
    arrays = group.generator.generate(batch)
    together = batch.rng("nulls").random(batch.rows) if group.nulls_together else None
    for place, (name, made) in enumerate(zip(group.columns, arrays, strict=True)):
        expected = arrow_type(plan.model.column(name).type)
        whole = made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
        values = whole if whole.type == expected else pc.cast(whole, expected)
        rate = (null_rate or {}).get(name, group.null_rates[place] if group.null_rates else 0.0)
        if rate > 0:
            draw = together if together is not None else batch.rng(f"nulls {name}").random(batch.rows)
            values = pc.if_else(pa.array(draw < rate), pa.scalar(None, type=expected), values)
        batch.columns[name] = values


def _finished(plan: TablePlan, columns: dict[str, pa.Array]) -> pa.Table:
    """The columns in the model's order, with those that the database would compute."""
    rows = pa.table(columns)
    for name, sql in plan.generated:
        expected = arrow_type(plan.model.column(name).type)
        if sql is None:
            values = pa.nulls(len(rows), expected)
        else:
            try:
                values = evaluate.columns(rows, [sql]).column(0).cast(expected, safe=False)
            except (evaluate.CannotEvaluateError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
                values = pa.nulls(len(rows), expected)
        rows = rows.append_column(name, values)
    return rows.select([c.name for c in plan.model.columns])


def _failing(rows: pa.Table, checks: Sequence[RowCheck], table: object) -> list[NDArray[np.bool_]]:
    """For each check, the rows where it is false. A check that breaks on a value of this batch is left to the destination."""
    try:
        values = evaluate.columns(rows, [c.sql for c in checks]).columns
    except evaluate.CannotEvaluateError:
        if len(checks) == 1:
            return [np.zeros(len(rows), bool)]
        return [f for c in checks for f in _failing(rows, [c], table)]
    return [~np.asarray(v.combine_chunks().cast(pa.bool_()).fill_null(True)) for v in values]


def _meet_conditions(plan: TablePlan, batch: RowBatch, rows: pa.Table, tracker: UniqueTracker) -> pa.Table:
    tested_null = {c: NULL_RATE_WHEN_TESTED for k in plan.checks for c in k.tests_null if _may_be_null(plan, c)}
    for attempt in range(1, MAX_ATTEMPTS + 1):
        failing = _failing(rows, plan.checks, plan.model.table)
        wrong = np.logical_or.reduce(failing) if failing else np.zeros(len(rows), bool)
        repeated = np.zeros(len(rows), bool)
        concerned = {c for k, f in zip(plan.checks, failing, strict=True) if f.any() for c in k.columns}
        for unique in plan.unique_sets:
            again = tracker.repeated(tracker.hashes(rows, unique), unique, ~(wrong | repeated))
            concerned |= set(unique.columns) if again.any() else set()
            repeated |= again
        bad = wrong | repeated
        groups = _redrawn(plan, concerned)
        if not bad.any() or not groups or attempt == MAX_ATTEMPTS:
            break
        rows = _drawn_again(plan, batch, rows, np.flatnonzero(bad), groups, attempt, tested_null)
    if wrong.any():
        rows, wrong = _as_null(plan, rows, wrong, concerned)
    if wrong.any() and any(g.redraw for g in plan.groups if set(g.columns) & concerned):
        raise _cannot_meet(plan, rows, failing)
    # What is left are combinations that had to be unique and so could not be drawn again: they do not fit.
    bad = wrong | repeated
    kept = rows.filter(pa.array(~bad)) if bad.any() else rows
    for unique in plan.unique_sets:
        tracker.add(kept, unique)
    return kept


def _may_be_null(plan: TablePlan, name: str) -> bool:
    group = next((g for g in plan.groups if name in g.columns), None)
    return plan.model.column(name).nullable and group is not None and not group.nulls_together


def _redrawn(plan: TablePlan, concerned: set[str]) -> list[Group]:
    """The groups to draw again: those of the columns concerned, and whatever was made from them."""
    chosen: list[Group] = []
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
    null_rates: dict[str, float],
) -> pa.Table:
    part = RowBatch(
        batch.seed,
        batch.node,
        batch.pass_,
        batch.number,
        batch.pass_start,
        batch.row_numbers[bad],
        batch.world,
        attempt,
    )
    old = rows.take(pa.array(bad))
    part.columns = {name: old.column(name).combine_chunks() for name in old.column_names}
    for group in groups:
        _fill(plan, part, group, null_rates)
    made = {g for group in groups for g in group.columns}
    place = np.arange(len(rows))
    place[bad] = len(rows) + np.arange(len(bad))
    index = pa.array(place)
    columns = {}
    for group in plan.groups:
        for name in group.columns:
            whole = rows.column(name).combine_chunks()
            if name in made:
                whole = pa.concat_arrays([whole, part.columns[name]]).take(index)
            columns[name] = whole
    return _finished(plan, columns)


def _as_null(
    plan: TablePlan, rows: pa.Table, wrong: NDArray[np.bool_], concerned: set[str]
) -> tuple[pa.Table, NDArray[np.bool_]]:
    """The last resort: NULL passes a check, so nullable columns of the rows that fail become NULL if that helps."""
    columns = {name: rows.column(name).combine_chunks() for name in rows.column_names}
    for name in concerned:
        if plan.model.column(name).nullable and name in columns:
            columns[name] = pc.if_else(pa.array(wrong), pa.scalar(None, type=columns[name].type), columns[name])
    changed = _finished(plan, {g: columns[g] for group in plan.groups for g in group.columns})
    failing = _failing(changed, plan.checks, plan.model.table)
    still = np.logical_or.reduce(failing)
    return (changed, still) if not still.any() else (rows, wrong)


def _cannot_meet(plan: TablePlan, rows: pa.Table, failing: Sequence[NDArray[np.bool_]]) -> RunError:
    worst = max(range(len(failing)), key=lambda i: failing[i].sum())
    check = plan.checks[worst]
    names = ", ".join(f"`{c}`" for c in sorted(check.columns))
    share = failing[worst].mean()
    return RunError(
        f"Random values of {names} do not meet the check `{check.text}` of `{plan.model.table}` "
        f"({share:.0%} of rows fail after {MAX_ATTEMPTS} draws)",
        f"declare `generate:` for {names} in {plan.model.path} so that the check holds",
    )


def _without_misfits(plan: TablePlan, rows: pa.Table) -> pa.RecordBatch:
    """Rows past the end of a unique domain have NULL where there must be a value: they are left out."""
    must = [c.name for c in plan.model.columns if not _nullable(plan, c.name) and c.generated is None]
    short = [n for n in must if rows.column(n).null_count]
    if short:
        valid = np.logical_and.reduce([np.asarray(rows.column(n).combine_chunks().is_valid()) for n in short])
        rows = rows.filter(pa.array(valid))
    arrays = [rows.column(i).combine_chunks() for i in range(rows.num_columns)]
    return pa.RecordBatch.from_arrays(arrays, names=rows.column_names)


def _nullable(plan: TablePlan, name: str) -> bool:
    key = plan.model.primary_key.columns if plan.model.primary_key else ()
    return plan.model.column(name).nullable and name not in key
