"""References: which parent rows a table takes, and whether its own keys can be computed from the row number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ssgproj.generators.parents import EarlierRow, EarlierRowOfBatch, RandomParent
from ssgproj.generators.unique import Part, UniqueTogether, UniqueValues
from ssgproj.generators.world import Positional
from ssgproj.plan.plan import Group

if TYPE_CHECKING:
    from ssgproj.plan.draft import Atom, TableDraft
    from ssgproj.project.model import ForeignKey, Model, TableName


def extra_references(draft: TableDraft, atom: Atom) -> list[ForeignKey]:
    """Further references on the atom's columns that its parent does not already guarantee."""
    if atom.reference is None:
        return []
    pairs = atom.pairs
    parent = draft.context.parents[atom.reference.to_table].model
    extra = []
    for other in draft.context.foreign_keys:
        if other is atom.reference or not set(other.columns) & set(atom.columns):
            continue
        if other.to_table == draft.model.table:
            continue
        shared = [(pairs[a], b) for a, b in zip(other.columns, other.to_columns, strict=True) if a in pairs]
        implied = len(shared) == len(other.columns) and _guaranteed(draft, parent, shared, other.to_table)
        if not implied:
            extra.append(other)
    return extra


def _guaranteed(
    draft: TableDraft, model: Model, pairs: Sequence[tuple[str, str]], table: TableName, depth: int = 8
) -> bool:
    """Whether every row's values of some columns are found in columns of another table, by the model's own references."""
    if model.table == table and all(a == b for a, b in pairs):
        return True
    for key in model.foreign_keys if depth else ():
        steps = dict(zip(key.columns, key.to_columns, strict=True))
        parent = draft.context.parents.get(key.to_table)
        if parent is None or any(a not in steps or model.column(a).nullable for a, _ in pairs):
            continue
        if _guaranteed(draft, parent.model, [(steps[a], b) for a, b in pairs], table, depth - 1):
            return True
    return False


def reference_group(draft: TableDraft, atom: Atom, reference: ForeignKey) -> Group:
    """How the columns of a reference take parents: any, those that agree with columns filled before, or earlier rows of the same table."""
    parent = draft.context.parents[reference.to_table]
    columns = draft.parent_columns(atom)
    rates = tuple(draft.null_rate(c) for c in atom.columns)
    nullable = all(draft.nullable(draft.model.column(c)) for c in atom.columns)
    given = tuple(c for c in reference.columns if c not in atom.columns)
    label = f"references {reference.to_table}"
    if reference.to_table == draft.model.table:
        computed = is_computed(draft, reference.to_columns)
        if computed and not given:
            return Group(atom.columns, EarlierRow(draft.node, columns, nullable), label, (), rates, True, True)
        own = EarlierRowOfBatch(columns, tuple(c for c in given if atom.pairs[c] == c), nullable)
        return Group(atom.columns, own, label, (*columns, *given), rates, True, True)
    pairs = atom.pairs
    within = []
    for other in extra_references(draft, atom):
        node = draft.context.parents[other.to_table].node
        shared = [(pairs[a], b) for a, b in zip(other.columns, other.to_columns, strict=True) if a in pairs]
        within.append((tuple(a for a, _ in shared), node, tuple(b for _, b in shared)))
    generator = RandomParent(parent.node, columns, given, tuple(pairs[c] for c in given), tuple(within))
    return Group(atom.columns, generator, label, given, rates, True, True)


def is_computed(draft: TableDraft, columns: Sequence[str]) -> bool:
    """Whether these columns are a function of the row number, so that references can compute them."""
    if draft.unique_sets or draft.context.told:
        return False
    for name in columns:
        atom = draft.atom_of.get(name)
        if atom is None:
            return False
        group = atom.group
        generator = group.generator if group else atom.explicit
        if not isinstance(generator, Positional) or (group and group.redraw):
            return False
        if group and any(group.null_rates):
            return False
        if isinstance(generator, UniqueValues) and generator.capacity < draft.rows and draft.capacity is None:
            return False
        if isinstance(generator, UniqueTogether) and not all(_part_computed(draft, p) for p in generator.parts):
            return False
    return True


def _part_computed(draft: TableDraft, part: Part) -> bool:
    if not part.node:
        return True
    parent = next(p for p in draft.context.parents.values() if p.node == part.node)
    return parent.node.startswith("vocabulary.") or parent.computed.get(part.parent_columns, False)
