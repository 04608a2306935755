"""An order for rows that refer to one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = -1
"""The parent of a row that refers to none, or to one that stands already."""
NOWHERE = -2
"""The parent of a row that refers to a row that is not there."""


def waves(rows: NDArray[np.int64], parents: Sequence[NDArray[np.int64]], most: int) -> NDArray[np.int64] | None:
    """In which wave each row goes in, so that all its parents are in an earlier one; None if that takes more than `most` waves,
    or cannot be: rows in a circle, or a parent that is not there.

    `rows` are the rows' numbers, ascending; `parents` the number of each row's parent, an array for each reference.
    """
    numbers = np.full(len(rows), -1, dtype=np.int64)
    if any((p == NOWHERE).any() for p in parents):
        return None
    places = [np.where(p == ROOT, 0, np.searchsorted(rows, p)) for p in parents]
    waiting = np.arange(len(rows))
    for wave in range(most):
        if not len(waiting):
            return numbers
        ready = np.ones(len(waiting), dtype=bool)
        for parent, place in zip(parents, places, strict=True):
            ready &= (parent[waiting] == ROOT) | (numbers[place[waiting]] >= 0)
        if not ready.any():
            return None
        numbers[waiting[ready]] = wave
        waiting = waiting[~ready]
    return None if len(waiting) else numbers
