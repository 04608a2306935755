"""Loading every node of a run, in order: vocabularies, stories, tables."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.engine.keeper import Keeper
from ssgproj.engine.results import NodeResult, Progress
from ssgproj.engine.story_errors import StoryError
from ssgproj.engine.story_references import MissingParents
from ssgproj.engine.workers import Batches, Task
from ssgproj.errors import RunError
from ssgproj.generators.parents import row_texts
from ssgproj.generators.unique import UniqueTogether, UniqueValues
from ssgproj.vocabularies import read_vocabulary

if TYPE_CHECKING:
    from ssgproj.engine.unique import UniqueTracker
    from ssgproj.engine.world import PlanWorld
    from ssgproj.plan.plan import Plan, TablePlan
    from ssgproj.plan.stories import StoryPlan
    from ssgproj.targets.base import Existing, Session

FEW_ROWS = 150_000
"""Below this, starting worker processes costs more than they save."""
TURN = 8
"""Batches of a story that are loaded in turns: so many of one table, then so many of the next."""


class Filler:
    """Fills the selected nodes through one session. `existing` tells what tables hold already."""

    def __init__(
        self,
        session: Session,
        world: PlanWorld,
        existing: Mapping[str, Existing | None],
        trackers: dict[str, UniqueTracker],
        workers: int,
        progress: Progress,
        only: int | None = None,
    ) -> None:
        self.session, self.world, self.existing, self.progress, self.only = session, world, existing, progress, only
        self.plan: Plan = world.plan
        self.passes = range(world.first_pass, world.first_pass + world.passes)
        self.keeper = Keeper(self.plan, world.spill)
        self.results: list[NodeResult] = []
        self.filled: set[str] = set()
        """The tables that got rows, or would have."""
        self.work = with_key_makers(self.plan, [n for n in self.plan.order if n in self.plan.selected])
        made = [n for n in self.work if n not in self.plan.vocabularies]
        few = sum(self._expected(n) for n in made) < FEW_ROWS
        short = {n for n in made if self.plan.maker(n).calls_python and self._expected(n) < FEW_ROWS}
        self.batches = Batches(world, 1 if few else workers, made, self._tasks, self._ready, trackers, only, short)

    def fill(self) -> None:
        """Make and load everything. Raises RunError."""
        try:
            for node in self.work:
                if node in self.plan.vocabularies:
                    self._vocabulary(node)
                elif node in self.plan.stories:
                    self._story(self.plan.stories[node])
                else:
                    self._table(self.plan.tables[node])
        finally:
            self.batches.close()
            self.keeper.close()

    def _expected(self, node: str) -> int:
        from ssgproj.plan.stories import EXPECTED_ROWS

        if node in self.plan.stories:
            return self.plan.stories[node].count * EXPECTED_ROWS * len(self.passes)
        return sum(self.plan.tables[node].rows_in_pass(p) for p in self.passes)

    def _ready(self, node: str) -> bool:
        return all(p in self.keeper.complete for p in self.plan.maker(node).parents)

    def _tasks(self, node: str) -> Iterator[Task]:
        for pass_ in self.passes:
            yield from self._tasks_of_pass(node, pass_)

    def _tasks_of_pass(self, node: str, pass_: int) -> Iterator[Task]:
        story = self.plan.stories.get(node)
        if story is not None and self.only is not None:
            yield Task(node, pass_, self.only // story.batch)
            return
        yield from (Task(node, pass_, number) for number in range(self.world.batches(node, pass_)))

    def _done(self, result: NodeResult) -> None:
        self.results.append(result)
        self.progress.finished(result)

    def _counted(self, node: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield batch
            self.progress.loaded(node, batch.num_rows)

    def _vocabulary(self, node: str) -> None:
        found, model = self.existing[node], self.plan.vocabularies[node]
        if found is not None and found.rows:
            return
        begun = time.perf_counter()
        self.progress.started(node, 0)
        rows = self.session.load(model, self._counted(node, read_vocabulary(self.plan.root, model)))
        self.filled.add(node)
        self._done(NodeResult(node, rows, rows, time.perf_counter() - begun))

    def _table(self, table: TablePlan) -> None:
        node, begun = table.node, time.perf_counter()
        if node not in self.plan.selected:
            for _ in self._made(node):
                pass
            self.keeper.finish(node)
            return
        asked = self.world.rows_asked(node)
        self.progress.started(node, asked)
        rows = self.session.load(table.model, self._counted(node, self._made(node)))
        self.keeper.finish(node)
        self.filled.add(node)
        self._done(NodeResult(node, rows, asked, time.perf_counter() - begun, notes_of(table, rows, asked)))

    def _made(self, node: str) -> Iterator[pa.RecordBatch]:
        for pass_ in self.passes:
            yield from self.keeper.keeping(node, pass_, self._batches_of(node, pass_))

    def _batches_of(self, node: str, pass_: int) -> Iterator[pa.RecordBatch]:
        for task in self._tasks_of_pass(node, pass_):
            (batch,) = self.batches.take(task).parts.values()
            yield batch

    def _story(self, story: StoryPlan) -> None:
        begun, selected = time.perf_counter(), story.node in self.plan.selected
        if selected:
            self.progress.started(story.node, 0)
        rows = dict.fromkeys(story.nodes, 0)
        for pass_ in self.passes:
            missing: list[MissingParents] = []
            waiting: dict[str, list[pa.RecordBatch]] = {n: [] for n in story.nodes}
            for turn, task in enumerate(self._tasks_of_pass(story.node, pass_), start=1):
                made = self.batches.take(task)
                missing += made.missing
                for node, batch in made.parts.items():
                    self.keeper.keep(node, pass_, batch)
                    waiting[node].append(batch)
                if selected and turn % TURN == 0:
                    self._load_turn(story, waiting, rows, missing)
            if selected:
                self._load_turn(story, waiting, rows, missing)
            self._look_up(missing)
        if not selected:
            return
        self.filled.update(story.nodes)
        told = len(self.passes) * (story.count if self.only is None else 1)
        tables = {n: r for n, r in rows.items() if r}
        self._done(NodeResult(story.node, sum(rows.values()), told, time.perf_counter() - begun, (), tables))

    def _load_turn(
        self,
        story: StoryPlan,
        waiting: dict[str, list[pa.RecordBatch]],
        rows: dict[str, int],
        missing: Sequence[MissingParents],
    ) -> None:
        for node in (n for n in self.plan.order if waiting.get(n)):
            batches = waiting[node]
            waiting[node] = []
            try:
                rows[node] += self.session.load(self.plan.tables[node].model, self._counted(story.node, iter(batches)))
            except RunError:
                self._look_up(missing)  # the story's place says more than the destination does
                raise

    def _look_up(self, missing: Sequence[MissingParents]) -> None:
        """References of a story to rows of its own that their batch does not hold. Raises StoryError for one that no batch holds."""
        for each in missing:
            if each.link.parent in self.keeper.complete:
                continue  # the story's own rows came too late for the file; the destination checks them
            known = self.keeper.so_far(each.link.parent)
            keys = [known.column(c).combine_chunks() for c in each.link.parent_columns]
            lost = np.flatnonzero(~np.asarray(pc.is_in(each.texts, value_set=row_texts(keys))))
            if len(lost):
                message, hint = each.errors[min(int(lost[0]), len(each.errors) - 1)]
                raise StoryError(message, hint)


def with_key_makers(plan: Plan, nodes: Sequence[str]) -> list[str]:
    """The nodes in the order of work, vocabularies first, with nodes that are not selected but whose keys must be made again for those that
    are."""
    needed = set(nodes)
    for node in reversed(plan.order):
        if node in needed and node not in plan.vocabularies:
            needed.update(plan.maker(node).parents)
    # A table's keys are those of its stories too.
    for story in plan.stories.values():
        waited = {p for n in needed if n in plan.tables for p in plan.tables[n].parents}
        if waited & set(story.nodes):
            needed.update((story.node, *story.parents))
    ordered = [n for n in plan.order if n in needed]
    return sorted(ordered, key=lambda n: n not in plan.vocabularies)  # stable, so parents stay before children


def notes_of(table: TablePlan, rows: int, asked: int) -> tuple[str, ...]:
    """What to say of a table that got so many rows of those asked for."""
    if rows >= asked or any("fit" in n for n in table.notes):
        return table.notes
    sets = [f"({', '.join(u.columns)})" for u in table.unique_sets]
    sets += [
        f"({', '.join(g.columns)})" for g in table.groups if isinstance(g.generator, UniqueValues | UniqueTogether)
    ]
    if not sets:
        return table.notes
    return (*table.notes, f"{asked:,} rows asked for, {rows:,} fit: {'; '.join(dict.fromkeys(sets))} must be unique")
