"""Carrying out a plan: every selected table made, loaded and constrained, in one all-or-nothing session."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from ssgproj.engine.table import UniqueTracker, batches_in_pass
from ssgproj.engine.workers import Batches, Task, spill_directory
from ssgproj.engine.world import PlanWorld, spill_name
from ssgproj.errors import SsgError
from ssgproj.generators.unique import SequenceKey, UniqueTogether, UniqueValues
from ssgproj.targets.base import Destination, Existing, Schema, Session
from ssgproj.vocabularies import read_vocabulary

if TYPE_CHECKING:
    from ssgproj.plan.plan import Plan, TablePlan, UniqueSet
    from ssgproj.project.model import Model

FEW_ROWS = 150_000
"""Below this, starting worker processes costs more than they save."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What became of one node. `asked` is the number of rows asked for."""

    node: str
    rows: int
    asked: int
    seconds: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did. `first_pass` is greater than 0 when it went on after rows that were there."""

    nodes: tuple[NodeResult, ...]
    first_pass: int
    passes: int
    seconds: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Called while a run goes on. All do nothing by default."""

    started: Callable[[str, int], None] = lambda node, rows: None
    loaded: Callable[[str, int], None] = lambda node, rows: None
    finished: Callable[[NodeResult], None] = lambda result: None
    constraining: Callable[[], None] = lambda: None


@dataclass(slots=True)
class _Keeper:
    """Keeps the columns that references take, for tables whose keys cannot be computed."""

    plan: Plan
    spill: Path
    complete: set[str] = field(default_factory=set)

    def columns(self, node: str) -> list[str]:
        table = self.plan.tables[node]
        return list(dict.fromkeys(c for k in table.keys if not k.computed for c in k.columns))

    def wanted(self, node: str) -> bool:
        return bool(self.columns(node))

    def keeping(self, node: str, pass_: int, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Hand the batches on, with their key columns written to a file on the way."""
        columns = self.columns(node)
        if not columns:
            yield from batches
            return
        file = self.spill / f"{spill_name(node)}.{pass_}.keys"
        from ssgproj.generators.arrow import arrow_type

        model = self.plan.tables[node].model
        schema = pa.schema([pa.field(c, arrow_type(model.column(c).type)) for c in columns])
        with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            for batch in batches:
                writer.write_batch(pa.RecordBatch.from_arrays([batch.column(c) for c in columns], schema=schema))
                yield batch


def run_plan(
    plan: Plan,
    destination: Destination,
    *,
    passes: int = 1,
    workers: int = 1,
    full_refresh: bool = False,
    progress: Progress | None = None,
) -> RunResult:
    """Fill the destination. Either all of it is there at the end, or the destination is as it was.

    Tables that hold rows already get further passes, with keys that go on; `full_refresh` empties the selected tables first. Raises
    RunError where a condition cannot be met or the destination refuses a row.
    """
    begun = time.perf_counter()
    progress = progress or Progress()
    nodes = [n for n in plan.order if n in plan.selected]
    nodes.sort(key=lambda n: n in plan.tables)  # vocabularies first; stable, so parents stay before children
    models = {n: plan.tables[n].model if n in plan.tables else plan.vocabularies[n] for n in plan.order}
    schema = Schema(tuple(models[n] for n in plan.order), plan.objects, plan.dialect)
    # Read before the session begins: a database may not be read from outside while it is being changed.
    trackers = {} if full_refresh else _seen(plan, nodes, destination)
    with spill_directory() as spill, destination.session(schema) as session:
        existing = {n: session.existing(models[n]) for n in nodes}
        if getattr(destination, "computes_generated", True):
            _need_parents(plan, session, nodes, models)
        missing = [models[n] for n in nodes if existing[n] is None]
        if missing:
            session.create(missing)
        if full_refresh:
            session.empty([models[n] for n in nodes if existing[n] is not None])
            existing = dict.fromkeys(nodes)
        first_pass = _first_pass(plan, nodes, existing)
        world = PlanWorld(plan, spill, _shifts(plan, first_pass, existing))
        results, filled = _fill(
            plan,
            session,
            nodes,
            models,
            existing,
            world,
            (first_pass, passes),
            workers,
            progress,
            destination,
            trackers,
        )
        progress.constraining()
        notes = session.finish([models[n] for n in filled])
        session.commit()
    return RunResult(tuple(results), first_pass, passes, time.perf_counter() - begun, notes)


def _need_parents(plan: Plan, session: Session, nodes: Sequence[str], models: Mapping[str, Model]) -> None:
    """A database keeps references, so the tables that selected ones refer to must be selected or there."""
    chosen = {models[n].table for n in nodes}
    others = {models[n].table: models[n] for n in plan.order if n not in plan.selected}
    for node in nodes:
        for key in models[node].foreign_keys:
            if key.to_table not in chosen and key.to_table in others and session.existing(others[key.to_table]) is None:
                raise SsgError(
                    f"`{models[node].table}` refers to `{key.to_table}`, which is neither selected nor in the destination",
                    f"ssg run --select +{models[node].table}",
                )


def _seen(plan: Plan, nodes: Sequence[str], destination: Destination) -> dict[str, UniqueTracker]:
    """What the destination holds already of the unique sets that are tested on all rows."""
    trackers: dict[str, UniqueTracker] = {}
    for node in nodes:
        table = plan.tables.get(node)
        if table is None or not table.unique_sets:
            continue
        tracker = trackers[node] = UniqueTracker()
        columns = list(dict.fromkeys(c for u in table.unique_sets for c in evaluated_columns(u, table)))
        with suppress(
            SsgError
        ):  # the table is not there yet; a destination that cannot be read will say so in the session
            for batch in destination.read(table.model, columns):
                for unique in table.unique_sets:
                    tracker.add(pa.Table.from_batches([batch]), unique)
    return trackers


def evaluated_columns(unique: UniqueSet, table: TablePlan) -> Sequence[str]:
    """The columns that testing a unique set reads."""
    return [c.name for c in table.model.columns] if unique.expressions or unique.where else unique.columns


def _first_pass(plan: Plan, nodes: Sequence[str], existing: Mapping[str, Existing | None]) -> int:
    """The number of the first pass whose rows none of the tables holds."""
    done = 0
    for node in nodes:
        table = plan.tables.get(node)
        found = existing[node]
        if table and found and table.rows:
            done = max(done, -(-found.rows // table.rows))
    return done


def _shifts(plan: Plan, first_pass: int, existing: Mapping[str, Existing | None]) -> dict[tuple[str, str], int]:
    """How far each sequence must be moved so that it goes on after the greatest key that is there."""
    shifts: dict[tuple[str, str], int] = {}
    for node, found in existing.items():
        table = plan.tables.get(node)
        if table is None or found is None:
            continue
        for group in table.groups:
            generator = group.generator
            if isinstance(generator, SequenceKey) and (greatest := found.greatest.get(generator.column)) is not None:
                next_ = generator.start + generator.step * table.first_row(first_pass)
                if generator.step > 0 and greatest >= next_:
                    steps = -(-(greatest + 1 - next_) // generator.step)
                    shifts[node, generator.column] = steps * generator.step
    return shifts


def _fill(
    plan: Plan,
    session: Session,
    nodes: Sequence[str],
    models: Mapping[str, Model],
    existing: Mapping[str, Existing | None],
    world: PlanWorld,
    passes: tuple[int, int],
    workers: int,
    progress: Progress,
    destination: Destination,
    trackers: dict[str, UniqueTracker],
) -> tuple[list[NodeResult], list[str]]:
    keeper = _Keeper(plan, world.spill)
    numbers = range(passes[0], passes[0] + passes[1])
    work = _with_key_makers(plan, nodes)
    total = sum(plan.tables[n].rows_in_pass(p) for n in work if n in plan.tables for p in numbers)
    batches = Batches(
        world,
        workers if total >= FEW_ROWS else 1,
        lambda n: all(p in keeper.complete for p in plan.tables[n].parents),
        trackers,
    )
    batches.plan(t for n in work if n in plan.tables for t in _tasks(plan.tables[n], numbers))
    results: list[NodeResult] = []
    filled: list[str] = []
    try:
        for node in work:
            begun = time.perf_counter()
            if node in plan.vocabularies:
                found = existing[node]
                if found is not None and found.rows:
                    continue
                progress.started(node, 0)
                rows = session.load(models[node], _counted(node, read_vocabulary(plan.root, models[node]), progress))
                results.append(NodeResult(node, rows, rows, time.perf_counter() - begun))
            else:
                table = plan.tables[node]
                asked = table.rows * passes[1]
                made = _made(table, numbers, batches, keeper)
                if node not in plan.selected:
                    for _ in made:
                        pass
                    keeper.complete.add(node)
                    continue
                progress.started(node, sum(table.rows_in_pass(p) for p in numbers))
                rows = session.load(table.model, _counted(node, made, progress))
                keeper.complete.add(node)
                notes = _notes(table, rows, asked)
                results.append(NodeResult(node, rows, asked, time.perf_counter() - begun, notes))
            filled.append(node)
            progress.finished(results[-1])
    finally:
        batches.close()
    return results, filled


def _notes(table: TablePlan, rows: int, asked: int) -> tuple[str, ...]:
    if rows >= asked or any("fit" in n for n in table.notes):
        return table.notes
    sets = [f"({', '.join(u.columns)})" for u in table.unique_sets]
    sets += [
        f"({', '.join(g.columns)})" for g in table.groups if isinstance(g.generator, UniqueValues | UniqueTogether)
    ]
    return (*table.notes, f"{asked:,} rows asked for, {rows:,} fit: {'; '.join(dict.fromkeys(sets))} must be unique")


def _with_key_makers(plan: Plan, nodes: Sequence[str]) -> list[str]:
    """The nodes, with tables that are not selected but whose keys must be made again for those that are."""
    needed = set(nodes)
    for node in reversed([n for n in plan.order if n in plan.tables]):
        if node in needed:
            needed.update(plan.tables[node].parents)
    ordered = [n for n in plan.order if n in needed]
    return sorted(ordered, key=lambda n: n in plan.tables)


def _tasks(table: TablePlan, passes: Sequence[int]) -> Iterator[Task]:
    for pass_ in passes:
        for number in range(batches_in_pass(table, pass_)):
            yield Task(table.node, pass_, number)


def _made(table: TablePlan, passes: Sequence[int], batches: Batches, keeper: _Keeper) -> Iterator[pa.RecordBatch]:
    for pass_ in passes:
        tasks = _tasks(table, [pass_])
        yield from keeper.keeping(table.node, pass_, (batches.take(t) for t in tasks))


def _counted(node: str, batches: Iterator[pa.RecordBatch], progress: Progress) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield batch
        progress.loaded(node, batch.num_rows)


def refuse_source(destination: Destination, source_identity: str | None) -> None:
    """Raise SsgError if the destination is the source."""
    if source_identity is not None and destination.identity() == source_identity:
        raise SsgError("The destination is the source", "set SSG_DESTINATION_URL to another database")
