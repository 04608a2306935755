"""A table's plan in the making: what is known of its columns, and what has been decided so far."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ssgproj.diagnostics import Diagnostic, Severity
from ssgproj.generators.arrow import integer_bounds
from ssgproj.generators.base import BindContext, Generator, Restriction, Target
from ssgproj.generators.defaults import NoValues, default_domain
from ssgproj.generators.domains.texts import listed
from ssgproj.generators.lookup import Columns
from ssgproj.generators.unique import SequenceKey
from ssgproj.plan import evaluate
from ssgproj.plan.plan import Group, UniqueSet
from ssgproj.plan.seeds import stream_key
from ssgproj.project.model import Column, ForeignKey, Model, NamedType, TableName
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from ssgproj.generators.domain import Domain
    from ssgproj.generators.lookup import Link
    from ssgproj.generators.missing_patterns import Mask
    from ssgproj.plan.conditions import Condition
    from ssgproj.plan.unbound import UnboundMask
    from ssgproj.project.project import Generation


@dataclass(frozen=True, slots=True)
class Parent:
    """What the plan of a child needs to know of a parent table. `rows` is None for a vocabulary not copied yet."""

    node: str
    model: Model
    rows: int | None
    fixed: bool
    """The same rows in every pass: a vocabulary, or a table whose unique values are exhausted in the first pass."""
    computed: Mapping[tuple[str, ...], bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableContext:
    """What planning one table takes from outside."""

    model: Model
    rows: int
    foreign_keys: Sequence[ForeignKey]
    parents: Mapping[TableName, Parent]
    referenced: Sequence[tuple[str, ...]]
    named: Mapping[str, NamedType]
    dialect: str
    generation: Generation
    root: Path
    stats: Mapping[str, Any] | None
    vars: Mapping[str, Any]
    told: int = 0
    """About how many rows stories make of it in a pass, beside `rows`."""
    narrowed: Mapping[str, Restriction] = field(default_factory=dict)
    """What keys must be within so that the columns that refer to them can hold them."""
    links: Sequence[Link] = ()
    """The references by which generators read columns of parents."""
    read: tuple[str, ...] = ()
    """Columns that generators of other tables read."""
    grouped: frozenset[str] = frozenset()
    """The statistics that have a GROUP BY."""


@dataclass(slots=True)
class Atom:
    """Columns whose values are decided together: a reference, one column, or what one declared generator fills."""

    columns: tuple[str, ...]
    reference: ForeignKey | None = None
    explicit: Generator | None = None
    label: str = ""
    needs: tuple[str, ...] = ()
    unique: bool = False
    """Unique by itself, by construction."""
    joint: bool = False
    """Part of a set that is unique by construction."""
    group: Group | None = None

    @property
    def pairs(self) -> dict[str, str]:
        """The columns of its reference, each with the parent's column that it refers to."""
        return dict(zip(self.reference.columns, self.reference.to_columns, strict=True)) if self.reference else {}


class TableDraft:
    """Everything that the steps of planning share. They go from what binds most to what binds least, each deciding some atoms."""

    def __init__(self, context: TableContext) -> None:
        self.context = context
        self.model = context.model
        self.node = context.model.node_id
        self.diagnostics: list[Diagnostic] = []
        self.notes: list[str] = []
        self.rows = context.rows + context.told
        self.capacity: int | None = None
        self.types = {c.name: c.type for c in self.model.columns}
        self.filled = [c for c in self.model.columns if c.generated is None]
        self.referenced = {c for key in context.referenced for c in key}
        self.unique_sets: list[UniqueSet] = []
        self.domains: dict[tuple[str, bool], Domain] = {}
        self.conditions: list[Condition] = []
        self.not_null: set[str] = set()
        self.restrictions: dict[str, Restriction] = dict(context.narrowed)
        self.guessed: dict[str, Restriction] = {}
        """What defaults keep to as well, because other values are not likely to pass. Declared generators need not."""
        self.likely: dict[str, tuple[Any, ...]] = {}
        self.masks: dict[str, Mask | UnboundMask] = {}
        """The patterns of NULLs, by each column that they are about."""
        self.atoms: list[Atom] = []
        self.atom_of: dict[str, Atom] = {}
        self.columns = Columns.of(self.model, context.links)

    @property
    def own_rows(self) -> int:
        """Rows of a pass that are not told by stories."""
        return min(self.rows, self.context.rows)

    def expect(self, rows: int) -> None:
        """So many rows a pass follow from other tables."""
        self.context = replace(self.context, rows=rows)
        self.rows = rows + self.context.told

    def keyed_columns(self) -> set[str]:
        keyed = {c for k in self.model.foreign_keys for c in k.columns}
        return keyed | set(self.model.primary_key.columns if self.model.primary_key else ())

    def nullable(self, column: Column) -> bool:
        key = self.model.primary_key.columns if self.model.primary_key else ()
        domain = self.context.named.get(column.type.domain or "")
        return column.nullable and column.name not in key and not (domain and domain.not_null)

    def null_rate(self, name: str) -> float:
        column = self.model.column(name)
        if name in self.masks:
            return self.masks[name].rate(name)
        if column.null_rate is not None:
            return column.null_rate if self.nullable(column) else 0.0
        if not self.nullable(column) or name in self.not_null or name in self.referenced:
            return 0.0
        if any(u.nulls_not_distinct and name in u.columns for u in self.model.unique):
            return 0.0
        return self.context.generation.null_rate

    def target(self, name: str, *, declared: bool = False) -> Target:
        """A column as its generator sees it: its default one, or one that is `declared`."""
        column = self.model.column(name)
        restriction = self.restrictions.get(name) or (not declared and self.guessed.get(name)) or Restriction()
        return Target(name, column.type, self.nullable(column), restriction)

    def bind_context(self, columns: Sequence[str]) -> BindContext:
        generation = self.context.generation
        return BindContext(
            table=str(self.model.table),
            targets=tuple(self.target(c, declared=True) for c in columns),
            locale=generation.locale,
            now=generation.now,
            root=self.context.root,
            seed=generation.seed,
            stats=self.context.stats or {},
            rows=self.rows,
            dialect=self.context.dialect,
            grouped=self.context.grouped,
            columns=self.columns,
            per_parent=next((g.columns for g in self.model.generators if g.kind == "per_parent"), ()),
        )

    def key(self, *parts: str) -> int:
        return stream_key(self.context.generation.seed, self.node, *parts)

    def domain_size(self, atom: Atom) -> int:
        if atom.joint or atom.unique:
            return 0
        if atom.explicit:
            domain = getattr(atom.explicit, "domain", None)
            return domain.size if domain is not None else 0
        if atom.reference:
            parent = self.context.parents[atom.reference.to_table]
            return parent.rows if parent.rows is not None else self.rows
        return self.default_domain(atom.columns[0], unique=True).size

    def default_domain(self, name: str, *, unique: bool) -> Domain:
        if (name, unique) not in self.domains:
            context = self.bind_context([name])
            try:
                domain = default_domain(
                    self.modest(self.target(name), unique), rows=self.rows, unique=unique, context=context
                )
            except NoValues as problem:
                if not self.nullable(self.model.column(name)):
                    self.no_values(problem, name)
                domain = listed((), self.types[name])
            self.domains[name, unique] = domain
        return self.domains[name, unique]

    def modest(self, target: Target, unique: bool) -> Target:
        """Unique numbers use their type's whole range, unless a generated column computes with them and would overflow."""
        inputs = [
            c for c in self.model.columns if c.generated is not None and target.name in self.columns_of(c.generated)
        ]
        if not unique or not inputs or target.type.kind is not Kind.INTEGER or target.restriction != Restriction():
            return target
        greatest = integer_bounds(target.type)[1]
        several = any(len(self.columns_of(c.generated or "")) > 1 for c in inputs)
        upper = math.isqrt(greatest) if several else greatest // 1000
        return replace(target, restriction=Restriction(lower=1, upper=max(upper, min(self.rows, greatest))))

    def limit(self, size: int, per_pass: bool, columns: Sequence[str]) -> None:
        if size >= self.rows and not (size < 2**40 and not per_pass):
            return
        if per_pass:
            self.fit(size, columns)
        else:
            if size < self.rows:
                self.fit_note(size, columns)
            self.capacity = size if self.capacity is None else min(self.capacity, size)

    def fit(self, size: int, columns: Sequence[str]) -> None:
        if size < self.rows:
            self.fit_note(size, columns)
            self.rows = size

    def fit_note(self, size: int, columns: Sequence[str]) -> None:
        if self.context.told and size >= self.context.rows:
            return  # what stories make is not known ahead
        self.notes.append(f"{self.rows:,} rows asked for, {size:,} fit: ({', '.join(columns)}) must be unique")

    def no_values(self, problem: NoValues, name: str) -> None:
        place = self.model.column(name).at
        found = Diagnostic("MD303", "no-values", problem.message, place, problem.hint, Severity.ERROR)
        self.diagnostics.append(found)

    def needs_test(self, condition: Condition) -> bool:
        """Whether generators made by default do not already satisfy it."""
        if condition.restriction is None:
            return condition.sql is not None
        made = [self.atom_of[c] for c in condition.columns if c in self.atom_of]
        return any(a.explicit or a.reference for a in made) and condition.sql is not None

    def columns_of(self, sql: str) -> list[str]:
        found, _ = self.taken_apart([f"({sql}) IS NOT NULL"])
        return [c for f in found for c in f.columns if c in self.types]

    def translated(self, sql: str) -> str | None:
        from sqlglot import parse_one
        from sqlglot.errors import SqlglotError

        try:
            text = parse_one(sql, read=self.context.dialect or None).sql("duckdb")
        except SqlglotError:
            return None
        return text if evaluate.understands(text, tuple(self.types), tuple(self.types.values())) else None

    def is_sequence(self, columns: Sequence[str]) -> bool:
        column = self.model.column(columns[0])
        if len(columns) != 1 or column.type.kind not in (Kind.INTEGER, Kind.DECIMAL):
            return False
        if column.identity or (column.default and "nextval" in column.default.lower()):
            return True
        key = self.model.primary_key
        restricted = self.restrictions.get(column.name, Restriction()).values is not None
        whole = column.type.kind is Kind.INTEGER
        return bool(key and key.columns == (column.name,) and not restricted and whole)

    def same_column(self, reference: ForeignKey) -> set[str]:
        """Columns of a reference to this table itself that are also what they refer to (`tenant`): this row's own value."""
        if reference.to_table != self.model.table:
            return set()
        return {a for a, b in zip(reference.columns, reference.to_columns, strict=True) if a == b}

    def parent_columns(self, atom: Atom) -> tuple[str, ...]:
        """What the atom's columns are called in the table that its reference leads to."""
        return tuple(atom.pairs[c] for c in atom.columns)

    def taken_apart(self, texts: Sequence[str]) -> tuple[list[Condition], list[str]]:
        """Checks as conditions. The parser is loaded only for tables that have any."""
        if not texts:
            return [], []
        from ssgproj.plan.conditions import conditions

        return conditions(texts, self.types, self.context.dialect, self.context.generation.now)

    def sequence(self, column: Column) -> SequenceKey:
        options = dict(column.identity.options) if column.identity else {}
        restriction = self.restrictions.get(column.name, Restriction())
        step = int(options.get("increment", 1)) or 1
        start = int(options.get("start", options.get("minvalue", 1) if step > 0 else -1))
        greatest = (
            integer_bounds(column.type)[1]
            if column.type.kind is Kind.INTEGER
            else 10 ** (column.type.precision or 18) - 1
        )
        if restriction.lower is not None:
            start = max(start, int(restriction.lower) + (1 if restriction.lower_open else 0))
        if restriction.upper is not None:
            greatest = min(greatest, int(restriction.upper) - (1 if restriction.upper_open else 0))
        if step > 0:
            self.limit(max((greatest - start) // step + 1, 0), False, [column.name])
        return SequenceKey(self.node, column.name, column.type, start, step)
