"""A run in parts that any process or machine can make, in any order and more than once: what `--engine` and `--shard` have in common.

A part is some batches of one table, or of a story, which makes rows of several. Whoever makes it writes its rows and the keys that others need, and last a receipt: a part without a
receipt that fits was not made. A run is described by its manifest, and what is in the workspace of a run with another one is not used.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssgproj.engine.fill import with_key_makers
from ssgproj.engine.fingerprint import fingerprint, library_versions
from ssgproj.engine.keys import KeyWriter, kept_columns
from ssgproj.engine.run import chosen_models, need_parents, seen_before, world_of
from ssgproj.engine.story_errors import StoryError
from ssgproj.engine.workers import Task, carry_out
from ssgproj.engine.world import PlanWorld, key_file, spill_name
from ssgproj.errors import SsgError
from ssgproj.files import replace_file
from ssgproj.light import without_pandas
from ssgproj.targets.base import Schema
from ssgproj.targets.parts import PartsDestination, Stored

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.engine.unique import UniqueTracker
    from ssgproj.plan.plan import Plan, TablePlan
    from ssgproj.targets.base import Destination
    from ssgproj.targets.parts import PartStore

MANIFEST = "manifest.json"
BATCHES_A_PART = 16
"""About a million rows: enough that handing a part to a worker costs nothing beside making it."""
ROWS_A_FILE = 1 << 20
PARTS_AT_MOST = 100_000
"""Parts of one table or story, which files of keys are numbered for: more than there are in 10^11 rows."""


@dataclass(frozen=True, slots=True)
class Part:
    """Batches `[first, last)` of passes of one table or story. `number` counts its parts from 0."""

    node: str
    number: int
    spans: tuple[tuple[int, int, int], ...]
    """Pass, first and last batch."""

    @property
    def name(self) -> str:
        return f"{spill_name(self.node)}.{self.number:07}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a part was made. `rows` are counted, by the table's node, also where they are not stored because only keys were wanted."""

    part: str
    tables: Mapping[str, int]
    seconds: float
    stored: Mapping[str, Stored]

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


@dataclass(frozen=True, slots=True)
class Job:
    """A run as every worker sees it. Picklable; `world` holds what this process has opened."""

    world: PlanWorld
    place: Path
    destination: Destination
    store: PartStore
    manifest: dict[str, Any]
    refreshed: bool

    @property
    def plan(self) -> Plan:
        return self.world.plan

    @property
    def passes(self) -> range:
        return range(self.world.first_pass, self.world.first_pass + self.world.passes)

    def nodes(self) -> list[str]:
        """The tables and stories to make, parents first, those too of which only keys are wanted."""
        plan = self.plan
        work = with_key_makers(plan, [n for n in plan.order if n in plan.selected])
        return [n for n in work if n not in plan.vocabularies]

    def parts(self, node: str) -> list[Part]:
        """The parts of a table or story, once the keys it waits for are there."""
        if self.plan.maker(node).serial:
            return [Part(node, 0, tuple((p, 0, self.world.batches(node, p)) for p in self.passes))]
        parts: list[Part] = []
        for pass_ in self.passes:
            batches = self.world.batches(node, pass_)
            for first in range(0, max(batches, 1), BATCHES_A_PART):
                parts.append(Part(node, len(parts), ((pass_, first, min(first + BATCHES_A_PART, batches)),)))
        return parts

    def tables_of(self, node: str) -> tuple[str, ...]:
        """The nodes whose rows a node makes."""
        return self.plan.stories[node].nodes if node in self.plan.stories else (node,)

    def receipt(self, part: Part) -> Receipt | None:
        """What became of a part, if it was made and all of it is there still."""
        try:
            found = json.loads(self._receipt(part).read_bytes())
            tables = {str(n): int(r) for n, r in found["tables"].items()}
            stored = {
                str(n): Stored(tables[n], tuple((str(name), int(size)) for name, size in files))
                for n, files in found["stored"].items()
            }
            receipt = Receipt(part.name, tables, float(found["seconds"]), stored)
            fits = found["part"] == part.name and found["spans"] == [list(s) for s in part.spans]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        wanted = set(self.tables_of(part.node)) if part.node in self.plan.selected else set()
        if not fits or set(stored) != wanted:
            return None
        if not all(self.store.holds(self.stored_name(part, n), one) for n, one in stored.items()):
            return None
        return receipt if all(f.is_file() for f in self._key_files(part)) else None

    def stored_name(self, part: Part, node: str) -> str:
        """What a table's rows of a part are called where they are stored."""
        return part.name if node == part.node else f"{part.name}.{spill_name(node)}"

    def make(self, part: Part) -> Receipt:
        """Make a part, unless it is there. Raises RunError."""
        without_pandas()
        self._check_place()
        if (found := self.receipt(part)) is not None:
            return found
        begun = time.perf_counter()
        selected = part.node in self.plan.selected
        whole = ROWS_A_FILE if self.plan.maker(part.node).serial else None
        stored: dict[str, Stored] = {}
        if part.node in self.plan.stories:
            told = self._told(part)
            tables = {n: sum(b.num_rows for b in batches) for n, batches in told.items()}
            for node, batches in told.items() if selected else ():
                model = self.plan.tables[node].model
                stored[node] = self.store.put(self.stored_name(part, node), model, iter(batches), whole)
        else:
            made = self._batches(part, self.plan.tables[part.node])
            if selected:
                stored[part.node] = self.store.put(part.name, self.plan.tables[part.node].model, made, whole)
                tables = {part.node: stored[part.node].rows}
            else:
                tables = {part.node: sum(b.num_rows for b in made)}
        receipt = Receipt(part.name, tables, round(time.perf_counter() - begun, 3), stored)
        document = {
            "part": part.name,
            "spans": part.spans,
            "tables": tables,
            "seconds": receipt.seconds,
            "stored": {n: one.files for n, one in stored.items()},
        }
        replace_file(self._receipt(part), json.dumps(document).encode())
        return receipt

    def _trackers(self, part: Part) -> dict[str, UniqueTracker]:
        before = self.plan.maker(part.node).serial and not self.refreshed
        return seen_before(self.plan, self.tables_of(part.node), self.destination) if before else {}

    def _told(self, part: Part) -> dict[str, list[pa.RecordBatch]]:
        """The rows of a story's part by table, with their keys kept. A part is small enough to be held."""
        trackers = self._trackers(part)
        told: dict[str, list[pa.RecordBatch]] = {n: [] for n in self.tables_of(part.node)}
        for pass_, first, last in part.spans:
            kept = {n: self._key_writer(part, n, pass_) for n in told if self._keeps(part.node, n)}
            for number in range(first, last):
                made = carry_out(Task(part.node, pass_, number), self.world, trackers)
                if made.missing:
                    message, _ = made.missing[0].errors[0]
                    raise StoryError(
                        f"{message}: it is not among the rows of its batch, and a run in parts looks no further",
                        "run without --engine and --shard",
                    )
                for node, batch in made.parts.items():
                    told[node].append(batch)
                    if node in kept:
                        kept[node][0].write(batch)
            for writer, unfinished, file in kept.values():
                writer.close()
                unfinished.replace(file)
        return told

    def _batches(self, part: Part, table: TablePlan) -> Iterator[pa.RecordBatch]:
        """The batches, with their keys kept on the way; the last to come closes the files of keys."""
        trackers = self._trackers(part)
        for pass_, first, last in part.spans:
            kept = self._key_writer(part, part.node, pass_) if kept_columns(table) else None
            for number in range(first, last):
                (batch,) = carry_out(Task(part.node, pass_, number), self.world, trackers).parts.values()
                if kept is not None:
                    kept[0].write(batch)
                yield batch
            if kept is not None:
                kept[0].close()
                kept[1].replace(kept[2])

    def _keeps(self, story: str, node: str) -> bool:
        """Whether keys of a story's rows are kept: not where the table itself comes first, so that others may have been made already."""
        order = self.plan.order
        return bool(kept_columns(self.plan.tables[node])) and order.index(story) < order.index(node)

    def _key_writer(self, part: Part, node: str, pass_: int) -> tuple[KeyWriter, Path, Path]:
        """A writer, the file that it writes, and what that is to be called when it is whole."""
        file = self._key_file(part, node, pass_)
        unfinished = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        return KeyWriter(unfinished, self.plan.tables[node]), unfinished, file

    def _key_file(self, part: Part, node: str, pass_: int) -> Path:
        """Files of stories, in the order of the plan, come before those of the table itself: as in a run by itself."""
        tellers = [n for n in self.plan.order if n in self.plan.stories and node in self.plan.stories[n].nodes]
        place = tellers.index(part.node) if part.node in tellers else len(tellers)
        return key_file(self.world.spill, node, pass_, place * PARTS_AT_MOST + part.number)

    def _key_files(self, part: Part) -> list[Path]:
        told = part.node in self.plan.stories
        nodes = [
            n
            for n in self.tables_of(part.node)
            if (self._keeps(part.node, n) if told else kept_columns(self.plan.tables[n]))
        ]
        return [self._key_file(part, n, p) for n in nodes for p, _, _ in part.spans]

    def _receipt(self, part: Part) -> Path:
        return self.place / "receipts" / f"{part.name}.json"

    def _check_place(self) -> None:
        """Raise SsgError where a worker cannot give the same rows, or not to the same place."""
        versions = library_versions()
        for name, wanted in self.manifest["libraries"].items():
            if versions[name] != wanted:
                raise SsgError(
                    f"A worker has {name} {versions[name]}, and the run was begun with {wanted}: rows might differ",
                    f"pip install {name}=={wanted}",
                )
        if read_json(self.place.parent / MANIFEST) != self.manifest:
            raise SsgError(
                f"A worker does not see the run's directory `{self.place.parent.name}`, or it is another run's by now",
                "put the destination on a file system that all machines share, at the same path",
            )


def begin(
    plan: Plan,
    destination: Destination,
    *,
    passes: int,
    full_refresh: bool = False,
    shards: int | None = None,
    keep: bool = True,
    must_stand: bool = False,
) -> Job:
    """The job of this plan, with its workspace. Parts that were made for the same job are kept, unless not `keep`.

    Raises SsgError if the destination cannot be filled in parts, if the workspace belongs to another job, or if it is not there although it
    `must_stand`.
    """
    check_possible(plan, destination)
    assert isinstance(destination, PartsDestination)  # noqa: S101 - it was checked
    workspace = destination.workspace(plan.root)
    models, nodes = chosen_models(plan)
    schema = Schema(tuple(models.values()), plan.objects, plan.dialect)
    standing = destination.standing(schema)
    existing = dict.fromkeys(nodes) if full_refresh else {n: standing[n] for n in nodes}
    world = world_of(plan, workspace, existing, passes, destination)
    if destination.computes_generated:
        need_parents(world, lambda model: standing[model.node_id], nodes, models)
    manifest = _manifest(world, full_refresh=full_refresh, shards=shards)
    # Under the manifest's hash: whatever else lies there cannot be taken for a part of this run.
    place = workspace / hashlib.blake2b(_text(manifest), digest_size=8).hexdigest()
    found = read_json(workspace / MANIFEST)
    if found is not None and keep:
        _check_same(found, manifest, workspace)
    elif must_stand:
        raise SsgError(f"There is nothing to go on with: no `{workspace.name}`", "ssg run, without --resume")
    elif not keep:
        if isinstance(found, dict) and found.get("shards") is not None:
            raise SsgError(
                f"Shards are being made in `{workspace.name}`",
                f"ssg run --shard finish, or give them up: rm -r {workspace}",
            )
        shutil.rmtree(workspace, ignore_errors=True)
        destination.store(place).discard()
    for name in ("keys", "receipts"):
        (place / name).mkdir(parents=True, exist_ok=True)
    if found is None or not keep:
        replace_file(workspace / MANIFEST, _text(manifest))
    world.spill = place / "keys"
    store = destination.store(place)
    store.prepare(schema, [models[n] for n in nodes if n in plan.tables])
    return Job(world, place, destination, store, manifest, full_refresh)


def check_possible(plan: Plan, destination: Destination) -> None:
    """Raise SsgError if this plan, or this destination, cannot be done in parts."""
    if not isinstance(destination, PartsDestination):
        raise SsgError(
            f"The destination `{destination.name}` is one file or one connection, which machines cannot share",
            "name a Parquet directory or a PostgreSQL database: SSG_DESTINATION_URL=parquet:///DIRECTORY",
        )


def _manifest(world: PlanWorld, *, full_refresh: bool, shards: int | None) -> dict[str, Any]:
    """What two processes must agree on to work at the same run."""
    shifts = sorted([node, column, shift] for (node, column), shift in world.shifts.items())
    return {
        "schema_version": 1,
        "plan": fingerprint(world.plan),
        "seed": world.plan.seed,
        "first_pass": world.first_pass,
        "passes": world.passes,
        "full_refresh": full_refresh,
        "shards": shards,
        "shifts": shifts,
        "bases": dict(sorted(world.bases.items())),
        "before": dict(sorted(world.before.items())),
        "libraries": library_versions(),
    }


def read_json(path: Path) -> Any:
    """What a file of the workspace says; None if there is none that can be read."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def _text(manifest: dict[str, Any]) -> bytes:
    return json.dumps(manifest, indent=2).encode() + b"\n"


_SAID = {
    "schema_version": "the form of the manifest",
    "plan": "the plan (models, results, vocabularies, the project's Python or the selection)",
    "seed": "the seed",
    "first_pass": "what the destination holds",
    "passes": "the number of passes",
    "full_refresh": "--full-refresh",
    "shards": "the number of shards",
    "shifts": "the keys that the destination holds",
    "bases": "what the destination holds",
    "before": "what the destination holds",
    "libraries": "the versions of libraries",
}


def _check_same(found: Any, manifest: dict[str, Any], workspace: Path) -> None:
    """Raise SsgError if the workspace was begun for another job."""
    wanted = json.loads(_text(manifest))
    if found == wanted:
        return
    found = found if isinstance(found, dict) else {}
    differing = [said for key, said in _SAID.items() if found.get(key) != wanted[key]]
    raise SsgError(
        f"`{workspace.name}` was begun for another run: {', '.join(dict.fromkeys(differing))} changed",
        f"give the same options as then, or begin again: rm -r {workspace}",
    )


def waits_for(plan: Plan, node: str, nodes: Sequence[str]) -> set[str]:
    """The tables and stories among `nodes` whose keys must all be there before a node's parts can be made, or counted."""
    parents = plan.maker(node).parents
    place = {n: i for i, n in enumerate(plan.order)}
    tellers = {
        s.node
        for s in plan.stories.values()
        if s.node != node and any(p in s.nodes and place[s.node] < place[p] for p in parents)
    }
    return {p for p in (*parents, *tellers) if p in nodes}
