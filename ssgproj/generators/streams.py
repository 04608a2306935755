"""A batch whose random streams are set apart by a name: for generators that are made of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch, Keys


@dataclass(frozen=True, slots=True)
class PurposeBatch:
    """The same rows, with every stream's purpose after a prefix."""

    batch: Batch
    prefix: str

    @property
    def rows(self) -> int:
        return self.batch.rows

    @property
    def row_numbers(self) -> NDArray[np.int64]:
        return self.batch.row_numbers

    def rng(self, purpose: str = "") -> np.random.Generator:
        return self.batch.rng(f"{self.prefix}/{purpose}")

    def random(self, purpose: str = "") -> Random:
        return self.batch.random(f"{self.prefix}/{purpose}")

    def column(self, name: str) -> pa.Array:
        return self.batch.column(name)

    def parent(self, table: str, columns: tuple[str, ...]) -> Keys:
        return self.batch.parent(table, columns)
