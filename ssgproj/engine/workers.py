"""Batches from workers, in a fixed order, with bounded memory.

Each task is one batch. Two workers are threads: columns are made by libraries that let go of the interpreter, and threads start at once.
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
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, resource_tracker
from pathlib import Path

import pyarrow as pa

from ssgproj.engine.table import UniqueTracker, make_batch
from ssgproj.engine.world import PlanWorld, spill_name
from ssgproj.errors import RunError
from ssgproj.light import without_pandas

FEW_WORKERS = 2
"""So many workers are threads where they can be."""
AHEAD = 3
"""Batches in the making or waiting, per worker."""

_world: PlanWorld | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One batch of one table."""

    node: str
    pass_: int
    number: int


@contextmanager
def spill_directory() -> Iterator[Path]:
    """A directory for batches on their way and keys that are kept: in shared memory if there is plenty.

    Its name has the process in it, so that what a killed run left is cleared away by the next one.
    """
    shared = Path("/dev/shm")  # noqa: S108 - a fresh directory of our own in it
    parent = shared if shared.is_dir() and shutil.disk_usage(shared).free > 2**31 else Path(tempfile.gettempdir())
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
def _interrupts_held() -> Iterator[None]:
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


def _start(world: PlanWorld, parent: int) -> None:
    global _world  # noqa: PLW0603 - one world a process, set once
    _world = world
    without_pandas()
    pa.set_cpu_count(1)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    """End this worker when its client is gone, however it ended."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work(task: Task) -> str:
    if _world is None:
        raise RuntimeError("a worker without a plan")
    batch = make_batch(_world.plan.tables[task.node], task.pass_, task.number, _world)
    file = _world.spill / f"{spill_name(task.node)}.{task.pass_}.{task.number}.batch"
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return str(file)


class Batches:
    """Makes the batches of tasks ahead of time. `ready(node)` tells whether the keys that a node waits for are there."""

    def __init__(
        self, world: PlanWorld, workers: int, ready: Callable[[str], bool], trackers: dict[str, UniqueTracker]
    ) -> None:
        self._world = world
        self._ready = ready
        self._workers = workers
        self._waiting: deque[Task] = deque()
        self._running: dict[Task, Future[pa.RecordBatch | str]] = {}
        self._trackers = trackers
        self._pool: Executor | None = None
        self._threads = workers == FEW_WORKERS and not any(
            getattr(g.generator, "per_row", False) for t in world.plan.tables.values() for g in t.groups
        )

    def plan(self, tasks: Iterator[Task]) -> None:
        """Say which batches will be asked for, in order."""
        if self._workers > 1:
            self._waiting.extend(t for t in tasks if not self._world.plan.tables[t.node].serial)

    def take(self, task: Task) -> pa.RecordBatch:
        """The batch of a task. Raises RunError."""
        table = self._world.plan.tables[task.node]
        if self._workers <= 1 or table.serial:
            tracker = self._trackers.setdefault(task.node, UniqueTracker()) if table.serial else None
            return make_batch(table, task.pass_, task.number, self._world, tracker)
        self._submit()
        future = self._running.pop(task, None)
        if future is None:
            self._waiting.remove(task)
            future = self._start(task)
        try:
            made = future.result()
        except BrokenProcessPool:
            raise RunError(
                "A worker process was ended from outside", "run again, with fewer `--workers` if memory is short"
            ) from None
        if isinstance(made, str):
            with pa.memory_map(made) as source:
                batch = pa.ipc.open_file(source).get_batch(0)
            Path(made).unlink()
        else:
            batch = made
        self._submit()
        return batch

    def _start(self, task: Task) -> Future[pa.RecordBatch | str]:
        if self._threads:
            self._pool = self._pool or ThreadPoolExecutor(self._workers)
            return self._pool.submit(
                make_batch, self._world.plan.tables[task.node], task.pass_, task.number, self._world
            )
        self._pool = self._pool or ProcessPoolExecutor(
            self._workers, get_context("spawn"), initializer=_start, initargs=(self._world, os.getpid())
        )
        with _interrupts_held():
            return self._pool.submit(_work, task)

    def _submit(self) -> None:
        while self._waiting and len(self._running) < AHEAD * self._workers and self._ready(self._waiting[0].node):
            task = self._waiting.popleft()
            self._running[task] = self._start(task)

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
