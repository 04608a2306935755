"""Finite ordered sets of values that can be counted and indexed: how ssg makes unique values without looking any up.

A `Domain` maps an index in `[0, size)` to a value, without repeats. Random values are random indices; unique values are a
permutation of the row number (`permute`), which needs no memory and gives each batch its own part of the domain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

MAX_SIZE = 2**62
"""No domain is counted beyond this; larger ones are cut to it."""


class Domain(Protocol):
    """`at` is a bijection from indices (int64 array, each in `[0, size)`) to distinct values, in the column's Arrow type."""

    @property
    def size(self) -> int: ...

    def at(self, index: NDArray[np.int64]) -> pa.Array: ...
