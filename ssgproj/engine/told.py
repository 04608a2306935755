"""The rows of one table in one batch of a story: drawn ahead in columns, handed out one by one, put together at the end.

What a story does not give comes from the table's generators. A group of columns is drawn when the story first reads one of them, many rows at
once, or else at the end for all rows. Columns that are made from others wait for what the story gives: read early, they are made for the one row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.engine.batch import RowBatch
from ssgproj.engine.conditions import meet_conditions
from ssgproj.engine.filling import fill_group, finished_rows
from ssgproj.engine.story_errors import RowProblemError
from ssgproj.engine.story_values import UnfitValueError, given_column
from ssgproj.engine.unique import UniqueTracker
from ssgproj.generators.arrow import with_replaced
from ssgproj.generators.empty import Nulls
from ssgproj.project.suggest import suggestion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.engine.layout import Lane
    from ssgproj.engine.told_world import ToldWorld
    from ssgproj.engine.world import PlanWorld
    from ssgproj.plan.plan import Group, TablePlan
    from ssgproj.plan.stories import StoryLink, StoryPlan
    from ssgproj.stories import Row

CHUNKS = (256, 512, 1024, 2048, 4096)
"""Rows drawn at once, the first time, the second and so on; then always the last. Part of what makes two runs equal."""
_MISSING = object()


class ToldTable:
    """Rows of one table that one batch of a story has yielded. Implements `stories._Drawn`."""

    def __init__(
        self, plan: TablePlan, story: StoryPlan, pass_: int, number: str, lane: Lane, world: PlanWorld, tracker: UniqueTracker
    ) -> None:  # fmt: skip
        self.plan = _without_told_references(plan, story)
        self.world, self.lane, self.tracker = world, lane, tracker
        self.rows: list[Row] = []
        self.links: Sequence[tuple[StoryLink, ToldTable | None]] = ()
        self.latest: Row | None = None
        """The row of this table that the telling going on has yielded last."""
        self.begins: list[int] = []
        """For each telling of the batch, how many rows there were before it."""
        self.columns = frozenset(c.name for c in plan.model.columns)
        self._ordered = tuple(c.name for c in plan.model.columns)
        self._pass, self._number = pass_, number
        self._node = f"{plan.node}\x1f{story.name}"
        self._group_of = {c: g for g in self.plan.groups for c in g.columns}
        self._hangs_on: dict[Group, set[str]] = {}
        self._generated = {name for name, _ in plan.generated}
        self._kept_from = 0
        self._drawn: dict[str, list[Any]] = {}
        self._arrays: dict[str, list[pa.Array]] = {}
        self.ahead: dict[str, list[Any]] = {}
        self._whole = bool(plan.checks or plan.unique_sets or any(g.masks for g in plan.groups))
        """Whether rows are drawn whole, because conditions and patterns of NULLs must hold for what is handed out."""
        self._drawn_whole = 0
        self._numbers: list[NDArray[np.int64]] = []
        """Where rows are drawn whole: the row numbers of those that were kept."""
        self._unfit: list[NDArray[np.bool_]] = []
        """And which of them do not meet the conditions by themselves."""
        self._seen: dict[str, set[int]] = {}
        """Where rows are drawn whole: the rows of which the story has read a column, which must not be drawn again."""
        self._defaults = dict(plan.defaults)
        self.around: PlanWorld | ToldWorld = world
        """What generators see of other tables: those of the story in front."""
        self._finished: pa.Table | None = None

    def begin(self) -> None:
        """A telling begins."""
        self.latest = None
        self.begins.append(len(self.rows))

    def keep_last_telling(self) -> None:
        """Forget the rows of all tellings but the last."""
        self._kept_from = self.begins[-1]

    @property
    def kept_rows(self) -> Sequence[Row]:
        """The rows that `finish` gives."""
        return self.rows[self._kept_from :] if self._kept_from else self.rows

    # What rows ask for

    def names(self) -> Sequence[str]:
        return self._ordered

    def refuse(self, row: Row, name: str) -> Exception:
        hint = suggestion(name, self._ordered)
        return RowProblemError(row, f"gives `{self.plan.model.table}` a column `{name}`, which it does not have", hint)

    def value(self, row: Row, name: str) -> Any:
        """A value of a row. Raises KeyError for a column that the table does not have."""
        if name in row._values:
            return row._values[name]
        if row._made is not None and name in row._made:
            return row._made[name]
        if name in self._defaults:
            return self._defaults[name]
        group = self._group_of.get(name)
        if group is None:
            if name not in self._generated:
                raise KeyError(name)
            return self._made_alone(row, name)
        if group.needs and not self._as_drawn(row, group):
            return self._made_alone(row, name)
        index = row._index
        while len(self._drawn.get(name, ())) <= index:
            self._draw(group)
        if self._whole:
            self._seen.setdefault(name, set()).add(index)
        return self._drawn[name][index]

    def _as_drawn(self, row: Row, group: Group) -> bool:
        """Whether columns that are made from others can be taken from what was drawn, since the others are as they were drawn."""
        needed = self._needed(group)
        changed = not row._values.keys().isdisjoint(needed) or bool(
            row._made and not row._made.keys().isdisjoint(needed)
        )
        return self._whole and not changed and self._defaults.keys().isdisjoint(needed)

    def _needed(self, group: Group) -> set[str]:
        """What a group's values hang on, at however many removes."""
        if group in self._hangs_on:
            return self._hangs_on[group]
        found: set[str] = set()
        waiting = list(group.needs)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                if other := self._group_of.get(name):
                    waiting += other.needs
        self._hangs_on[group] = found
        return found

    def _made_alone(self, row: Row, name: str) -> Any:
        """A value that is made from others of the row, for this row alone: from then on it stays."""
        group = self._group_of.get(name)
        needs = group.needs if group else [n for n in self._ordered if n not in self._generated]
        batch = self._batch(row._index, row._index + 1, f"alone {row._index}")
        for need in needs:
            batch.columns[need] = self._given([self.value(row, need)], need, [row])
        if group is not None:
            fill_group(self.plan, batch, group)
        else:
            rows = finished_rows(self.plan, batch.columns)
            batch.columns[name] = rows.column(name).combine_chunks()
        if row._made is None:
            row._made = {}
        for column in group.columns if group else (name,):
            row._made[column] = batch.columns[column][0].as_py()
        return row._made[name]

    # Drawing

    def _batch(self, start: int, stop: int, name: str) -> RowBatch:
        numbers = self.lane.numbers(start, stop)
        if self._whole and not name.startswith("ahead"):
            while sum(map(len, self._numbers)) < stop:
                self._draw(self.plan.groups[0])
            numbers = np.concatenate(self._numbers)[start:stop]
        return RowBatch(
            self.world.plan.seed, self._node, self._pass, f"{self._number} {name}", self.lane.first, numbers, self.around
        )  # fmt: skip

    def _draw(self, group: Group) -> None:
        """The next rows of a group's columns; of all columns where rows are drawn whole, less those that do not meet the conditions."""
        if self._whole:
            start = self._drawn_whole
            batch = self._batch(start, start + self._chunk(start), f"ahead {start}")
            self._drawn_whole += batch.rows
            for each in self.plan.groups:
                fill_group(self.plan, batch, each)
            outcome = meet_conditions(self.plan, batch, finished_rows(self.plan, batch.columns), self.tracker)
            fit = ~(outcome.wrong | outcome.repeated)
            for unique in self.plan.unique_sets:
                self.tracker.add(outcome.rows.filter(pa.array(fit)), unique)
            # If nothing fits any more, the story may still give what makes a row fit: that is seen at the end.
            chosen = fit if fit.any() else np.ones(batch.rows, bool)
            kept = outcome.rows.filter(pa.array(chosen))
            self._numbers.append(batch.row_numbers[chosen])
            self._unfit.append(~fit[chosen])
            made = {n: kept.column(n).combine_chunks() for n in self._group_of}
        else:
            start = len(self._drawn.get(group.columns[0], ()))
            batch = self._batch(start, start + self._chunk(start), f"ahead {start}")
            fill_group(self.plan, batch, group)
            made = {n: batch.columns[n] for n in group.columns}
        for name, array in made.items():
            self._arrays.setdefault(name, []).append(array)
            self._drawn.setdefault(name, []).extend(array.to_pylist())
            if not self._whole and name not in self._defaults:
                self.ahead[name] = self._drawn[name]

    @staticmethod
    def _chunk(start: int) -> int:
        passed = 0
        for size in CHUNKS:
            if start == passed:
                return size
            passed += size
        return CHUNKS[-1]

    # Putting together

    def finish(self) -> pa.RecordBatch:
        """The rows of the batch, every condition met. Raises RowProblemError for a row that cannot be."""
        kept = self.all_rows().slice(self._kept_from)
        arrays = [kept.column(i).combine_chunks() for i in range(kept.num_columns)]
        return pa.RecordBatch.from_arrays(arrays, names=kept.column_names)

    def all_rows(self) -> pa.Table:
        """As `finish`, with the rows of every telling. They are put together once, when they or rows that read them are asked for."""
        if self._finished is None:
            self._finished = self._put_together()
        return self._finished

    def _put_together(self) -> pa.Table:
        rows = self.rows
        count = len(rows)
        batch = self._batch(0, count, "rest")
        used: set[str] = set().union(*(r._values for r in rows))
        made: set[str] = set().union(*(r._made for r in rows if r._made))
        given: dict[str, NDArray[np.bool_]] = {}
        for group in self.plan.groups:
            self._put_group(batch, group, used, made, given)
        finished = finished_rows(self.plan, batch.columns)
        if self._whole:
            finished = self._with_conditions(batch, finished, given)
        self._check_null(finished)
        return finished

    def _put_group(
        self, batch: RowBatch, group: Group, used: set[str], made: set[str], given: dict[str, NDArray[np.bool_]]
    ) -> None:
        """Set a group's columns of the batch: what the story gave, and for the other rows what was drawn."""
        rows, count = self.rows, len(self.rows)
        told: dict[str, tuple[list[Any], NDArray[np.bool_]]] = {}
        for name in group.columns:
            values: list[Any] = [_MISSING] * count
            if name in used:
                values = [r._values.get(name, _MISSING) for r in rows]
            if name in made:
                values = [
                    r._made[name] if v is _MISSING and r._made and name in r._made else v
                    for v, r in zip(values, rows, strict=True)
                ]
            if name in self._defaults:
                default = self._defaults[name]
                values = [default if v is _MISSING else v for v in values]
            missing = values.count(_MISSING)
            if missing < count:
                mask = (
                    np.ones(count, bool)
                    if not missing
                    else np.fromiter((v is not _MISSING for v in values), bool, count)
                )
                told[name] = (values, mask)
        if len(told) < len(group.columns) or not all(mask.all() for _, mask in told.values()):
            self._fill_rest(batch, group, given)
        for name, (values, mask) in told.items():
            given[name] = mask
            if mask.all():
                batch.columns[name] = self._given(values, name, rows)
                continue
            index = np.flatnonzero(mask)
            some = self._given([values[i] for i in index], name, [rows[i] for i in index])
            batch.columns[name] = with_replaced(batch.columns[name], index, some)

    def _fill_rest(self, batch: RowBatch, group: Group, given: Mapping[str, NDArray[np.bool_]]) -> None:
        count = len(self.rows)
        drawn = self._arrays.get(group.columns[0])
        if drawn is None and not self._whole:
            fill_group(self.plan, batch, group)
            return
        while len(self._drawn.get(group.columns[0], ())) < count:
            self._draw(group)
        for name in group.columns:
            batch.columns[name] = pa.concat_arrays(self._arrays[name]).slice(0, count)
        changed = [given[n] for n in self._needed(group) if n in given] if group.needs else []
        if changed:
            # What it was made from is not what was drawn: these rows are made again.
            index = np.flatnonzero(np.logical_or.reduce(changed))
            part = batch.part(index, 0)
            part.columns = {n: a.take(pa.array(index)) for n, a in batch.columns.items()}
            fill_group(self.plan, part, group)
            for name in group.columns:
                batch.columns[name] = with_replaced(batch.columns[name], index, part.columns[name])

    def _given(self, values: Sequence[Any], name: str, rows: Sequence[Row]) -> pa.Array:
        try:
            return given_column(values, self.plan.model.column(name).type)
        except UnfitValueError as problem:
            column = self.plan.model.column(name)
            message = f"gives `{self.plan.model.table}.{name}` of type `{column.type.text}` what it cannot hold"
            raise RowProblemError(rows[problem.index], f"{message}: {problem.reason}") from None

    def _with_conditions(self, batch: RowBatch, rows: pa.Table, given: Mapping[str, NDArray[np.bool_]]) -> pa.Table:
        """Rows as they were drawn meet the conditions; those in which the story gave something are tested again."""
        concerned = {c for k in self.plan.checks for c in k.columns} | {
            c for u in self.plan.unique_sets for c in u.columns
        }
        masks = [mask for name, mask in given.items() if name in concerned]
        unfit = np.concatenate(self._unfit)[: len(rows)]
        masks += [unfit] if unfit.any() else []
        if not masks:
            return rows
        index = np.flatnonzero(np.logical_or.reduce(masks))
        part = batch.part(index, 0)
        part.number = f"{batch.number} again"
        # What was handed out stays as it is.
        fixed = {name: mask[index] for name, mask in given.items()}
        for name, read in self._seen.items():
            seen = np.isin(index, list(read))
            fixed[name] = fixed[name] | seen if name in fixed else seen
        outcome = meet_conditions(self.plan, part, rows.take(pa.array(index)), self.tracker, fixed)
        for check, failing in zip(self.plan.checks, outcome.failing, strict=True):
            if failing.any():
                row = self.rows[index[int(np.flatnonzero(failing)[0])]]
                raise RowProblemError(
                    row, f"yields a row of `{self.plan.model.table}` that does not meet `{check.text}`"
                )
        if outcome.repeated.any():
            row = self.rows[index[int(np.flatnonzero(outcome.repeated)[0])]]
            sets = " or ".join(f"({', '.join(u.columns)})" for u in self.plan.unique_sets)
            raise RowProblemError(row, f"yields a row of `{self.plan.model.table}` with the same {sets} as another")
        for unique in self.plan.unique_sets:
            self.tracker.add(outcome.rows, unique)
        return with_replaced(rows, index, outcome.rows.cast(rows.schema))

    def _check_null(self, rows: pa.Table) -> None:
        """NULL where there must be a value: given by the story, or a unique domain is exhausted."""
        key = self.plan.model.primary_key.columns if self.plan.model.primary_key else ()
        for column in self.plan.model.columns:
            if (column.nullable and column.name not in key) or column.generated is not None:
                continue
            array = rows.column(column.name)
            if array.null_count:
                index = int(np.flatnonzero(np.asarray(pc.is_null(array)))[0])
                what = f"`{self.plan.model.table}.{column.name}`, which must have a value"
                if column.name in self.rows[index]._values:
                    raise RowProblemError(self.rows[index], f"gives NULL to {what}")
                raise RowProblemError(self.rows[index], f"gives nothing to {what}: its generator has no more values")


def _without_told_references(plan: TablePlan, story: StoryPlan) -> TablePlan:
    """The plan with nothing drawn for references to tables of the same story: the story gives them, or else the row that it told last."""
    told = {c for link in story.links[plan.node] if link.told for c in link.columns}
    groups = tuple(
        replace(
            g,
            generator=Nulls(tuple(plan.model.column(c).type for c in g.columns)),
            needs=(),
            null_rates=(),
            redraw=False,
        )
        if set(g.columns) <= told
        else g
        for g in plan.groups
    )
    return replace(plan, groups=groups)
