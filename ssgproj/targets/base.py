"""The contract of destinations.

A run drives a destination through one session, which is one transaction (or something that gives the same promise): until
`commit`, nothing of it can be seen, and after a crash nothing of it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.project.model import Model, SchemaObjects, TableName


@dataclass(frozen=True, slots=True)
class Schema:
    """What is to stand in the destination: the models (ignored ones left out), in an order in which parents come first
    where there is one, and the objects they need. `dialect` is that of their SQL texts."""

    models: tuple[Model, ...]
    objects: SchemaObjects
    dialect: str


@dataclass(frozen=True, slots=True)
class Existing:
    """What a table of the destination holds already: how many rows, and the greatest value of its integer key columns."""

    rows: int
    greatest: Mapping[str, int]


class Session(Protocol):
    """One all-or-nothing run against a destination."""

    def existing(self, model: Model) -> Existing | None:
        """None if the table is not there."""
        ...

    def create(self, models: Sequence[Model]) -> None:
        """Create these tables (and the schemas, types and sequences they need), as bare as the destination can fill
        fastest; `finish` adds what was left out."""
        ...

    def empty(self, models: Sequence[Model]) -> None:
        """Delete all rows of these tables, which exist, children first."""
        ...

    def drop(self, models: Sequence[Model]) -> None:
        """Drop these tables, children first, and the types and sequences that nothing else needs."""
        ...

    def load(self, model: Model, batches: Iterable[pa.RecordBatch]) -> int:
        """Append batches to one table; returns the rows loaded. Columns are those of the model, generated ones too; a
        database leaves out those that it computes itself. They are in the canonical Arrow types (`generators/arrow.py`), in the model's order."""
        ...

    def finish(self, models: Sequence[Model]) -> tuple[str, ...]:
        """Add keys, references, checks, indexes and comments that `create` left out, set sequences past the last key, verify what the
        destination cannot enforce. Returns notes for people on what could not be kept. Raises RunError on a violation."""
        ...

    def commit(self) -> None: ...


class Destination(Protocol):
    """A place that can be filled. Opening it reads nothing and writes nothing."""

    @property
    def name(self) -> str:
        """For people, without secrets: `postgres`, `duckdb`."""
        ...

    @property
    def dialect(self) -> str:
        """sqlglot's name of its SQL."""
        ...

    @property
    def computes_generated(self) -> bool:
        """Whether the destination computes generated columns. If not, batches must carry them too."""
        ...

    @property
    def takes_dictionaries(self) -> bool:
        """Whether it gains from texts in Arrow dictionaries. If not, batches must not have any."""
        ...

    def session(self, schema: Schema) -> AbstractContextManager[Session]:
        """Begin. Leaving without `commit` undoes everything."""
        ...

    def identity(self) -> str:
        """What tells this place from every other, whatever the spelling of its URL: to refuse a destination that is the
        source. No secrets in it."""
        ...

    def read(self, model: Model, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows that stand in a table, for tests and reports; in no particular order."""
        ...


def table_names(models: Iterable[Model]) -> list[TableName]:
    """The tables of models, for messages."""
    return [m.table for m in models]
