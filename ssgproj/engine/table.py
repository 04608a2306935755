"""One batch of one table: every column filled, every condition met."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ssgproj.engine.batch import RowBatch
from ssgproj.engine.conditions import cannot_meet, meet_conditions
from ssgproj.engine.filling import fill_group, finished_rows
from ssgproj.engine.unique import UniqueTracker
from ssgproj.errors import RunError
from ssgproj.plan.plan import TablePlan, redrawable

if TYPE_CHECKING:
    from ssgproj.engine.world import PlanWorld


def make_batch(
    plan: TablePlan, pass_: int, number: int, world: PlanWorld, tracker: UniqueTracker | None = None
) -> pa.RecordBatch:
    """Make batch `number` of a pass, with all columns of the model, generated ones too (NULL where they cannot be computed).

    `tracker` is needed for tables with unique sets to test. Rows that fit no unique set are left out. Raises RunError if a condition
    cannot be met by drawing again.
    """
    layout = world.layout(plan.node)
    first, last = layout.rows(pass_, number)
    batch = RowBatch(
        world.plan.seed, plan.node, pass_, number, layout.first_row(pass_), np.arange(first, last), world,
        siblings=layout.siblings(pass_, number), encoded=world.encoded and not plan.compared,
    )  # fmt: skip
    for group in plan.groups:
        fill_group(plan, batch, group)
    rows = finished_rows(plan, batch.columns)
    if plan.checks or plan.unique_sets:
        rows = _with_conditions(plan, batch, rows, tracker or UniqueTracker())
    return _without_misfits(plan, rows)


def _with_conditions(plan: TablePlan, batch: RowBatch, rows: pa.Table, tracker: UniqueTracker) -> pa.Table:
    """The rows that meet every condition. Raises RunError where a check cannot be met."""
    outcome = meet_conditions(plan, batch, rows, tracker)
    rows, wrong = outcome.rows, outcome.wrong
    if wrong.any():
        concerned = {c for k, f in zip(plan.checks, outcome.failing, strict=True) if f.any() for c in k.columns}
        if any(g.redraw or not redrawable(g.generator) for g in plan.groups if set(g.columns) & concerned):
            raise cannot_meet(plan, outcome.failing)
    # What is left are combinations that had to be unique and so could not be drawn again: they do not fit.
    bad = wrong | outcome.repeated
    kept = rows.filter(pa.array(~bad)) if bad.any() else rows
    for unique in plan.unique_sets:
        tracker.add(kept, unique)
    return kept


def _without_misfits(plan: TablePlan, rows: pa.Table) -> pa.RecordBatch:
    """Rows past the end of a unique domain have NULL where there must be a value: they are left out."""
    must = [c.name for c in plan.model.columns if not _nullable(plan, c.name) and c.generated is None]
    short = [n for n in must if rows.column(n).null_count]
    if short and any(k.computed for k in plan.keys):
        raise RunError(
            f"Column `{short[0]}` of `{plan.model.table}` has no value in {rows.column(short[0]).null_count} rows of a batch, but must have"
            " one, and other tables refer to its rows",
            f"write `nullable: true` to `{short[0]}`, or correct its generator",
        )
    if short:
        valid = np.logical_and.reduce([np.asarray(rows.column(n).combine_chunks().is_valid()) for n in short])
        rows = rows.filter(pa.array(valid))
    # Combining would copy a single chunk too.
    arrays = [c.chunk(0) if c.num_chunks == 1 else c.combine_chunks() for c in rows.columns]
    return pa.RecordBatch.from_arrays(arrays, names=rows.column_names)


def _nullable(plan: TablePlan, name: str) -> bool:
    key = plan.model.primary_key.columns if plan.model.primary_key else ()
    return plan.model.column(name).nullable and name not in key
