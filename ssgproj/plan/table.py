"""How one table is filled: which generator makes which columns, and what has to be tested on the rows.

The work goes from what binds most to what binds least: references (whole parent rows), unique sets (permuted domains), columns in order,
then each column for itself. What cannot be had by construction is left to the engine: conditions are tested on each batch and unique
sets over the whole table, and rows that fail are drawn again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ssgproj.diagnostics import Diagnostic, Severity
from ssgproj.generators.arrow import integer_bounds
from ssgproj.generators.base import BindContext, Generator, Restriction, Target
from ssgproj.generators.defaults import NoValues, default_domain, default_generator
from ssgproj.generators.domains.texts import listed
from ssgproj.generators.empty import Nulls
from ssgproj.generators.fits import fits
from ssgproj.generators.mixture import Mixture
from ssgproj.generators.ordered import plan_ordered
from ssgproj.generators.parents import EarlierRow, EarlierRowOfBatch, RandomParent
from ssgproj.generators.unique import Part, SequenceKey, UniqueTogether, UniqueValues
from ssgproj.generators.world import Positional
from ssgproj.plan import evaluate
from ssgproj.plan.partitions import partition_checks, partition_condition, partition_indexes
from ssgproj.plan.plan import Group, KeyPlan, RowCheck, TablePlan, UniqueSet
from ssgproj.plan.restrictions import intersect
from ssgproj.plan.seeds import stream_key
from ssgproj.plan.shapes import other_shapes
from ssgproj.plan.unbound import Unbound, described, needed_columns, uses_missing_stat
from ssgproj.project.model import Column, ForeignKey, Generate, Index, Model, NamedType, TableName
from ssgproj.project.types import Kind, SqlType

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from ssgproj.generators.domain import Domain
    from ssgproj.plan.conditions import Condition
    from ssgproj.project.project import Generation

UNIQUE_TRIES = 64
"""Values reserved for each row of a unique column whose values must also meet a condition."""
FILTER_SAMPLE = 20_000
"""Values of a domain that a condition on one column is tried on."""
ROOM = 4
"""A number that is unique together with others gets a range this many times what is needed, not its whole type."""


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


@dataclass(slots=True)
class _Atom:
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


def plan_table(context: TableContext) -> tuple[TablePlan, list[Diagnostic]]:
    """Plan one table. Problems with declared generators come back as diagnostics; the plan is then not fit to run."""
    planner = _Planner(context)
    return planner.plan(), planner.diagnostics


class _Planner:
    def __init__(self, context: TableContext) -> None:
        self.context = context
        self.model = context.model
        self.node = context.model.node_id
        self.diagnostics: list[Diagnostic] = []
        self.notes: list[str] = []
        self.rows = context.rows
        self.capacity: int | None = None
        self.types = {c.name: c.type for c in self.model.columns}
        self.filled = [c for c in self.model.columns if c.generated is None]
        self.referenced = {c for key in context.referenced for c in key}
        self.unique_sets: list[UniqueSet] = []
        self.domains: dict[tuple[str, bool], Domain] = {}
        self.read_conditions()
        self.atoms = self.make_atoms()
        self.atom_of = {c: a for a in self.atoms for c in a.columns}

    # -- conditions -------------------------------------------------------------------------------------------------

    def read_conditions(self) -> None:
        texts = [c.sql for c in self.model.checks]
        for column in self.filled:
            texts += self.domain_checks(column)
        if condition := partition_condition(self.model):
            texts.append(condition)
        texts += partition_checks(self.model)
        found, opaque = self.taken_apart(texts)
        self.conditions = found
        for text in opaque:
            self.notes.append(f"check not evaluated, the destination will: {text}")
        self.not_null = {c.columns[0] for c in found if c.not_null}
        self.restrictions: dict[str, Restriction] = {}
        for condition in found:
            if bounds := condition.restriction or condition.hull:
                (name,) = condition.columns
                self.restrictions[name] = intersect(self.restrictions.get(name, Restriction()), bounds)
        # `kind = 'a' AND ... OR kind = 'b' AND ...`: other values than those compared with are not likely to pass.
        self.likely: dict[str, tuple[Any, ...]] = {}
        keyed = self.keyed_columns()
        for condition in found:
            if condition.restriction is not None or condition.hull is not None:
                continue
            for name, values in condition.literals.items():
                if name in keyed:
                    continue
                if self.types[name].kind is Kind.STRING and name not in self.restrictions and len(condition.columns) > 1:
                    self.restrictions[name] = Restriction(values=values)
                else:
                    self.likely[name] = tuple(dict.fromkeys((*self.likely.get(name, ()), *values)))

    def taken_apart(self, texts: Sequence[str]) -> tuple[list[Condition], list[str]]:
        """Checks as conditions. The parser is loaded only for tables that have any."""
        if not texts:
            return [], []
        from ssgproj.plan.conditions import conditions

        return conditions(texts, self.types, self.context.dialect, self.context.generation.now)

    def keyed_columns(self) -> set[str]:
        keyed = {c for k in self.model.foreign_keys for c in k.columns}
        return keyed | set(self.model.primary_key.columns if self.model.primary_key else ())

    def domain_checks(self, column: Column) -> list[str]:
        if column.type.domain is None:
            return []
        from ssgproj.plan.conditions import substitute_value

        checks: list[str] = []
        name = column.type.domain
        while name and (domain := self.context.named.get(name)) and domain.kind == "domain":
            checks += [substitute_value(c.sql, column.name, self.context.dialect) for c in domain.checks]
            name = domain.base if domain.base in self.context.named else None
        return checks

    def nullable(self, column: Column) -> bool:
        key = self.model.primary_key.columns if self.model.primary_key else ()
        domain = self.context.named.get(column.type.domain or "")
        return column.nullable and column.name not in key and not (domain and domain.not_null)

    def null_rate(self, name: str) -> float:
        column = self.model.column(name)
        if column.null_rate is not None:
            return column.null_rate if self.nullable(column) else 0.0
        if not self.nullable(column) or name in self.not_null or name in self.referenced:
            return 0.0
        if any(u.nulls_not_distinct and name in u.columns for u in self.model.unique):
            return 0.0
        return self.context.generation.null_rate

    def target(self, name: str) -> Target:
        column = self.model.column(name)
        return Target(name, column.type, self.nullable(column), self.restrictions.get(name, Restriction()))

    def bind_context(self, columns: Sequence[str]) -> BindContext:
        generation = self.context.generation
        return BindContext(
            table=str(self.model.table),
            targets=tuple(self.target(c) for c in columns),
            locale=generation.locale,
            now=generation.now,
            root=self.context.root,
            seed=generation.seed,
            stats=self.context.stats or {},
            rows=self.rows,
            dialect=self.context.dialect,
        )

    def key(self, *parts: str) -> int:
        return stream_key(self.context.generation.seed, self.node, *parts)

    # -- atoms ------------------------------------------------------------------------------------------------------

    def make_atoms(self) -> list[_Atom]:
        atoms: list[_Atom] = []
        taken: set[str] = set()
        for generate in self.model.generators:
            atoms.append(self.declared(generate))
            taken.update(generate.columns)
        # The widest reference first: it decides the columns it shares with narrower ones.
        ordered = sorted(
            enumerate(self.context.foreign_keys),
            key=lambda e: (e[1].to_table == self.model.table, -len(e[1].columns), e[0]),
        )
        for _, reference in ordered:
            own = self.same_column(reference)
            free = tuple(
                c
                for c in reference.columns
                if c not in taken and c not in own and self.model.column(c).generated is None
            )
            if not free:
                continue
            atoms.append(_Atom(free, reference=reference))
            taken.update(free)
        atoms += [_Atom((c.name,)) for c in self.filled if c.name not in taken]
        return atoms

    def same_column(self, reference: ForeignKey) -> set[str]:
        """Columns of a reference to this table itself that are also what they refer to (`tenant`): this row's own value."""
        if reference.to_table != self.model.table:
            return set()
        return {a for a, b in zip(reference.columns, reference.to_columns, strict=True) if a == b}

    def declared(self, generate: Generate) -> _Atom:
        from ssgproj.generators.build import build_spec, resolve

        label = described(generate)
        spec, problems = build_spec(generate)
        self.diagnostics += problems
        atom = _Atom(generate.columns, explicit=Unbound(label), label=label)
        if spec is None:
            return atom
        missing = uses_missing_stat(spec, self.context.stats)
        if missing is None:
            spec = resolve(spec, self.context.stats or {}, self.context.vars)
        context = self.bind_context(generate.columns)
        for problem in spec.check(context):
            place = generate.option_places.get(problem.option or "", generate.at)
            self.diagnostics.append(
                Diagnostic("MD301", "generator-option", problem.message, place, problem.hint, Severity.ERROR)
            )
        if not any(d.is_error for d in self.diagnostics) and missing is None:
            atom.explicit = spec.bind(context)
        atom.needs = needed_columns(spec, self.types)
        return atom

    # -- unique sets ------------------------------------------------------------------------------------------------

    def unique_requirements(self) -> list[UniqueSet]:
        sets: list[UniqueSet] = []
        if self.model.primary_key:
            sets.append(UniqueSet(self.model.primary_key.columns, ()))
        sets += [UniqueSet(u.columns, (), nulls_not_distinct=u.nulls_not_distinct) for u in self.model.unique]
        sets += [u for i in (*self.model.indexes, *partition_indexes(self.model.partitions)) if i.unique and (u := self.unique_index(i))]
        # The smallest first: a set that holds a unique one is unique.
        return sorted(sets, key=lambda s: len(s.columns))

    def unique_index(self, index: Index) -> UniqueSet | None:
        columns = list(index.columns or ())
        expressions: list[str] = []
        for part in () if index.columns else index.parts:
            found = [part.column] if part.column else self.columns_of(part.expression or "")
            if not found:
                self.notes.append(f"unique index `{index.name}` is not understood: the destination decides")
                return None
            columns += [c for c in found if c not in columns]
            sql = evaluate.quote(part.column) if part.column else self.translated(part.expression or "")
            if sql is None:
                self.notes.append(f"unique index `{index.name}` is not evaluated: the destination decides")
                return None
            expressions.append(sql)
        where = self.translated(index.where) if index.where else None
        return UniqueSet(tuple(columns), tuple(expressions), where, index.nulls_not_distinct)

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

    def make_unique(self) -> None:
        satisfied: list[frozenset[str]] = []
        for wanted in self.unique_requirements():
            columns = frozenset(wanted.columns)
            plain = not wanted.expressions
            if plain and any(s <= columns for s in satisfied):
                continue
            if columns & {c.name for c in self.model.columns if c.generated is not None}:
                self.unique_sets.append(wanted)
                continue
            if self.by_construction(wanted, columns):
                satisfied.append(columns)
            else:
                self.unique_sets.append(wanted)

    def by_construction(self, wanted: UniqueSet, columns: frozenset[str]) -> bool:
        whole = [a for a in self.atoms if set(a.columns) <= columns]
        if any(a.unique for a in whole) and not wanted.expressions:
            return True
        if len(columns) == 1 and whole and self.alone(whole[0], wanted):
            return True
        if wanted.expressions:
            # Default texts are lower case and without spaces, so that lower(x) or trim(x) stay distinct; others are tested.
            return False
        for atom in whole:
            if not atom.explicit and not atom.joint and self.is_sequence(atom.columns):
                return self.alone(atom, wanted)
        free = [a for a in whole if not a.unique and not a.joint and self.can_join(a)]
        parts = self.parts(free)
        size = 1
        for part in parts:
            size *= part.size
        if not parts or (size < self.rows and len(free) < len(whole)) or self.split_references(columns, whole):
            return len(whole) > 0 and self.one_free_column(free, wanted)
        if size < self.rows and self.widest_nullable(free):
            return False
        self.join(free, parts, size)
        return True

    def split_references(self, columns: frozenset[str], whole: Sequence[_Atom]) -> bool:
        """Whether a part of a composite reference decides uniqueness: then combinations do not come from whole atoms alone."""
        covered = {c for a in whole for c in a.columns}
        others = [self.atom_of[c] for c in columns - covered if c in self.atom_of]
        return bool(others) and not any(self.domain_size(a) >= self.rows for a in whole)

    def one_free_column(self, free: Sequence[_Atom], wanted: UniqueSet) -> bool:
        for atom in sorted(free, key=self.domain_size, reverse=True):
            if not atom.reference and self.domain_size(atom) >= self.rows:
                return self.alone(atom, wanted)
        return False

    def widest_nullable(self, free: Sequence[_Atom]) -> bool:
        return any(self.null_rate(c) > 0 for a in free for c in a.columns)

    def domain_size(self, atom: _Atom) -> int:
        if atom.joint or atom.unique:
            return 0
        if atom.explicit:
            domain = getattr(atom.explicit, "domain", None)
            return domain.size if domain is not None else 0
        if atom.reference:
            parent = self.context.parents[atom.reference.to_table]
            return parent.rows if parent.rows is not None else self.rows
        return self.default_domain(atom.columns[0], unique=True).size

    def can_join(self, atom: _Atom) -> bool:
        if atom.explicit:
            return getattr(atom.explicit, "domain", None) is not None and len(atom.columns) == 1
        if not atom.reference:
            return True
        whole = len(atom.columns) == len(atom.reference.columns)
        return whole and atom.reference.to_table != self.model.table and not self.extra_references(atom)

    def parts(self, atoms: Sequence[_Atom]) -> list[Part]:
        made: list[Part] = []
        others = 1
        for atom in atoms:
            if atom.reference:
                parent = self.context.parents[atom.reference.to_table]
                rows = parent.rows if parent.rows is not None else self.rows
                part = Part(
                    atom.columns,
                    rows,
                    node=parent.node,
                    parent_columns=self.parent_columns(atom),
                    per_pass=not parent.fixed,
                )
                made.append(part)
                others *= max(rows, 1)
        for atom in atoms:
            if not atom.reference:
                domain = getattr(atom.explicit, "domain", None)
                domain = domain or self.joined_domain(atom.columns[0], others, len(atoms) > 1)
                made.append(Part(atom.columns, domain.size, domain=domain))
                others *= max(domain.size, 1)
        return made

    def joined_domain(self, name: str, others: int, several: bool) -> Domain:
        """A small range of numbers where others already tell rows apart (order lines are 1, 2, 3), else all there is."""
        target = self.target(name)
        if several and target.type.kind is Kind.INTEGER and target.restriction == Restriction():
            wanted = max(10, -(-ROOM * self.rows // max(others, 1)))
            small = replace(target, restriction=Restriction(lower=1, upper=min(wanted, integer_bounds(target.type)[1])))
            return default_domain(small, rows=self.rows, unique=True, context=self.bind_context([name]))
        return self.default_domain(name, unique=True)

    def default_domain(self, name: str, *, unique: bool) -> Domain:
        if (name, unique) not in self.domains:
            context = self.bind_context([name])
            try:
                domain = default_domain(self.modest(self.target(name), unique), rows=self.rows, unique=unique, context=context)
            except NoValues as problem:
                if not self.nullable(self.model.column(name)):
                    self.no_values(problem, name)
                domain = listed((), self.types[name])
            self.domains[name, unique] = domain
        return self.domains[name, unique]

    def modest(self, target: Target, unique: bool) -> Target:
        """Unique numbers use their type's whole range, unless a generated column computes with them and would overflow."""
        inputs = [c for c in self.model.columns if c.generated is not None and target.name in self.columns_of(c.generated)]
        if not unique or not inputs or target.type.kind is not Kind.INTEGER or target.restriction != Restriction():
            return target
        greatest = integer_bounds(target.type)[1]
        several = any(len(self.columns_of(c.generated or "")) > 1 for c in inputs)
        upper = math.isqrt(greatest) if several else greatest // 1000
        return replace(target, restriction=Restriction(lower=1, upper=max(upper, min(self.rows, greatest))))

    def join(self, atoms: Sequence[_Atom], parts: Sequence[Part], size: int) -> None:
        if len(atoms) == 1 and not atoms[0].reference:
            self.alone(atoms[0], UniqueSet(atoms[0].columns, ()))
            return
        ordered = [c for p in parts for c in p.columns]
        tested = [c for c in self.conditions if set(c.columns) & set(ordered) and self.needs_test(c)]
        tries = max(1, min(UNIQUE_TRIES, size // max(self.rows, 1))) if tested else 1
        generator = UniqueTogether(tuple(parts), self.key("unique", *ordered), self.rows, tries)
        self.limit(size // tries, generator.per_pass, ordered)
        generator = replace(generator, rows_per_pass=self.rows)
        group = Group(
            tuple(ordered),
            generator,
            self.joined_label(parts),
            null_rates=tuple(self.null_rate(c) for c in ordered),
            redraw=tries > 1,
        )
        for atom in atoms:
            atom.joint, atom.group = True, group
        if len(atoms) == 1:
            atoms[0].unique = True

    def joined_label(self, parts: Sequence[Part]) -> str:
        names = [p.node.partition(".")[2] if p.node else ", ".join(p.columns) for p in parts]
        if len(parts) == 1:
            return f"references {names[0]}, each once"
        return f"unique together over {' × '.join(names)}"

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
        self.notes.append(f"{self.rows:,} rows asked for, {size:,} fit: ({', '.join(columns)}) must be unique")

    # -- one column -------------------------------------------------------------------------------------------------

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

    def alone(self, atom: _Atom, wanted: UniqueSet) -> bool:
        """Make one atom unique by itself. False if it cannot be done by construction."""
        if atom.unique:
            return not wanted.expressions
        if atom.joint:
            return False
        if atom.explicit:
            return not wanted.expressions and self.explicit_alone(atom)
        if atom.reference:
            if not self.can_join(atom) or wanted.expressions:
                return False
            parts = self.parts([atom])
            if parts[0].size < self.rows and self.widest_nullable([atom]) and parts[0].per_pass:
                return False
            self.join([atom], parts, parts[0].size)
            return True
        (name,) = atom.columns
        column = self.model.column(name)
        if self.is_sequence(atom.columns):
            generator = self.sequence(column)
            atom.group = Group(atom.columns, generator, f"sequence from {generator.start}", redraw=False)
            atom.unique = True
            return True
        remaining = [c for c in self.conditions if name in c.columns and self.needs_test(c)]
        domain = self.default_domain(name, unique=True)
        single = [c for c in remaining if c.columns == (name,) and c.sql]
        if single and (filtered := self.filtered(name, domain, single)) is not None:
            domain, remaining = filtered, [c for c in remaining if c not in single]
        tries = UNIQUE_TRIES if remaining and domain.size // UNIQUE_TRIES >= self.rows else 1
        values = UniqueValues(domain, self.key("unique", name), tries)
        rate = self.null_rate(name)
        if values.capacity < self.rows and self.nullable(column) and not wanted.nulls_not_distinct:
            # Rows past the last value are NULL, which is as often as one likes.
            self.notes.append(f"`{name}` has {values.capacity:,} different values: the other rows are NULL")
        else:
            self.limit(values.capacity, False, [name])
        label = f"unique {column.type.text}"
        atom.group = Group(atom.columns, values, label, null_rates=(rate,), redraw=tries > 1)
        atom.unique = True
        return not wanted.expressions or self.keeps_distinct(wanted)

    def keeps_distinct(self, wanted: UniqueSet) -> bool:
        """Whether an expression of a default unique text is itself unique: those are lower case, without spaces at the ends."""
        import re

        return all(
            re.fullmatch(
                r'(?:(?:LOWER|UPPER|TRIM|BTRIM)\()*(?:CAST\()?\(?"?\w+"?\)?(?: AS \w+\))?\)*', e, re.IGNORECASE
            )
            for e in wanted.expressions
        )

    def explicit_alone(self, atom: _Atom) -> bool:
        generator = atom.explicit
        if getattr(generator, "unique", False) or (
            isinstance(generator, Positional) and not hasattr(generator, "domain")
        ):
            atom.unique = True
            return True
        domain = getattr(generator, "domain", None)
        if domain is None or len(atom.columns) != 1:
            return False
        values = UniqueValues(domain, self.key("unique", *atom.columns))
        self.limit(values.capacity, False, atom.columns)
        rates = tuple(self.null_rate(c) for c in atom.columns)
        atom.group = Group(atom.columns, values, f"{atom.label}, unique", null_rates=rates, redraw=False)
        atom.unique = True
        return True

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

    def needs_test(self, condition: Condition) -> bool:
        """Whether generators made by default do not already satisfy it."""
        if condition.restriction is None:
            return condition.sql is not None
        made = [self.atom_of[c] for c in condition.columns if c in self.atom_of]
        return any(a.explicit or a.reference for a in made) and condition.sql is not None

    def filtered(
        self, name: str, domain: Domain, single: Sequence[Condition], enough: int | None = None
    ) -> Domain | None:
        """The domain less the values that fail conditions on this column alone.

        Tries a sample of a large domain, and values of other shapes if none of it passes. None if all pass, or fewer than `enough`
        (default: the rows to make).
        """
        import numpy as np

        from ssgproj.generators.domain import permute
        from ssgproj.generators.domains.texts import ListedDomain

        if domain.size < 1:
            return None
        whole = domain.size <= FILTER_SAMPLE
        index = np.arange(min(domain.size, FILTER_SAMPLE), dtype=np.int64)
        values = domain.at(index if whole else permute(index, domain.size, self.key("filter", name)))
        kept = self.passing(name, values, single)
        if len(kept) == len(values):
            return None
        if not len(kept):
            kept = self.passing(name, other_shapes(self.types[name]), single)
        if not len(kept) or (not whole and len(kept) < (max(self.rows, 100) if enough is None else enough)):
            return None
        return ListedDomain(kept)

    def passing(self, name: str, values: pa.Array, single: Sequence[Condition]) -> pa.Array:
        """The values that pass all conditions."""
        import numpy as np
        import pyarrow as pa

        passes = np.ones(len(values), bool)
        for condition in single:
            assert condition.sql
            try:
                tested = evaluate.columns(pa.table({name: values}), [condition.sql]).column(0)
            except evaluate.CannotEvaluate:
                continue
            passes &= np.asarray(tested.combine_chunks().cast(pa.bool_()).fill_null(True))
        return values.filter(pa.array(passes))

    # -- references -------------------------------------------------------------------------------------------------

    def parent_columns(self, atom: _Atom) -> tuple[str, ...]:
        assert atom.reference
        pairs = dict(zip(atom.reference.columns, atom.reference.to_columns, strict=True))
        return tuple(pairs[c] for c in atom.columns)

    def extra_references(self, atom: _Atom) -> list[ForeignKey]:
        """Further references on the atom's columns that its parent does not already guarantee."""
        assert atom.reference
        pairs = dict(zip(atom.reference.columns, atom.reference.to_columns, strict=True))
        parent = self.context.parents[atom.reference.to_table].model
        extra = []
        for other in self.context.foreign_keys:
            if other is atom.reference or not set(other.columns) & set(atom.columns):
                continue
            if other.to_table == self.model.table:
                continue
            shared = [(pairs[a], b) for a, b in zip(other.columns, other.to_columns, strict=True) if a in pairs]
            implied = len(shared) == len(other.columns) and self.guaranteed(parent, shared, other.to_table)
            if not implied:
                extra.append(other)
        return extra

    def guaranteed(self, model: Model, pairs: Sequence[tuple[str, str]], table: TableName, depth: int = 8) -> bool:
        """Whether every row's values of some columns are found in columns of another table, by the model's own references."""
        if model.table == table and all(a == b for a, b in pairs):
            return True
        for key in model.foreign_keys if depth else ():
            steps = dict(zip(key.columns, key.to_columns, strict=True))
            parent = self.context.parents.get(key.to_table)
            if parent is None or any(a not in steps or model.column(a).nullable for a, _ in pairs):
                continue
            if self.guaranteed(parent.model, [(steps[a], b) for a, b in pairs], table, depth - 1):
                return True
        return False

    def reference_group(self, atom: _Atom) -> Group:
        reference = atom.reference
        assert reference
        parent = self.context.parents[reference.to_table]
        columns = self.parent_columns(atom)
        rates = tuple(self.null_rate(c) for c in atom.columns)
        nullable = all(self.nullable(self.model.column(c)) for c in atom.columns)
        given = tuple(c for c in reference.columns if c not in atom.columns)
        label = f"references {reference.to_table}"
        if reference.to_table == self.model.table:
            computed = self.is_computed(reference.to_columns)
            if computed and not given:
                return Group(atom.columns, EarlierRow(self.node, columns, nullable), label, (), rates, True, True)
            pairs = dict(zip(reference.columns, reference.to_columns, strict=True))
            shared = tuple(c for c in given if pairs[c] == c)
            generator = EarlierRowOfBatch(columns, shared, nullable)
            return Group(atom.columns, generator, label, (*columns, *given), rates, True, True)
        pairs = dict(zip(reference.columns, reference.to_columns, strict=True))
        within = []
        for other in self.extra_references(atom):
            node = self.context.parents[other.to_table].node
            shared = [(pairs[a], b) for a, b in zip(other.columns, other.to_columns, strict=True) if a in pairs]
            within.append((tuple(a for a, _ in shared), node, tuple(b for _, b in shared)))
        generator = RandomParent(parent.node, columns, given, tuple(pairs[c] for c in given), tuple(within))
        return Group(atom.columns, generator, label, given, rates, True, True)

    def is_computed(self, columns: Sequence[str]) -> bool:
        if self.unique_sets:
            return False
        for name in columns:
            atom = self.atom_of.get(name)
            if atom is None:
                return False
            group = atom.group
            generator = group.generator if group else atom.explicit
            if not isinstance(generator, Positional) or (group and group.redraw):
                return False
            if group and any(group.null_rates):
                return False
            if isinstance(generator, UniqueValues) and generator.capacity < self.rows and self.capacity is None:
                return False
            if isinstance(generator, UniqueTogether) and not all(self.part_computed(p) for p in generator.parts):
                return False
        return True

    def part_computed(self, part: Part) -> bool:
        if not part.node:
            return True
        parent = next(p for p in self.context.parents.values() if p.node == part.node)
        return parent.node.startswith("vocabulary.") or parent.computed.get(part.parent_columns, False)

    # -- ordered columns and the rest -------------------------------------------------------------------------------

    def order_columns(self) -> None:
        edges = [c.ordering for c in self.conditions if c.ordering]
        free = {a.columns[0]: a for a in self.atoms if not (a.group or a.explicit or a.reference)}
        neighbours: dict[str, set[str]] = {}
        for smaller, greater, _ in edges:
            if smaller in free and greater in free:
                neighbours.setdefault(smaller, set()).add(greater)
                neighbours.setdefault(greater, set()).add(smaller)
        seen: set[str] = set()
        for start in neighbours:
            if start in seen:
                continue
            component = [start]
            for name in component:
                component += sorted(neighbours[name] - set(component))
            seen.update(component)
            self.order_component(component, edges, free)

    def order_component(
        self, names: Sequence[str], edges: Sequence[tuple[str, str, bool]], free: Mapping[str, _Atom]
    ) -> None:
        import numpy as np

        bounds = []
        for name in names:
            restriction = self.restrictions.get(name, Restriction())
            if restriction.values is not None or restriction.excluded:
                return
            domain = self.default_domain(name, unique=False)
            if domain.size < 1:
                return
            low, high = sorted(domain.at(np.array([0, domain.size - 1], np.int64)).to_pylist())
            bounds.append((self.types[name], low, high))
        place = {n: i for i, n in enumerate(names)}
        inside = [(place[a], place[b], s) for a, b, s in edges if a in place and b in place]
        planned = plan_ordered(bounds, inside)
        if planned is None:
            return
        generator, order = planned
        columns = tuple(names[i] for i in order)
        rates = tuple(self.null_rate(c) for c in columns)
        group = Group(columns, generator, f"in order: {' ≤ '.join(columns)}", null_rates=rates)
        for name in names:
            free[name].group = group

    def default_group(self, atom: _Atom) -> Group:
        (name,) = atom.columns
        column = self.model.column(name)
        rates = (self.null_rate(name),)
        if self.is_sequence(atom.columns) and column.identity:
            generator = self.sequence(column)
            return Group(atom.columns, generator, f"sequence from {generator.start}", redraw=False)
        if name in self.disjoint_columns() and column.type.kind in (Kind.RANGE, Kind.MULTIRANGE):
            from ssgproj.generators.domains.ranges import disjoint_ranges

            multi = column.type.kind is Kind.MULTIRANGE
            domain = disjoint_ranges(column.type.element, rows=self.rows, now=self.context.generation.now, multi=multi)
            values = UniqueValues(domain, self.key("disjoint", name))
            self.limit(domain.size, False, [name])
            return Group(atom.columns, values, f"disjoint {column.type.text}", null_rates=rates, redraw=False)
        single = [c for c in self.conditions if c.columns == (name,) and c.restriction is None and c.sql]
        if single:
            from ssgproj.generators.domain import DomainDraw

            filtered = self.filtered(name, self.default_domain(name, unique=False), single, enough=1)
            if filtered is not None:
                return Group(atom.columns, DomainDraw(filtered), f"default {column.type.text}", null_rates=rates)
        try:
            generator = default_generator(self.target(name), self.bind_context([name]))
            fitting = [v for v in self.likely.get(name, ()) if fits(v, self.target(name))]
            if fitting:
                generator = Mixture(listed(fitting, column.type), generator)
        except NoValues as problem:
            if self.nullable(column):
                self.notes.append(
                    f"`{name}` stays NULL: no value of type `{column.type.text}` satisfies its constraints"
                )
                return Group(atom.columns, Nulls((column.type,)), "NULL")
            self.no_values(problem, name)
            generator = Unbound(f"default {column.type.text}")
        return Group(atom.columns, generator, f"default {column.type.text}", null_rates=rates)

    def no_values(self, problem: NoValues, name: str) -> None:
        place = self.model.column(name).at
        found = Diagnostic("MD303", "no-values", problem.message, place, problem.hint, Severity.ERROR)
        self.diagnostics.append(found)

    def disjoint_columns(self) -> set[str]:
        return {c for e in self.model.exclusions for c in e.overlaps}

    # -- together ---------------------------------------------------------------------------------------------------

    def plan(self) -> TablePlan:
        self.make_unique()
        self.order_columns()
        for atom in self.atoms:
            if atom.group:
                continue
            if atom.explicit:
                rates = tuple(self.model.column(c).null_rate or 0.0 for c in atom.columns)
                if atom.unique:
                    rates = ()
                atom.group = Group(atom.columns, atom.explicit, atom.label, atom.needs, rates, redraw=not atom.unique)
            elif atom.reference:
                atom.group = self.reference_group(atom)
            else:
                atom.group = self.default_group(atom)
        groups = tuple(self.settled(g) for g in self.sorted_groups())
        checks = tuple(
            RowCheck(c.sql, c.columns, c.text, c.tests_null) for c in self.conditions if self.must_test(c) and c.sql
        )
        keys = tuple(KeyPlan(k, self.is_computed(k)) for k in dict.fromkeys(self.context.referenced))
        generated = tuple((c.name, self.translated(c.generated)) for c in self.model.columns if c.generated is not None)
        return TablePlan(
            self.node, self.model, self.rows, groups, self.capacity, checks, tuple(self.unique_sets), generated, keys,
            notes=tuple(dict.fromkeys(self.notes)),
        )  # fmt: skip

    def settled(self, group: Group) -> Group:
        """A later unique set may have lowered the rows of a pass after this group was made."""
        if isinstance(group.generator, UniqueTogether) and group.generator.rows_per_pass != self.rows:
            return replace(group, generator=replace(group.generator, rows_per_pass=self.rows))
        return group

    def must_test(self, condition: Condition) -> bool:
        groups = {id(g): g for c in condition.columns if (a := self.atom_of.get(c)) and (g := a.group)}
        if condition.ordering and len(groups) == 1:
            from ssgproj.generators.ordered import Ordered

            if isinstance(next(iter(groups.values())).generator, Ordered):
                return False
        return self.needs_test(condition)

    def sorted_groups(self) -> tuple[Group, ...]:
        """Groups in an order in which each comes after what it needs; the model's order among equals."""
        waiting = list(dict.fromkeys(g for a in self.atoms if (g := a.group)))
        position = {c.name: i for i, c in enumerate(self.model.columns)}
        waiting.sort(key=lambda g: min(position[c] for c in g.columns))
        done: set[str] = {c.name for c in self.model.columns if c.generated is not None}
        ordered: list[Group] = []
        while waiting:
            ready = [g for g in waiting if set(g.needs) - set(g.columns) <= done]
            if not ready:
                names = ", ".join(f"`{c}`" for g in waiting for c in g.columns)
                self.diagnostics.append(
                    Diagnostic(
                        "MD302", "columns-in-a-circle", f"Columns {names} of `{self.model.table}` need one another",
                        self.model.at, "let one of them not depend on the others",
                    )
                )  # fmt: skip
                return tuple(ordered + waiting)
            ordered.append(ready[0])
            waiting.remove(ready[0])
            done.update(ready[0].columns)
        return tuple(ordered)
