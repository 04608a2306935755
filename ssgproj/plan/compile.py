"""From the graph to the plan: every table planned, parents first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ssgproj.diagnostics import Diagnostic
from ssgproj.plan.draft import Parent, TableContext
from ssgproj.plan.narrowing import narrowed
from ssgproj.plan.plan import Plan, TablePlan
from ssgproj.plan.stories import asked_keys, expected_rows, plan_stories
from ssgproj.plan.table import plan_table

if TYPE_CHECKING:
    from ssgproj.graph.graph import Graph
    from ssgproj.graph.readings import Reading
    from ssgproj.project.model import ForeignKey, Model, TableName

_VAR = "var."


def compile_plan(
    graph: Graph,
    *,
    selected: Sequence[str] | None = None,
    stats: Mapping[str, Any] | None = None,
    seed: int | None = None,
    rows: int | None = None,
    vocabulary_rows: Mapping[str, int] | None = None,
) -> tuple[Plan, list[Diagnostic]]:
    """Plan every table of the project.

    `selected` are node ids (None: all); tables that are not selected are planned too, since references need their keys. `stats` are the
    results by stat's name; without them, generators that need one are planned but cannot run. `vocabulary_rows` are the rows of each
    vocabulary by node id, where known. `rows` replaces the rows of every model that has any.
    """
    project = graph.project
    settings = project.settings
    generation = settings.generation if seed is None else replace(settings.generation, seed=seed)
    named = {str(t.name): t for t in project.objects.types}
    models = {m.table: m for m in graph.models.values() if not m.ignore}
    references = {m.table: tuple(graph.foreign_keys(m)) for m in models.values()}
    referenced: dict[TableName, list[tuple[str, ...]]] = {}
    for keys in references.values():
        for key in keys:
            referenced.setdefault(key.to_table, []).append(key.to_columns)
    read: dict[TableName, list[str]] = {}
    for found in graph.readings.values():
        for reading in found:
            if reading.column is None:
                referenced.setdefault(reading.parent, []).append(reading.key)
            else:
                read.setdefault(reading.parent, []).extend((*reading.key, reading.column))
    for table, asked in asked_keys(graph).items():
        referenced.setdefault(table, []).extend(asked)
    told = expected_rows(graph, stats, settings.vars)

    limits = narrowed(models.values(), references)
    parents: dict[TableName, Parent] = {}
    declared_rows: dict[str, int] = {}
    for model in models.values():
        node = model.node_id
        if model.vocabulary:
            parents[model.table] = Parent(node, model, (vocabulary_rows or {}).get(node), fixed=True)
        else:
            own = _declared_rows(model, settings.vars, generation.rows, rows)
            declared_rows[node] = own
            parents[model.table] = Parent(node, model, own + told.get(node, 0), False)

    diagnostics: list[Diagnostic] = []
    grouped = frozenset(s.name for s in project.stats if any(o.key for o in s.outputs) or (s.query and s.query.group))
    tables: dict[str, TablePlan] = {}
    by_node = {m.node_id: m for m in models.values()}
    order = tuple(n for n in graph.order if n in by_node)
    for node in _keys_first(order, by_node, references):
        model = by_node[node]
        if model.vocabulary:
            continue
        plan, problems = plan_table(
            TableContext(
                model, declared_rows[node], references[model.table], parents, referenced.get(model.table, ()), named,
                settings.dialect, generation, project.root, stats, settings.vars, told.get(node, 0), limits.get(model.table, {}),
                graph.links.get(model.table, ()), tuple(dict.fromkeys(read.get(model.table, ()))), grouped,
            )
        )  # fmt: skip
        tables[node] = plan
        diagnostics += problems
        parents[model.table] = Parent(
            node,
            model,
            plan.rows_in_pass(0) + told.get(node, 0),
            fixed=plan.capacity is not None and plan.capacity <= plan.rows,
            computed={k.columns: k.computed for k in plan.keys},
        )
    diagnostics += _wait_for_stored_keys(tables, order, references, graph.readings, parents)
    stories, problems = plan_stories(graph, tables, references, stats)
    diagnostics += problems
    order = tuple(n for n in graph.order if n in by_node or n in stories)
    return (
        Plan(
            name=settings.name,
            root=project.root,
            seed=generation.seed,
            dialect=settings.dialect,
            default_schema=settings.default_schema,
            objects=project.objects,
            tables=tables,
            vocabularies={m.node_id: m for m in models.values() if m.vocabulary},
            order=order,
            selected=frozenset(order if selected is None else (n for n in selected if n in order)),
            nodes=graph.nodes,
            stories=stories,
        ),
        diagnostics,
    )


def _declared_rows(model: Model, variables: Mapping[str, Any], default: int, override: int | None) -> int:
    rows = model.rows
    if isinstance(rows, str):
        rows = int(variables[rows.removeprefix(_VAR)])
    rows = default if rows is None else rows
    return override if override is not None and rows > 0 else rows


def _keys_first(
    order: Sequence[str], models: Mapping[str, Model], references: Mapping[TableName, Sequence[ForeignKey]]
) -> list[str]:
    """The order of planning: that of the graph, but in a circle of tables those come first whose keys depend on no other's.

    A child asks of its parent whether the key is computed; a parent planned later would have to answer before it knows.
    """
    by_table = {m.table: n for n, m in models.items()}
    key_parents: dict[str, set[str]] = {}
    for node in order:
        model = models[node]
        key = set(model.primary_key.columns if model.primary_key else ())
        key |= {c for u in model.unique for c in u.columns}
        key_parents[node] = {
            by_table[k.to_table] for k in references[model.table] if set(k.columns) & key and k.to_table != model.table
        }
    done: dict[str, None] = {}
    waiting = list(order)
    while waiting:
        ready = next((n for n in waiting if key_parents[n] <= done.keys()), waiting[0])
        done[ready] = None
        waiting.remove(ready)
    return list(done)


def _wait_for_stored_keys(
    tables: dict[str, TablePlan],
    order: Sequence[str],
    references: Mapping[TableName, Sequence[ForeignKey]],
    readings: Mapping[TableName, Sequence[Reading]],
    parents: Mapping[TableName, Parent],
) -> list[Diagnostic]:
    """Say which tables wait for which: those whose keys cannot be computed must be made whole before their children.

    In a circle of such tables a nullable reference stays NULL; one that must have a value cannot be made.
    """
    diagnostics: list[Diagnostic] = []
    waits: dict[str, list[str]] = {}
    done: set[str] = set()
    for node in order:
        plan = tables.get(node)
        if plan is None:
            continue
        table = plan.model.table
        for key in references[table]:
            parent = parents[key.to_table]
            if key.to_table == table or parent.model.vocabulary or parent.computed.get(key.to_columns, False):
                continue
            if parent.node in done:
                waits.setdefault(node, []).append(parent.node)
                continue
            if all(plan.model.column(c).nullable for c in key.columns):
                plan = _left_null(plan, key)
                continue
            diagnostics.append(
                Diagnostic(
                    "GR302",
                    "cycle",
                    f"`{table}` must refer to `{key.to_table}`, whose key is not computed from the row number and which "
                    f"refers back to `{table}`",
                    key.at,
                    f"leave the key of `{key.to_table}` to its default generator, or make `{key.columns[0]}` nullable",
                )
            )
        for reading in readings.get(table, ()):
            parent = parents[reading.parent]
            if parent.model.vocabulary or (reading.column is None and parent.computed.get(reading.key, False)):
                continue
            if parent.node in done:
                waits.setdefault(node, []).append(parent.node)
            else:
                diagnostics.append(_too_early(table, reading))
        tables[node] = replace(plan, parents=tuple(dict.fromkeys(waits.get(node, ()))))
        done.add(node)
    return diagnostics


def _too_early(table: TableName, reading: Reading) -> Diagnostic:
    what = f"`{reading.column}`" if reading.column else "keys that are not computed from the row number"
    message = (
        f"`{table}` takes {what} of `{reading.parent}`, which is made after it because it refers back to `{table}`"
    )
    hint = f"let `{reading.parent}` not refer to `{table}`, or take no values of its rows"
    return Diagnostic("GR302", "cycle", message, reading.at, hint)


def _left_null(plan: TablePlan, key: ForeignKey) -> TablePlan:
    from ssgproj.generators.empty import Nulls

    groups = tuple(
        replace(
            g,
            generator=Nulls(tuple(plan.model.column(c).type for c in g.columns)),
            label="NULL (circle of tables)",
            needs=(),
        )
        if set(g.columns) & set(key.columns)
        else g
        for g in plan.groups
    )
    note = (
        f"`{', '.join(key.columns)}` stays NULL: `{key.to_table}` is made after this table and its key is not computed"
    )
    return replace(plan, groups=groups, notes=(*plan.notes, note))
