"""The rows of a parent table as generators of its children read them: found by the value of a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.generators import sql_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

DENSE = 4
"""Whole-number keys that fill a quarter of their range or more are found by their place in a table of that range."""


@dataclass(slots=True)
class ParentRows:
    """Rows with their key. The index over the key is made once; finding the parents of a batch is a search in sorted numbers."""

    rows: pa.Table
    key: tuple[str, ...]
    _first: int = 0
    _places: NDArray[np.int64] | None = None
    _sorted: NDArray[np.uint64 | np.int64] | None = None
    _order: NDArray[np.int64] | None = None
    _columns: dict[str, pa.Array] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pa.Table, key: tuple[str, ...]) -> ParentRows:
        """Index the rows. Those without a whole key are left out."""
        valid = np.logical_and.reduce([np.asarray(rows.column(k).combine_chunks().is_valid()) for k in key])
        found = cls(rows if valid.all() else rows.filter(pa.array(valid)), key)
        found._index()
        return found

    def column(self, name: str) -> pa.Array:
        """One column, in one piece."""
        if name not in self._columns:
            whole = self.rows.column(name)
            self._columns[name] = whole.combine_chunks() if whole.num_chunks != 1 else whole.chunk(0)
        return self._columns[name]

    def values(self, names: Sequence[str], wanted: Sequence[pa.Array]) -> list[pa.Array]:
        """Columns of the rows whose key has the wanted values; NULL where there is none."""
        index, known = self.find(wanted)
        taken = pa.array(index, mask=~known)
        return [self.column(n).take(taken) for n in names]

    def find(self, wanted: Sequence[pa.Array]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The row of each wanted key, and whether there is one."""
        arrays = [
            w if w.type == self.column(k).type else w.cast(self.column(k).type)
            for k, w in zip(self.key, wanted, strict=True)
        ]
        valid = np.logical_and.reduce([np.asarray(a.is_valid()) for a in arrays])
        numbers = _numbers(arrays)
        if not len(self.rows):
            return np.zeros(len(numbers), np.int64), np.zeros(len(numbers), bool)
        if self._places is not None:
            offset = numbers.astype(np.int64) - self._first
            inside = (offset >= 0) & (offset < len(self._places)) & valid
            index = self._places[np.where(inside, offset, 0)]
            return np.maximum(index, 0), inside & (index >= 0)
        assert self._sorted is not None and self._order is not None  # noqa: S101 - made with the index
        # In their order, searches stay within what the processor has at hand.
        order = np.argsort(numbers)
        place = np.empty(len(numbers), np.int64)
        place[order] = np.minimum(np.searchsorted(self._sorted, numbers[order]), len(self._sorted) - 1)
        index = self._order[place]
        known = valid & (self._sorted[place] == numbers)
        if not _is_whole(arrays):
            # Numbers are hashes: different keys may share one, however rarely.
            same = np.logical_and.reduce(
                [_equal(a, self.column(k).take(pa.array(index))) for k, a in zip(self.key, arrays, strict=True)]
            )
            wrong = np.flatnonzero(known & ~same)
            for row in wrong:
                index[row], known[row] = self._among(numbers[row], [a[row] for a in arrays])
        return index, known

    def _among(self, number: np.uint64, wanted: Sequence[pa.Scalar]) -> tuple[int, bool]:
        """The row of one key among those with its hash."""
        assert self._sorted is not None and self._order is not None  # noqa: S101 - made with the index
        first, last = np.searchsorted(self._sorted, number, "left"), np.searchsorted(self._sorted, number, "right")
        for row in self._order[first:last]:
            if all(self.column(k)[int(row)] == w for k, w in zip(self.key, wanted, strict=True)):
                return int(row), True
        return 0, False

    def _index(self) -> None:
        arrays = [self.column(k) for k in self.key]
        numbers = _numbers(arrays)
        if _is_whole(arrays) and len(numbers):
            first, last = int(numbers.min()), int(numbers.max())
            if last - first < DENSE * len(numbers):
                self._first = first
                self._places = np.full(last - first + 1, -1, np.int64)
                self._places[numbers.astype(np.int64) - first] = np.arange(len(numbers))
                return
        self._order = np.argsort(numbers, kind="stable")
        self._sorted = numbers[self._order]


def _is_whole(arrays: Sequence[pa.Array]) -> bool:
    t = arrays[0].type
    return len(arrays) == 1 and pa.types.is_integer(t) and not pa.types.is_uint64(t)


def _numbers(arrays: Sequence[pa.Array]) -> NDArray[np.uint64 | np.int64]:
    """One number for each row: a whole-number key itself, the hash of any other."""
    if _is_whole(arrays):
        whole: NDArray[np.int64] = arrays[0].fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        return whole
    names = [f"k{i}" for i in range(len(arrays))]
    table = pa.table(dict(zip(names, arrays, strict=True)))
    hashes = sql_rows.columns(table, [f"hash({', '.join(names)})"]).column(0).combine_chunks()
    hashed: NDArray[np.uint64] = hashes.to_numpy(zero_copy_only=False).astype(np.uint64)
    return hashed


def _equal(left: pa.Array, right: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(pc.equal(left, right), False))
