"""How one table is filled: which generator makes which columns, and what has to be tested on the rows.

The work goes from what binds most to what binds least: references (whole parent rows), unique sets (permuted domains), columns in order,
then each column for itself. What cannot be had by construction is left to the engine: conditions are tested on each batch and unique
sets over the whole table, and rows that fail are drawn again.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from ssgproj.diagnostics import Diagnostic
from ssgproj.generators.unique import UniqueTogether
from ssgproj.generators.world import PerParent
from ssgproj.plan.atoms import make_atoms
from ssgproj.plan.checks import read_conditions
from ssgproj.plan.columns import default_group, order_columns
from ssgproj.plan.defaults import story_defaults
from ssgproj.plan.draft import TableContext, TableDraft
from ssgproj.plan.plan import Group, KeyPlan, RowCheck, TablePlan, may_leave_out, redrawable
from ssgproj.plan.references import is_computed, reference_group
from ssgproj.plan.uniqueness import make_unique

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssgproj.plan.conditions import Condition


def plan_table(context: TableContext) -> tuple[TablePlan, list[Diagnostic]]:
    """Plan one table. Problems with declared generators come back as diagnostics; the plan is then not fit to run."""
    draft = TableDraft(context)
    read_conditions(draft)
    make_atoms(draft)
    _count_by_parents(draft)
    make_unique(draft)
    order_columns(draft)
    return _finished(draft), draft.diagnostics


def _count_by_parents(draft: TableDraft) -> None:
    """A table whose rows are counted by parent has about as many as its parent times the mean."""
    for atom in draft.atoms:
        if isinstance(atom.explicit, PerParent):
            parent = next(p for p in draft.context.parents.values() if str(p.model.table) == atom.explicit.table)
            if parent.rows is not None:
                draft.expect(math.ceil(parent.rows * atom.explicit.mean))


def _finished(draft: TableDraft) -> TablePlan:
    for atom in draft.atoms:
        if atom.group:
            continue
        if atom.explicit:
            rates = tuple(draft.model.column(c).null_rate or 0.0 for c in atom.columns)
            if draft.masks.keys() & set(atom.columns):
                rates = tuple(draft.null_rate(c) for c in atom.columns)
            if atom.unique:
                rates = ()
            atom.group = Group(
                atom.columns,
                atom.explicit,
                atom.label,
                atom.needs,
                rates,
                redraw=not atom.unique and redrawable(atom.explicit),
            )
        elif atom.reference:
            atom.group = reference_group(draft, atom, atom.reference)
        else:
            atom.group = default_group(draft, atom)
    groups = tuple(_settled(draft, g) for g in _sorted_groups(draft))
    checks = tuple(
        RowCheck(c.sql, c.columns, c.text, c.tests_null) for c in draft.conditions if _must_test(draft, c) and c.sql
    )
    whole = not may_leave_out(groups, checks)
    keys = tuple(KeyPlan(k, whole and is_computed(draft, k)) for k in dict.fromkeys(draft.context.referenced))
    generated = tuple((c.name, draft.translated(c.generated)) for c in draft.model.columns if c.generated is not None)
    return TablePlan(
        draft.node, draft.model, draft.own_rows, groups, None if draft.context.told else draft.capacity, checks, tuple(draft.unique_sets), generated, keys,
        read=draft.context.read, notes=tuple(dict.fromkeys(draft.notes)), told=draft.context.told > 0,
        defaults=story_defaults(draft) if draft.context.told else (),
    )  # fmt: skip


def _settled(draft: TableDraft, group: Group) -> Group:
    """A later unique set may have lowered the rows of a pass after this group was made. Patterns of NULLs are put on its columns."""
    if masks := tuple(dict.fromkeys(draft.masks[c] for c in group.columns if c in draft.masks)):
        rates = group.null_rates or (0.0,) * len(group.columns)
        masked = tuple(draft.null_rate(c) if c in draft.masks else r for c, r in zip(group.columns, rates, strict=True))
        group = replace(group, masks=masks, null_rates=masked)
    if isinstance(group.generator, UniqueTogether) and group.generator.rows_per_pass != draft.rows:
        return replace(group, generator=replace(group.generator, rows_per_pass=draft.rows))
    return group


def _must_test(draft: TableDraft, condition: Condition) -> bool:
    groups = {id(g): g for c in condition.columns if (a := draft.atom_of.get(c)) and (g := a.group)}
    if condition.ordering and len(groups) == 1:
        from ssgproj.generators.ordered import Ordered

        if isinstance(next(iter(groups.values())).generator, Ordered):
            return False
    return draft.needs_test(condition)


def _sorted_groups(draft: TableDraft) -> tuple[Group, ...]:
    """Groups in an order in which each comes after what it needs; the model's order among equals."""
    waiting = list(dict.fromkeys(g for a in draft.atoms if (g := a.group)))
    position = {c.name: i for i, c in enumerate(draft.model.columns)}
    waiting.sort(key=lambda g: min(position[c] for c in g.columns))
    done: set[str] = {c.name for c in draft.model.columns if c.generated is not None}
    ordered: list[Group] = []
    while waiting:
        ready = [g for g in waiting if set(g.needs) - set(g.columns) <= done]
        if not ready:
            draft.diagnostics.append(_circle(draft, waiting))
            return tuple(ordered + waiting)
        ordered.append(ready[0])
        waiting.remove(ready[0])
        done.update(ready[0].columns)
    return tuple(ordered)


def _circle(draft: TableDraft, waiting: Sequence[Group]) -> Diagnostic:
    """MD302 for one circle among groups that wait for one another, step by step."""
    makers = {c: g for g in waiting for c in g.columns}
    path: list[tuple[Group, str]] = []
    group = waiting[0]
    while group not in [g for g, _ in path]:
        needed = next(c for c in group.needs if c in makers and makers[c] is not group)
        path.append((group, needed))
        group = makers[needed]
    steps = path[[g for g, _ in path].index(group) :]
    # Each step is entered by the column that the step before needs.
    entered = [steps[-1][1], *(needed for _, needed in steps[:-1])]
    circle = " → ".join(f"`{c}`" for c in (*entered, entered[0]))
    places = {c.name: c.at for c in draft.model.columns}
    message = f"Columns of `{draft.model.table}` need one another: {circle}"
    hint = f"let one of {', '.join(f'`{c}`' for c in dict.fromkeys(entered))} not depend on the others"
    return Diagnostic("MD302", "columns-in-a-circle", message, places.get(entered[0], draft.model.at), hint)
