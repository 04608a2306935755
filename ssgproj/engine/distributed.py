"""A run on a Dask cluster: the scheduler hands parts to workers, which write them; this process publishes them in the end.

Dask hands out again what lost workers had. The cluster is one that stands (`address`), or one of local processes for the time of the run.
"""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ssgproj.engine.parts import Job, Part, Receipt, begin, check_possible, waits_for
from ssgproj.engine.publish import publish, schema_of, table_result
from ssgproj.engine.results import NodeResult, Progress, RunResult
from ssgproj.engine.workers import interrupts_held
from ssgproj.errors import RunError, SsgError

if TYPE_CHECKING:
    from distributed import Client

    from ssgproj.plan.plan import Plan
    from ssgproj.targets.base import Destination

SECONDS_TO_ANSWER = 15
SECONDS_FOR_WORKERS = 60
LOST = 10
"""So many workers may be lost over one part before it is given up: one that needs more memory than there is ends every worker."""


def run_distributed(
    plan: Plan,
    destination: Destination,
    *,
    passes: int = 1,
    workers: int = 1,
    address: str | None = None,
    full_refresh: bool = False,
    resume: bool = False,
    progress: Progress | None = None,
) -> RunResult:
    """Fill the destination from a cluster. All or nothing, with the rows of a local run.

    `workers` are the processes of a local cluster, where no `address` is given. `resume` goes on with the parts that a run of the same plan
    has made that ended before its time. Raises RunError.
    """
    _need_dask()
    begun = time.perf_counter()
    progress = progress or Progress()
    check_possible(plan, destination)
    with destination.session(schema_of(plan)) as session:  # which keeps other runs out
        job = begin(plan, destination, passes=passes, full_refresh=full_refresh, keep=resume, must_stand=resume)
        with _client(address, workers) as client:
            results = _Driver(job, client, progress).drive()
        vocabularies, notes = publish(job, session, progress)
    return RunResult((*vocabularies, *results), job.world.first_pass, passes, time.perf_counter() - begun, notes)


def _need_dask() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise SsgError("`--engine dask` needs Dask, which is not installed", "pip install 'ssgproj[dask]'") from None


_SETTINGS = {
    "distributed.scheduler.allowed-failures": LOST,
    # Dask would ask the C library to give memory back at once, which costs a tenth of the time, and look at the stack every 10 ms.
    "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1},
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.gil.enabled": False,
}
"""Of a local cluster; one that stands has its own."""


@contextmanager
def _client(address: str | None, workers: int) -> Iterator[Client]:
    """A client of the cluster. Raises SsgError if there is none."""
    import dask
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.ERROR)
    with dask.config.set(_SETTINGS):
        if address is not None:
            try:
                client = Client(address, timeout=SECONDS_TO_ANSWER)
            except (OSError, ValueError, TypeError) as error:
                raise SsgError(
                    f"No Dask scheduler answers at `{address}`: {type(error).__name__}",
                    "dask scheduler, on the machine that the address names",
                ) from None
            try:
                client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
                yield client
            except TimeoutError:
                raise SsgError(f"The scheduler at `{address}` has no workers", f"dask worker {address}") from None
            finally:
                client.close()
            return
        with interrupts_held():
            # The cluster's own thread, which starts the processes now and when one is lost, keeps Ctrl-C from them.
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=0,
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
        with cluster, Client(cluster) as client:
            yield client


class _Driver:
    """Hands out the parts of every table as soon as the keys that it waits for are there."""

    def __init__(self, job: Job, client: Client, progress: Progress) -> None:
        self.job, self.client, self.progress = job, client, progress
        self.nodes = job.nodes()
        self.waiting = list(self.nodes)
        self.open: dict[str, int] = {}
        self.made: dict[str, list[Receipt]] = {}
        self.complete: set[str] = set()
        self.results: dict[str, NodeResult] = {}

    def drive(self) -> list[NodeResult]:
        """Make everything; what became of the tables. Raises RunError."""
        from distributed import as_completed

        # A task of its own rather than data that are sent: what a lost worker held is then made again from the scheduler's copy.
        job = self.client.submit(pickle.loads, pickle.dumps(self.job), key=f"ssg-job-{time.time_ns()}", pure=False)
        running: Any = as_completed()
        parts: dict[Any, Part] = {}
        for node in self._ready():
            self._submit(node, job, parts, running)
        for future in running:
            part = parts.pop(future)
            self._take(part, future)
            future.release()
            for node in self._ready():
                self._submit(node, job, parts, running)
        return [self.results[n] for n in self.nodes if n in self.results]

    def _ready(self) -> list[str]:
        """The tables that can be begun. A table of which everything is there already is complete at once, so others may follow."""
        return [n for n in self.waiting if waits_for(self.job.plan, n, self.nodes) <= self.complete]

    def _submit(self, node: str, job: Any, parts: dict[Any, Part], running: Any) -> None:
        self.waiting.remove(node)
        wanted = self.job.parts(node)
        self.made[node] = []
        self.progress.started(node, 0)
        todo = []
        for part in wanted:
            receipt = self.job.receipt(part)
            if receipt is None:
                todo.append(part)
            else:
                self.made[node].append(receipt)
                self.progress.loaded(node, receipt.rows)
        self.open[node] = len(todo)
        stamp = time.time_ns()
        for part in todo:
            future = self.client.submit(_make, job, part, key=f"ssg-{part.name}-{stamp}", pure=False)
            parts[future] = part
            running.add(future)
        if not todo:
            self._finished(node)

    def _take(self, part: Part, future: Any) -> None:
        from distributed import CancelledError, KilledWorker

        try:
            receipt: Receipt = future.result()
        except SsgError:
            self.progress.started(part.node, 0)  # so that it is known which table failed
            raise
        except KilledWorker:
            self.progress.started(part.node, 0)
            raise RunError(
                f"{LOST + 1} workers were lost while they made part {part.number} of `{part.node.partition('.')[2]}`",
                "give the workers more memory, then: ssg run --engine dask --resume",
            ) from None
        except CancelledError:
            raise RunError("The Dask scheduler was lost", "ssg run --engine dask --resume") from None
        self.made[part.node].append(receipt)
        self.progress.loaded(part.node, receipt.rows)
        self.open[part.node] -= 1
        if not self.open[part.node]:
            self._finished(part.node)

    def _finished(self, node: str) -> None:
        self.complete.add(node)
        if node in self.job.plan.selected:
            self.results[node] = table_result(self.job, node, self.made[node])
            self.progress.finished(self.results[node])


def _make(job: Job, part: Part) -> Receipt:
    import pyarrow as pa

    pa.set_cpu_count(1)
    return job.make(part)
