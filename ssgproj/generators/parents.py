"""References: each row takes a random row of its parent table, all columns of it together.

A child refers to parents of its own pass (each pass is a repetition of the whole plan), or to any that exist if the pass made none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.generators.unique import masked
from ssgproj.generators.world import TakenParents

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch
    from ssgproj.generators.world import KeySource, TableBatch


@dataclass(frozen=True, slots=True)
class RandomParent:
    """A uniformly random parent row.

    `given` are columns of this table, filled before, that are also columns of the reference: the parent is chosen among those that agree
    with them; `given_parent` are their names there. `within` are further tables that the parent's values must also be found in: (columns of
    the parent, node, columns of that node). `columns` are the parent's columns to return, those not given.
    """

    node: str
    columns: tuple[str, ...]
    given: tuple[str, ...] = ()
    given_parent: tuple[str, ...] = ()
    within: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        rows = cast("TableBatch", batch)
        source = rows.world.keys(self.node, self.columns)
        if self.given:
            return self._matching(rows, source)
        if (parents := self.parents(batch)) is None:
            return [pa.nulls(rows.rows, a.type) for a in source.take(np.zeros(0, np.int64))]
        return self.of(batch, parents)

    def parents(self, batch: Batch) -> TakenParents | None:
        if self.given:
            return None
        rows = cast("TableBatch", batch)
        start, stop = rows.world.keys(self.node, self.columns).range(rows.pass_)
        allowed = rows.world.allowed(self, rows.pass_)
        count = stop - start if allowed is None else len(allowed)
        if count == 0:
            return None
        index = rows.rng("parents").integers(0, count, rows.rows)
        return TakenParents(self.node, self.columns, index + start if allowed is None else allowed[index])

    def of(self, batch: Batch, parents: TakenParents) -> Sequence[pa.Array]:
        return parents.keys(cast("TableBatch", batch).world)

    def _matching(self, rows: TableBatch, source: KeySource) -> list[pa.Array]:
        """Parents that share the given columns: the parents sorted by them, and a random one of each run."""
        start, stop = source.range(rows.pass_)
        allowed = rows.world.allowed(self, rows.pass_)
        numbers = np.arange(start, stop) if allowed is None else allowed
        wanted = row_texts([rows.column(c) for c in self.given])
        offered = row_texts(rows.world.keys(self.node, self.given_parent).take(numbers))
        encoded = pc.dictionary_encode(offered)
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        order = np.argsort(codes, kind="stable")
        counts = np.bincount(codes, minlength=len(encoded.dictionary)) if len(codes) else np.zeros(0, np.int64)
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else counts
        found = pc.index_in(wanted, value_set=encoded.dictionary)
        valid = np.asarray(found.is_valid())
        code = found.fill_null(0).to_numpy(zero_copy_only=False)
        if not len(counts):
            return [pa.nulls(rows.rows, a.type) for a in source.take(np.zeros(0, np.int64))]
        offset = (rows.rng("parents").random(rows.rows) * counts[code]).astype(np.int64)
        chosen = numbers[order[starts[code] + offset]]
        return [masked(a, valid) for a in source.take(chosen)]


def row_texts(arrays: Sequence[pa.Array]) -> pa.Array:
    """One text per row that is equal where all columns are; NULL where one is."""
    texts = [
        pc.cast(a, pa.string()) if not pa.types.is_decimal(a.type) else pa.array([str(v) for v in a]) for a in arrays
    ]
    return texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, "\x1f")


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """A reference of a table to itself: a random earlier row of the same pass, so that there are no circles.

    The first row of a pass refers to nothing, or to itself if it must refer to something.
    """

    node: str
    columns: tuple[str, ...]
    nullable: bool

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        rows = cast("TableBatch", batch)
        source = rows.world.keys(self.node, self.columns)
        before: NDArray[np.int64] = rows.row_numbers - rows.pass_start
        offset = (rows.rng("parents").random(rows.rows) * before).astype(np.int64)
        arrays = source.take(rows.pass_start + offset)
        return [masked(a, before > 0) for a in arrays] if self.nullable else arrays


@dataclass(frozen=True, slots=True)
class EarlierRowOfBatch:
    """As `EarlierRow`, where the key cannot be computed from the row number or has columns in common with the reference.

    Takes the row before it in the batch that agrees in the shared columns. `key` are this table's columns that are referred to, already
    filled; `shared` those that the reference itself uses.
    """

    key: tuple[str, ...]
    shared: tuple[str, ...]
    nullable: bool

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        rows = cast("TableBatch", batch)
        number = np.arange(rows.rows)
        if self.shared:
            codes = pc.dictionary_encode(row_texts([rows.column(c) for c in self.shared])).indices
            group = codes.fill_null(-1).to_numpy(zero_copy_only=False)
        else:
            group = np.zeros(rows.rows, np.int64)
        order = np.lexsort((number, group))
        same = np.concatenate([[False], group[order][1:] == group[order][:-1]]) if rows.rows else np.zeros(0, bool)
        before = np.where(same, np.concatenate([[0], order[:-1]]) if rows.rows else order, order)
        parent = np.empty(rows.rows, np.int64)
        parent[order] = before
        valid = np.empty(rows.rows, bool)
        valid[order] = same
        arrays = [rows.column(c).take(pa.array(parent)) for c in self.key if c not in self.shared]
        return [masked(a, valid) for a in arrays] if self.nullable else arrays
