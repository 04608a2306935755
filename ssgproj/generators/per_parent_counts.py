"""Counting the rows of each parent, and giving each row its parent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa

from ssgproj.errors import SsgError
from ssgproj.generators.arrow import cast_to
from ssgproj.generators.base import Batch, BindContext, Keys, Problem, Reference, Target
from ssgproj.generators.intervals import bind_distribution, check_distribution
from ssgproj.generators.world import TakenParents
from ssgproj.project.names import table_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.base import Generator
    from ssgproj.generators.lookup import Link
    from ssgproj.generators.per_parent import PerParent
    from ssgproj.generators.world import TableBatch

GREATEST = 10_000_000
"""Rows of one parent, at most: they have to fit into one batch."""
_SAMPLE = 65_536


def check_per_parent(spec: PerParent, context: BindContext) -> Iterator[Problem]:
    """What is wrong with the columns and the numbers; nothing about a statistic without a result."""
    if _link(context) is None:
        columns = ", ".join(f"`{t.name}`" for t in context.targets)
        yield Problem(
            f"`per_parent` is for columns that refer to another table, and {columns} does not",
            None,
            "write `references: TABLE.COLUMN`",
        )
    if context.per_parent and context.per_parent != tuple(t.name for t in context.targets):
        message = f"Rows are counted by `{', '.join(context.per_parent)}` already"
        yield Problem(message, None, "write `per_parent` for one reference of a table, and `references` for the others")
    if isinstance(spec.count, Reference) and (spec.count.kind != "stat" or spec.count.name not in context.stats):
        return
    if spec.count is None and spec.min is None and spec.max is None:
        yield Problem("`per_parent` needs a number", None, "for example: per_parent: [1, 5]")
        return
    for name in ("min", "max"):
        bound = getattr(spec, name)
        if isinstance(bound, int | float) and not 0 <= bound <= GREATEST:
            yield Problem(f"`{name}` is below 0 or above {GREATEST:,}", name, "write a number of 0 or more")
            return
    if isinstance(spec.min, int | float) and isinstance(spec.max, int | float) and spec.min > spec.max:
        yield Problem("`min` is greater than `max`", "min", "write a smaller `min`")
        return
    if isinstance(spec.count, Reference) and spec.weights is None:
        yield Problem("Which column says how often is not said", "count", "write `weights: COLUMN`")
        return
    if not isinstance(spec.count, Reference) and (spec.weights or spec.value or spec.width is not None):
        option = next(o for o in ("weights", "value", "width") if getattr(spec, o) is not None)
        yield Problem(f"`{option}` needs a statistic", option, "write `per_parent: stat.NAME`")
        return
    names = {"bins": "count", "values": "count", "bin": "value", "columns": "value"}
    low, high = _bounds(spec)
    if isinstance(spec.count, int | float) and not low <= spec.count <= high:
        yield Problem(f"`per_parent` is below {low:,} or above {high:,}", "count", "write a number between them")
        return
    for problem in check_distribution(_tree(spec), "", _within(context), "count", whole=True, lower=low, upper=high):
        yield replace(problem, hint=_hint(problem), option=names.get(problem.option or "", problem.option))


def _hint(problem: Problem) -> str | None:
    unread = "cannot be read" in problem.message or "neither" in problem.message
    return "for example: per_parent: 5, per_parent: [1, 5], or per_parent: {poisson: 3}" if unread else problem.hint


def _bounds(spec: PerParent) -> tuple[int, int]:
    low = spec.min if isinstance(spec.min, int | float) else 0
    high = spec.max if isinstance(spec.max, int | float) else GREATEST
    return int(low), int(high)


def _within(context: BindContext) -> BindContext:
    return replace(context, per_parent=())


def _tree(spec: PerParent) -> Any:
    """The numbers as the options of a distribution."""
    if spec.count is None:
        low = 0 if spec.min is None else spec.min
        return (low, low if spec.max is None else spec.max)
    if not isinstance(spec.count, Reference):
        if isinstance(spec.count, Mapping) and set(spec.count) <= {"min", "max"}:
            return (spec.count.get("min", 0), spec.count.get("max", spec.count.get("min", 0)))
        return spec.count
    if spec.width is not None:
        tree = {"histogram": spec.count, "weights": spec.weights, "width": spec.width, "start": spec.start}
        return {**tree, "bin": spec.value} if spec.value else tree
    tree = {"choice": spec.count, "weights": spec.weights}
    return {**tree, "columns": [spec.value]} if spec.value else tree


def _link(context: BindContext) -> Link | None:
    """The reference of the columns: the one of just these, or the narrowest that has them all."""
    names = tuple(t.name for t in context.targets)
    fitting = [
        k
        for k in context.columns.links
        if set(names) <= set(k.columns) and table_text(k.parent.table) != context.columns.table
    ]
    return min(fitting, key=lambda k: (k.columns != names, len(k.columns)), default=None)


def bind_per_parent(spec: PerParent, context: BindContext) -> PerParentGenerator:
    """The generator. Raises ValueError."""
    link = _link(context)
    if link is None:
        raise ValueError("the columns refer to no table")
    low, high = _bounds(spec)
    numbers = bind_distribution(_tree(spec), "", _within(context), "count", whole=True, lower=low, upper=high)
    pairs = dict(zip(link.columns, link.to_columns, strict=True))
    keys = tuple(pairs[t.name] for t in context.targets)
    made = PerParentGenerator(context.targets, str(link.parent.table), keys, numbers, low, high, 0.0)
    sample = made.counts(np.random.Generator(np.random.Philox(0)), _SAMPLE)
    return replace(made, mean=float(sample.mean()))


@dataclass(frozen=True, slots=True, eq=False)
class PerParentGenerator:
    """How many rows each parent has, and the keys of the parents of the rows of a batch.

    `table` is the parent and `columns` those of it that the targets take. `mean` is that of many counts, so nearly the distribution's own.
    """

    targets: tuple[Target, ...]
    table: str
    columns: tuple[str, ...]
    numbers: Generator
    least: int
    greatest: int
    mean: float

    redrawn = False
    """Rows stay with their parent when others of their columns are drawn again."""

    def counts(self, rng: np.random.Generator, parents: int) -> NDArray[np.int64]:
        """How many rows each of so many parents has. The first do not change when there are more."""
        (drawn,) = self.numbers.generate(cast("Batch", StreamRows(rng, parents)))
        counts: NDArray[np.int64] = np.clip(drawn.to_numpy(zero_copy_only=False), self.least, self.greatest).astype(
            np.int64
        )
        return counts

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        if (parents := self.parents(batch)) is None:
            raise SsgError("Rows are not counted by parent here", "make the table's rows with: ssg run")
        return self.of(batch, parents)

    def parents(self, batch: Batch) -> TakenParents | None:
        rows = cast("TableBatch", batch)
        if rows.siblings is None:
            return None
        return TakenParents(rows.world.node_of(self.table), self.columns, rows.siblings.parent)

    def of(self, batch: Batch, parents: TakenParents) -> Sequence[pa.Array]:
        taken = parents.keys(cast("TableBatch", batch).world)
        return [cast_to(column, t.type) for column, t in zip(taken, self.targets, strict=True)]


class StreamRows:
    """So many rows that are drawn from one stream of random numbers, without a table around them.

    Each purpose has a stream of its own, as in a batch; their keys are taken from the stream.
    """

    def __init__(self, rng: np.random.Generator, rows: int) -> None:
        self.rows = rows
        self._key = int(rng.integers(0, 2**63 - 1))

    @property
    def row_numbers(self) -> NDArray[np.int64]:
        return np.arange(self.rows)

    def rng(self, purpose: str = "") -> np.random.Generator:
        return np.random.Generator(np.random.Philox(key=self._number(purpose)))

    def random(self, purpose: str = "") -> Random:
        return Random(self._number(purpose))  # noqa: S311 - synthetic values, not secrets

    def column(self, name: str) -> pa.Array:
        raise SsgError(f"The number of rows cannot depend on column `{name}`", "write a number, a range or a statistic")

    def parent(self, table: str, columns: tuple[str, ...]) -> Keys:
        raise SsgError(f"The number of rows cannot depend on table `{table}`", "write a number, a range or a statistic")

    def _number(self, purpose: str) -> int:
        return int.from_bytes(hashlib.blake2b(f"{self._key}/{purpose}".encode(), digest_size=8).digest(), "little")
