"""Finite ordered sets of values that can be counted and indexed: how ssg makes unique values without looking any up.

A `Domain` maps an index in `[0, size)` to a value, without repeats. Random values are random indices; unique values are a
permutation of the row number (`permute`), which needs no memory and gives each batch its own part of the domain.

The domains themselves are in `generators/domains/`; `generators/defaults.py` chooses one for a column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch

MAX_SIZE = 2**62
"""No domain is counted beyond this; larger ones are cut to it."""

_ROUNDS = 6
_SMALL = 4096
_BLOCK = 1 << 14
_GOLDEN = 0x9E3779B97F4A7C15
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_MASK = 2**64 - 1


class Domain(Protocol):
    """`at` is a bijection from indices (int64 array, each in `[0, size)`) to distinct values, in the column's Arrow type."""

    @property
    def size(self) -> int: ...

    def at(self, index: NDArray[np.int64]) -> pa.Array: ...


@dataclass(frozen=True, slots=True)
class DomainDraw:
    """The generator of one column that draws uniformly from a domain: one random index per row."""

    domain: Domain
    purpose: str = ""

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        index = batch.rng(self.purpose).integers(0, self.domain.size, batch.rows, dtype=np.int64)
        return [self.domain.at(index)]


def mix(numbers: NDArray[np.uint64], key: int = 0) -> NDArray[np.uint64]:
    """Scramble 64-bit numbers, one by one, into others (splitmix64): a bijection that looks random."""
    x = numbers + np.uint64((key * _GOLDEN + _GOLDEN) & _MASK)
    x ^= x >> np.uint64(30)
    x *= _MIX1
    x ^= x >> np.uint64(27)
    x *= _MIX2
    x ^= x >> np.uint64(31)
    return x


def permute(index: NDArray[np.int64], size: int, key: int) -> NDArray[np.int64]:
    """A bijection on `[0, size)` chosen by `key`, applied to each index. The same on every machine and in every version.

    Raises ValueError for a size outside 1..2**62 or an index outside the domain.
    """
    index = np.asarray(index, dtype=np.int64)
    if not 1 <= size <= MAX_SIZE:
        raise ValueError(f"cannot permute {size} values")
    if index.size and (int(index.min()) < 0 or int(index.max()) >= size):
        raise ValueError(f"an index is outside [0, {size})")
    if size <= _SMALL:
        return _small_permutation(size, key)[index]
    result = np.empty(index.shape, dtype=np.int64)
    flat, out = index.reshape(-1), result.reshape(-1)
    keys = _round_keys(key)
    # Blocks stay in the processor's cache, which makes this several times faster.
    for start in range(0, len(flat), _BLOCK):
        out[start : start + _BLOCK] = _walk(flat[start : start + _BLOCK].astype(np.uint64), size, keys)
    return result


@lru_cache(maxsize=64)
def _small_permutation(size: int, key: int) -> NDArray[np.int64]:
    order = np.argsort(mix(np.arange(size, dtype=np.uint64), key & _MASK), kind="stable")
    order.setflags(write=False)
    return order


@lru_cache(maxsize=256)
def _round_keys(key: int) -> tuple[np.uint64, ...]:
    seeds = np.arange(1, _ROUNDS + 1, dtype=np.uint64)
    return tuple(mix(seeds, key & _MASK))


def _walk(x: NDArray[np.uint64], size: int, keys: tuple[np.uint64, ...]) -> NDArray[np.uint64]:
    """Feistel over the next power of two; what falls outside goes round again, which ends since it began inside."""
    bits = max((size - 1).bit_length(), 2)
    result = _feistel(x, bits, keys)
    if size == 1 << bits:
        return result
    outside = np.flatnonzero(result >= np.uint64(size))
    while outside.size:
        again = _feistel(result[outside], bits, keys)
        result[outside] = again
        outside = outside[again >= np.uint64(size)]
    return result


def _feistel(x: NDArray[np.uint64], bits: int, keys: tuple[np.uint64, ...]) -> NDArray[np.uint64]:
    low_bits = np.uint64((bits + 1) // 2)
    high_bits = np.uint64(bits) - low_bits
    low = x & np.uint64((1 << int(low_bits)) - 1)
    high = x >> low_bits
    scratch = np.empty_like(low)
    for number, key in enumerate(keys):
        source, target, width = (low, high, high_bits) if number % 2 == 0 else (high, low, low_bits)
        np.add(source, key, out=scratch)
        np.multiply(scratch, _MIX1, out=scratch)
        np.bitwise_xor(scratch, scratch >> np.uint64(32), out=scratch)
        np.multiply(scratch, _MIX2, out=scratch)
        np.right_shift(scratch, np.uint64(64) - width, out=scratch)
        np.bitwise_xor(target, scratch, out=target)
    np.left_shift(high, low_bits, out=high)
    np.bitwise_or(high, low, out=high)
    return high


def product_size(sizes: Sequence[int]) -> int:
    """The number of combinations, at most `MAX_SIZE`."""
    total = 1
    for size in sizes:
        total = min(total * size, MAX_SIZE)
    return total


def split(index: NDArray[np.int64], sizes: Sequence[int], limit: int = MAX_SIZE) -> list[NDArray[np.int64]]:
    """Mixed radix: one index into each of several domains, different for different indices; the last varies fastest.

    Where there are more combinations than indices (`limit`), the leading digits are scrambled from the index instead of staying
    0: the trailing ones tell indices apart already.
    """
    digits: list[NDArray[np.int64]] = []
    rest, covered = index, 1
    for position, size in enumerate(reversed(sizes)):
        if size == 1:
            digits.append(np.zeros_like(index))
        elif covered >= limit:
            digits.append(scatter(index, size, position))
        elif covered * size >= limit:
            digits.append(rest)
            covered = limit
        else:
            rest, digit = np.divmod(rest, size)
            digits.append(digit)
            covered *= size
    return digits[::-1]


def scatter(index: NDArray[np.int64], size: int, salt: int = 0) -> NDArray[np.int64]:
    """A number in `[0, size)` that depends on the index alone and looks random. Not a bijection."""
    return (mix(index.astype(np.uint64), salt + 1) >> np.uint64(2)).astype(np.int64) % size
