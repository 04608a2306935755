"""Sets of hashes that may be larger than memory: sorted runs, of which the large ones are files.

A run is merged with the next as soon as it is no longer than twice of it, so there are few runs and each hash is rewritten a
logarithmic number of times. Files have no name: whatever ends the process, the system frees them.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ssgproj.files import large_files

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPILLED = 2_000_000
"""Hashes of a run that goes to a file: 16 MB."""
PIECES = 64
"""Files are merged in so many pieces, each of which is in memory for a moment."""


@dataclass(slots=True)
class HashSet:
    """A growing set of 64-bit hashes. `spilled` is the length from which a run is a file."""

    spilled: int = SPILLED
    _runs: list[NDArray[np.uint64]] = field(default_factory=list)

    def contains(self, values: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """For each value, whether it is in the set."""
        found = np.zeros(len(values), bool)
        if not self._runs or not len(values):
            return found
        # In order, so that each run is read from front to back.
        order = np.argsort(values, kind="stable")
        wanted = values[order]
        for run in self._runs:
            place = np.searchsorted(run, wanted)
            place[place == len(run)] = 0
            found[order] |= run[place] == wanted
        return found

    def add(self, values: NDArray[np.uint64]) -> None:
        """Add values, which may repeat or be there already: they then stand in more than one run."""
        if not len(values):
            return
        self._runs.append(np.sort(values))
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            last, before = self._runs.pop(), self._runs.pop()
            self._runs.append(self._merged(before, last))

    def _merged(self, one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint64]:
        if len(one) + len(other) < self.spilled:
            return np.sort(np.concatenate([one, other]), kind="stable")
        with tempfile.TemporaryFile(dir=large_files()) as file:
            # Hashes are spread evenly, so pieces of the range are pieces of the runs of much the same length.
            cuts = np.arange(1, PIECES, dtype=np.uint64) * np.uint64(2**64 // PIECES)
            for mine, theirs in zip(_pieces(one, cuts), _pieces(other, cuts), strict=True):
                np.sort(np.concatenate([mine, theirs]), kind="stable").tofile(file)
            file.flush()
            return np.memmap(file, np.uint64, "r", shape=(len(one) + len(other),))


def _pieces(run: NDArray[np.uint64], cuts: NDArray[np.uint64]) -> list[NDArray[np.uint64]]:
    return np.split(run, np.searchsorted(run, cuts))
