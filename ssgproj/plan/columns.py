"""Columns that neither a reference nor a unique set decides: in order, or each by its default within its conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ssgproj.generators.base import Generator, Restriction
from ssgproj.generators.defaults import NoValues, default_generator
from ssgproj.generators.domains.texts import listed
from ssgproj.generators.empty import Nulls
from ssgproj.generators.fits import fits
from ssgproj.generators.mixture import Mixture
from ssgproj.generators.ordered import plan_ordered
from ssgproj.generators.unique import UniqueValues
from ssgproj.plan import evaluate
from ssgproj.plan.plan import Group
from ssgproj.plan.shapes import other_shapes
from ssgproj.plan.unbound import Unbound
from ssgproj.project.types import Kind

if TYPE_CHECKING:
    import pyarrow as pa

    from ssgproj.generators.domain import Domain
    from ssgproj.plan.conditions import Condition
    from ssgproj.plan.draft import Atom, TableDraft

FILTER_SAMPLE = 20_000
"""Values of a domain that a condition on one column is tried on."""


def passing_values(
    draft: TableDraft, name: str, domain: Domain, single: Sequence[Condition], enough: int | None = None
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
    values = domain.at(index if whole else permute(index, domain.size, draft.key("filter", name)))
    kept = _passing(draft, name, values, single)
    if len(kept) == len(values):
        return None
    if not len(kept):
        kept = _passing(draft, name, other_shapes(draft.types[name]), single)
    if not len(kept) or (not whole and len(kept) < (max(draft.rows, 100) if enough is None else enough)):
        return None
    return ListedDomain(kept)


def _passing(draft: TableDraft, name: str, values: pa.Array, single: Sequence[Condition]) -> pa.Array:
    """The values that pass all conditions."""
    import numpy as np
    import pyarrow as pa

    passes = np.ones(len(values), bool)
    for condition in single:
        if condition.sql is None:
            continue
        try:
            tested = evaluate.columns(pa.table({name: values}), [condition.sql]).column(0)
        except evaluate.CannotEvaluateError:
            continue
        passes &= np.asarray(tested.combine_chunks().cast(pa.bool_()).fill_null(True))
    return values.filter(pa.array(passes))


def order_columns(draft: TableDraft) -> None:
    edges = [c.ordering for c in draft.conditions if c.ordering]
    free = {a.columns[0]: a for a in draft.atoms if not (a.group or a.explicit or a.reference)}
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
        _order_component(draft, component, edges, free)


def _order_component(
    draft: TableDraft, names: Sequence[str], edges: Sequence[tuple[str, str, bool]], free: Mapping[str, Atom]
) -> None:
    import numpy as np

    bounds = []
    for name in names:
        restriction = draft.restrictions.get(name, Restriction())
        if restriction.values is not None or restriction.excluded:
            return
        domain = draft.default_domain(name, unique=False)
        if domain.size < 1:
            return
        low, high = sorted(domain.at(np.array([0, domain.size - 1], np.int64)).to_pylist())
        bounds.append((draft.types[name], low, high))
    place = {n: i for i, n in enumerate(names)}
    inside = [(place[a], place[b], s) for a, b, s in edges if a in place and b in place]
    planned = plan_ordered(bounds, inside)
    if planned is None:
        return
    generator, order = planned
    columns = tuple(names[i] for i in order)
    rates = tuple(draft.null_rate(c) for c in columns)
    group = Group(columns, generator, f"in order: {' ≤ '.join(columns)}", null_rates=rates)
    for name in names:
        free[name].group = group


def default_group(draft: TableDraft, atom: Atom) -> Group:
    (name,) = atom.columns
    column = draft.model.column(name)
    rates = (draft.null_rate(name),)
    if draft.is_sequence(atom.columns) and column.identity:
        sequence = draft.sequence(column)
        return Group(atom.columns, sequence, f"sequence from {sequence.start}", redraw=False)
    if name in _disjoint_columns(draft) and column.type.kind in (Kind.RANGE, Kind.MULTIRANGE):
        from ssgproj.generators.domains.ranges import disjoint_ranges

        multi = column.type.kind is Kind.MULTIRANGE
        domain = disjoint_ranges(column.type.element, rows=draft.rows, now=draft.context.generation.now, multi=multi)
        values = UniqueValues(domain, draft.key("disjoint", name))
        draft.limit(domain.size, False, [name])
        return Group(atom.columns, values, f"disjoint {column.type.text}", null_rates=rates, redraw=False)
    single = [c for c in draft.conditions if c.columns == (name,) and c.restriction is None and c.sql]
    if single:
        from ssgproj.generators.domain import DomainDraw

        kept = passing_values(draft, name, draft.default_domain(name, unique=False), single, enough=1)
        if kept is not None:
            return Group(atom.columns, DomainDraw(kept), f"default {column.type.text}", null_rates=rates)
    generator: Generator
    try:
        generator = default_generator(draft.target(name), draft.bind_context([name]))
        fitting = [v for v in draft.likely.get(name, ()) if fits(v, draft.target(name))]
        if fitting:
            generator = Mixture(listed(fitting, column.type), generator)
    except NoValues as problem:
        if draft.nullable(column):
            draft.notes.append(f"`{name}` stays NULL: no value of type `{column.type.text}` satisfies its constraints")
            return Group(atom.columns, Nulls((column.type,)), "NULL")
        draft.no_values(problem, name)
        generator = Unbound(f"default {column.type.text}")
    return Group(atom.columns, generator, f"default {column.type.text}", null_rates=rates)


def _disjoint_columns(draft: TableDraft) -> set[str]:
    return {c for e in draft.model.exclusions for c in e.overlaps}
