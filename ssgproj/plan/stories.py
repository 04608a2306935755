"""Stories as the plan has them: how often each is told, into which tables, and what its rows refer to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ssgproj.diagnostics import Diagnostic
from ssgproj.project.names import table_text
from ssgproj.stories import StatResult

if TYPE_CHECKING:
    from ssgproj.graph.graph import Graph
    from ssgproj.plan.plan import TablePlan
    from ssgproj.project.model import ForeignKey, Model, TableName
    from ssgproj.project.story import Story

BATCH_STORIES = 1000
"""Tellings in a batch, the unit of work and of loading. Part of what makes two runs equal, so not an option."""
MAX_BATCHES = 4096
"""Batches of one story in a pass; with more tellings, a batch has more of them. Row numbers of stories are handed out in this many lanes."""
EXPECTED_ROWS = 20
"""Rows of a table that one telling is taken to make, where the size of a domain has to be chosen ahead."""


@dataclass(frozen=True, slots=True)
class StoryLink:
    """A reference of a table that a story inserts into, to another that it inserts into as well (`told`) or that is there before."""

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    told: bool
    nullable: bool
    checked: bool = True
    """Whether values that the story gives are looked up: not where the parent is made later and keys are not known yet."""


@dataclass(frozen=True, slots=True)
class StoryPlan:
    """How one story is told: `count` times a pass, `batch` of them in a batch.

    `tables` maps what a story may call a table to the node that it inserts into; `links` are the references of each such node. `asks` maps
    names of tables to the nodes whose rows the story may ask for, and the columns of those rows. `parents` are nodes whose keys must be
    complete before it is told.
    """

    node: str
    name: str
    path: str
    line: int
    count: int
    batch: int
    tables: Mapping[str, str]
    links: Mapping[str, tuple[StoryLink, ...]]
    asks: Mapping[str, tuple[str, tuple[str, ...]]]
    parents: tuple[str, ...]
    args: Mapping[str, Any]
    stats: Mapping[str, StatResult] = field(repr=False)
    vars: Mapping[str, Any]
    now: datetime
    locale: str
    timeout: float
    max_rows: int
    serial: bool = False
    """Whether batches must be made one after the other, because rows of a table are compared over the whole table."""

    @property
    def calls_python(self) -> bool:
        """As that of tables: always."""
        return True

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that it inserts into."""
        return tuple(dict.fromkeys(self.tables.values()))

    @property
    def batches(self) -> int:
        """How many batches a pass has."""
        return -(-self.count // self.batch)


def expected_rows(graph: Graph, stats: Mapping[str, Any] | None, variables: Mapping[str, Any]) -> dict[str, int]:
    """About how many rows stories make of each table in a pass, by its node."""
    expected: dict[str, int] = {}
    by_table = {m.table: m for m in graph.models.values() if not m.ignore}
    for story in graph.project.stories:
        count = max(_count(story, stats, variables) or 0, 1)
        for table in story.inserts:
            if table in by_table:
                node = by_table[table].node_id
                expected[node] = expected.get(node, 0) + count * EXPECTED_ROWS
    return expected


def asked_keys(graph: Graph) -> dict[TableName, list[tuple[str, ...]]]:
    """The key columns that stories see of the tables whose rows they ask for."""
    found: dict[TableName, list[tuple[str, ...]]] = {}
    for story in graph.project.stories:
        for table in story.parents:
            model = graph.models.get(table)
            if model is not None and model.vocabulary is None and (columns := _key_of(model)):
                found.setdefault(table, []).append(columns)
    return found


def _key_of(model: Model) -> tuple[str, ...]:
    if model.primary_key is not None:
        return model.primary_key.columns
    return model.unique[0].columns if model.unique else ()


def plan_stories(
    graph: Graph,
    tables: Mapping[str, TablePlan],
    references: Mapping[TableName, Sequence[ForeignKey]],
    stats: Mapping[str, Any] | None,
) -> tuple[dict[str, StoryPlan], list[Diagnostic]]:
    """The plans of all stories by node, and what is wrong with their numbers and their place in the order."""
    plans: dict[str, StoryPlan] = {}
    problems: list[Diagnostic] = []
    place = {node: i for i, node in enumerate(graph.order)}
    for story in graph.project.stories:
        inserted = [graph.models[t] for t in story.inserts if t in graph.models and not graph.models[t].vocabulary]
        count = _count(story, stats, graph.project.settings.vars)
        if count is None and stats is not None:
            problems.append(_bad_count(story))
        told = {model.table for model in inserted}
        problems += [_counted_by_parents(story, m) for m in inserted if tables[m.node_id].per_parent is not None]
        links: dict[str, tuple[StoryLink, ...]] = {}
        waits: list[str] = []
        for model in inserted:
            found = []
            for key in references[model.table]:
                parent = graph.models[key.to_table]
                node = parent.node_id
                # A reference to a table that is made later, in a circle of tables: there are no rows yet.
                later = place[node] > place[story.node_id] and key.to_table not in told
                if (
                    not later
                    and key.to_table not in told
                    and node in tables
                    and not _computed(tables[node], key.to_columns)
                ):
                    waits.append(node)
                found.append(
                    StoryLink(
                        key.columns,
                        node,
                        key.to_columns,
                        later or (key.to_table in told and key.to_table != model.table),
                        all(model.column(c).nullable for c in key.columns),
                        not later,
                    )
                )
            links[model.node_id] = tuple(found)
            for reading in graph.readings.get(model.table, ()):
                node = graph.models[reading.parent].node_id
                stored = node in tables and not (reading.column is None and _computed(tables[node], reading.key))
                if stored and reading.parent not in told:
                    waits.append(node)
        asks: dict[str, tuple[str, tuple[str, ...]]] = {}
        for table in story.parents:
            if (asked := graph.models.get(table)) is None:
                continue
            columns = tuple(c.name for c in asked.columns) if asked.vocabulary else _key_of(asked)
            if asked.vocabulary and asked.vocabulary.columns:
                columns = tuple(c for c in columns if c in asked.vocabulary.columns)
            for name in _names([asked], graph.project.settings.default_schema):
                asks[name] = (asked.node_id, columns)
            if asked.node_id in tables:
                waits.append(asked.node_id)
        plans[story.node_id] = StoryPlan(
            node=story.node_id,
            name=story.name,
            path=story.path,
            line=story.at.line,
            count=count or 0,
            batch=max(BATCH_STORIES, -(-(count or 0) // MAX_BATCHES)),
            tables=_names(inserted, graph.project.settings.default_schema),
            links=links,
            asks=asks,
            parents=tuple(dict.fromkeys(waits)),
            args=_with_values(graph.project.settings.story_args.get(story.name, {}), stats or {}, graph.project.settings.vars),
            stats={n: StatResult(n, (stats or {})[n]) for n in story.stats if n in (stats or {})},
            vars=dict(graph.project.settings.vars),
            now=graph.project.settings.generation.now,
            locale=graph.project.settings.generation.locale,
            timeout=story.timeout,
            max_rows=story.max_rows,
            serial=any(tables[m.node_id].serial for m in inserted),
        )  # fmt: skip
    return plans, problems


def _computed(table: TablePlan, columns: tuple[str, ...]) -> bool:
    return any(k.computed and k.columns == columns for k in table.keys)


def _names(models: Sequence[Model], default_schema: str | None) -> dict[str, str]:
    """A table by its whole name, without its schema where that is clear, and with the default one."""
    names = {table_text(m.table): m.node_id for m in models}
    if default_schema is not None:
        names |= {
            table_text(replace(m.table, schema=default_schema)): m.node_id for m in models if m.table.schema is None
        }
    for model in models:
        alone = [m for m in models if m.table.name == model.table.name]
        if len(alone) == 1:
            names.setdefault(model.table.name, model.node_id)
    return names


def _count(story: Story, stats: Mapping[str, Any] | None, variables: Mapping[str, Any]) -> int | None:
    """How often a story is told in a pass; None if it hangs on a statistic that has no such value."""
    if isinstance(story.count, int):
        return story.count
    kind, _, name = story.count.partition(".")
    if kind == "var":
        value = variables.get(name)
    else:
        name, _, column = name.partition(".")
        columns = (stats or {}).get(name, {})
        values = columns.get(column) if column else next(iter(columns.values()), None) if len(columns) == 1 else None
        value = values[0] if values is not None and len(values) == 1 else None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    # Noise can take a count below zero.
    return max(round(number), 0) if math.isfinite(number) else None


def _counted_by_parents(story: Story, model: Model) -> Diagnostic:
    text = table_text(model.table)
    message = f"Story `{story.name}` inserts into `{text}`, whose rows `per_parent` makes for each parent"
    hint = f"take `{text}` out of `inserts`, or `per_parent` out of {model.path}"
    return Diagnostic("SY102", "story-arguments", message, story.places.get(f"inserts.{text}", story.at), hint)


def _bad_count(story: Story) -> Diagnostic:
    message = f"`count` of story `{story.name}` is `{story.count}`, which is not one number"
    hint = 'name a column of a statistic with one row: count="stat.NAME.COLUMN"'
    return Diagnostic("SY102", "story-arguments", message, story.places.get("count", story.at), hint)


def _with_values(value: Any, stats: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
    """Arguments with values in the place of `stat.` and `var.` references: a whole statistic as a `StatResult`, a column of one row as its
    value, a column of several as a list."""
    from ssgproj.graph.uses import references

    if isinstance(value, Mapping):
        return {k: _with_values(v, stats, variables) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_with_values(v, stats, variables) for v in value]
    found = next(references(value), None) if isinstance(value, str) else None
    if found is None or found[0] == "column":
        return value
    kind, name, column = found
    if kind == "var":
        return variables.get(name)
    if name not in stats:
        return None
    if column is None:
        return StatResult(name, stats[name])
    values = stats[name].get(column, [])
    return values[0] if len(values) == 1 else list(values)
