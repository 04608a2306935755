"""What stories name: the tables they insert into and ask for, statistics, variables and arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.graph.order import HARD, SOFT, Link
from ssgproj.graph.readings import Reading
from ssgproj.graph.references import find_model
from ssgproj.graph.uses import check_stat, references, unknown_variable
from ssgproj.project.discovery import PROJECT_FILE
from ssgproj.project.model import ForeignKey, Model, TableName
from ssgproj.project.names import parse_table_name, table_text
from ssgproj.project.project import Project
from ssgproj.project.stat import Stat
from ssgproj.project.story import Story
from ssgproj.project.suggest import suggestion


@dataclass(slots=True)
class StoryTables:
    """The models that a story inserts into, and those whose rows it asks for."""

    inserts: list[Model] = field(default_factory=list)
    parents: list[Model] = field(default_factory=list)


def _own_name(name: TableName, models: Mapping[TableName, Model], default_schema: str | None) -> TableName | None:
    """The model's own name of a table that a story may call otherwise: as references do, or without its schema where only one is called so."""
    found = find_model(name, models, default_schema)
    if found is not None:
        return found.table
    alike = [t for t in models if t.name == name.name] if name.schema is None else []
    return alike[0] if len(alike) == 1 else None


def with_own_names(project: Project, models: Mapping[TableName, Model]) -> Project:
    """The project with tables called in its stories as their models call them."""
    default = project.settings.default_schema
    stories = []
    for story in project.stories:
        places = dict(story.places)
        named: dict[str, tuple[TableName, ...]] = {}
        for kind, tables in (("inserts", story.inserts), ("parents", story.parents)):
            found = {t: _own_name(t, models, default) or t for t in tables}
            for table, own in found.items():
                if (at := places.get(f"{kind}.{table_text(table)}")) is not None:
                    places.setdefault(f"{kind}.{table_text(own)}", at)
            named[kind] = tuple(dict.fromkeys(found.values()))
        stories.append(replace(story, inserts=named["inserts"], parents=named["parents"], places=places))
    return replace(project, stories=tuple(stories))


def follow_stories(
    project: Project, models: Mapping[TableName, Model], problems: list[Diagnostic]
) -> dict[str, StoryTables]:
    """The tables of each story by its node; problems with what stories name are added."""
    stats = {stat.name: stat for stat in project.stats}
    result: dict[str, StoryTables] = {}
    for story in project.stories:
        found = result[story.node_id] = StoryTables()
        for table in story.inserts:
            at = story.places.get(f"inserts.{table_text(table)}", story.at)
            if (model := _model(models, story, table, "inserts into", at, problems)) is None:
                continue
            if model.vocabulary is not None:
                problems.append(_vocabulary(story, model, at))
            else:
                found.inserts.append(model)
        for table in story.parents:
            at = story.places.get(f"parents.{table_text(table)}", story.at)
            if model := _model(models, story, table, "asks for rows of", at, problems):
                found.parents.append(model)
        for name in story.stats:
            problems.extend(check_stat(stats, name, None, story.places.get(f"stats.{name}", story.at)))
        problems.extend(_check_count(project, story, stats))
        problems.extend(_check_args(project, story, stats))
        problems.extend(_check_rows(story, models, project.settings.default_schema))
    known = {story.name: story for story in project.stories}
    for name in project.settings.story_args:
        if name not in known:
            at = project.settings.places.get(f"stories.{name}", Location(PROJECT_FILE))
            problems.append(Diagnostic("GR301", "unknown-reference", f"No story `{name}`", at, suggestion(name, known)))
    return result


def _model(
    models: Mapping[TableName, Model], story: Story, table: TableName, does: str, at: Location, problems: list[Diagnostic]
) -> Model | None:  # fmt: skip
    model = models.get(table)
    if model is None:
        text = table_text(table)
        message = f"Story `{story.name}` {does} `{text}`, for which there is no model"
        hint = suggestion(text, [table_text(t) for t in models])
        problems.append(Diagnostic("GR301", "unknown-reference", message, at, hint))
    return model


def _vocabulary(story: Story, model: Model, at: Location) -> Diagnostic:
    text = table_text(model.table)
    message = f"Story `{story.name}` inserts into `{text}`, which is a vocabulary and copied as it stands"
    hint = f"take `{text}` out of `inserts`, and its `vocabulary` out of {model.path} if stories make its rows"
    return Diagnostic("GR306", "story-inserts-vocabulary", message, at, hint)


def _check_count(project: Project, story: Story, stats: Mapping[str, Stat]) -> Iterator[Diagnostic]:
    if not isinstance(story.count, str):
        return
    kind, _, rest = story.count.partition(".")
    at = story.places.get("count", story.at)
    if kind == "var" and rest not in project.settings.vars:
        yield unknown_variable(project, rest, at)
    elif kind == "var":
        value = project.settings.vars[rest]
        if type(value) is not int or value < 0:
            message = f"`count` of story `{story.name}` is `{story.count}`, which is no whole number from 0 on"
            yield Diagnostic("SY102", "story-arguments", message, at, f"write `{rest}: 100` under `vars:`")
    elif kind == "stat":
        name, _, column = rest.partition(".")
        yield from check_stat(stats, name, column or None, at)


def _check_args(project: Project, story: Story, stats: Mapping[str, Stat]) -> Iterator[Diagnostic]:
    """The arguments in the project file against the function's signature."""
    args = project.settings.story_args.get(story.name, {})
    places = project.settings.places
    for name, value in args.items():
        at = places.get(f"stories.{story.name}.args.{name}", Location(PROJECT_FILE))
        if name not in story.parameters and not story.takes_any:
            message = f"Story `{story.name}` has no parameter `{name}`"
            hint = suggestion(name, story.parameters) if story.parameters else f"write it in {story.path}"
            yield Diagnostic("SY106", "story-args", message, at, hint)
        for kind, of, column in references(value):
            if kind == "stat":
                yield from check_stat(stats, of, column, at)
            elif kind == "var" and of not in project.settings.vars:
                yield unknown_variable(project, of, at)
    for name, required in story.parameters.items():
        if required and name not in args:
            message = f"Story `{story.name}` needs `{name}`, which nothing gives"
            hint = f"write in {PROJECT_FILE}: stories: {{{story.name}: {{args: {{{name}: ...}}}}}}"
            yield Diagnostic("SY106", "story-args", message, story.at, hint)


def _check_rows(story: Story, models: Mapping[TableName, Model], default_schema: str | None) -> Iterator[Diagnostic]:
    """The rows whose table is written out where they are yielded."""
    inserts = [table_text(t) for t in story.inserts]
    for row in story.rows:
        written = parse_table_name(row.table)
        table = None if written is None else _own_name(written, models, default_schema) or written
        if table is None or table not in story.inserts:
            message = f"Story `{story.name}` yields a row of `{row.table}`, which is not among its `inserts`"
            hint = suggestion(row.table, inserts) if inserts else None
            if table in models:
                quoted = ", ".join(f'"{t}"' for t in [*inserts, row.table])
                hint = f"write inserts=[{quoted}]"
            yield Diagnostic("SY107", "undeclared-insert", message, row.at, hint)
        elif table in models:
            names = [c.name for c in models[table].columns]
            for name in row.columns:
                if name not in names:
                    message = f"Story `{story.name}` gives `{row.table}` a column `{name}`, which it does not have"
                    yield Diagnostic("GR301", "unknown-reference", message, row.at, suggestion(name, names))


def stats_of(project: Project, story: Story) -> set[str]:
    """The names of the statistics that a story needs, whether they exist or not."""
    counted = {story.count.split(".")[1]} if isinstance(story.count, str) and story.count.startswith("stat.") else set()
    args = project.settings.story_args.get(story.name, {})
    return {*story.stats, *counted, *(name for kind, name, _ in references(args) if kind == "stat")}


def story_links(
    stories: Mapping[str, StoryTables],
    models: Mapping[TableName, Model],
    keys: Mapping[TableName, Iterable[ForeignKey]],
    read: Mapping[TableName, Iterable[Reading]],
) -> Iterator[Link]:
    """Stories come after the tables that their rows refer to and whose rows they ask for, and before the tables they insert into get
    rows of their own, so that those and whatever refers to them can refer to the stories' rows. Where both cannot be had, the latter gives
    way."""
    for story, found in stories.items():
        tables = {model.table for model in found.inserts}
        needed = {models[k.to_table].node_id for t in tables for k in keys[t] if k.to_table not in tables}
        needed |= {models[r.parent].node_id for t in tables for r in read[t] if r.parent not in tables}
        for node in sorted(needed | {model.node_id for model in found.parents}):
            yield Link(story, node, HARD)
        for model in found.inserts:
            yield Link(model.node_id, story, SOFT)
