"""`Project` → `Graph`: names become edges, edges an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ssgproj.diagnostics import Diagnostic, Severity, sort_diagnostics
from ssgproj.generators.lookup import Link as ReadLink
from ssgproj.graph.graph import Graph
from ssgproj.graph.node import Edge, Node, meaning_of_model, meaning_of_stat, meaning_of_story
from ssgproj.graph.order import BY_KEY, HARD, NULLABLE, SOFT, Link, order_nodes
from ssgproj.graph.readings import Reading, links_of, readings
from ssgproj.graph.references import follow, is_nullable
from ssgproj.graph.stories import StoryTables, follow_stories, stats_of, story_links, with_own_names
from ssgproj.graph.uses import check_uses, used_stats
from ssgproj.project.model import ForeignKey, Model, TableName
from ssgproj.project.names import table_text
from ssgproj.project.project import Project


def resolve(project: Project) -> Graph:
    """Follow every name in the project. Never raises for what is in it: unknown names and circles are in `Graph.diagnostics`."""
    models = {model.table: model for model in project.models if not model.ignore}
    found = follow(project, models)
    problems = found.problems
    by_id = {model.node_id: model for model in models.values()}
    project = with_own_names(project, models)
    stories = follow_stories(project, models, problems)
    for model in models.values():
        problems.extend(check_uses(project, model))
    parents = {t: links_of(m, found.of[t], models, project.settings.default_schema) for t, m in models.items()}
    read = {t: _readings(project, m, parents[t], models, problems) for t, m in models.items()}
    links = [
        *_model_links(models, found.of),
        *_reading_links(models, found.of, read),
        *story_links(stories, models, found.of, read),
    ]
    stats = {stat.name for stat in project.stats}
    links.extend(
        Link(model.node_id, f"stat.{name}", HARD)
        for model in models.values()
        for name in sorted(used_stats(model) & stats)
    )
    links.extend(
        Link(story.node_id, f"stat.{name}", HARD)
        for story in project.stories
        for name in sorted(stats_of(project, story) & stats)
    )
    ids = [*by_id, *(stat.node_id for stat in project.stats), *(story.node_id for story in project.stories)]
    order = order_nodes(ids, links, by_id)
    problems.extend(order.problems)
    problems.extend(_unused_stats(project, links))
    problems.extend(_empty_parents(project, models, found.of, stories))
    dropped = {id(link) for link in order.deferred if link.edge is None}
    depends: dict[str, set[str]] = {i: set() for i in ids}
    for link in links:
        if link.child != link.parent and id(link) not in dropped:
            depends[link.child].add(link.parent)
    return Graph(
        project=project,
        nodes={node.id: node for node in sorted(_nodes(project, by_id, depends), key=lambda n: n.id)},
        order=order.order,
        deferred=tuple(link.edge for link in order.deferred if link.edge is not None and link.strength > SOFT),
        models={t: _as_it_will_stand(model, found.standing[t]) for t, model in models.items()},
        references=found.of,
        links=parents,
        readings=read,
        diagnostics=tuple(sort_diagnostics(problems)),
    )


def _as_it_will_stand(model: Model, standing: tuple[ForeignKey, ...]) -> Model:
    """The model without the references that are left out, which no database would take."""
    return model if model.foreign_keys == standing else replace(model, foreign_keys=standing)


def _nodes(project: Project, models: Mapping[str, Model], depends: Mapping[str, set[str]]) -> Iterator[Node]:
    for node_id, model in models.items():
        kind = "vocabulary" if model.vocabulary else "model"
        needs = tuple(sorted(depends[node_id]))
        name = table_text(model.table)
        yield Node(node_id, kind, name, model.path, model.at.line, needs, meaning_of_model(model), model.tags)
    for stat in project.stats:
        yield Node(stat.node_id, "stat", stat.name, stat.path, stat.at.line, (), meaning_of_stat(stat), stat.tags)
    for story in project.stories:
        needs = tuple(sorted(depends[story.node_id]))
        yield Node(
            story.node_id,
            "story",
            story.name,
            story.path,
            story.at.line,
            needs,
            meaning_of_story(story, project.settings.story_args.get(story.name, {})),
            story.tags,
        )


def _model_links(
    models: Mapping[TableName, Model], references: Mapping[TableName, tuple[ForeignKey, ...]]
) -> Iterator[Link]:
    for table, keys in references.items():
        child = models[table]
        for key in keys:
            parent = models[key.to_table]
            if parent is child:
                continue
            nullable = is_nullable(child, key)
            edge = Edge(child.node_id, parent.node_id, key, nullable)
            needs = frozenset(
                models[other.to_table].node_id
                for other in references[parent.table]
                if other.to_table != parent.table and not set(other.columns).isdisjoint(key.to_columns)
            )
            strength = NULLABLE if nullable else HARD if needs else BY_KEY
            if child.vocabulary is not None and parent.vocabulary is not None:
                strength = SOFT  # both are copied as they stand; nothing is computed from the other
            yield Link(child.node_id, parent.node_id, strength, edge, needs if strength == HARD else frozenset())


def _readings(
    project: Project,
    model: Model,
    parents: tuple[ReadLink, ...],
    models: Mapping[TableName, Model],
    problems: list[Diagnostic],
) -> tuple[Reading, ...]:
    found, wrong = readings(model, parents, models, project.settings.default_schema)
    problems.extend(wrong)
    return tuple(found)


def _reading_links(
    models: Mapping[TableName, Model],
    references: Mapping[TableName, tuple[ForeignKey, ...]],
    read: Mapping[TableName, tuple[Reading, ...]],
) -> Iterator[Link]:
    """A table comes after those whose rows its generators read, whatever their keys; after those of which it takes keys if it can."""
    for table, found in read.items():
        child = models[table]
        known = {key.to_table for key in references[table]}
        for reading in found:
            if reading.column is not None:
                yield Link(child.node_id, models[reading.parent].node_id, HARD, at=reading.at, via=reading.via)
            elif reading.parent not in known:
                yield Link(child.node_id, models[reading.parent].node_id, BY_KEY, at=reading.at, via=reading.via)


def _unused_stats(project: Project, links: list[Link]) -> Iterator[Diagnostic]:
    used = {link.parent for link in links}
    for stat in project.stats:
        if stat.node_id not in used:
            message = f"Nothing uses stat `{stat.name}`, which spends budget when it is run"
            if not stat.private:
                message = f"Nothing uses stat `{stat.name}`"
            hint = f"use it in a model (`stat.{stat.name}`), name it in a story's `stats`, or delete {stat.path}"
            yield Diagnostic("GR303", "unused-stat", message, stat.at, hint, Severity.WARNING)


def rows_of(project: Project, model: Model) -> int | None:
    """The rows of a model per pass, before stories; None if that is not known from the files (a vocabulary, a broken variable)."""
    if model.vocabulary is not None:
        return None
    rows = model.rows
    if rows is None:
        return project.settings.generation.rows
    if isinstance(rows, str):
        value = project.settings.vars.get(rows.removeprefix("var."))
        return value if type(value) is int else None
    return rows


def _empty_parents(
    project: Project,
    models: Mapping[TableName, Model],
    references: Mapping[TableName, tuple[ForeignKey, ...]],
    stories: Mapping[str, StoryTables],
) -> Iterator[Diagnostic]:
    told = {model.table for found in stories.values() for model in found.inserts}
    empty = {t for t, model in models.items() if rows_of(project, model) == 0 and t not in told}
    for table, keys in references.items():
        child = models[table]
        if table in empty or child.vocabulary is not None:
            continue
        for key in keys:
            if key.to_table in empty and key.to_table != table and not is_nullable(child, key):
                parent = models[key.to_table]
                message = f"`{table_text(table)}` must refer to a row of `{table_text(key.to_table)}`, which gets none"
                hint = f"write `rows:` in {parent.path}, or `nullable: true` for `{key.columns[0]}`"
                yield Diagnostic("GR304", "empty-parent", message, key.at, hint)
