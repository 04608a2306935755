"""Timing whole commands and pieces of work: seconds, processor time and memory, in turns so that a noisy machine hurts all sides alike."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

POLL_SECONDS = 0.02
_LEFT_OUT = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
"""What is installed has its byte code; a checkout makes it at the first run, unless it is told not to."""


class BenchmarkError(Exception):
    """A command that was to be measured failed, or did not do what it is measured for."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One repetition. `inner_seconds` is what the command itself reports, without its start-up."""

    seconds: float
    cpu_seconds: float | None = None
    peak_mb: float | None = None
    inner_seconds: float | None = None


def timed(work: Callable[[], object]) -> Sample:
    """A piece of work in this process."""
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    return Sample(time.perf_counter() - begun, time.process_time() - cpu)


def command(
    arguments: Sequence[str],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    one_core: bool = False,
    codes: Sequence[int] = (0,),
    timeout: float | None = None,
) -> Sample:
    """A whole command, from its start to its end, with all processes that it starts. Raises BenchmarkError unless it ends with one of `codes`.

    `peak_mb` is the resident memory of the process tree, looked at every 20 ms. `one_core` ties the tree to one core.
    """
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            arguments,
            cwd=cwd,
            env={k: v for k, v in os.environ.items() if k not in _LEFT_OUT} | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        if one_core and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})  # before it has started any thread
        watch = _MemoryWatch(process.pid)
        killer = threading.Timer(timeout, process.kill) if timeout else None
        if killer:
            killer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begun
        finally:
            if killer:
                killer.cancel()
            watch.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in codes:
            output.seek(0)
            told = output.read().decode(errors="replace").strip().splitlines()[-12:]
            shown = " ".join(Path(a).name for a in arguments[:4])
            raise BenchmarkError("\n".join([f"`{shown}` ended with code {process.returncode}", *told]))
        # `usage.ru_maxrss` would be no help: it begins with the memory of this process, of which the command was a copy.
        return Sample(seconds, usage.ru_utime + usage.ru_stime, watch.peak_mb or None)


class _MemoryWatch:
    """The most resident memory that a process and its descendants had together."""

    def __init__(self, pid: int) -> None:
        self.peak_mb = 0.0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._ended.is_set():
            try:
                root = psutil.Process(self._pid)
                family = [root, *root.children(recursive=True)]
            except psutil.Error:
                return
            total = 0
            for process in family:
                try:
                    total += process.memory_info().rss
                except psutil.Error:
                    continue
            self.peak_mb = max(self.peak_mb, total / 2**20)
            self._ended.wait(POLL_SECONDS)

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()


def in_turns(works: Mapping[str, Callable[[], Sample]], repeat: int) -> dict[str, list[Sample]]:
    """Each piece of work `repeat` times, in turns and every other time in reverse, so that the n-th samples of all belong together."""
    samples: dict[str, list[Sample]] = {name: [] for name in works}
    for number in range(repeat):
        for name in list(works) if number % 2 == 0 else reversed(list(works)):
            samples[name].append(works[name]())
    return samples
