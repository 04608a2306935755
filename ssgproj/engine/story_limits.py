"""Ending a story that does not end by itself."""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ssgproj.engine.story_errors import TellingTookTooLongError


class Limit:
    """Interrupts the code of one telling after so many seconds, by raising TellingTookTooLongError in it.

    By a signal where there are any and this is the main thread, which also ends calls that wait; otherwise from a second thread, which
    can only interrupt between two instructions of Python.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._by_signal = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        self._thread = threading.get_ident()
        self._until = float("inf")
        self._done = threading.Event()

    def begin(self) -> None:
        """A telling begins: its time starts anew."""
        if self._by_signal:
            signal.setitimer(signal.ITIMER_REAL, self.seconds)
        else:
            self._until = time.monotonic() + self.seconds

    def end(self) -> None:
        """No telling is going on."""
        if self._by_signal:
            signal.setitimer(signal.ITIMER_REAL, 0)
        else:
            self._until = float("inf")

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the tellings within."""
        if self._by_signal:
            before = signal.signal(signal.SIGALRM, _interrupt)
            try:
                yield
            finally:
                self.end()
                signal.signal(signal.SIGALRM, before)
            return
        watcher = threading.Thread(target=self._watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            self.end()
            self._done.set()
            watcher.join()

    def _watch(self) -> None:
        while not self._done.wait(min(self.seconds / 4, 0.5)):
            if time.monotonic() > self._until:
                self._until = float("inf")
                raised = ctypes.py_object(TellingTookTooLongError)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), raised)


def _interrupt(*_: Any) -> None:
    raise TellingTookTooLongError
