"""The plan: how every table is filled, as picklable data. Made by `compile_plan`, carried out by `engine`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssgproj.project.model import Model, SchemaObjects

if TYPE_CHECKING:
    from ssgproj.generators.base import Generator
    from ssgproj.generators.missing_patterns import Mask
    from ssgproj.generators.world import PerParent
    from ssgproj.graph.node import Node
    from ssgproj.plan.stories import StoryPlan
    from ssgproj.plan.unbound import UnboundMask

BATCH_ROWS = 65_536
"""Rows of a batch: the unit of generation, seeding and loading. Part of what makes two runs equal, so not an option."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Columns that one generator fills.

    `needs` are columns that must be filled before. `null_rates` says, per column, which share becomes NULL afterwards; with
    `nulls_together` the same rows in all columns. `redraw`: rows may be drawn again when a condition fails. `label` is for plan.txt.
    """

    columns: tuple[str, ...]
    generator: Generator
    label: str
    needs: tuple[str, ...] = ()
    null_rates: tuple[float, ...] = ()
    nulls_together: bool = False
    redraw: bool = True
    masks: tuple[Mask | UnboundMask, ...] = ()
    """Which rows of the columns become NULL, together with columns of other groups. `null_rates` says then how many."""


def redrawable(generator: object) -> bool:
    """Whether single rows can be drawn again: not where they hang on the rows beside them, as in a series."""
    return bool(getattr(generator, "redrawn", True))


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A condition that every row must meet (NULL passes), in DuckDB's SQL. `text` is the check as the model has it."""

    sql: str
    columns: tuple[str, ...]
    text: str
    tests_null: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UniqueSet:
    """Columns (or SQL expressions) of which no two rows may agree, that could not be made unique by construction.

    NULLs are distinct unless said. Only rows where `where` holds count.
    """

    columns: tuple[str, ...]
    expressions: tuple[str, ...]
    where: str | None = None
    nulls_not_distinct: bool = False


def may_leave_out(groups: Sequence[Group], checks: Sequence[RowCheck]) -> bool:
    """Whether a row that fails a check may be left out: nothing of what the check is about can be drawn again, since it is unique as it is."""
    for check in checks:
        concerned = [g for g in groups if set(g.columns) & set(check.columns)]
        if concerned and all(not g.redraw and redrawable(g.generator) for g in concerned):
            return True
    return False


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """Columns that references of other tables take. `computed`: from the row number alone; else kept while the run lasts."""

    columns: tuple[str, ...]
    computed: bool


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How one table is filled.

    `rows` per pass; `capacity` over all passes, where a unique set is limited. `generated` are columns that the database computes,
    with their SQL in DuckDB's terms (None if it cannot be translated), in an order in which each needs only those before.
    """

    node: str
    model: Model
    rows: int
    groups: tuple[Group, ...]
    capacity: int | None = None
    checks: tuple[RowCheck, ...] = ()
    unique_sets: tuple[UniqueSet, ...] = ()
    generated: tuple[tuple[str, str | None], ...] = ()
    keys: tuple[KeyPlan, ...] = ()
    read: tuple[str, ...] = ()
    """Columns that generators of other tables read, with the keys by which they find the rows: kept while the run lasts."""
    parents: tuple[str, ...] = ()
    """Nodes whose stored keys must be complete before this table can be made."""
    notes: tuple[str, ...] = ()
    told: bool = False
    """Whether stories insert into it as well. Then no key is computed, and `rows` are those beside the stories'."""

    defaults: tuple[tuple[str, Any], ...] = ()
    """Of a table that stories insert into: columns that take the destination's own default where a story gives nothing, as in an INSERT
    that leaves them out. Those have a default and no generator."""

    def first_row(self, pass_: int) -> int:
        """The number of a pass's first row; that of the pass after is its end."""
        start = pass_ * self.rows
        return start if self.capacity is None else min(start, self.capacity)

    def rows_in_pass(self, pass_: int) -> int:
        return self.first_row(pass_ + 1) - self.first_row(pass_)

    @property
    def per_parent(self) -> PerParent | None:
        """The generator that decides how many rows there are, if one does. Then `rows` is what is expected."""
        from ssgproj.generators.world import PerParent

        return next((g.generator for g in self.groups if isinstance(g.generator, PerParent)), None)

    @property
    def calls_python(self) -> bool:
        """Whether Python runs for every row, so that threads would wait for one another."""
        return any(getattr(g.generator, "per_row", False) for g in self.groups)

    @property
    def compared(self) -> bool:
        """Whether finished rows are looked at: by conditions, or for columns computed from them."""
        return bool(self.checks or self.unique_sets or self.generated)

    @property
    def serial(self) -> bool:
        """Whether batches must be made one after the other, because rows are compared over the whole table."""
        return bool(self.unique_sets)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run needs. `order` has every node, parents first; `selected` those that are to be written."""

    name: str
    root: Path
    seed: int
    dialect: str
    default_schema: str | None
    objects: SchemaObjects
    tables: Mapping[str, TablePlan]
    vocabularies: Mapping[str, Model]
    order: tuple[str, ...]
    selected: frozenset[str]
    nodes: Mapping[str, Node] = field(default_factory=dict)
    stories: Mapping[str, StoryPlan] = field(default_factory=dict)

    def maker(self, node: str) -> TablePlan | StoryPlan:
        """How the rows of a node are made, that is no vocabulary."""
        return self.stories[node] if node in self.stories else self.tables[node]
