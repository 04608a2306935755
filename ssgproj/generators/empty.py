"""Columns without values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from ssgproj.generators.arrow import arrow_type

if TYPE_CHECKING:
    from ssgproj.generators.base import Batch
    from ssgproj.project.types import SqlType


@dataclass(frozen=True, slots=True)
class Nulls:
    """NULL in every row."""

    types: tuple[SqlType, ...]

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        return [pa.nulls(batch.rows, arrow_type(t)) for t in self.types]
