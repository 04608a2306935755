"""Batches from workers, in a fixed order, with bounded memory.

Each task is one batch of a table, or of a story. Two workers are threads: columns are made by libraries that let go of the interpreter, and threads start at once.
More than two, or generators that call Python for every row, are processes: each writes its batch as an Arrow file in shared memory (or the
temporary directory), which the client maps and deletes. Tables whose rows are compared over the whole table are made in the client, one
batch after the other.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from ssgproj.engine.table import make_batch
from ssgproj.engine.unique import UniqueTracker
from ssgproj.engine.world import PlanWorld, spill_name
from ssgproj.errors import RunError
from ssgproj.files import large_files
from ssgproj.light import without_pandas

if TYPE_CHECKING:
    from ssgproj.engine.story_references import MissingParents

FEW_WORKERS = 2
"""So many workers are threads where they can be."""
AHEAD = 1
"""Batches in the making or waiting, beyond one for each worker: batches take about as long as one another, and each takes memory."""

_world: PlanWorld | None = None
_place = Path()


@dataclass(frozen=True, slots=True)
class Task:
    """One batch of one table or story."""

    node: str
    pass_: int
    number: int


@dataclass(frozen=True, slots=True)
class Made:
    """What a task made: batches by the node whose rows they are; and open references of a story."""

    parts: Mapping[str, pa.RecordBatch]
    missing: tuple[MissingParents, ...] = ()


@dataclass(frozen=True, slots=True)
class _Filed:
    """As `Made`, with the batches in files on their way from a worker process."""

    files: Mapping[str, str]
    missing: tuple[MissingParents, ...]


def carry_out(task: Task, world: PlanWorld, trackers: dict[str, UniqueTracker], only: int | None = None) -> Made:
    """Make a batch. `trackers` are needed where rows are compared over a whole table. Raises RunError."""
    if task.node in world.plan.stories:
        from ssgproj.engine.telling import tell_batch

        told = tell_batch(world.plan.stories[task.node], task.pass_, task.number, world, trackers, only)
        return Made(told.rows, told.missing)
    table = world.plan.tables[task.node]
    tracker = trackers.setdefault(task.node, UniqueTracker()) if table.serial else None
    return Made({task.node: make_batch(table, task.pass_, task.number, world, tracker)})


@contextmanager
def spill_directory() -> Iterator[Path]:
    """A directory on disk for keys that are kept: they grow with the rows, so they are no burden on memory."""
    with _fresh_directory(large_files()) as directory:
        yield directory


def _in_flight() -> Path:
    """Where batches on their way are passed on: in shared memory if there is plenty."""
    shared = Path("/dev/shm")  # noqa: S108 - fresh directories of our own in it
    plenty = shared.is_dir() and shutil.disk_usage(shared).free > 2**31
    return shared if plenty else Path(tempfile.gettempdir())


@contextmanager
def _fresh_directory(parent: Path) -> Iterator[Path]:
    """Its name has the process in it, so that what a killed run left is cleared away by the next one."""
    for left in parent.glob("ssg-spill-*"):
        owner = left.name.split("-")[2]
        if owner.isdigit() and not _alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix=f"ssg-spill-{os.getpid()}-", dir=parent))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Processes that are started here never hear Ctrl-C: the client does, and ends them. Else each would show a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it would open the mask again when the first process is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(world: PlanWorld, place: Path, parent: int) -> None:
    global _world, _place
    _world, _place = world, place
    without_pandas()
    pa.set_cpu_count(1)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    """End this worker when its client is gone, however it ended."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work(task: Task) -> _Filed:
    if _world is None:
        raise RuntimeError("a worker without a plan")
    made = carry_out(task, _world, {})
    files: dict[str, str] = {}
    for node, batch in made.parts.items():
        file = _place / f"{spill_name(task.node)}.{spill_name(node)}.{task.pass_}.{task.number}.batch"
        with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write_batch(batch)
        files[node] = str(file)
    return _Filed(files, made.missing)


def _fetched(made: Made | _Filed) -> Made:
    """The batches themselves; files are mapped and deleted."""
    if isinstance(made, Made):
        return made
    parts = {}
    for node, file in made.files.items():
        with pa.memory_map(file) as source:
            parts[node] = pa.ipc.open_file(source).get_batch(0)
        Path(file).unlink()
    return Made(parts, made.missing)


class Batches:
    """Makes the batches of tasks ahead of time. `tasks(node)` gives those of a node once `ready(node)` tells that the keys it waits for are
    there. They must be taken in that order. Those of `inline` nodes are made in the client when they are taken."""

    def __init__(
        self,
        world: PlanWorld,
        workers: int,
        nodes: Sequence[str],
        tasks: Callable[[str], Iterator[Task]],
        ready: Callable[[str], bool],
        trackers: dict[str, UniqueTracker],
        only: int | None = None,
        inline: Collection[str] = (),
    ) -> None:
        self._world = world
        self._ready = ready
        self._workers = workers
        self._tasks = tasks
        self._only = only
        self._in_client = inline
        self._nodes = deque(n for n in nodes if not self._inline(n))
        self._current: Iterator[Task] | None = None
        self._running: dict[Task, Future[Made] | Future[_Filed]] = {}
        self._trackers = trackers
        self._pool: Executor | None = None
        self._open = ExitStack()
        self._threads = workers == FEW_WORKERS and not any(world.plan.maker(n).calls_python for n in self._nodes)

    def _inline(self, node: str) -> bool:
        """Whether a node's batches are made in the client, one after the other."""
        serial = self._world.plan.maker(node).serial
        return self._workers <= 1 or serial or self._only is not None or node in self._in_client

    def take(self, task: Task) -> Made:
        """The batch of a task. Raises RunError."""
        if self._inline(task.node):
            return carry_out(task, self._world, self._trackers, self._only)
        self._submit()
        future = self._running.pop(task, None)
        if future is None:
            future = self._start(self._next() or task)
        try:
            made = _fetched(future.result())
        except BrokenProcessPool:
            raise RunError(
                "A worker process was ended from outside", "run again, with fewer `--workers` if memory is short"
            ) from None
        self._submit()
        return made

    def _next(self, *, waiting: bool = True) -> Task | None:
        """The next task that nobody has begun; unless `waiting`, only of nodes that are ready."""
        while self._nodes and (waiting or self._current is not None or self._ready(self._nodes[0])):
            if self._current is None:
                self._current = self._tasks(self._nodes[0])
            task = next(self._current, None)
            if task is not None:
                return task
            self._current = None
            self._nodes.popleft()
        return None

    def _start(self, task: Task) -> Future[Made] | Future[_Filed]:
        if self._threads:
            self._pool = self._pool or ThreadPoolExecutor(self._workers)
            return self._pool.submit(carry_out, task, self._world, {})
        if self._pool is None:
            place = self._open.enter_context(_fresh_directory(_in_flight()))
            self._pool = ProcessPoolExecutor(
                self._workers, get_context("spawn"), initializer=_start, initargs=(self._world, place, os.getpid())
            )
        with interrupts_held():
            return self._pool.submit(_work, task)

    def _submit(self) -> None:
        while len(self._running) < self._workers + AHEAD and (task := self._next(waiting=False)) is not None:
            self._running[task] = self._start(task)

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._open.close()
