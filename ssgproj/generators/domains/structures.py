"""Domains of values made of values: arrays, structs, maps and sets of labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.generators.domain import MAX_SIZE, Domain, product_size, split
from ssgproj.generators.domains.texts import gather

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ArrayDomain:
    """Arrays of `min_length` to `max_length` elements; shorter first.

    `share` limits how many arrays each length has, so that a random draw does not always take the longest.
    """

    element: Domain
    min_length: int
    max_length: int
    share: int = MAX_SIZE

    def _sizes(self) -> list[int]:
        lengths = range(self.min_length, self.max_length + 1)
        return [min(product_size([self.element.size] * n), self.share) for n in lengths]

    @property
    def size(self) -> int:
        return min(sum(self._sizes()), MAX_SIZE)

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        index = np.asarray(index, dtype=np.int64)
        starts = [0]
        for size in self._sizes()[:-1]:
            if starts[-1] + size >= MAX_SIZE:
                break
            starts.append(starts[-1] + size)
        which = np.searchsorted(np.array(starts[1:], dtype=np.int64), index, side="right")
        return gather(
            which, len(starts), lambda part, rows: self._of_length(index[rows] - starts[part], self.min_length + part)
        )

    def _of_length(self, index: NDArray[np.int64], length: int) -> pa.Array:
        offsets = pa.array(np.arange(len(index) + 1, dtype=np.int32) * length)
        digits = split(index, [self.element.size] * length, self.share)
        flat = np.stack(digits, axis=1).reshape(-1) if digits else np.zeros(0, dtype=np.int64)
        return pa.ListArray.from_arrays(offsets, self.element.at(flat))


@dataclass(frozen=True, slots=True)
class StructDomain:
    """Structs: every combination of their fields' values."""

    names: tuple[str, ...]
    fields: tuple[Domain, ...]

    @property
    def size(self) -> int:
        return product_size([f.size for f in self.fields])

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        digits = split(np.asarray(index, dtype=np.int64), [f.size for f in self.fields])
        columns = [f.at(d) for f, d in zip(self.fields, digits, strict=True)]
        return pa.StructArray.from_arrays(columns, names=list(self.names))


@dataclass(frozen=True, slots=True)
class MapDomain:
    """Maps of one entry: every combination of key and value."""

    key: Domain
    value: Domain

    @property
    def size(self) -> int:
        return product_size([self.key.size, self.value.size])

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        keys, values = split(np.asarray(index, dtype=np.int64), [self.key.size, self.value.size])
        offsets = pa.array(np.arange(len(index) + 1, dtype=np.int32))
        return pa.MapArray.from_arrays(offsets, self.key.at(keys), self.value.at(values))


@dataclass(frozen=True, slots=True)
class SetDomain:
    """Non-empty subsets of labels, as comma lists in the labels' order. At most 62 labels."""

    labels: tuple[str, ...]

    @property
    def size(self) -> int:
        return min((1 << len(self.labels)) - 1, MAX_SIZE)

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        bits = np.asarray(index, dtype=np.int64) + 1
        columns = []
        for position, label in enumerate(self.labels[:62]):
            chosen = pa.array((bits >> position) & 1 == 1)
            columns.append(pc.if_else(chosen, pa.scalar(label), pa.scalar(None, pa.string())))
        return pc.binary_join_element_wise(*columns, pa.scalar(","), null_handling="skip")
