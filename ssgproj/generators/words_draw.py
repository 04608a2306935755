"""Random texts that are cut to a length: not a domain, since two may become the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.generators.arrow import fit_text

if TYPE_CHECKING:
    from ssgproj.generators.base import Batch
    from ssgproj.generators.domain import Domain
    from ssgproj.project.types import SqlType


@dataclass(frozen=True, slots=True)
class TruncatedDraw:
    """Draws from a domain of texts; each is cut to the column's length, without a space at its end."""

    source: Domain
    type: SqlType

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        index = batch.rng().integers(0, self.source.size, batch.rows, dtype=np.int64)
        texts = fit_text(self.source.at(index), self.type)
        return [texts if self.type.fixed else pc.utf8_rtrim_whitespace(texts)]
