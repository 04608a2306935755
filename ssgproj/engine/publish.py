"""The end of a run in parts: one process takes all parts over into the destination, in one all-or-nothing session."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from ssgproj.engine.fill import notes_of
from ssgproj.engine.results import NodeResult, Progress
from ssgproj.engine.run import chosen_models, made_ready, need_parents, world_of
from ssgproj.errors import RunError
from ssgproj.targets.base import Schema
from ssgproj.vocabularies import read_vocabulary

if TYPE_CHECKING:
    from ssgproj.engine.parts import Job, Part, Receipt
    from ssgproj.plan.plan import Plan
    from ssgproj.targets.base import Session
    from ssgproj.targets.parts import PartsSession


def schema_of(plan: Plan) -> Schema:
    """What is to stand in the destination."""
    models, _ = chosen_models(plan)
    return Schema(tuple(models.values()), plan.objects, plan.dialect)


def publish(job: Job, session: Session, progress: Progress) -> tuple[list[NodeResult], tuple[str, ...]]:
    """Take over what was made and commit; the workspace is then deleted. Raises RunError if a part is missing."""
    plan = job.plan
    models, nodes = chosen_models(plan)
    existing = {n: session.existing(models[n]) for n in nodes}
    now = world_of(
        plan, job.world.spill, dict.fromkeys(nodes) if job.refreshed else existing, job.world.passes, job.destination
    )
    if (now.first_pass, now.shifts, now.bases) != (job.world.first_pass, job.world.shifts, job.world.bases):
        raise RunError("The destination was changed while its rows were made", f"begin again: rm -r {job.place.parent}")
    if job.destination.computes_generated:
        need_parents(now, session.existing, nodes, models)
    existing = made_ready(session, models, existing, full_refresh=job.refreshed)
    results = []
    for node in (n for n in nodes if n in plan.vocabularies):
        found, model = existing[node], models[node]
        if found is None or not found.rows:
            begun = time.perf_counter()
            progress.started(node, 0)
            rows = session.load(model, read_vocabulary(plan.root, model))
            results.append(NodeResult(node, rows, rows, time.perf_counter() - begun))
            progress.finished(results[-1])
    progress.constraining()
    for node in (n for n in nodes if n in plan.tables):
        makers = [
            n for n in plan.order if n in plan.selected and n not in plan.vocabularies and node in job.tables_of(n)
        ]
        made = [
            (job.stored_name(p, node), r.stored[node]) for n in makers for p, r in receipts(job, n) if node in r.stored
        ]
        cast("PartsSession", session).adopt(models[node], job.store, made)
    filled = {r.node for r in results} | set(plan.tables)
    notes = session.finish([models[n] for n in nodes if n in filled])
    session.commit()
    job.store.discard()
    shutil.rmtree(job.place.parent, ignore_errors=True)
    return results, notes


def receipts(job: Job, node: str) -> list[tuple[Part, Receipt]]:
    """The receipts of all parts of a table or story. Raises RunError if one is missing."""
    found = [(p, job.receipt(p)) for p in job.parts(node)]
    lost = [p.number for p, r in found if r is None]
    if lost:
        name = node.partition(".")[2]
        raise RunError(f"{len(lost)} of {len(found)} parts of `{name}` are missing ({_numbers(lost)})")
    return [(p, r) for p, r in found if r is not None]


def _numbers(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:8]))
    return shown if len(numbers) <= 8 else f"{shown}, …"


def table_result(job: Job, node: str, made: Sequence[Receipt]) -> NodeResult:
    """What became of a table or story, from the receipts of its parts. Seconds are those of all workers together."""
    world = job.world
    rows, seconds = sum(r.rows for r in made), sum(r.seconds for r in made)
    if (story := job.plan.stories.get(node)) is not None:
        told = {n: sum(r.tables.get(n, 0) for r in made) for n in story.nodes}
        return NodeResult(node, rows, story.count * world.passes, seconds, (), {n: r for n, r in told.items() if r})
    table = job.plan.tables[node]
    asked = world.rows_asked(node)
    return NodeResult(node, rows, asked, seconds, notes_of(table, rows, asked))
