"""Columns that a generator reads: of its own row, or of the row of another table that its row refers to.

`price` is a column of the row. `user_id.country` is `country` of the row that `user_id` refers to, and `users.country` the same where
exactly one reference leads to `users`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from ssgproj.project.names import table_text
from ssgproj.project.suggest import suggestion
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.generators.base import Batch
    from ssgproj.generators.world import TableBatch
    from ssgproj.project.model import Model
    from ssgproj.project.types import SqlType

_OWN = "column."


@dataclass(frozen=True, slots=True)
class Link:
    """A reference by which a row finds its parent: a foreign key, or columns that `generate: {references: ...}` fills."""

    columns: tuple[str, ...]
    parent: Model
    to_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """A column of the same row."""

    name: str
    type: SqlType | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.name,)

    def values(self, batch: Batch) -> pa.Array:
        return batch.column(self.name)


@dataclass(frozen=True, slots=True)
class ParentColumn:
    """A column of the parent row, found by the values of the reference's columns. NULL where there is no parent."""

    via: tuple[str, ...]
    node: str
    key: tuple[str, ...]
    name: str
    type: SqlType | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        return self.via

    def values(self, batch: Batch) -> pa.Array:
        return parent_values([self], batch)[0]


def parent_values(columns: Sequence[ParentColumn], batch: Batch) -> list[pa.Array]:
    """Several columns of one parent row."""
    rows, first = cast("TableBatch", batch), columns[0]
    taken = rows.taken(first.via)
    known = taken is not None and (taken.node, taken.columns) == (first.node, first.key)
    return rows.world.parent_values(
        first.node,
        first.key,
        tuple(c.name for c in columns),
        [batch.column(c) for c in first.via],
        taken.numbers if taken is not None and known else None,
    )


ReadColumn: TypeAlias = OwnColumn | ParentColumn


class NotFoundError(ValueError):
    """A text names no column that can be read."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True, slots=True)
class Columns:
    """What a generator may read: the columns of its own table, and those of the tables that it refers to."""

    table: str = ""
    own: Mapping[str, SqlType] = field(default_factory=dict)
    links: Sequence[Link] = ()
    computed: frozenset[str] = frozenset()
    """Columns that the database computes once the row is there."""

    def find(self, text: str) -> ReadColumn:
        """The column that a text names. Raises NotFoundError."""
        bare = text.removeprefix(_OWN)
        if not self.own:
            return OwnColumn(bare)
        if (name := exact(bare, self.own)) is not None:
            if name in self.computed:
                message = f"Column `{name}` of `{self.table}` is computed by the database, after everything else"
                raise NotFoundError(message, "name the columns that it is computed from")
            return OwnColumn(name, self.own[name])
        before, _, name = text.rpartition(".")
        if not before or text.startswith(_OWN):
            message = f"Table `{self.table}` has no column `{bare}`"
            raise NotFoundError(message, suggestion(bare, self.own, sort=False))
        if before in (self.table, self.table.rpartition(".")[2]):
            return self.find(f"{_OWN}{name}")
        if (struct := exact(before, self.own)) is not None and self.own[struct].kind is Kind.STRUCT:
            return OwnColumn(struct, self.own[struct])
        return self._of_parent(before, name, text)

    @classmethod
    def of(cls, model: Model, links: Sequence[Link]) -> Columns:
        """What the generators of a table may read."""
        own = {c.name: c.type for c in model.columns}
        return cls(table_text(model.table), own, links, frozenset(c.name for c in model.columns if c.generated))

    def _of_parent(self, before: str, name: str, text: str) -> ParentColumn:
        links = [k for k in self.links if exact(before, k.columns)]
        if links:
            # A column may be part of several references: the narrowest that leads to such a column is meant.
            having = [k for k in links if exact(name, [c.name for c in k.parent.columns])] or links
            narrowest = min(len(k.columns) for k in having)
            links = [k for k in having if len(k.columns) == narrowest]
        else:
            links = [k for k in self.links if before in (table_text(k.parent.table), k.parent.table.name)]
        if not links:
            raise NotFoundError(
                f"`{self.table}` has no column and no reference `{before}`, of which to read `{name}`", self._ways(name)
            )
        if len(links) > 1:
            ways = " or ".join(f"`{k.columns[0]}.{name}`" for k in links)
            raise NotFoundError(
                f"`{text}` may be read through {len(links)} references of `{self.table}`", f"write {ways}"
            )
        link = links[0]
        there = table_text(link.parent.table)
        if there == self.table:
            message = f"`{text}` is read from other rows of `{there}` itself, which are not there yet"
            raise NotFoundError(message, "read a column of the row, or of another table")
        columns = {c.name: c.type for c in link.parent.columns}
        found = exact(name, columns)
        if found is None:
            raise NotFoundError(f"Table `{there}` has no column `{name}`", suggestion(name, columns, sort=False))
        copied = link.parent.vocabulary.columns if link.parent.vocabulary else ()
        if copied and found not in copied:
            message = f"Column `{found}` of vocabulary `{there}` is not copied"
            raise NotFoundError(message, f"add `{found}` to the `columns` of the vocabulary")
        return ParentColumn(link.columns, link.parent.node_id, link.to_columns, found, columns[found])

    def _ways(self, name: str) -> str:
        having = [
            k
            for k in self.links
            if exact(name, [c.name for c in k.parent.columns]) and table_text(k.parent.table) != self.table
        ]
        if having:
            return f"did you mean `{having[0].columns[0]}.{name}`?"
        return "name a column with `references:`, or the table it refers to"


def exact(name: str, names: Any) -> str | None:
    """The name as it is spelled, whatever its case where that leaves no doubt."""
    if name in names:
        return name
    near = [str(n) for n in names if str(n).lower() == name.lower()]
    return near[0] if len(near) == 1 else None
