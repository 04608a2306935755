"""What reflecting again would change in a project's models. Reads the source's schema, never its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ssgproj.errors import SsgError
from ssgproj.graph.diff import diff_models, diff_objects
from ssgproj.project.merge import merge, merge_objects
from ssgproj.project.model import Model, SchemaObjects, TableName
from ssgproj.project.names import table_text
from ssgproj.project.objects import named_types
from ssgproj.project.project import Project
from ssgproj.project.types import Kind
from ssgproj.project.write import write_model, write_objects
from ssgproj.source.connect import DEFAULT_SCHEMAS, connect
from ssgproj.source.reflect import Reflection, reflect_connection

OBJECTS_FILE = "models/_schema.yml"


@dataclass(frozen=True, slots=True)
class Update:
    """`differences` are lines for people. `files` are the texts to write, by path in the project; those of tables that are gone from the
    source are in `gone`, by table."""

    differences: tuple[str, ...]
    files: Mapping[str, bytes]
    gone: Mapping[str, str]
    notes: tuple[str, ...]


def find_updates(project: Project, url: str, schemas: Sequence[str] = ()) -> Update:
    """Compare the project's models with the source behind a URL.

    Without `schemas`, those that the models are in; all of them while there are no models. Raises SsgError if the source cannot be
    read, or speaks another SQL than the project says.
    """
    with connect(url) as connection:
        if connection.dialect != project.settings.dialect:
            raise SsgError(
                f"The source speaks {connection.dialect}, but the project's SQL is {project.settings.dialect}",
                hint=f"write `source: {{dialect: {connection.dialect}}}` in ssg_project.yml",
            )
        default = DEFAULT_SCHEMAS[connection.dialect]
        chosen = list(schemas) or _schemas(project.models, default)
        found = reflect_connection(connection, chosen or None)
    there = {m.table: m for m in project.models if not chosen or _schema(m.table, default) in chosen}
    ignored = {t for t, m in there.items() if m.ignore}
    new = _placed(
        [_with_lengths(m, there.get(m.table), found.dialect) for m in found.models], project.models, project.root
    )
    differences = diff_models(
        [m for t, m in there.items() if t not in ignored],
        [m for m in new if m.table not in ignored],
    ) + diff_objects(project.objects, found.objects)
    names = {m.table for m in new}
    return Update(
        differences=tuple(differences),
        files=dict(_files(project, there, new, found)),
        gone={table_text(t): m.path for t, m in there.items() if t not in names and t not in ignored},
        notes=found.notes,
    )


def _schema(table: TableName, default: str | None) -> str | None:
    return table.schema or default


def _schemas(models: Iterable[Model], default: str | None) -> list[str]:
    return sorted({s for m in models if (s := _schema(m.table, default))})


def _with_lengths(model: Model, old: Model | None, dialect: str) -> Model:
    """DuckDB forgets the length of a varchar, so one that was written by hand says more than the source, not something else."""
    if dialect != "duckdb" or old is None:
        return model
    written = {c.name: c.type for c in old.columns if c.type.kind is Kind.STRING and c.type.length}
    columns = tuple(
        replace(c, type=written[c.name])
        if c.name in written and c.type.kind is Kind.STRING and not c.type.length
        else c
        for c in model.columns
    )
    return replace(model, columns=columns)


def _placed(found: Iterable[Model], old: Sequence[Model], root: Path) -> list[Model]:
    """The models at their files: a table that has one keeps it, a new one takes none that is there."""
    paths = {m.table: m.path for m in old}
    taken = {p.casefold() for p in paths.values()}
    placed = []
    for model in found:
        path = paths.get(model.table) or _free(model.path, taken, root)
        taken.add(path.casefold())
        placed.append(replace(model, path=path))
    return placed


def _free(path: str, taken: Collection[str], root: Path) -> str:
    stem, number, wanted = path.removesuffix(".yml"), 1, path
    while wanted.casefold() in taken or (root / wanted).exists():
        number += 1
        wanted = f"{stem}_{number}.yml"
    return wanted


def _files(
    project: Project, there: Mapping[TableName, Model], new: Iterable[Model], found: Reflection
) -> Iterable[tuple[str, bytes]]:
    types = named_types(found.objects, found.dialect)
    for model in new:
        old = there.get(model.table)
        if old is None:
            yield model.path, write_model(replace(model, rows=project.settings.generation.rows)).encode()
            continue
        if old.ignore:
            continue
        before = (project.root / model.path).read_bytes()
        after = merge(before.decode("utf-8-sig"), model, types, found.dialect).encode()
        if after != before:
            yield model.path, after
    path = project.root / OBJECTS_FILE
    if path.is_file():
        before = path.read_bytes()
        after = merge_objects(before.decode("utf-8-sig"), found.objects).encode()
        if after != before:
            yield OBJECTS_FILE, after
    elif found.objects != SchemaObjects():
        yield OBJECTS_FILE, write_objects(found.objects).encode()
