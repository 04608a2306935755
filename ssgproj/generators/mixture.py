"""Values that a condition mentions, among ordinary ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from ssgproj.generators.base import Batch, Generator
    from ssgproj.generators.domain import Domain


@dataclass(frozen=True, slots=True)
class Mixture:
    """Half of the rows take one of the `likely` values, the others what `ordinary` makes.

    For columns of conditions such as `(debit = 0) <> (credit = 0)`, which random numbers almost never meet.
    """

    likely: Domain
    ordinary: Generator

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        (values,) = self.ordinary.generate(batch)
        chosen = self.likely.at(batch.rng("likely").integers(0, self.likely.size, batch.rows))
        return [pc.if_else(pa.array(batch.rng("mixture").random(batch.rows) < 0.5), chosen.cast(values.type), values)]
