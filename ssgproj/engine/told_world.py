"""The tables as rows of a story see them: what generators read of a row that the same batch of the story tells is that row's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ssgproj.engine.parent_rows import ParentRows
from ssgproj.engine.story_values import given_column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ssgproj.engine.told import ToldTable
    from ssgproj.engine.world import PlanWorld
    from ssgproj.stories import Row


@dataclass(slots=True)
class ToldWorld:
    """A world with the tables of one batch of a story in front of it.

    While the story is going on, rows are found one by one as they are then; once it is told, whole tables are, parents made whole before
    what reads them. Rows that another batch or another story tells are not there: what is read of them is NULL.
    """

    world: PlanWorld
    tables: Mapping[str, ToldTable]
    is_told: bool = False
    _parents: dict[tuple[str, tuple[str, ...]], ParentRows] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world, name)

    def parent_values(
        self,
        node: str,
        key: tuple[str, ...],
        columns: tuple[str, ...],
        values: Sequence[pa.Array],
        numbers: NDArray[np.int64] | None = None,
    ) -> list[pa.Array]:
        # What was drawn ahead may not be what the story gives: the numbers of parents say nothing of the values then.
        table = self.tables.get(node)
        if table is None:
            return self.world.parent_values(node, key, columns, values)
        if self.is_told:
            if (node, key) not in self._parents:
                self._parents[node, key] = ParentRows.of(table.all_rows(), key)
            return self._parents[node, key].values(columns, values)
        wanted = list(zip(*(v.to_pylist() for v in values), strict=True))
        rows = [None if None in w else self._row(table, key, w) for w in wanted]
        types = {c.name: c.type for c in table.plan.model.columns}
        return [given_column([None if r is None else table.value(r, c) for r in rows], types[c]) for c in columns]

    @staticmethod
    def _row(table: ToldTable, key: tuple[str, ...], wanted: tuple[Any, ...]) -> Row | None:
        """The row with a key, the latest first: stories mostly go on with what they have just told. Only rows of the same telling are
        looked through."""
        begin = table.begins[-1] if table.begins else 0
        for row in reversed(table.rows[begin:]):
            if all(table.value(row, k) == w for k, w in zip(key, wanted, strict=True)):
                return row
        return None
