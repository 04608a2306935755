"""Reflect PostgreSQL (12 and later) from `pg_catalog`, so faithfully that the tables made again dump the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ssgproj.project.objects import named_types
from ssgproj.source.connect import SourceConnection
from ssgproj.source.reflect import Reflection, unknown_schemas
from ssgproj.source.reflect import postgres_catalog as catalog
from ssgproj.source.reflect.paths import model_paths
from ssgproj.source.reflect.postgres_names import Names, literal
from ssgproj.source.reflect.postgres_objects import objects as read_objects
from ssgproj.source.reflect.postgres_rows import Rows, read
from ssgproj.source.reflect.postgres_tables import model

DEFAULT_SCHEMA = "public"
_USUAL_COMMENT = "standard public schema"


def reflect(connection: SourceConnection, schemas: Sequence[str] | None) -> Reflection:
    """The tables of these schemas, or of all that are not the system's."""
    version = catalog.prepare(connection, DEFAULT_SCHEMA)
    known: Mapping[str, str | None] = {s["name"]: s["comment"] for s in catalog.schemas(connection)}
    wanted = list(known) if schemas is None else list(dict.fromkeys(schemas))
    if any(s not in known for s in wanted):
        raise unknown_schemas(wanted, list(known))
    names = Names(catalog.keywords(connection), DEFAULT_SCHEMA)
    rows = read(connection, names, version, {s: known[s] for s in sorted(wanted)})
    objects = read_objects(connection, rows)
    named = named_types(objects, "postgres")
    tables = [r for r in rows.relations.values() if rows.is_table(r)]
    paths = model_paths(names.table(t["schema"], t["name"]) for t in tables)
    models = [model(rows, t, paths[names.table(t["schema"], t["name"])], named) for t in tables]
    models.sort(key=lambda m: (m.table.schema or "", m.table.name))
    if (comment := rows.schemas.get(DEFAULT_SCHEMA)) and comment != _USUAL_COMMENT:
        rows.statements.append(f"COMMENT ON SCHEMA {DEFAULT_SCHEMA} IS {literal(comment)}")
    if models and rows.statements:
        models[0] = replace(models[0], vendor=(*models[0].vendor, *rows.statements))
    _note_relations(rows)
    return Reflection(
        models=tuple(models),
        objects=objects,
        dialect="postgres",
        default_schema=DEFAULT_SCHEMA,
        notes=tuple(dict.fromkeys(rows.notes)),
    )


def _note_relations(rows: Rows) -> None:
    kinds = {"v": "View", "m": "Materialized view", "f": "Foreign table"}
    for relation in rows.relations.values():
        if relation["kind"] in kinds and relation["schema"] in rows.schemas:
            rows.notes.append(f"{kinds[relation['kind']]} `{rows.sql(relation)}` is left out")
