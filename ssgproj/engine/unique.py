"""Unique sets that are tested over the whole table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ssgproj.engine.seen import HashSet
from ssgproj.plan import evaluate
from ssgproj.plan.plan import UniqueSet

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(slots=True)
class UniqueTracker:
    """What the unique sets of a table hold so far: hashes of the combinations seen."""

    seen: dict[UniqueSet, HashSet] = field(default_factory=dict)

    def hashes(self, rows: pa.Table, unique: UniqueSet) -> pa.Array:
        """A hash of each row's combination; NULL where the row does not count."""
        parts = unique.expressions or tuple(evaluate.quote(c) for c in unique.columns)
        conditions = [] if unique.nulls_not_distinct else [f"({p}) IS NOT NULL" for p in parts]
        conditions += [f"({unique.where})"] if unique.where else []
        value = f"hash({', '.join(parts)})"
        sql = f"CASE WHEN {' AND '.join(conditions)} THEN {value} END" if conditions else value
        return evaluate.columns(rows, [sql]).column(0).combine_chunks()

    def repeated(self, hashes: pa.Array, unique: UniqueSet, alive: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Rows whose combination was seen, or stands earlier in the batch among rows that are alive."""
        seen = self.seen.setdefault(unique, HashSet())
        counts = np.asarray(hashes.is_valid()) & alive
        values = _numbers(hashes)
        repeated = np.zeros(len(values), bool)
        index = np.flatnonzero(counts)
        repeated[index] = seen.contains(values[index])
        index = index[~repeated[index]]
        _, first = np.unique(values[index], return_index=True)
        later = np.ones(len(index), bool)
        later[first] = False
        repeated[index[later]] = True
        return repeated

    def taken(self, hashes: pa.Array, unique: UniqueSet, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Rows, other than those kept, whose combination was seen or is that of a row that is kept."""
        values, counts = _numbers(hashes), np.asarray(hashes.is_valid())
        held = self.seen.setdefault(unique, HashSet()).contains(values) | np.isin(values, values[kept & counts])
        taken: NDArray[np.bool_] = held & counts & ~kept
        return taken

    def add(self, rows: pa.Table, unique: UniqueSet) -> None:
        self.seen.setdefault(unique, HashSet()).add(_numbers(self.hashes(rows, unique).drop_null()))


def _numbers(hashes: pa.Array) -> NDArray[np.uint64]:
    numbers: NDArray[np.uint64] = hashes.fill_null(0).to_numpy(zero_copy_only=False).astype(np.uint64)
    return numbers
