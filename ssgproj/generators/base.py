"""The contract of generators.

A generator comes in two halves. Its **spec** is a frozen dataclass whose fields are the options users write; from it come checks,
did-you-mean, JSON Schema and documentation. `spec.bind(context)` gives the **generator**: picklable, called once per batch,
returning whole Arrow columns. Adding one is a file here and a line in the registry (`generators/__init__.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from ssgproj.generators.lookup import Columns

if TYPE_CHECKING:
    from random import Random

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from ssgproj.generators.domain import Domain
    from ssgproj.project.types import SqlType


@dataclass(frozen=True, slots=True)
class Restriction:
    """What constraints say about one column by itself; generators stay within it by construction.

    Bounds are in the column's own terms (numbers, `date`, `datetime`, `time`) and inclusive unless said. `values` is the complete
    list of what is allowed, `excluded` what is not. `patterns` are regular expressions (Python syntax) that must be found.
    """

    lower: Any = None
    upper: Any = None
    lower_open: bool = False
    upper_open: bool = False
    values: tuple[Any, ...] | None = None
    excluded: tuple[Any, ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One column that a generator fills: what its values must fit."""

    name: str
    type: SqlType
    nullable: bool = False
    restriction: Restriction = Restriction()


@dataclass(frozen=True, slots=True)
class BindContext:
    """What a spec may know when it is turned into a generator. No database, no clock, no environment."""

    table: str
    targets: tuple[Target, ...]
    locale: str = "en"
    now: datetime = datetime(2025, 1, 1)
    root: Path = Path()
    seed: int = 0
    stats: Mapping[str, Any] = field(default_factory=dict)
    grouped: frozenset[str] = frozenset()
    """The statistics that have a GROUP BY, and so any number of rows."""
    rows: int = 0
    """Rows of the table in one pass."""
    dialect: str = ""
    """The SQL dialect of the models: types of one name take different texts (`point`), and `derive` is written in it."""
    columns: Columns = field(default_factory=Columns)
    """What the generator may read beside what it fills."""
    per_parent: tuple[str, ...] = ()
    """The columns that `per_parent` fills in this table, if it has any."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a spec. `option` names the option it is about, to find its place in the file."""

    message: str
    option: str | None = None
    hint: str | None = None


class Batch(Protocol):
    """The rows to fill: `rows` of them, with their numbers in the table (from 0, going on over passes)."""

    @property
    def rows(self) -> int: ...

    @property
    def row_numbers(self) -> NDArray[np.int64]: ...

    def rng(self, purpose: str = "") -> np.random.Generator:
        """A stream of its own for (project seed, node, columns, pass, batch, purpose). The same call gives the same stream."""
        ...

    def random(self, purpose: str = "") -> Random:
        """As `rng`, for Python's `random` interface."""
        ...

    def column(self, name: str) -> pa.Array:
        """A column of these rows that was filled before this one."""
        ...

    def parent(self, table: str, columns: tuple[str, ...]) -> Keys:
        """The key values of another table, as references take them."""
        ...


class Keys(Protocol):
    """The rows of a table as its references see them: some of its columns, by row index from 0."""

    @property
    def size(self) -> int: ...

    def take(self, index: NDArray[np.int64]) -> Sequence[pa.Array]: ...


@runtime_checkable
class Generator(Protocol):
    """Fills one or more columns. Returns one array of `batch.rows` values per target, in the target's Arrow type."""

    def generate(self, batch: Batch) -> Sequence[pa.Array]: ...


@runtime_checkable
class PickingGenerator(Generator, Protocol):
    """A generator whose rows are all taken from a few."""

    def pick(self, batch: Batch) -> tuple[Sequence[pa.Array], NDArray[Any]]:
        """The few rows, an array per target, and which of them each row of the batch is. `generate` gives the same, taken."""
        ...


@runtime_checkable
class DomainGenerator(Generator, Protocol):
    """A generator of one column that draws uniformly from a `Domain`: can be made unique by construction."""

    @property
    def domain(self) -> Domain: ...


class Spec(Protocol):
    """The options of one generator. `kind` is its name in YAML; the first field takes the value written beside the name.

    A spec that reads other columns, of the row or of its parents, says which in a method `reads`: texts as `Columns.find` takes them.
    One whose class has `masks = True` changes columns that others fill.
    """

    kind: ClassVar[str]

    def check(self, context: BindContext) -> Iterable[Problem]:
        """Everything wrong that can be known before a row is made."""
        ...

    def bind(self, context: BindContext) -> Generator: ...


@dataclass(frozen=True, slots=True)
class Reference:
    """A plain string in an option that stands for a value: `stat.NAME[.COLUMN]`, `var.NAME` or `column.NAME`."""

    kind: str
    name: str
    column: str | None = None

    def __str__(self) -> str:
        return ".".join(p for p in (self.kind, self.name, self.column) if p)
