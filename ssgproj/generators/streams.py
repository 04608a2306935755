"""Parts of a batch, with random streams set apart by a name: for generators that are made of several."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from random import Random

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch, Keys
    from ssgproj.generators.world import Siblings, TableBatch, TakenParents, World


@dataclass(frozen=True, slots=True)
class RowsBatch:
    """Some rows of a batch (`index`; None: all), with every stream's purpose after a prefix."""

    batch: Batch
    index: NDArray[np.int64] | None
    prefix: str

    @property
    def rows(self) -> int:
        return self.batch.rows if self.index is None else len(self.index)

    @property
    def row_numbers(self) -> NDArray[np.int64]:
        return self.batch.row_numbers if self.index is None else self.batch.row_numbers[self.index]

    def rng(self, purpose: str = "") -> np.random.Generator:
        return self.batch.rng(f"{self.prefix}/{purpose}")

    def random(self, purpose: str = "") -> Random:
        return self.batch.random(f"{self.prefix}/{purpose}")

    def column(self, name: str) -> pa.Array:
        import pyarrow as pa

        whole = self.batch.column(name)
        return whole if self.index is None else whole.take(pa.array(self.index))

    def parent(self, table: str, columns: tuple[str, ...]) -> Keys:
        return self.batch.parent(table, columns)

    @property
    def world(self) -> World:
        return cast("TableBatch", self.batch).world

    @property
    def pass_(self) -> int:
        return cast("TableBatch", self.batch).pass_

    @property
    def pass_start(self) -> int:
        return cast("TableBatch", self.batch).pass_start

    @property
    def attempt(self) -> int:
        return cast("TableBatch", self.batch).attempt

    def taken(self, columns: tuple[str, ...]) -> TakenParents | None:
        whole = cast("TableBatch", self.batch).taken(columns)
        if whole is None or self.index is None:
            return whole
        return replace(whole, numbers=whole.numbers[self.index])

    @property
    def siblings(self) -> Siblings | None:
        whole = cast("TableBatch", self.batch).siblings
        if whole is None or self.index is None:
            return whole
        return whole.take(self.index)
