"""Domains of texts and of listed values, and the combinators that build larger ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase, digits
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import binary_array, cast_to, join_texts, text_array
from ssgproj.generators.domain import MAX_SIZE, Domain, mix, product_size, split
from ssgproj.generators.values import from_python

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.project.types import SqlType

ALPHANUMERIC = ascii_lowercase + digits
"""Lower case only: unique under case-insensitive collations too."""


@dataclass(frozen=True, slots=True)
class ListedDomain:
    """Values written down one by one. Make it with `listed`, which converts them and drops repeats."""

    values: pa.Array

    @property
    def size(self) -> int:
        return len(self.values)

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        return self.values.take(pa.array(index))

    def index_of(self, value: Any) -> int | None:
        """Where a value is in the domain, or None."""
        found = [i for i, v in enumerate(self.values.to_pylist()) if v == value]
        return found[0] if found else None


def listed(values: Sequence[Any], t: SqlType) -> ListedDomain:
    """A domain of these values in a column's type, in this order, without repeats and nulls."""
    array = from_python([v for v in values if v is not None], t)
    keep: dict[str, int] = {}
    for position, value in enumerate(array.to_pylist()):
        keep.setdefault(repr(value), position)
    return ListedDomain(array.take(pa.array(list(keep.values()), pa.int64())))


@dataclass(frozen=True, slots=True)
class StringDomain:
    """Texts over an alphabet, `min_length` to `max_length` characters, after a fixed `prefix`; shortest first.

    Where there are more than 2**62 of them, the leading characters are scrambled from the index.
    """

    min_length: int
    max_length: int
    alphabet: str = ALPHANUMERIC
    prefix: str = ""

    @property
    def size(self) -> int:
        total = 0
        for length in range(self.min_length, self.max_length + 1):
            total += product_size([len(self.alphabet)] * length)
            if total >= MAX_SIZE:
                return MAX_SIZE
        return total

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        index = np.asarray(index, dtype=np.int64)
        if self.min_length == self.max_length:
            return self._of_length(index, self.min_length)
        bounds, total = [], 0
        for length in range(self.min_length, self.max_length + 1):
            bounds.append(min(total, MAX_SIZE))
            total += product_size([len(self.alphabet)] * length)
            if total >= MAX_SIZE:
                break
        which = np.searchsorted(np.array(bounds[1:], dtype=np.int64), index, side="right")
        return gather(
            which,
            len(bounds),
            lambda part, rows: self._of_length(index[rows] - bounds[part], self.min_length + part),
        )

    def index_of(self, value: Any) -> int | None:
        """Where a text is in the domain, or None."""
        if not isinstance(value, str) or not value.startswith(self.prefix):
            return None
        rest = value[len(self.prefix) :]
        if not self.min_length <= len(rest) <= self.max_length or any(sign not in self.alphabet for sign in rest):
            return None
        base, index = len(self.alphabet), 0
        for sign in rest:
            index = index * base + self.alphabet.index(sign)
        index += sum(product_size([base] * n) for n in range(self.min_length, len(rest)))
        index %= self.size
        # Of very long texts only the last characters are counted; the others have to agree.
        return index if self.at(np.array([index], dtype=np.int64))[0].as_py() == value else None

    def _of_length(self, index: NDArray[np.int64], length: int) -> pa.Array:
        codes = spell(index, length, len(self.alphabet))
        if self.alphabet.isascii():
            letters = np.frombuffer(self.alphabet.encode(), dtype=np.uint8)
            texts = text_array(letters[codes]) if length else pa.array([""] * len(index), pa.string())
        else:
            signs = pa.array(list(self.alphabet))
            columns = [signs.take(pa.array(codes[:, i])) for i in range(length)]
            texts = join_texts(columns) if columns else pa.array([""] * len(index), pa.string())
        return join_texts([self.prefix, texts]) if self.prefix else texts


def spell(index: NDArray[np.int64], length: int, base: int) -> NDArray[np.uint8]:
    """The digits of each index in a base, most significant first; leading ones scrambled where the index cannot fill them."""
    codes = np.zeros((len(index), length), dtype=np.uint8)
    rest = index.astype(np.uint64)
    position, covered = length, 1
    while position and covered < MAX_SIZE:
        position -= 1
        if covered * base >= MAX_SIZE:
            codes[:, position] = rest
            covered = MAX_SIZE
            break
        rest, digit = np.divmod(rest, np.uint64(base))
        codes[:, position] = digit
        covered *= base
    salt = 0
    while position and covered >= MAX_SIZE:
        scrambled = mix(index.astype(np.uint64), salt := salt + 1)
        for _ in range(8):
            if position:
                position -= 1
                scrambled, digit = np.divmod(scrambled, np.uint64(base))
                codes[:, position] = digit
    return codes


@dataclass(frozen=True, slots=True)
class BinaryDomain:
    """Bytes, `length` of them. More than seven: the last eight tell values apart, those before are scrambled."""

    length: int

    @property
    def size(self) -> int:
        return product_size([256] * self.length)

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        # Multiplying by an odd number is a bijection on 64 bits; it makes small indices look random.
        if self.length >= 8:
            numbers = np.asarray(index).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            last = numbers.astype(">u8").view(np.uint8).reshape(-1, 8)
            rows = np.concatenate([spell(index, self.length, 256)[:, : self.length - 8], last], axis=1)
        else:
            rows = spell(index, self.length, 256)
        return binary_array(rows)


@dataclass(frozen=True, slots=True)
class JoinedDomain:
    """Texts put together from fixed pieces and from other domains, each written as text.

    The caller sees to it that different choices never join to the same text.
    """

    parts: tuple[str | Domain, ...]

    @property
    def size(self) -> int:
        return product_size([p.size for p in self.parts if not isinstance(p, str)])

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        domains = [p for p in self.parts if not isinstance(p, str)]
        indices = iter(split(np.asarray(index, dtype=np.int64), [d.size for d in domains]))
        if not domains:
            return pa.array(["".join(map(str, self.parts))] * len(index), pa.string())
        pieces = [p if isinstance(p, str) else as_text(p.at(next(indices))) for p in self.parts]
        return join_texts(pieces)


@dataclass(frozen=True, slots=True)
class TemplateDomain:
    """As `JoinedDomain`, with pieces that name a domain by its number, so that one choice can stand in several places."""

    pieces: tuple[str | int, ...]
    domains: tuple[Domain, ...]

    @property
    def size(self) -> int:
        return product_size([d.size for d in self.domains])

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        digits = split(np.asarray(index, dtype=np.int64), [d.size for d in self.domains])
        texts = [as_text(d.at(i)) for d, i in zip(self.domains, digits, strict=True)]
        return join_texts([p if isinstance(p, str) else texts[p] for p in self.pieces])


def as_text(values: pa.Array) -> pa.Array:
    """Values as databases write them."""
    if pa.types.is_string(values.type):
        return values
    if pa.types.is_timestamp(values.type):
        # Arrow writes seconds much faster than it formats.
        micros = values.cast(pa.timestamp("us"))
        whole = not len(values) or not (micros.cast(pa.int64()).fill_null(0).to_numpy() % 1_000_000).any()
        return micros.cast(pa.timestamp("s") if whole else pa.timestamp("us")).cast(pa.string())
    if pa.types.is_time(values.type):
        micros = values.cast(pa.time64("us")).cast(pa.int64())
        whole = not len(values) or not (micros.fill_null(0).to_numpy() % 1_000_000).any()
        return values.cast(pa.time32("s")).cast(pa.string()) if whole else values.cast(pa.string())
    return values.cast(pa.string())


@dataclass(frozen=True, slots=True)
class TextDomain:
    """Another domain's values in a text column."""

    domain: Domain
    type: SqlType

    @property
    def size(self) -> int:
        return self.domain.size

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        return cast_to(self.domain.at(index), self.type)


@dataclass(frozen=True, slots=True)
class UnionDomain:
    """Several domains one after another. They must have no value in common."""

    domains: tuple[Domain, ...]

    @property
    def size(self) -> int:
        return min(sum(d.size for d in self.domains), MAX_SIZE)

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        starts, total = [], 0
        for domain in self.domains:
            if total >= MAX_SIZE:
                break
            starts.append(total)
            total += domain.size
        index = np.asarray(index, dtype=np.int64)
        which = np.searchsorted(np.array(starts[1:], dtype=np.int64), index, side="right")
        return gather(which, len(starts), lambda part, rows: self.domains[part].at(index[rows] - starts[part]))


@dataclass(frozen=True, slots=True)
class ExceptDomain:
    """A domain without the values at some of its indices (ascending)."""

    domain: Domain
    skipped: tuple[int, ...]

    @property
    def size(self) -> int:
        return self.domain.size - len(self.skipped)

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        # The k-th gap stands before the indices that are at least skipped[k] - k.
        gaps = np.array([s - k for k, s in enumerate(self.skipped)], dtype=np.int64)
        index = np.asarray(index, dtype=np.int64)
        return self.domain.at(index + np.searchsorted(gaps, index, side="right"))


def gather(which: NDArray[Any], parts: int, make: Any) -> pa.Array:
    """Put a column together from `make(part, rows)` for the rows of each part, in the rows' order."""
    pieces: list[pa.Array] = []
    places: list[NDArray[np.int64]] = []
    for part in range(parts):
        rows = np.flatnonzero(which == part)
        if rows.size or (part == parts - 1 and not pieces):
            pieces.append(make(part, rows))
            places.append(rows)
    if len(pieces) == 1:
        return pieces[0]
    order = np.argsort(np.concatenate(places), kind="stable")
    return pa.concat_arrays(pieces).take(pa.array(order))
