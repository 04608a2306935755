"""Unique values by construction: sequences, permuted domains, and several columns that are unique together.

No value is ever looked up. A permutation of the row number picks from a domain, so that each row has an index of its own whatever batch
or worker makes it. Rows past the end of a domain get NULL, which the engine reads as "this row does not fit".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.generators.arrow import arrow_type, with_nulls
from ssgproj.generators.domain import MAX_SIZE, permute

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch
    from ssgproj.generators.domain import Domain
    from ssgproj.generators.world import KeySource, TableBatch, World
    from ssgproj.project.types import SqlType


@dataclass(frozen=True, slots=True)
class SequenceKey:
    """`start + step * row number`, going on after what the destination holds."""

    node: str
    column: str
    type: SqlType
    start: int = 1
    step: int = 1

    def at(self, row_numbers: NDArray[np.int64], world: World) -> Sequence[pa.Array]:
        values = row_numbers * self.step + (self.start + world.shift(self.node, self.column))
        return [pc.cast(pa.array(values), arrow_type(self.type))]

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        return self.at(batch.row_numbers, cast("TableBatch", batch).world)


def masked(array: pa.Array, valid: NDArray[np.bool_]) -> pa.Array:
    """The array with NULL where not valid."""
    if valid.all():
        return array
    return with_nulls(array, ~valid)


@dataclass(frozen=True, slots=True)
class UniqueValues:
    """Each row its own value of a domain. `tries` > 1 reserves that many values for each row, for rows that are drawn again."""

    domain: Domain
    key: int
    tries: int = 1

    @property
    def capacity(self) -> int:
        """How many rows fit."""
        return self.domain.size // self.tries

    def _values(self, index: NDArray[np.int64], valid: NDArray[np.bool_]) -> list[pa.Array]:
        safe = np.where(valid, index, 0)
        return [masked(self.domain.at(permute(safe, self.domain.size, self.key)), valid)]

    def at(self, row_numbers: NDArray[np.int64], world: World) -> Sequence[pa.Array]:
        return self._values(row_numbers, row_numbers < self.capacity)

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        attempt = cast("TableBatch", batch).attempt
        valid = (batch.row_numbers < self.capacity) & (attempt < self.tries)
        return self._values(batch.row_numbers + min(attempt, self.tries) * self.capacity, valid)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a unique set: a domain of one column, or the rows of a parent table (`node`) for the columns of a reference.

    `size` is the number of values it offers. For a parent it is the number of rows of one pass, taken anew in every pass, unless the
    parent is the same in all (`per_pass` False: a vocabulary).
    """

    columns: tuple[str, ...]
    size: int
    domain: Domain | None = None
    node: str = ""
    parent_columns: tuple[str, ...] = ()
    per_pass: bool = False


@dataclass(frozen=True, slots=True)
class UniqueTogether:
    """Several columns of which no two rows have the same combination: one permuted index, read in mixed radix.

    `rows_per_pass` is the table's. If a part changes with the pass, each pass is a set of its own. `tries` > 1 reserves that many
    combinations for each row, for rows that are drawn again.
    """

    parts: tuple[Part, ...]
    key: int
    rows_per_pass: int
    tries: int = 1

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(c for p in self.parts for c in p.columns)

    @property
    def per_pass(self) -> bool:
        return any(p.per_pass for p in self.parts)

    @property
    def capacity(self) -> int:
        size = 1
        for part in self.parts:
            size *= part.size
        return min(size, MAX_SIZE)

    def at(self, row_numbers: NDArray[np.int64], world: World, attempt: int = 0) -> Sequence[pa.Array]:
        passes = row_numbers // max(self.rows_per_pass, 1)
        if not self.per_pass or len(passes) == 0 or passes[0] == passes[-1] == passes.min():
            return self._pass(row_numbers, int(passes[0]) if len(passes) else 0, world, attempt)
        order = np.argsort(passes, kind="stable")
        pieces = [self._pass(row_numbers[passes == p], int(p), world, attempt) for p in np.unique(passes)]
        back = pa.array(np.argsort(order, kind="stable"))
        return [pa.concat_arrays(list(p)).take(back) for p in zip(*pieces, strict=True)]

    def _pass(self, row_numbers: NDArray[np.int64], pass_: int, world: World, attempt: int) -> list[pa.Array]:
        rank = row_numbers - pass_ * self.rows_per_pass if self.per_pass else row_numbers
        sources = [world.keys(p.node, p.parent_columns) if p.node else None for p in self.parts]
        ranges = [
            s.range(pass_, strict=p.per_pass) if s else (0, p.size) for s, p in zip(sources, self.parts, strict=True)
        ]
        sizes = [min(stop - start, p.size) for (start, stop), p in zip(ranges, self.parts, strict=True)]
        total = 1
        for size in sizes:
            total *= size
        total = min(total, MAX_SIZE)
        room = total // self.tries
        valid = (rank < room) & (attempt < self.tries)
        rank = rank + min(attempt, self.tries - 1) * room
        index = permute(np.where(valid, rank, 0), total, self.key) if total else np.zeros(len(rank), np.int64)
        arrays: list[pa.Array] = []
        for part, source, (start, _), size in zip(self.parts, sources, ranges, sizes, strict=True):
            digit = index % max(size, 1)
            index = index // max(size, 1)
            if part.domain is not None:
                made = [part.domain.at(digit)]
            elif source is not None and size:
                made = source.take(np.where(valid, digit + start, start))
            else:
                made = _nulls(source, len(rank))
            arrays += [masked(a, valid) for a in made]
        return arrays

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        rows = cast("TableBatch", batch)
        return self.at(rows.row_numbers, rows.world, rows.attempt)


def _nulls(source: KeySource | None, rows: int) -> list[pa.Array]:
    """What a parent without rows has to offer."""
    empty = source.take(np.zeros(0, np.int64)) if source else []
    return [pa.nulls(rows, a.type) for a in empty]
