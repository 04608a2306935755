"""The tables of the plan as one worker sees them: keys that are computed, read from vocabularies, or kept while the run lasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.errors import SsgError
from ssgproj.generators.unique import UniqueTogether, UniqueValues
from ssgproj.vocabularies import read_vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ssgproj.generators.world import KeySource, Parents, Positional
    from ssgproj.plan.plan import Plan, TablePlan


@dataclass(slots=True)
class PlanWorld:
    """Implements `generators.world.World`. Picklable: workers get a copy and fill their own caches."""

    plan: Plan
    spill: Path
    shifts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    _sources: dict[tuple[str, tuple[str, ...]], KeySource] = field(default_factory=dict)
    _allowed: dict[tuple[Any, int], NDArray[np.int64] | None] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        return PlanWorld, (self.plan, self.spill, self.shifts)

    def node_of(self, table: str) -> str:
        """The node that fills a table. Raises SsgError."""
        for kind in ("model", "vocabulary"):
            node = f"{kind}.{table}"
            if node in self.plan.tables or node in self.plan.vocabularies:
                return node
        raise SsgError(f"No table `{table}` in the project", "ssg ls")

    def shift(self, node: str, column: str) -> int:
        return self.shifts.get((node, column), 0)

    def keys(self, node: str, columns: tuple[str, ...]) -> KeySource:
        source = self._sources.get((node, columns))
        if source is None:
            source = self._sources[node, columns] = self._open(node, columns)
        return source

    def _open(self, node: str, columns: tuple[str, ...]) -> KeySource:
        if node in self.plan.vocabularies:
            batches = [b.select(list(columns)) for b in read_vocabulary(self.plan.root, self.plan.vocabularies[node])]
            table = pa.Table.from_batches(batches) if batches else None
            return KeptKeys((table.drop_null().combine_chunks(),) if table is not None else (), 0, every_pass=True)
        table_plan = self.plan.tables[node]
        if any(k.computed and set(columns) <= set(k.columns) for k in table_plan.keys) or _positional(
            table_plan, columns
        ):
            return ComputedKeys(table_plan, columns, self)
        return self._kept(table_plan, columns)

    def _kept(self, table_plan: TablePlan, columns: tuple[str, ...]) -> KeySource:
        passes = []
        files = sorted(self.spill.glob(f"{spill_name(table_plan.node)}.*.keys"), key=lambda f: int(f.suffixes[-2][1:]))
        if not files:
            raise SsgError(f"The keys of `{table_plan.model.table}` are not there yet")
        for file in files:
            with pa.memory_map(str(file)) as source:
                table = pa.ipc.open_file(source).read_all()
            # NULL is no key. A part of a key has the rows of the whole, so that parts taken one by one fit together.
            whole = next((k.columns for k in table_plan.keys if set(columns) <= set(k.columns)), columns)
            passes.append(table.select(list(whole)).drop_null().select(list(columns)).combine_chunks())
        return KeptKeys(tuple(passes), int(files[0].suffixes[-2][1:]))

    def allowed(self, parents: Parents, pass_: int) -> NDArray[np.int64] | None:
        if not parents.within:
            return None
        if (parents, pass_) not in self._allowed:
            self._allowed[parents, pass_] = self._find_allowed(parents, pass_)
        return self._allowed[parents, pass_]

    def _find_allowed(self, parents: Parents, pass_: int) -> NDArray[np.int64]:
        from ssgproj.generators.parents import row_texts

        start, stop = self.keys(parents.node, parents.columns).range(pass_)
        numbers = np.arange(start, stop)
        for columns, node, other_columns in parents.within:
            mine = row_texts(self.keys(parents.node, columns).take(numbers))
            other = self.keys(node, other_columns)
            first, last = other.range(pass_)
            theirs = row_texts(other.take(np.arange(first, last)))
            numbers = numbers[np.asarray(pc.is_in(mine, value_set=theirs))]
        return numbers


def spill_name(node: str) -> str:
    """A node's name as a file name."""
    return "".join(c if c.isalnum() or c == "_" else f"%{ord(c):x}" for c in node)


def _positional(table_plan: TablePlan, columns: tuple[str, ...]) -> bool:
    from ssgproj.generators.world import Positional

    if table_plan.unique_sets:
        return False
    for column in columns:
        group = next((g for g in table_plan.groups if column in g.columns), None)
        if group is None or group.redraw or any(group.null_rates) or not isinstance(group.generator, Positional):
            return False
        if isinstance(group.generator, UniqueTogether | UniqueValues):
            return False
    return True


@dataclass(slots=True)
class ComputedKeys:
    """Keys that are a function of the row number."""

    table_plan: TablePlan
    columns: tuple[str, ...]
    world: PlanWorld

    def range(self, pass_: int, *, strict: bool = False) -> tuple[int, int]:
        start, stop = self.table_plan.first_row(pass_), self.table_plan.first_row(pass_ + 1)
        return (start, stop) if stop > start or strict else (0, stop)

    def take(self, row_numbers: NDArray[np.int64]) -> list[pa.Array]:
        values: dict[str, pa.Array] = {}
        for group in self.table_plan.groups:
            if set(group.columns) & set(self.columns):
                generator: Positional = group.generator  # type: ignore[assignment]
                values |= zip(group.columns, generator.at(row_numbers, self.world), strict=True)
        return [values[c] for c in self.columns]


@dataclass(slots=True)
class KeptKeys:
    """Keys that were kept, one table a pass; or those of a vocabulary, the same in every pass."""

    passes: tuple[pa.Table, ...]
    first_pass: int
    every_pass: bool = False
    _whole: pa.Table | None = None

    def range(self, pass_: int, *, strict: bool = False) -> tuple[int, int]:
        if self.every_pass:
            return 0, sum(len(p) for p in self.passes)
        place = pass_ - self.first_pass
        start = sum(len(p) for p in self.passes[:place])
        stop = start + (len(self.passes[place]) if 0 <= place < len(self.passes) else 0)
        return (start, stop) if stop > start or strict else (0, stop)

    def take(self, row_numbers: NDArray[np.int64]) -> list[pa.Array]:
        if self._whole is None:
            self._whole = pa.concat_tables(self.passes).combine_chunks() if self.passes else pa.table({})
        taken = self._whole.take(pa.array(row_numbers))
        return [c.combine_chunks() if c.num_chunks != 1 else c.chunk(0) for c in taken.columns]
