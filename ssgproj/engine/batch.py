"""The rows being made: what a generator sees while it fills its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ssgproj.generators.arrow import decoded
from ssgproj.generators.base import Keys
from ssgproj.plan.seeds import stream, stream_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.engine.told_world import ToldWorld
    from ssgproj.engine.world import PlanWorld
    from ssgproj.generators.world import Siblings, TakenParents


@dataclass(slots=True)
class RowBatch:
    """Some rows of one table in one pass. `attempt` is 0 for the first draw and counts up for rows that are drawn again."""

    seed: int
    node: str
    pass_: int
    number: int | str
    pass_start: int
    row_numbers: NDArray[np.int64]
    world: PlanWorld | ToldWorld
    attempt: int = 0
    siblings: Siblings | None = None
    filling: str = ""
    """The columns being filled: part of the name of every random stream."""
    columns: dict[str, pa.Array] = field(default_factory=dict)
    whole: dict[str, pa.Array] = field(default_factory=dict)
    """Columns with a pattern of NULLs, as they were before it."""
    unmasked: frozenset[str] = frozenset()
    """Columns that are read as they were before: those of the pattern that the columns being filled are part of."""
    taken_parents: dict[tuple[str, ...], TakenParents] = field(default_factory=dict)
    """By the columns that were filled with them."""
    encoded: bool = False
    """Whether texts that are all taken from a few stay in a dictionary in `columns`."""

    @property
    def rows(self) -> int:
        return len(self.row_numbers)

    def part(self, index: NDArray[np.int64], attempt: int) -> RowBatch:
        """Some of the rows, to be drawn again."""
        return RowBatch(
            self.seed, self.node, self.pass_, self.number, self.pass_start, self.row_numbers[index], self.world, attempt,
            self.siblings.take(index) if self.siblings else None,
        )  # fmt: skip

    def _names(self, purpose: str) -> tuple[str | int, ...]:
        return (self.node, self.filling, self.pass_, self.number, self.attempt, purpose)

    def rng(self, purpose: str = "") -> np.random.Generator:
        return stream(self.seed, *self._names(purpose))

    def random(self, purpose: str = "") -> Random:
        return Random(stream_key(self.seed, *self._names(purpose)))  # noqa: S311 - synthetic values, not secrets

    def column(self, name: str) -> pa.Array:
        if name in self.unmasked and name in self.whole:
            return decoded(self.whole[name])
        return decoded(self.columns[name])

    def taken(self, columns: tuple[str, ...]) -> TakenParents | None:
        return self.taken_parents.get(columns)

    def parent(self, table: str, columns: tuple[str, ...]) -> Keys:
        node = self.world.node_of(table)
        return PassKeys(self.world, node, columns, self.pass_)


@dataclass(frozen=True, slots=True)
class PassKeys:
    """The rows of a parent that one pass may refer to, numbered from 0."""

    world: PlanWorld | ToldWorld
    node: str
    columns: tuple[str, ...]
    pass_: int

    @property
    def size(self) -> int:
        start, stop = self.world.keys(self.node, self.columns).range(self.pass_)
        return stop - start

    def take(self, index: NDArray[np.int64]) -> Sequence[pa.Array]:
        source = self.world.keys(self.node, self.columns)
        return source.take(index + source.range(self.pass_)[0])
