"""Unique sets, by construction where it can be: sequences, permuted domains, several columns as one permuted index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ssgproj.generators.arrow import integer_bounds
from ssgproj.generators.base import Restriction
from ssgproj.generators.defaults import default_domain
from ssgproj.generators.numbered import NumberedWithinParent
from ssgproj.generators.unique import Part, UniqueTogether, UniqueValues
from ssgproj.generators.world import PerParent, Positional
from ssgproj.plan import evaluate
from ssgproj.plan.columns import passing_values
from ssgproj.plan.partitions import partition_indexes
from ssgproj.plan.plan import Group, UniqueSet
from ssgproj.plan.references import extra_references
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    from ssgproj.generators.domain import Domain
    from ssgproj.plan.draft import Atom, TableDraft
    from ssgproj.project.model import Index

UNIQUE_TRIES = 64
"""Values reserved for each row of a unique column whose values must also meet a condition."""
ROOM = 4
"""A number that is unique together with others gets a range this many times what is needed, not its whole type."""


def _unique_requirements(draft: TableDraft) -> list[UniqueSet]:
    sets: list[UniqueSet] = []
    if draft.model.primary_key:
        sets.append(UniqueSet(draft.model.primary_key.columns, ()))
    sets += [UniqueSet(u.columns, (), nulls_not_distinct=u.nulls_not_distinct) for u in draft.model.unique]
    sets += [
        u
        for i in (*draft.model.indexes, *partition_indexes(draft.model.partitions))
        if i.unique and (u := _unique_index(draft, i))
    ]
    # The smallest first: a set that holds a unique one is unique.
    return sorted(sets, key=lambda s: len(s.columns))


def _unique_index(draft: TableDraft, index: Index) -> UniqueSet | None:
    columns = list(index.columns or ())
    expressions: list[str] = []
    for part in () if index.columns else index.parts:
        found = [part.column] if part.column else draft.columns_of(part.expression or "")
        if not found:
            draft.notes.append(f"unique index `{index.name}` is not understood: the destination decides")
            return None
        columns += [c for c in found if c not in columns]
        sql = evaluate.quote(part.column) if part.column else draft.translated(part.expression or "")
        if sql is None:
            draft.notes.append(f"unique index `{index.name}` is not evaluated: the destination decides")
            return None
        expressions.append(sql)
    where = draft.translated(index.where) if index.where else None
    return UniqueSet(tuple(columns), tuple(expressions), where, index.nulls_not_distinct)


def make_unique(draft: TableDraft) -> None:
    satisfied: list[frozenset[str]] = []
    for wanted in _unique_requirements(draft):
        columns = frozenset(wanted.columns)
        plain = not wanted.expressions
        if plain and any(s <= columns for s in satisfied):
            continue
        if columns & {c.name for c in draft.model.columns if c.generated is not None}:
            draft.unique_sets.append(wanted)
            continue
        if _by_construction(draft, wanted, columns):
            satisfied.append(columns)
        else:
            draft.unique_sets.append(wanted)


def _by_construction(draft: TableDraft, wanted: UniqueSet, columns: frozenset[str]) -> bool:
    whole = [a for a in draft.atoms if set(a.columns) <= columns]
    if draft.context.told and (len(columns) > 1 or any(a.reference for a in whole)):
        # Stories give some columns of their rows, so that only what one column is by itself stays as it was made.
        return any(a.unique for a in whole) and not wanted.expressions
    if any(a.unique for a in whole) and not wanted.expressions:
        return True
    if (parent := next((a for a in draft.atoms if isinstance(a.explicit, PerParent)), None)) is not None:
        if not wanted.expressions and _numbered(draft, parent, columns):
            return True
        if len(columns) > 1 and any(a.reference for a in whole):
            return False  # how many rows a pass has is not known, so parents cannot be shared out among them
    if len(columns) == 1 and whole and _alone(draft, whole[0], wanted):
        return True
    if wanted.expressions:
        # Default texts are lower case and without spaces, so that lower(x) or trim(x) stay distinct; others are tested.
        return False
    for atom in whole:
        if not atom.explicit and not atom.joint and draft.is_sequence(atom.columns):
            return _alone(draft, atom, wanted)
    free = [a for a in whole if not a.unique and not a.joint and _can_join(draft, a)]
    parts = _parts(draft, free)
    size = 1
    for part in parts:
        size *= part.size
    if not parts or (size < draft.rows and len(free) < len(whole)) or _split_references(draft, columns, whole):
        return len(whole) > 0 and _one_free_column(draft, free, wanted)
    if size < draft.rows and _widest_nullable(draft, free):
        return False
    _join(draft, free, parts, size)
    return True


def _numbered(draft: TableDraft, parent: Atom, columns: frozenset[str]) -> bool:
    """The lines of an order: a parent that has many rows, and a number that tells these apart."""
    rest = columns - set(parent.columns)
    if not set(parent.columns) <= columns or len(rest) != 1:
        return False
    (name,) = rest
    atom, column = draft.atom_of.get(name), draft.model.column(name)
    free = atom is not None and not (atom.explicit or atom.reference or atom.group) and not column.identity
    restriction = draft.restrictions.get(name, Restriction())
    if atom is None or not free or column.type.kind is not Kind.INTEGER or restriction.values or restriction.excluded:
        return False
    lower = 1 if restriction.lower is None else max(1, int(restriction.lower) + (1 if restriction.lower_open else 0))
    atom.group = Group(
        (name,), NumberedWithinParent(column.type, lower), f"numbered from {lower} within its parent", redraw=False
    )
    atom.joint = True
    return True


def _split_references(draft: TableDraft, columns: frozenset[str], whole: Sequence[Atom]) -> bool:
    """Whether a part of a composite reference decides uniqueness: then combinations do not come from whole atoms alone."""
    covered = {c for a in whole for c in a.columns}
    others = [draft.atom_of[c] for c in columns - covered if c in draft.atom_of]
    return bool(others) and not any(draft.domain_size(a) >= draft.rows for a in whole)


def _one_free_column(draft: TableDraft, free: Sequence[Atom], wanted: UniqueSet) -> bool:
    for atom in sorted(free, key=draft.domain_size, reverse=True):
        if not atom.reference and draft.domain_size(atom) >= draft.rows:
            return _alone(draft, atom, wanted)
    return False


def _widest_nullable(draft: TableDraft, free: Sequence[Atom]) -> bool:
    return any(draft.null_rate(c) > 0 for a in free for c in a.columns)


def _can_join(draft: TableDraft, atom: Atom) -> bool:
    if atom.explicit:
        return getattr(atom.explicit, "domain", None) is not None and len(atom.columns) == 1
    if not atom.reference:
        return True
    whole = len(atom.columns) == len(atom.reference.columns)
    return whole and atom.reference.to_table != draft.model.table and not extra_references(draft, atom)


def _parts(draft: TableDraft, atoms: Sequence[Atom]) -> list[Part]:
    made: list[Part] = []
    others = 1
    for atom in atoms:
        if atom.reference:
            parent = draft.context.parents[atom.reference.to_table]
            rows = parent.rows if parent.rows is not None else draft.rows
            part = Part(
                atom.columns,
                rows,
                node=parent.node,
                parent_columns=draft.parent_columns(atom),
                per_pass=not parent.fixed,
            )
            made.append(part)
            others *= max(rows, 1)
    for atom in atoms:
        if not atom.reference:
            domain = getattr(atom.explicit, "domain", None)
            domain = domain or _joined_domain(draft, atom.columns[0], others, len(atoms) > 1)
            made.append(Part(atom.columns, domain.size, domain=domain))
            others *= max(domain.size, 1)
    return made


def _joined_domain(draft: TableDraft, name: str, others: int, several: bool) -> Domain:
    """A small range of numbers where others already tell rows apart (order lines are 1, 2, 3), else all there is."""
    target = draft.target(name)
    if several and target.type.kind is Kind.INTEGER and target.restriction == Restriction():
        wanted = max(10, -(-ROOM * draft.rows // max(others, 1)))
        small = replace(target, restriction=Restriction(lower=1, upper=min(wanted, integer_bounds(target.type)[1])))
        return default_domain(small, rows=draft.rows, unique=True, context=draft.bind_context([name]))
    return draft.default_domain(name, unique=True)


def _join(draft: TableDraft, atoms: Sequence[Atom], parts: Sequence[Part], size: int) -> None:
    if len(atoms) == 1 and not atoms[0].reference:
        _alone(draft, atoms[0], UniqueSet(atoms[0].columns, ()))
        return
    ordered = [c for p in parts for c in p.columns]
    tested = [c for c in draft.conditions if set(c.columns) & set(ordered) and draft.needs_test(c)]
    tries = max(1, min(UNIQUE_TRIES, size // max(draft.rows, 1))) if tested else 1
    generator = UniqueTogether(tuple(parts), draft.key("unique", *ordered), draft.rows, tries)
    draft.limit(size // tries, generator.per_pass, ordered)
    generator = replace(generator, rows_per_pass=draft.rows)
    group = Group(
        tuple(ordered),
        generator,
        _joined_label(draft, parts),
        null_rates=tuple(draft.null_rate(c) for c in ordered),
        redraw=tries > 1,
    )
    for atom in atoms:
        atom.joint, atom.group = True, group
    if len(atoms) == 1:
        atoms[0].unique = True


def _joined_label(draft: TableDraft, parts: Sequence[Part]) -> str:
    names = [p.node.partition(".")[2] if p.node else ", ".join(p.columns) for p in parts]
    if len(parts) == 1:
        return f"references {names[0]}, each once"
    return f"unique together over {' × '.join(names)}"


def _alone(draft: TableDraft, atom: Atom, wanted: UniqueSet) -> bool:
    """Make one atom unique by itself. False if it cannot be done by construction."""
    if atom.unique:
        return not wanted.expressions
    if atom.joint:
        return False
    if atom.explicit:
        return not wanted.expressions and _explicit_alone(draft, atom)
    if atom.reference:
        if not _can_join(draft, atom) or wanted.expressions:
            return False
        parts = _parts(draft, [atom])
        if parts[0].size < draft.rows and _widest_nullable(draft, [atom]) and parts[0].per_pass:
            return False
        _join(draft, [atom], parts, parts[0].size)
        return True
    (name,) = atom.columns
    column = draft.model.column(name)
    if draft.is_sequence(atom.columns):
        generator = draft.sequence(column)
        atom.group = Group(atom.columns, generator, f"sequence from {generator.start}", redraw=False)
        atom.unique = True
        return True
    remaining = [c for c in draft.conditions if name in c.columns and draft.needs_test(c)]
    domain = draft.default_domain(name, unique=True)
    single = [c for c in remaining if c.columns == (name,) and c.sql]
    if single and (kept := passing_values(draft, name, domain, single)) is not None:
        domain, remaining = kept, [c for c in remaining if c not in single]
    tries = UNIQUE_TRIES if remaining and domain.size // UNIQUE_TRIES >= draft.rows else 1
    values = UniqueValues(domain, draft.key("unique", name), tries)
    rate = draft.null_rate(name)
    if values.capacity < draft.rows and draft.nullable(column) and not wanted.nulls_not_distinct:
        # Rows past the last value are NULL, which is as often as one likes.
        draft.notes.append(f"`{name}` has {values.capacity:,} different values: the other rows are NULL")
    else:
        draft.limit(values.capacity, False, [name])
    label = f"unique {column.type.text}"
    atom.group = Group(atom.columns, values, label, null_rates=(rate,), redraw=tries > 1)
    atom.unique = True
    return not wanted.expressions or _keeps_distinct(draft, wanted)


def _keeps_distinct(draft: TableDraft, wanted: UniqueSet) -> bool:
    """Whether an expression of a default unique text is itself unique: those are lower case, without spaces at the ends."""
    return all(
        re.fullmatch(r'(?:(?:LOWER|UPPER|TRIM|BTRIM)\()*(?:CAST\()?\(?"?\w+"?\)?(?: AS \w+\))?\)*', e, re.IGNORECASE)
        for e in wanted.expressions
    )


def _explicit_alone(draft: TableDraft, atom: Atom) -> bool:
    generator = atom.explicit
    if getattr(generator, "unique", False) or (isinstance(generator, Positional) and not hasattr(generator, "domain")):
        atom.unique = True
        return True
    domain = getattr(generator, "domain", None)
    if domain is None or len(atom.columns) != 1:
        return False
    values = UniqueValues(domain, draft.key("unique", *atom.columns))
    draft.limit(values.capacity, False, atom.columns)
    rates = tuple(draft.null_rate(c) for c in atom.columns)
    atom.group = Group(atom.columns, values, f"{atom.label}, unique", null_rates=rates, redraw=False)
    atom.unique = True
    return True
