"""A run in shards: any scheduler starts `ssg run --shard 0/8` to `7/8` where and when it likes, and `--shard finish` at the end.

Shard `i` of `n` makes every n-th part. Where tables wait for keys of others, a shard makes also those parts of them that no other has made
yet: nobody ever waits, so that shards may run one after the other too, and what is made twice is the same.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ssgproj.engine.parts import MANIFEST, Job, Receipt, begin, check_possible, read_json, waits_for
from ssgproj.engine.publish import publish, schema_of, table_result
from ssgproj.engine.results import NodeResult, Progress, RunResult
from ssgproj.errors import RunError, SsgError
from ssgproj.targets.parts import PartsDestination

if TYPE_CHECKING:
    from ssgproj.plan.plan import Plan
    from ssgproj.targets.base import Destination

FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Shard:
    """Shard `index`, from 0, of `count`."""

    index: int
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"


@dataclass(frozen=True, slots=True)
class ShardResult:
    """What a shard did: `parts` of `total` are its own, of which `found` had been made before; `helped` are parts of others that it needed."""

    parts: int
    total: int
    found: int
    helped: int
    rows: int
    seconds: float


def parse_shard(text: str) -> Shard | None:
    """`3/8`; None for `finish`. Raises SsgError."""
    if text == FINISH:
        return None
    match = re.fullmatch(r"(\d{1,7})/(\d{1,7})", text)
    if match is None or int(match[1]) >= int(match[2]):
        raise SsgError(f"`{text}` is no shard", "for example --shard 0/8 to --shard 7/8, then --shard finish")
    return Shard(int(match[1]), int(match[2]))


def run_shard(
    plan: Plan,
    destination: Destination,
    shard: Shard,
    *,
    passes: int = 1,
    full_refresh: bool = False,
    progress: Progress | None = None,
) -> ShardResult:
    """Make the parts of one shard beside the destination, which stays as it is. Raises RunError."""
    begun = time.perf_counter()
    progress = progress or Progress()
    job = begin(plan, destination, passes=passes, full_refresh=full_refresh, shards=shard.count)
    nodes = job.nodes()
    own = found = helped = total = rows = 0
    whole: set[str] = set()
    for node in nodes:
        for parent in sorted(waits_for(plan, node, nodes) - whole, key=nodes.index):
            helped += _complete(job, parent, shard)
            whole.add(parent)
        parts = job.parts(node)
        mine = [p for n, p in enumerate(parts, start=total) if n % shard.count == shard.index]
        total += len(parts)
        own += len(mine)
        before, seconds = rows, time.perf_counter()
        progress.started(node, 0)
        for part in mine:
            if (receipt := job.receipt(part)) is not None:
                found += 1
            else:
                receipt = job.make(part)
                progress.loaded(node, receipt.rows)
            rows += receipt.rows
        progress.finished(NodeResult(node, rows - before, rows - before, time.perf_counter() - seconds))
    return ShardResult(own, total, found, helped, rows, time.perf_counter() - begun)


def _complete(job: Job, node: str, shard: Shard) -> int:
    """Make what is missing of a table. Shards begin at different places, so that they seldom make the same."""
    parts = job.parts(node)
    start = len(parts) * shard.index // shard.count
    made = 0
    for part in [*parts[start:], *parts[:start]]:
        if job.receipt(part) is None:
            job.make(part)
            made += 1
    return made


def finish_shards(plan: Plan, destination: Destination, *, progress: Progress | None = None) -> RunResult:
    """Publish what the shards made, if all of it is there; passes and the like are those that they were given. Raises RunError if a part is
    missing."""
    begun = time.perf_counter()
    progress = progress or Progress()
    found = _manifest(plan, destination)
    count, passes = int(found["shards"]), int(found["passes"])
    job = begin(plan, destination, passes=passes, full_refresh=found["full_refresh"] is True, shards=count)
    results = [table_result(job, n, made) for n, made in _all(job, count).items() if n in plan.selected]
    with destination.session(schema_of(plan)) as session:
        vocabularies, notes = publish(job, session, progress)
    for result in results:
        progress.finished(result)
    return RunResult((*vocabularies, *results), job.world.first_pass, passes, time.perf_counter() - begun, notes)


def _manifest(plan: Plan, destination: Destination) -> dict[str, Any]:
    """What the shards were begun with."""
    check_possible(plan, destination)
    assert isinstance(destination, PartsDestination)  # noqa: S101 - it was checked
    found = read_json(destination.workspace(plan.root) / MANIFEST)
    if not isinstance(found, dict) or not all(isinstance(found.get(k), int) for k in ("shards", "passes")):
        raise RunError("No shard has been made", "ssg run --shard 0/8, and so on to --shard 7/8")
    return found


def _all(job: Job, count: int) -> dict[str, list[Receipt]]:
    """The receipts of all parts by table. Raises RunError that names the shards to run again."""
    made: dict[str, list[Receipt]] = {}
    nodes, total = job.nodes(), 0
    lost: list[int] = []
    for node in nodes:
        if not waits_for(job.plan, node, nodes) <= made.keys():
            continue  # how many parts it has is not known before
        found = [(n, job.receipt(p)) for n, p in enumerate(job.parts(node), start=total)]
        total += len(found)
        gone = [n for n, receipt in found if receipt is None]
        lost += gone
        if not gone:
            made[node] = [receipt for _, receipt in found if receipt is not None]
    if lost:
        shards = sorted({n % count for n in lost})
        named = ", ".join(f"{i}/{count}" for i in shards[:8]) + (", …" if len(shards) > 8 else "")
        raise RunError(
            f"{len(lost)} of {total} parts are missing: those of {named}",
            f"ssg run --shard {shards[0]}/{count}, then --shard finish",
        )
    return made
