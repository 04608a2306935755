"""What generators of keys and references see of other tables.

Rows of a table are numbered from 0, going on over passes: pass `p` holds rows `[p * rows, (p + 1) * rows)`, less where a unique domain is
exhausted. References take parents by number; where a key is a function of the row number, nothing is stored or looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch


class KeySource(Protocol):
    """Some columns of a table, by row number."""

    def range(self, pass_: int, *, strict: bool = False) -> tuple[int, int]:
        """The row numbers `[start, stop)` that references of a pass may take: those of the same pass, or of all passes before
        if that has none (not if `strict`)."""
        ...

    def take(self, row_numbers: NDArray[np.int64]) -> list[pa.Array]:
        """The columns of these rows."""
        ...


class World(Protocol):
    """The tables of the plan, as one worker sees them."""

    def keys(self, node: str, columns: tuple[str, ...]) -> KeySource: ...

    def parent_values(
        self,
        node: str,
        key: tuple[str, ...],
        columns: tuple[str, ...],
        values: Sequence[pa.Array],
        numbers: NDArray[np.int64] | None = None,
    ) -> list[pa.Array]:
        """Columns of the rows of a table whose key has these values; NULL where it has none. `numbers` are those under which `keys` has the
        rows, where they are known: then nothing need be looked up."""
        ...

    def node_of(self, table: str) -> str:
        """The node that fills a table."""
        ...

    def allowed(self, parents: Parents, pass_: int) -> NDArray[np.int64] | None:
        """Row numbers of the parent that satisfy `parents.within`; None for all of the pass's range."""
        ...

    def shift(self, node: str, column: str) -> int:
        """What is added to a sequence so that it goes on after the keys that the destination holds."""
        ...


class Parents(Protocol):
    """Which rows of which table a reference may take."""

    @property
    def node(self) -> str: ...

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def within(self) -> tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]: ...


@dataclass(frozen=True, slots=True)
class Siblings:
    """Of rows that are made parent by parent: the row number of each row's parent, its place among the parent's rows from 0, and how
    many rows that parent has. Rows of one parent stand together and in one batch."""

    parent: NDArray[np.int64]
    position: NDArray[np.int64]
    count: NDArray[np.int64]

    def take(self, index: NDArray[np.int64]) -> Siblings:
        return Siblings(self.parent[index], self.position[index], self.count[index])


@dataclass(frozen=True, slots=True)
class TakenParents:
    """Which rows of a parent table the rows of a batch refer to: their numbers in `keys(node, columns)`."""

    node: str
    columns: tuple[str, ...]
    numbers: NDArray[np.int64]

    def keys(self, world: World) -> list[pa.Array]:
        """The columns of these rows."""
        return world.keys(self.node, self.columns).take(self.numbers)


@runtime_checkable
class ParentGenerator(Protocol):
    """A generator of a reference that takes parents by their number."""

    def parents(self, batch: Batch) -> TakenParents | None:
        """The parents of the rows; None where they are not taken by number."""
        ...

    def of(self, batch: Batch, parents: TakenParents) -> Sequence[pa.Array]:
        """What `generate` gives, for these parents."""
        ...

    def generate(self, batch: Batch) -> Sequence[pa.Array]: ...


@runtime_checkable
class PerParent(Protocol):
    """A generator of a reference that decides how many rows a table has: `counts` draws a number for each of so many parents, which are
    rows of `table`; `columns` are the parent's columns that it takes. `mean` is about how many rows a parent has."""

    @property
    def table(self) -> str: ...

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def mean(self) -> float: ...

    def counts(self, rng: np.random.Generator, parents: int) -> NDArray[np.int64]: ...

    def generate(self, batch: Batch) -> Sequence[pa.Array]: ...


class TableBatch(Protocol):
    """What the engine's batches offer beyond `Batch`."""

    @property
    def rows(self) -> int: ...

    @property
    def row_numbers(self) -> NDArray[np.int64]: ...

    @property
    def pass_(self) -> int: ...

    @property
    def pass_start(self) -> int:
        """Number of the first row of this pass."""
        ...

    @property
    def attempt(self) -> int:
        """0 at first; more when rows are drawn again."""
        ...

    @property
    def world(self) -> World: ...

    @property
    def siblings(self) -> Siblings | None:
        """Where the rows stand among their parents' rows; None if their number does not hang on parents."""
        ...

    def taken(self, columns: tuple[str, ...]) -> TakenParents | None:
        """Which parents these columns were filled with, if that is known."""
        ...

    def rng(self, purpose: str = "") -> np.random.Generator: ...

    def column(self, name: str) -> pa.Array: ...


@runtime_checkable
class Positional(Protocol):
    """A generator whose values are a function of the row number: keys that references can compute."""

    def at(self, row_numbers: NDArray[np.int64], world: World) -> Sequence[pa.Array]: ...

    def generate(self, batch: Batch) -> Sequence[pa.Array]: ...
