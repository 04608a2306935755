"""Carrying out a plan: every selected table made, loaded and constrained, in one all-or-nothing session."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import pyarrow as pa

from ssgproj.engine.fill import Filler
from ssgproj.engine.results import NodeResult, Progress, RunResult
from ssgproj.engine.unique import UniqueTracker
from ssgproj.engine.workers import spill_directory
from ssgproj.engine.world import PlanWorld
from ssgproj.errors import SsgError
from ssgproj.generators.unique import SequenceKey
from ssgproj.plan.stories import MAX_BATCHES
from ssgproj.targets.base import Destination, Existing, Schema, Session

if TYPE_CHECKING:
    from pathlib import Path

    from ssgproj.plan.plan import Plan, TablePlan, UniqueSet
    from ssgproj.project.model import Model

__all__ = ["NodeResult", "Progress", "RunResult", "run_plan"]


def run_plan(
    plan: Plan,
    destination: Destination,
    *,
    passes: int = 1,
    workers: int = 1,
    full_refresh: bool = False,
    progress: Progress | None = None,
    only: int | None = None,
) -> RunResult:
    """Fill the destination. Either all of it is there at the end, or the destination is as it was.

    Tables that hold rows already get further passes, with keys that go on; `full_refresh` empties the selected tables first. `only` keeps
    a single telling of each selected story, with the values that it has among all. Raises RunError where a condition cannot be met or
    the destination refuses a row.
    """
    begun = time.perf_counter()
    progress = progress or Progress()
    models, nodes = chosen_models(plan)
    schema = Schema(tuple(models.values()), plan.objects, plan.dialect)
    # Read before the session begins: a database may not be read from outside while it is being changed.
    trackers = {} if full_refresh else seen_before(plan, nodes, destination)
    with spill_directory() as spill, destination.session(schema) as session:
        existing = {n: session.existing(models[n]) for n in nodes}
        world = world_of(plan, spill, dict.fromkeys(nodes) if full_refresh else existing, passes, destination)
        if destination.computes_generated:
            need_parents(world, session.existing, nodes, models)
        existing = made_ready(session, models, existing, full_refresh=full_refresh)
        filler = Filler(session, world, existing, trackers, workers, progress, only)
        filler.fill()
        progress.constraining()
        notes = session.finish([models[n] for n in nodes if n in filler.filled])
        session.commit()
    return RunResult(tuple(filler.results), world.first_pass, passes, time.perf_counter() - begun, notes)


def chosen_models(plan: Plan) -> tuple[dict[str, Model], list[str]]:
    """All models by node, and the nodes that the run fills: vocabularies first, parents before children."""
    models = {
        n: plan.tables[n].model if n in plan.tables else plan.vocabularies[n]
        for n in plan.order
        if n not in plan.stories
    }
    chosen = set(plan.selected) | {n for s in plan.stories.values() if s.node in plan.selected for n in s.nodes}
    nodes = [n for n in models if n in chosen]
    nodes.sort(key=lambda n: n in plan.tables)  # stable
    return models, nodes


def made_ready(
    session: Session, models: Mapping[str, Model], existing: dict[str, Existing | None], *, full_refresh: bool
) -> dict[str, Existing | None]:
    """Create the tables that are not there, and empty the others on a `full_refresh`. What they hold then, by node."""
    if missing := [models[n] for n, found in existing.items() if found is None]:
        session.create(missing)
    if not full_refresh:
        return existing
    session.empty([models[n] for n, found in existing.items() if found is not None])
    return dict.fromkeys(existing)


def world_of(
    plan: Plan, spill: Path, existing: Mapping[str, Existing | None], passes: int, destination: Destination
) -> PlanWorld:
    """The tables as this run makes them, going on after what the filled ones hold. `spill` is where keys are kept."""
    first_pass, bases = _first_pass(plan, list(existing), existing), _bases(plan, existing)
    shifts = _shifts(plan, first_pass, existing, bases)
    before, encoded = _before(plan, existing), destination.takes_dictionaries
    return PlanWorld(plan, spill, shifts, bases, before, first_pass, passes, encoded)


def need_parents(
    world: PlanWorld, standing: Callable[[Model], Existing | None], nodes: Sequence[str], models: Mapping[str, Model]
) -> None:
    """A database keeps references, and rows refer to parents of their own pass: so the tables that selected ones refer to must be selected, or
    be there with the passes that are to be made. Raises SsgError."""
    others = {m.table: n for n, m in models.items() if n not in nodes}
    end = world.first_pass + world.passes
    for node in nodes:
        child = models[node].table
        for parent in dict.fromkeys(others[k.to_table] for k in models[node].foreign_keys if k.to_table in others):
            found = standing(models[parent])
            if found is None:
                raise SsgError(
                    f"`{child}` refers to `{models[parent].table}`, which is neither selected nor in the destination",
                    f"ssg run --select +{child}",
                )
            table = world.plan.tables.get(parent)
            if table is None or table.per_parent is not None or not table.rows:
                continue
            needed = end if table.told else -(-table.first_row(end) // table.rows)
            if _first_pass(world.plan, [parent], {parent: found}) < needed:
                raise SsgError(
                    f"`{child}` is to get pass {needed}, whose rows refer to those of `{models[parent].table}` in that pass, which it does not have",
                    f"ssg run --select +{child}, or all tables: ssg run",
                )


def seen_before(plan: Plan, nodes: Sequence[str], destination: Destination) -> dict[str, UniqueTracker]:
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


def _bases(plan: Plan, existing: Mapping[str, Existing | None]) -> dict[str, int]:
    """The number of the first row of this run, of tables whose rows per pass are not known ahead and that hold rows already."""
    bases = {}
    for node, found in existing.items():
        table = plan.tables.get(node)
        if table is None or found is None or not found.rows:
            continue
        if table.told:
            bases[node] = found.rows * MAX_BATCHES  # no lane of an earlier run goes that far
        elif table.per_parent is not None:
            bases[node] = found.rows
    return bases


def _before(plan: Plan, existing: Mapping[str, Existing | None]) -> dict[str, int]:
    """How many rows the tables of each story hold."""
    rows = {s.node: sum(e.rows for n in s.nodes if (e := existing.get(n))) for s in plan.stories.values()}
    return {n: r for n, r in rows.items() if r}


def _shifts(
    plan: Plan, first_pass: int, existing: Mapping[str, Existing | None], bases: Mapping[str, int]
) -> dict[tuple[str, str], int]:
    """How far each sequence must be moved so that it goes on after the greatest key that is there."""
    shifts: dict[tuple[str, str], int] = {}
    for node, found in existing.items():
        table = plan.tables.get(node)
        if table is None or found is None:
            continue
        first = bases.get(node, 0) + (0 if table.per_parent else table.first_row(first_pass))
        for group in table.groups:
            generator = group.generator
            if isinstance(generator, SequenceKey) and (greatest := found.greatest.get(generator.column)) is not None:
                next_ = generator.start + generator.step * first
                if generator.step > 0 and (greatest >= next_ or table.told):
                    steps = -(-(greatest + 1 - next_) // generator.step)
                    shifts[node, generator.column] = steps * generator.step
    return shifts
