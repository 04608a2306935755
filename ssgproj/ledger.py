"""`results/ledger.csv`: every release that was ever paid for, in lines that hold on to each other.

Two lines for a release: `intent`, on disk before the query runs and charged from then on, whatever happens; and `done`, with the sha256 of
the result. A line's `hash` covers the line and the hash of the line before it (`previous`), so a line that is changed, removed or put in
between is found; `ledger.head` remembers the last line, so that a cut-off end is found too. After a merge of two branches both
branches' lines count: a line may follow any line above it.

The chain shows mistakes and careless edits. Somebody who rewrites all of it is stopped by review and git's history, not by hashes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from ssgproj.errors import RunError, SsgError
from ssgproj.files import replace_file, sync_directory

DIRECTORY = "results"
FILE = f"{DIRECTORY}/ledger.csv"
HEAD = f"{DIRECTORY}/ledger.head"
FIELDS = ("time", "event", "stat", "epsilon", "delta", "meaning", "result", "previous", "hash")
INTENT, DONE = "intent", "done"
_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `meaning` is that of the statistic, `result` the sha256 of what was released (`done` lines only), `previous` the
    hash of the line that it follows."""

    time: str
    event: str
    stat: str
    epsilon: float
    delta: float
    meaning: str
    result: str
    previous: str
    hash: str

    @classmethod
    def after(
        cls, previous: str, event: str, stat: str, epsilon: float, delta: float, meaning: str, result: str = ""
    ) -> Entry:
        """The line that follows the one with hash `previous`, at this moment."""
        time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        values = (time, event, stat, repr(float(epsilon)), repr(float(delta)), meaning, result, previous)
        return cls(time, event, stat, epsilon, delta, meaning, result, previous, _hash(values))

    def fields(self) -> tuple[str, ...]:
        return (
            self.time, self.event, self.stat, repr(float(self.epsilon)), repr(float(self.delta)),
            self.meaning, self.result, self.previous, self.hash,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with the ledger, and in which line of the file."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines, in order, and what is wrong with them. Empty where there is no file."""

    entries: tuple[Entry, ...] = ()
    flaws: tuple[Flaw, ...] = ()

    @property
    def last(self) -> str:
        return self.entries[-1].hash if self.entries else _FIRST

    @property
    def epsilon(self) -> float:
        """Everything ever spent, by plain addition; also what a crash kept from being finished, and deleted results."""
        return sum(e.epsilon for e in self.entries if e.event == INTENT)

    @property
    def delta(self) -> float:
        return sum(e.delta for e in self.entries if e.event == INTENT)

    def spent_on(self, stat: str) -> float:
        """Epsilon spent on all versions of one statistic together."""
        return sum(e.epsilon for e in self.entries if e.event == INTENT and e.stat == stat)

    def paid(self, intent: str, result: str) -> bool:
        """Whether the line with this hash paid for a result with this sha256: a `done` line of its statistic below it says so."""
        start = next((i for i, e in enumerate(self.entries) if e.hash == intent and e.event == INTENT), None)
        if start is None:
            return False
        stat = self.entries[start].stat
        return any(e.event == DONE and e.stat == stat and e.result == result for e in self.entries[start:])


def read_ledger(root: Path) -> Ledger:
    """The ledger of a project, verified. Never raises for what is in it: see `flaws`."""
    path = root / FILE
    head = _head(root)
    if not path.exists() or path.stat().st_size == 0:
        return Ledger((), (Flaw(1, f"`{FILE}` is gone, but `{HEAD}` says that it had lines"),) if head else ())
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return Ledger((), (Flaw(1, f"`{FILE}` cannot be read as UTF-8"),))
    entries: list[Entry] = []
    flaws: list[Flaw] = []
    known = {_FIRST}
    for number, fields in _lines(text):
        if number == 1:
            if tuple(fields) != FIELDS:
                flaws.append(Flaw(1, "The header is not that of a ledger"))
            continue
        entry, wrong = _entry(fields)
        if entry is None:
            flaws.append(Flaw(number, wrong))
            continue
        if wrong:
            flaws.append(Flaw(number, wrong))
        elif entry.previous not in known:
            flaws.append(Flaw(number, "The line that this line follows is missing, changed, or below it"))
        elif entry.hash in known:
            flaws.append(Flaw(number, "The line is there twice"))
        known.add(entry.hash)
        entries.append(entry)
    if text and not text.endswith("\n"):
        flaws.append(Flaw(text.count("\n") + 1, "The last line breaks off"))
    if head and head not in known:
        flaws.append(Flaw(len(entries) + 1, f"The end is cut off: the line that `{HEAD}` names is missing"))
    if not head and entries:
        flaws.append(Flaw(1, f"`{HEAD}` is missing, which names the last line"))
    return Ledger(tuple(entries), tuple(flaws))


def verified_ledger(root: Path) -> Ledger:
    """The ledger, if nothing is wrong with it; RunError with the first flaw otherwise."""
    ledger = read_ledger(root)
    if ledger.flaws:
        flaw = ledger.flaws[0]
        raise RunError(
            f"{FILE}:{flaw.line}: {flaw.message}; what was spent can no longer be told",
            hint=f"bring back the ledger: git checkout {DIRECTORY}",
        )
    return ledger


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """One process at a time may spend. Raises SsgError at once if another holds the lock; the lock ends with its process."""
    path = root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not _lock(file):
            raise SsgError(
                "Another `ssg stats` is running in this project", hint="wait until it has ended, then: ssg stats"
            )
        try:
            yield
        finally:
            if path.exists() and path.stat().st_size == 0:
                path.unlink()


class LedgerWriter:
    """Appends to the ledger of a project that this process has `locked`. Each line is on disk when a method returns."""

    def __init__(self, root: Path, limits: tuple[float | None, float | None] = (None, None)) -> None:
        self.root = root
        self.limits = limits
        self.ledger = verified_ledger(root)

    def intend(self, stat: str, epsilon: float, delta: float, meaning: str) -> str:
        """Charge for a release that is about to happen, and return the line's hash. Raises RunError if it would pass the budget."""
        check_budget(self.ledger, [(stat, epsilon, delta)], self.limits)
        return self._append(INTENT, stat, epsilon, delta, meaning)

    def finish(self, stat: str, meaning: str, result: str) -> None:
        """Say that the release happened, and what it was."""
        self._append(DONE, stat, 0.0, 0.0, meaning, result)

    def _append(self, event: str, stat: str, epsilon: float, delta: float, meaning: str, result: str = "") -> str:
        entry = Entry.after(self.ledger.last, event, stat, epsilon, delta, meaning, result)
        path = self.root / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        new = not path.exists() or path.stat().st_size == 0
        with path.open("ab") as file:
            if new:
                file.write(_line(FIELDS))
            file.write(_line(entry.fields()))
            file.flush()
            os.fsync(file.fileno())
        if new:
            sync_directory(path.parent)
        replace_file(self.root / HEAD, f"{entry.hash}\n".encode())
        self.ledger = Ledger((*self.ledger.entries, entry))
        return entry.hash


def check_budget(
    ledger: Ledger, wanted: Sequence[tuple[str, float, float]], limits: tuple[float | None, float | None]
) -> None:
    """Raise RunError if these releases, (stat, epsilon, delta) each, would pass the budget on top of all that was ever spent."""
    names = ("epsilon", "delta")
    spent = (ledger.epsilon, ledger.delta)
    asked = (sum(w[1] for w in wanted), sum(w[2] for w in wanted))
    for name, limit, before, more in zip(names, limits, spent, asked, strict=True):
        if limit is not None and more > 0 and before + more > limit * (1 + 1e-9):
            which = ", ".join(f"`{w[0]}`" for w in wanted)
            raise RunError(
                f"{which} would spend {name} {more:g} on top of the {before:g} that {FILE} records, and the project's budget is {limit:g}",
                hint=f"spend less in the file, or agree on more and write it in ssg_project.yml: privacy: {{budget: {{{name}: {before + more:g}}}}}",
            )


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    yield from enumerate(csv.reader(io.StringIO(text, newline="")), 1)


def _entry(fields: Sequence[str]) -> tuple[Entry | None, str]:
    if len(fields) != len(FIELDS):
        return None, f"The line has {len(fields)} fields, and a ledger's lines have {len(FIELDS)}"
    time, event, stat, epsilon, delta, meaning, result, previous, found = fields
    try:
        entry = Entry(time, event, stat, float(epsilon), float(delta), meaning, result, previous, found)
    except ValueError:
        return None, "`epsilon` and `delta` are not numbers"
    if found != _hash(fields[:-1]) or event not in (INTENT, DONE) or not entry.epsilon >= 0 or not entry.delta >= 0:
        return entry, "The line was changed: its hash is not that of its fields"
    return entry, ""


def _hash(fields: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(fields)).encode()).hexdigest()


def _line(fields: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(fields)
    return out.getvalue().encode()


def _head(root: Path) -> str | None:
    try:
        return (root / HEAD).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _lock(file: IO[Any]) -> bool:
    try:
        import fcntl
    except ImportError:
        return _lock_windows(file)
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _lock_windows(file: IO[Any]) -> bool:
    import importlib

    msvcrt: Any = importlib.import_module("msvcrt")
    try:
        file.seek(1 << 30)  # far behind the end, so that reading stays possible
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True
