"""`references`: values of another table's column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast
from zlib import crc32

from ssgproj.errors import SsgError
from ssgproj.generators.base import BindContext, Problem, Reference
from ssgproj.generators.options import Number, check_options, option

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.base import Batch, Generator, Target
    from ssgproj.generators.world import TableBatch, TakenParents


@dataclass(frozen=True, slots=True)
class References:
    """Rows of another table, for columns that refer to them: some parents more often than others, or each parent once.

    A column with `references:` and no `generate:` takes parents uniformly already; this is for when that is not enough.

    ```yaml
    generate: {references: users.id, skew: 1.2}
    ```
    """

    kind: ClassVar[str] = "references"

    to: str | tuple[Any, ...] = option("`table.column`, or a list of several columns of one table.")
    skew: Number = option("How much more often some parents come: 0 is uniform, 1 and more is very uneven.", 0.0)
    unique: bool = option("Take no parent twice in a pass.", False)

    def check(self, context: BindContext) -> Iterator[Problem]:
        yield from check_options(self, context)
        names = [self.to] if isinstance(self.to, str) else list(map(str, self.to))
        if any("." not in name for name in names):
            yield Problem("`references` needs a table and a column", "to", "write `table.column`")
        elif len({name.rpartition(".")[0] for name in names}) != 1:
            yield Problem("`references` names columns of several tables", "to", "write columns of one table")
        if len(names) != len(context.targets):
            yield Problem(
                f"`references` gives {len(names)} columns for {len(context.targets)}", "to", "name one for each column"
            )
        if not isinstance(self.skew, Reference) and self.skew < 0:
            yield Problem("`skew` is negative", "skew", "write a number of 0 or more")
        if self.unique and self.skew:
            yield Problem("`unique` takes each parent once, so `skew` has no effect", "skew", "remove `skew`")

    def bind(self, context: BindContext) -> Generator:
        names = [self.to] if isinstance(self.to, str) else list(map(str, self.to))
        table = names[0].rpartition(".")[0]
        columns = tuple(name.rpartition(".")[2] for name in names)
        filled = tuple(t.name for t in context.targets)
        # The model may be written with or without the default schema.
        named = [k.parent.table for k in context.columns.links if k.columns == filled and k.to_columns == columns]
        table = str(named[0]) if named and len(set(named)) == 1 else table
        assert not isinstance(self.skew, Reference)  # noqa: S101 - references were put in before
        # Which parents are the frequent ones differs from column to column.
        key = context.seed ^ crc32(f"{context.table} {' '.join(t.name for t in context.targets)}".encode())
        return ReferencesGenerator(context.targets, context.table, table, columns, self.skew, self.unique, key)


@dataclass(frozen=True, slots=True)
class ReferencesGenerator:
    """Keys of a parent table, whole rows of it."""

    targets: tuple[Target, ...]
    child: str
    table: str
    columns: tuple[str, ...]
    skew: float
    unique: bool
    key: int

    def generate(self, batch: Batch) -> Sequence[pa.Array]:
        return self._cast(batch.parent(self.table, self.columns).take(self._index(batch)))

    def parents(self, batch: Batch) -> TakenParents:
        from ssgproj.generators.world import TakenParents

        rows = cast("TableBatch", batch)
        node = rows.world.node_of(self.table)
        start, _ = rows.world.keys(node, self.columns).range(rows.pass_)
        return TakenParents(node, self.columns, self._index(batch) + start)

    def of(self, batch: Batch, parents: TakenParents) -> Sequence[pa.Array]:
        return self._cast(parents.keys(cast("TableBatch", batch).world))

    def _cast(self, taken: Sequence[pa.Array]) -> list[pa.Array]:
        from ssgproj.generators.arrow import cast_to

        return [cast_to(column, t.type) for column, t in zip(taken, self.targets, strict=True)]

    def _index(self, batch: Batch) -> NDArray[np.int64]:
        """The parents of the rows, by their place among those that the batch's pass may refer to."""
        import numpy as np

        from ssgproj.generators.domain import permute
        from ssgproj.generators.zipf import ranks

        size = batch.parent(self.table, self.columns).size
        if size == 0 and batch.rows:
            raise SsgError(
                f"Table `{self.table}` has no rows that `{self.child}` could refer to", "write `rows:` in its model"
            )
        if self.unique:
            if batch.rows > size:
                raise SsgError(
                    f"Table `{self.child}` has more rows than `{self.table}` has for it to refer to once each",
                    "make fewer rows, or remove `unique: true`",
                )
            # Rows of a pass are numbered in a row, so their remainders differ as long as there are parents enough.
            return (
                permute(np.asarray(batch.row_numbers, dtype=np.int64) % size, size, self.key)
                if batch.rows
                else np.zeros(0, np.int64)
            )
        if self.skew:
            return permute(ranks(batch.rng().random(batch.rows), size, self.skew), size, self.key)
        return batch.rng().integers(0, size, batch.rows, dtype=np.int64) if batch.rows else np.zeros(0, np.int64)
