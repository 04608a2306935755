"""Which rows a table has: how they are numbered over passes and cut into batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ssgproj.generators.world import PerParent, Siblings
from ssgproj.plan.plan import BATCH_ROWS
from ssgproj.plan.seeds import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.engine.world import PlanWorld
    from ssgproj.plan.plan import TablePlan


class Layout(Protocol):
    """The rows of one table that are not told by stories. Batch `number` of a pass holds rows `[first, last)`."""

    def first_row(self, pass_: int) -> int:
        """The number of a pass's first row; that of the pass after is its end."""
        ...

    def batches(self, pass_: int) -> int: ...

    def rows(self, pass_: int, number: int) -> tuple[int, int]: ...

    def siblings(self, pass_: int, number: int) -> Siblings | None: ...


@dataclass(frozen=True, slots=True)
class FixedRows:
    """As many rows in every pass, less where a unique domain is exhausted. `base` is added to all numbers."""

    plan: TablePlan
    base: int = 0

    def first_row(self, pass_: int) -> int:
        return self.base + self.plan.first_row(pass_)

    def batches(self, pass_: int) -> int:
        return -(-self.plan.rows_in_pass(pass_) // BATCH_ROWS)

    def rows(self, pass_: int, number: int) -> tuple[int, int]:
        first = self.first_row(pass_) + number * BATCH_ROWS
        return first, min(first + BATCH_ROWS, self.first_row(pass_ + 1))

    def siblings(self, pass_: int, number: int) -> Siblings | None:
        return None


@dataclass(slots=True)
class RowsPerParent:
    """So many rows for each parent as a distribution says. A batch is all rows of some parents, one after the other.

    `first_pass` is the first pass of this run, whose rows begin at number `base`: how many earlier passes had hangs on parents that are
    not known any more.
    """

    node: str
    generator: PerParent
    world: PlanWorld
    first_pass: int = 0
    base: int = 0
    _starts: dict[int, NDArray[np.int64]] = field(default_factory=dict)

    @property
    def _parents_a_batch(self) -> int:
        return max(1, round(BATCH_ROWS / max(self.generator.mean, 1e-9))) if self.generator.mean < BATCH_ROWS else 1

    def _parents(self, pass_: int) -> tuple[int, int]:
        node = self.world.node_of(self.generator.table)
        return self.world.keys(node, self.generator.columns).range(pass_, strict=True)

    def _counts(self, pass_: int, number: int) -> NDArray[np.int64]:
        """How many rows each parent of a batch has."""
        start, stop = self._parents(pass_)
        first = start + number * self._parents_a_batch
        rng = stream(self.world.plan.seed, self.node, "per_parent", pass_, number)
        return self.generator.counts(rng, min(first + self._parents_a_batch, stop) - first)

    def _starts_of(self, pass_: int) -> NDArray[np.int64]:
        """The first row of each batch from the pass's first row on, and the pass's rows at the end."""
        if pass_ not in self._starts:
            totals = [int(self._counts(pass_, number).sum()) for number in range(self.batches(pass_))]
            self._starts[pass_] = np.concatenate([[0], np.cumsum(totals, dtype=np.int64)]).astype(np.int64)
        return self._starts[pass_]

    def first_row(self, pass_: int) -> int:
        return self.base + sum(int(self._starts_of(p)[-1]) for p in range(self.first_pass, pass_))

    def batches(self, pass_: int) -> int:
        start, stop = self._parents(pass_)
        return -(-(stop - start) // self._parents_a_batch)

    def rows(self, pass_: int, number: int) -> tuple[int, int]:
        first, starts = self.first_row(pass_), self._starts_of(pass_)
        return first + int(starts[number]), first + int(starts[number + 1])

    def siblings(self, pass_: int, number: int) -> Siblings | None:
        counts = self._counts(pass_, number)
        first = self._parents(pass_)[0] + number * self._parents_a_batch
        begins = np.cumsum(counts) - counts
        return Siblings(
            parent=np.repeat(np.arange(first, first + len(counts), dtype=np.int64), counts),
            position=np.arange(int(counts.sum()), dtype=np.int64) - np.repeat(begins, counts),
            count=np.repeat(counts, counts),
        )


@dataclass(frozen=True, slots=True)
class Lane:
    """The row numbers of one batch of a story in one table: `first`, `first + step`, …, as many as the story needs.

    The batches of all stories take turns, so that each can number its rows without knowing how many the others make, and few
    numbers are left out.
    """

    first: int
    step: int

    def numbers(self, start: int, stop: int) -> NDArray[np.int64]:
        """The numbers of the rows from `start` to before `stop` of the batch."""
        return self.first + np.arange(start, stop, dtype=np.int64) * self.step


def lane(world: PlanWorld, story: str, node: str, pass_: int, number: int) -> Lane:
    """The lane of a story's batch in a table, after the table's own rows of this run."""
    turn, step = 0, 0
    for other in world.plan.stories.values():
        if node in other.nodes:
            if other.node == story:
                turn = step + (pass_ - world.first_pass) * other.batches + number
            step += other.batches * world.passes
    first = world.layout(node).first_row(world.first_pass + world.passes)
    return Lane(first + turn, step)
