"""The domain of the texts that match regular expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import text_array
from ssgproj.generators.domain import MAX_SIZE, scatter
from ssgproj.generators.domains.automaton import Automaton, build
from ssgproj.generators.domains.texts import gather

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LONGEST_SEARCH = 4096


@dataclass(frozen=True, slots=True)
class RegexDomain:
    """The texts that an automaton accepts, shortest first. Make it with `regex_domain`.

    `counts[n][q]` is the number of texts of n characters that lead from state q to acceptance, counted up to 2**62.
    """

    automaton: Automaton
    lengths: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...] = field(repr=False)

    @property
    def size(self) -> int:
        return min(sum(self.of_length(n) for n in self.lengths), MAX_SIZE)

    def of_length(self, length: int) -> int:
        """How many of the texts have so many characters."""
        return self.counts[length][0]

    def at(self, index: NDArray[np.int64]) -> pa.Array:
        index = np.asarray(index, dtype=np.int64)
        starts = [0]
        for length in self.lengths[:-1]:
            if starts[-1] + self.of_length(length) >= MAX_SIZE:
                break
            starts.append(starts[-1] + self.of_length(length))
        which = np.searchsorted(np.array(starts[1:], dtype=np.int64), index, side="right")
        return gather(which, len(starts), lambda part, rows: self.spell(index[rows] - starts[part], self.lengths[part]))

    def spell(self, index: NDArray[np.int64], length: int) -> pa.Array:
        """The texts of one length, by their index among those."""
        if (straight := self._straight(length)) is not None:
            return self._spell_straight(index, *straight)
        codes = np.zeros((len(index), length), dtype=np.uint32)
        states = np.zeros(len(index), dtype=np.int32)
        rest = index.copy()
        for position in range(length):
            before = states.copy()
            present = np.unique(before) if position else np.zeros(1, dtype=np.int32)
            for state in present.tolist():
                rows = slice(None) if len(present) == 1 else np.flatnonzero(before == state)
                signs, targets, rest[rows] = self._step(state, length - position, rest[rows], position)
                codes[rows, position] = signs
                states[rows] = targets
        if length == 0:
            return pa.array([""] * len(index), pa.string())
        if not len(index) or codes.max() < 128:
            return text_array(codes.astype(np.uint8))
        return pa.array(codes.view(f"U{length}").reshape(-1).tolist(), pa.string())

    def _straight(self, length: int) -> tuple[list[str], int] | None:
        """Where every text of this length goes through the same states: the characters of each place, and how many places come before the
        index can tell texts apart."""
        state, alphabets, scrambled = 0, [], 0
        for remaining in range(length, 0, -1):
            below = self.counts[remaining - 1]
            moves = [(signs, target) for signs, target in self.automaton.moves[state] if below[target]]
            if len(moves) != 1 or not moves[0][0].isascii():
                return None
            alphabets.append(moves[0][0])
            state = moves[0][1]
            if below[state] >= MAX_SIZE:
                scrambled += 1
        return (alphabets, scrambled) if length else None

    def _spell_straight(self, index: NDArray[np.int64], alphabets: Sequence[str], scrambled: int) -> pa.Array:
        """Digits of the index, each place with a base of its own, written over the letters."""
        codes = np.empty((len(index), len(alphabets)), dtype=np.uint8)
        rest = index
        for place in range(len(alphabets) - 1, -1, -1):
            letters = np.frombuffer(alphabets[place].encode(), dtype=np.uint8)
            size = len(letters)
            if size == 1:
                digit = np.zeros_like(index)
            elif place < scrambled:
                digit = scatter(index, size, place)
            elif place == scrambled:
                digit = rest  # what is left of an index is a digit of the first place
            else:
                above = rest // size
                rest, digit = above, rest - above * size  # twice as fast as divmod
            codes[:, place] = letters[digit]
        return text_array(codes)

    def _step(
        self, state: int, remaining: int, rest: NDArray[np.int64], position: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int64]]:
        """Choose the next character of texts in one state: by the index, or, where every choice leaves more texts than there are
        indices, by a scramble of it."""
        below = self.counts[remaining - 1]
        moves = [(signs, target) for signs, target in self.automaton.moves[state] if below[target]]
        full = [(signs, target) for signs, target in moves if below[target] >= MAX_SIZE]
        chosen = full or moves
        letters = np.array([ord(s) for signs, _ in chosen for s in signs], dtype=np.uint32)
        targets = np.array([target for signs, target in chosen for _ in signs], dtype=np.int32)
        if full:
            pick = scatter(rest, len(letters), position)
            return letters[pick], targets[pick], rest
        sizes = [below[target] for signs, target in chosen for _ in signs]
        if len(set(sizes)) == 1:
            pick, after = np.divmod(rest, sizes[0])
            return letters[pick], targets[pick], after
        starts, total = [], 0
        for size in sizes:
            starts.append(min(total, MAX_SIZE))
            total += size
        edges = np.array(starts, dtype=np.int64)
        pick = np.searchsorted(edges, rest, side="right") - 1
        return letters[pick], targets[pick], rest - edges[pick]


def regex_domain(
    patterns: str | Sequence[str],
    max_repeat: int = 8,
    *,
    min_length: int = 0,
    max_length: int | None = None,
    search: bool = False,
    fold: bool = False,
    excluded: Sequence[str] = (),
) -> RegexDomain | None:
    """The texts that match all patterns; None if there are none within the lengths.

    Texts are at most `max_repeat` characters longer than the shortest possible one. `search`, `fold` and `excluded` as for
    `automaton.build`. Raises UnsupportedPattern.
    """
    automaton = build(
        [patterns] if isinstance(patterns, str) else list(patterns), search=search, fold=fold, excluded=excluded
    )
    limit = _LONGEST_SEARCH if max_length is None else max_length
    row = tuple(int(a) for a in automaton.accepting)
    counts = [row]
    lengths: list[int] = []
    last = limit
    seen = {row}
    for length in range(limit + 1):
        if length:
            row = tuple(min(sum(len(signs) * row[t] for signs, t in moves), MAX_SIZE) for moves in automaton.moves)
            counts.append(row)
        if row[0] and length >= min_length:
            if not lengths:
                last = min(limit, length + max_repeat)
            lengths.append(length)
        if length >= last or not any(row) or (length > min_length and not lengths and row in seen):
            break
        seen.add(row)
    return RegexDomain(automaton, tuple(lengths), tuple(counts)) if lengths else None


def like_to_regex(pattern: str, escape: str = "\\", case_insensitive: bool = False) -> str:
    """The regular expression of an SQL LIKE pattern: `%` any text, `_` any character."""
    import re

    result, position = "", 0
    while position < len(pattern):
        sign = pattern[position]
        if escape and sign == escape and position + 1 < len(pattern):
            position += 1
            result += re.escape(pattern[position])
        else:
            result += ".*" if sign == "%" else "." if sign == "_" else re.escape(sign)
        position += 1
    return f"{'(?i)' if case_insensitive else ''}^{result}$"
