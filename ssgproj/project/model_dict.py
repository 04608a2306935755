"""`Model` and `SchemaObjects` → the plain mappings that their files hold: only what differs from the defaults, in the files' order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ssgproj.project.generate_field import MAIN
from ssgproj.project.model import (
    Check,
    Column,
    Exclusion,
    ForeignKey,
    Generate,
    Identity,
    Index,
    Model,
    NamedType,
    Partition,
    PrimaryKey,
    SchemaObjects,
    UniqueKey,
)
from ssgproj.project.names import join_name, table_text

Tree = dict[str, Any]


def canonical(model: Model) -> Model:
    """The same model with its unordered parts in the order in which a file of its own gives them back: what stands beside a column
    first, in the columns' order."""
    place = {column.name: number for number, column in enumerate(model.columns)}
    beside_unique, beside_keys, beside_generators = _beside(model)
    return replace(
        model,
        unique=_sorted(model.unique, beside_unique, place),
        foreign_keys=_sorted(model.foreign_keys, beside_keys, place),
        generators=_sorted(model.generators, beside_generators, place),
    )


def _sorted(items: tuple[Any, ...], beside: Mapping[str, Any], place: Mapping[str, int]) -> tuple[Any, ...]:
    chosen = {id(item) for item in beside.values()}
    first = sorted((i for i in items if id(i) in chosen), key=lambda i: place[i.columns[0]])
    return (*first, *(i for i in items if id(i) not in chosen))


def _beside(model: Model) -> tuple[dict[str, UniqueKey], dict[str, ForeignKey], dict[str, Generate]]:
    """What is written at a column rather than for the table, by the column's name: at most one of each."""
    names = {column.name for column in model.columns}
    unique: dict[str, UniqueKey] = {}
    for key in model.unique:
        plain = not (key.nulls_not_distinct or key.deferrable or key.include)
        if len(key.columns) == 1 and plain and key.columns[0] in names:
            unique.setdefault(key.columns[0], key)
    references: dict[str, ForeignKey] = {}
    for reference in model.foreign_keys:
        if len(reference.columns) == 1 and len(reference.to_columns) == 1 and reference.columns[0] in names:
            references.setdefault(reference.columns[0], reference)
    generators: dict[str, Generate] = {}
    for generate in model.generators:
        if len(generate.columns) == 1 and generate.columns[0] in names:
            generators.setdefault(generate.columns[0], generate)
    return unique, references, generators


def model_dict(model: Model) -> Tree:
    """The mapping of one model file."""
    unique, references, generators = _beside(model)
    whole = model.primary_key
    alone = _is_plain(whole) and whole is not None and len(whole.columns) == 1
    marked = (
        whole.columns[0]
        if alone and whole is not None and whole.columns[0] in {c.name for c in model.columns}
        else None
    )
    columns = {
        c.name: column_dict(c, c.name == marked, unique.get(c.name), references.get(c.name), generators.get(c.name))
        for c in model.columns
    }
    vocabulary = model.vocabulary
    tree: Tree = {
        "table": model.table.name,
        "schema": model.table.schema,
        "description": model.description,
        "rows": model.rows,
        "tags": list(model.tags) or None,
        "ignore": model.ignore or None,
        "vocabulary": _clean({"reason": vocabulary.reason, "columns": list(vocabulary.columns) or None, "where": vocabulary.where})
        if vocabulary
        else None,
        "columns": columns,
        "primary_key": _key(whole) if whole is not None and marked is None else None,
        "unique": [_unique(k) for k in model.unique if unique.get(k.columns[0]) is not k] or None,
        "foreign_keys": [_foreign_key(k) for k in model.foreign_keys if references.get(k.columns[0]) is not k] or None,
        "checks": [_check(c) for c in model.checks] or None,
        "indexes": [index_dict(i) for i in model.indexes] or None,
        "exclusions": [_exclusion(e) for e in model.exclusions] or None,
        "partition_by": model.partition_by,
        "partitions": [_partition(p) for p in model.partitions] or None,
        "options": model.options,
        "vendor": list(model.vendor) or None,
        "generators": [
            {**_generate_mapping(g), "columns": list(g.columns)} for g in model.generators if generators.get(g.columns[0]) is not g
        ]
        or None,
    }  # fmt: skip
    return _clean(tree)


def _clean(tree: Tree) -> Tree:
    return {key: value for key, value in tree.items() if value is not None}


def column_dict(
    column: Column, primary: bool, unique: UniqueKey | None, reference: ForeignKey | None, generate: Generate | None
) -> Tree:
    """The mapping of one column."""
    identity = column.identity
    generated: Any = column.generated
    if generated is not None and not column.stored:
        generated = {"sql": generated, "stored": False}
    return _clean(
        {
            "type": column.type.text,
            "primary_key": primary or None,
            "nullable": column.nullable or None,
            "null_rate": column.null_rate,
            "identity": _identity(identity) if identity and not identity.serial else None,
            "serial": (dict(identity.options) or True) if identity and identity.serial else None,
            "default": column.default,
            "generated": generated,
            "collation": column.collation,
            "unique": (unique.name or True) if unique else None,
            "references": _reference(reference) if reference else None,
            "description": column.description,
            "tags": list(column.tags) or None,
            "generate": generate_value(generate) if generate else None,
        }
    )


def _identity(identity: Identity) -> Any:
    word = "always" if identity.always else "by default"
    return {"generation": word, **dict(identity.options)} if identity.options else word


def _options(key: ForeignKey) -> Tree:
    return {
        "name": key.name,
        "on_delete": key.on_delete,
        "on_update": key.on_update,
        "match": "full" if key.match_full else None,
        "deferrable": key.deferrable,
        "not_valid": key.not_valid or None,
    }


def _reference(key: ForeignKey) -> Any:
    column = join_name(key.to_table.schema, key.to_table.name, key.to_columns[0])
    tree = _clean({"column": column, **_options(key)})
    return tree if len(tree) > 1 else column


def _foreign_key(key: ForeignKey) -> Tree:
    to = {"table": table_text(key.to_table), "columns": list(key.to_columns)}
    return _clean({"columns": list(key.columns), "references": to, **_options(key)})


def _is_plain(key: PrimaryKey | None) -> bool:
    return key is not None and key.name is None and key.deferrable is None and not key.include


def _key(key: PrimaryKey) -> Any:
    if _is_plain(key):
        return list(key.columns)
    return _clean(
        {
            "columns": list(key.columns),
            "name": key.name,
            "deferrable": key.deferrable,
            "include": list(key.include) or None,
        }
    )


def _unique(key: UniqueKey) -> Any:
    tree = _clean(
        {
            "columns": list(key.columns),
            "name": key.name,
            "nulls_not_distinct": key.nulls_not_distinct or None,
            "deferrable": key.deferrable,
            "include": list(key.include) or None,
        }
    )
    return tree if len(tree) > 1 else list(key.columns)


def _check(check: Check) -> Any:
    tree = _clean(
        {
            "name": check.name,
            "sql": check.sql,
            "no_inherit": check.no_inherit or None,
            "not_valid": check.not_valid or None,
        }
    )
    return tree if len(tree) > 1 else check.sql


def index_dict(index: Index) -> Tree:
    """The mapping of one index."""
    parts: list[Any] = []
    for part in index.parts:
        tree = _clean({"column": part.column, "expression": part.expression, "suffix": part.suffix})
        parts.append(part.column if list(tree) == ["column"] else tree)
    return _clean(
        {
            "name": index.name,
            "columns": parts or None,
            "unique": index.unique or None,
            "where": index.where,
            "using": index.using,
            "include": list(index.include) or None,
            "nulls_not_distinct": index.nulls_not_distinct or None,
            "sql": index.sql,
        }
    )


def _exclusion(exclusion: Exclusion) -> Tree:
    return _clean(
        {
            "name": exclusion.name,
            "sql": exclusion.sql,
            "overlaps": list(exclusion.overlaps) or None,
            "equals": list(exclusion.equals) or None,
        }
    )


def _partition(partition: Partition) -> Tree:
    return _clean(
        {
            "table": table_text(partition.table),
            "bound": partition.bound,
            "by": partition.by,
            "partitions": [_partition(p) for p in partition.partitions] or None,
            "indexes": [index_dict(i) for i in partition.indexes] or None,
            "checks": [_check(c) for c in partition.checks] or None,
        }
    )


def generate_value(generate: Generate) -> Any:
    """What stands behind `generate:`."""
    return generate.kind if not generate.options else _generate_mapping(generate)


def _generate_mapping(generate: Generate) -> Tree:
    options = {name: _plain(value) for name, value in generate.options.items() if name != MAIN}
    if MAIN in generate.options:
        return {generate.kind: _plain(generate.options[MAIN]), **options}
    return {generate.kind: options or None}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def objects_dict(objects: SchemaObjects) -> Tree:
    """The mapping of `models/_schema.yml`."""
    return _clean(
        {
            "schemas": dict(objects.schemas) or None,
            "extensions": list(objects.extensions) or None,
            "types": [_named_type(t) for t in objects.types] or None,
            "sequences": [
                _clean({"name": table_text(s.name), **dict(s.options), "description": s.description})
                for s in objects.sequences
            ]
            or None,
            "functions": [{"name": table_text(f.name), "sql": f.sql} for f in objects.functions] or None,
        }
    )


def _named_type(kind: NamedType) -> Tree:
    tree: Tree = {
        kind.kind: table_text(kind.name),
        "labels": list(kind.labels) or None,
        "type": kind.base,
        "not_null": kind.not_null or None,
        "default": kind.default,
        "collation": kind.collation,
        "checks": [_check(c) for c in kind.checks] or None,
        "fields": dict(kind.fields) or None,
        "sql": kind.sql,
        "description": kind.description,
    }
    return _clean(tree)
