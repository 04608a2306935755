"""Filling the columns of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, cast

import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.generators.arrow import arrow_type, encoded, with_nulls
from ssgproj.generators.base import PickingGenerator
from ssgproj.generators.world import ParentGenerator
from ssgproj.plan import evaluate

if TYPE_CHECKING:
    from ssgproj.engine.batch import RowBatch
    from ssgproj.plan.plan import Group, TablePlan


def fill_group(plan: TablePlan, batch: RowBatch, group: Group, null_rate: Mapping[str, float] | None = None) -> None:
    """Set the batch's columns that the group fills. `null_rate` replaces the shares of NULLs of some columns."""
    batch.filling = "\x1e".join(group.columns)
    batch.unmasked = frozenset(c for m in group.masks for c in m.columns)
    arrays = _values(batch, group)
    together = batch.rng("nulls").random(batch.rows) if group.nulls_together else None
    for place, (name, made) in enumerate(zip(group.columns, arrays, strict=True)):
        expected = arrow_type(plan.model.column(name).type)
        whole = made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
        fits = (whole.type.value_type if pa.types.is_dictionary(whole.type) else whole.type) == expected
        values = whole if fits else pc.cast(whole, expected)
        if name in batch.unmasked:
            batch.columns[name] = batch.whole[name] = values
            continue
        rate = (null_rate or {}).get(name, group.null_rates[place] if group.null_rates else 0.0)
        if rate > 0:
            draw = together if together is not None else batch.rng(f"nulls {name}").random(batch.rows)
            values = with_nulls(values, draw < rate)
        batch.columns[name] = values
    for mask in group.masks:
        # The stream is named by all columns of the mask: every group that has some of them draws the same patterns.
        batch.filling = "\x1e".join(("missing", *mask.columns))
        missing = mask.missing(batch.rng(), batch.rows)
        for place, name in enumerate(mask.columns):
            if name in group.columns:
                batch.columns[name] = with_nulls(batch.whole[name], missing[:, place])


def _values(batch: RowBatch, group: Group) -> Sequence[pa.Array]:
    generator = group.generator
    if _is(type(generator), ParentGenerator):
        taking = cast("ParentGenerator", generator)
        if (parents := taking.parents(batch)) is not None:
            batch.taken_parents[group.columns] = parents
            return taking.of(batch, parents)
    elif batch.encoded and _is(type(generator), PickingGenerator):
        return encoded(*cast("PickingGenerator", generator).pick(batch))
    return generator.generate(batch)


@cache
def _is(kind: type, protocol: type) -> bool:
    """As `issubclass`, which looks at every member of a protocol each time."""
    return issubclass(kind, protocol)


def finished_rows(plan: TablePlan, columns: Mapping[str, pa.Array]) -> pa.Table:
    """The columns in the model's order, with those that the database would compute."""
    rows = pa.table(dict(columns))
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
