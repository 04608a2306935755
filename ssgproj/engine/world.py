"""The tables of the plan as one worker sees them: keys that are computed, read from vocabularies, or kept while the run lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.engine.keys import mapped_keys
from ssgproj.engine.layout import FixedRows, Layout, RowsPerParent
from ssgproj.engine.parent_rows import ParentRows
from ssgproj.errors import SsgError
from ssgproj.generators.unique import UniqueTogether, UniqueValues, masked
from ssgproj.plan.plan import may_leave_out
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
    bases: Mapping[str, int] = field(default_factory=dict)
    """Of tables whose rows per pass are not known ahead: the number of the first row of this run."""
    before: Mapping[str, int] = field(default_factory=dict)
    """Of stories: how many rows their tables held before this run. Part of what names their random streams."""
    first_pass: int = 0
    passes: int = 1
    encoded: bool = False
    """Whether texts that are all taken from a few may stay in dictionaries on their way to the destination."""
    looked_up: dict[tuple[str, tuple[str, ...], int], pa.Array] = field(default_factory=dict)
    """Keys as texts, where stories' references were looked up."""
    _layouts: dict[str, Layout] = field(default_factory=dict)
    _sources: dict[tuple[str, tuple[str, ...]], KeySource] = field(default_factory=dict)
    _allowed: dict[tuple[Any, int], NDArray[np.int64] | None] = field(default_factory=dict)
    _parents: dict[tuple[str, tuple[str, ...]], ParentRows] = field(default_factory=dict)
    _kept_rows: dict[tuple[str, tuple[str, ...], tuple[str, ...]], tuple[KeptKeys, int] | None] = field(
        default_factory=dict
    )

    def __reduce__(self) -> tuple[Any, ...]:
        numbered = (self.shifts, self.bases, self.before, self.first_pass, self.passes)
        return PlanWorld, (self.plan, self.spill, *numbered, self.encoded)

    def layout(self, node: str) -> Layout:
        """How the rows of a table are numbered."""
        layout = self._layouts.get(node)
        if layout is None:
            plan, base = self.plan.tables[node], self.bases.get(node, 0)
            per_parent = plan.per_parent
            layout = self._layouts[node] = (
                FixedRows(plan, base)
                if per_parent is None
                else RowsPerParent(node, per_parent, self, self.first_pass, base)
            )
        return layout

    def node_of(self, table: str) -> str:
        """The node that fills a table. Raises SsgError."""
        for kind in ("model", "vocabulary"):
            node = f"{kind}.{table}"
            if node in self.plan.tables or node in self.plan.vocabularies:
                return node
        raise SsgError(f"No table `{table}` in the project", "ssg ls")

    def shift(self, node: str, column: str) -> int:
        return self.shifts.get((node, column), 0)

    def batches(self, node: str, pass_: int) -> int:
        """How many batches a pass of a table or story has."""
        story = self.plan.stories.get(node)
        return self.layout(node).batches(pass_) if story is None else story.batches

    def rows_asked(self, node: str) -> int:
        """How many rows of a table's own this run should make."""
        table = self.plan.tables[node]
        if table.per_parent is None:
            return table.rows * self.passes
        layout = self.layout(node)
        return layout.first_row(self.first_pass + self.passes) - layout.first_row(self.first_pass)

    def keys(self, node: str, columns: tuple[str, ...]) -> KeySource:
        source = self._sources.get((node, columns))
        if source is None:
            source = self._sources[node, columns] = self._open(node, columns)
        return source

    def vocabulary(self, node: str, columns: tuple[str, ...]) -> KeySource:
        """Columns of all rows of a vocabulary, in the order of its file."""
        batches = [b.select(list(columns)) for b in read_vocabulary(self.plan.root, self.plan.vocabularies[node])]
        return KeptKeys((pa.Table.from_batches(batches).combine_chunks(),), 0, every_pass=True)

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
        files = key_files(self.spill, table_plan.node)
        if not files:
            raise SsgError(f"The keys of `{table_plan.model.table}` are not there yet")
        # NULL is no key. A part of a key has the rows of the whole, so that parts taken one by one fit together.
        whole = next((k.columns for k in table_plan.keys if set(columns) <= set(k.columns)), columns)
        passes: list[pa.Table] = []
        for pass_ in range(min(files), max(files) + 1):
            tables = [mapped_keys(file).select(list(whole)) for file in files.get(pass_, ())]
            # What has no NULL stays in the file, which is mapped: the system may drop its pages when memory is short.
            full = [t.drop_null() if any(c.null_count for c in t.columns) else t for t in tables]
            passes.append(pa.concat_tables(full).select(list(columns)) if full else passes[0].slice(0, 0))
        return KeptKeys(tuple(passes), min(files))

    def parent_values(
        self,
        node: str,
        key: tuple[str, ...],
        columns: tuple[str, ...],
        values: Sequence[pa.Array],
        numbers: NDArray[np.int64] | None = None,
    ) -> list[pa.Array]:
        if numbers is not None and (kept := self._by_number(node, key, columns)) is not None:
            source, first = kept
            valid = np.logical_and.reduce([np.asarray(v.is_valid()) for v in values])
            return [masked(a, valid) for a in source.take(numbers - first)]
        rows = self._parents.get((node, key))
        if rows is None:
            rows = self._parents[node, key] = ParentRows.of(self._whole(node), key)
        return rows.values(columns, values)

    def _by_number(self, node: str, key: tuple[str, ...], columns: tuple[str, ...]) -> tuple[KeptKeys, int] | None:
        """The kept columns of a table by row, and the number that its keys have for the first of them; None if rows were left out on the way,
        of the table or of its keys."""
        if (node, key, columns) not in self._kept_rows:
            self._kept_rows[node, key, columns] = self._find_by_number(node, key, columns)
        return self._kept_rows[node, key, columns]

    def _find_by_number(self, node: str, key: tuple[str, ...], columns: tuple[str, ...]) -> tuple[KeptKeys, int] | None:
        files = key_files(self.spill, node)
        if node in self.plan.vocabularies or not files or len(files) <= max(files) - min(files):  # a pass is missing
            return None
        tables = [
            pa.concat_tables([mapped_keys(f) for f in parts]).select(list(columns))
            for _, parts in sorted(files.items())
        ]
        source, kept = self.keys(node, key), KeptKeys(tuple(tables), min(files))
        first, _ = source.range(min(files), strict=True)
        for pass_ in files:
            start, stop = source.range(pass_, strict=True)
            if kept.range(pass_, strict=True) != (start - first, stop - first):
                return None
        return kept, first

    def _whole(self, node: str) -> pa.Table:
        """The rows of a table as far as they were kept, NULLs and all; those of a vocabulary as they were copied."""
        if node in self.plan.vocabularies:
            return pa.Table.from_batches(list(read_vocabulary(self.plan.root, self.plan.vocabularies[node])))
        tables = [mapped_keys(f) for _, files in sorted(key_files(self.spill, node).items()) for f in files]
        if not tables:
            raise SsgError(f"The rows of `{self.plan.tables[node].model.table}` are not there yet")
        return pa.concat_tables(tables)

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


def key_file(directory: Path, node: str, pass_: int, part: int = 0) -> Path:
    """The file that keeps the keys of a pass of a table, or of one part of it."""
    return directory / f"{spill_name(node)}.{pass_}.{part:06}.keys"


def key_files(directory: Path, node: str) -> dict[int, list[Path]]:
    """The key files of a table that are there, by pass, the parts of each in order."""
    found: dict[int, list[Path]] = {}
    for file in sorted(directory.glob(f"{spill_name(node)}.*.keys")):
        found.setdefault(int(file.name.split(".")[-3]), []).append(file)
    return found


def _positional(table_plan: TablePlan, columns: tuple[str, ...]) -> bool:
    from ssgproj.generators.world import Positional

    if table_plan.unique_sets or may_leave_out(table_plan.groups, table_plan.checks):
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
        layout = self.world.layout(self.table_plan.node)
        start, stop = layout.first_row(pass_), layout.first_row(pass_ + 1)
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
    _chunks: list[pa.RecordBatch] | None = None
    _starts: NDArray[np.int64] | None = None

    def range(self, pass_: int, *, strict: bool = False) -> tuple[int, int]:
        if self.every_pass:
            return 0, sum(len(p) for p in self.passes)
        place = pass_ - self.first_pass
        start = sum(len(p) for p in self.passes[:place])
        stop = start + (len(self.passes[place]) if 0 <= place < len(self.passes) else 0)
        return (start, stop) if stop > start or strict else (0, stop)

    def take(self, row_numbers: NDArray[np.int64]) -> list[pa.Array]:
        if self._chunks is None:
            chunks = [b for p in self.passes for b in p.to_batches() if b.num_rows]
            self._starts = np.cumsum([0, *(b.num_rows for b in chunks)])
            self._chunks = chunks  # last: other threads look at it
        assert self._starts is not None  # noqa: S101 - set with the chunks
        if not self._chunks or not len(row_numbers):
            empty = self.passes[0].slice(0, 0) if self.passes else pa.table({})
            return [c.combine_chunks() for c in empty.columns]
        if len(self._chunks) == 1:
            return list(self._chunks[0].take(pa.array(row_numbers)).columns)
        # Chunk by chunk in the order of the file: joining the chunks would copy all of them into memory.
        order = np.argsort(row_numbers, kind="stable")
        numbers = row_numbers[order]
        bounds = np.searchsorted(numbers, self._starts)
        pieces = [
            self._chunks[i].take(pa.array(numbers[bounds[i] : bounds[i + 1]] - self._starts[i]))
            for i in np.flatnonzero(np.diff(bounds))
        ]
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        taken = pa.Table.from_batches(pieces).combine_chunks().take(pa.array(back))
        return [c.combine_chunks() if c.num_chunks != 1 else c.chunk(0) for c in taken.columns]
