"""What a model must hold to in itself, beyond its keys and their types."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from ssgproj.diagnostics import Location, Severity
from ssgproj.project import yaml_node as y
from ssgproj.project.model import Model
from ssgproj.project.reading import Reading
from ssgproj.project.sql_columns import unknown_columns
from ssgproj.project.suggest import closest, suggestion
from ssgproj.project.types import TYPE_WORDS, Kind


class Surroundings(Protocol):
    """What a model is checked against."""

    @property
    def dialect(self) -> str: ...

    @property
    def variables(self) -> Mapping[str, Any]: ...


def check_model(model: Model, node: y.Mapping, reading: Reading, around: Surroundings) -> None:
    """Add every problem of one model that needs no other file."""
    columns = _column_entries(node)
    _check_columns(model, columns, reading)
    _check_types(model, columns, reading)
    _check_filled_once(model, reading)
    _check_references(model, reading)
    _check_names(model, reading)
    _check_sql(model, reading, around)
    if isinstance(model.rows, str) and (name := model.rows.removeprefix("var.")) not in around.variables:
        message, hint = (
            f"No variable `{name}`",
            f"{suggestion(name, around.variables)}; or write it under `vars:` in ssg_project.yml",
        )
        reading.add("MD012", "unknown-variable", message, node.entries["rows"].value, hint)
    if model.vocabulary is not None:
        _check_vocabulary(model, reading)


def _column_entries(node: y.Mapping) -> Mapping[str, Mapping[str, y.Entry]]:
    columns = node.entries["columns"].value if "columns" in node.entries else None
    if type(columns) is not y.Mapping:
        return {}
    return {name: entry.value.entries for name, entry in columns.entries.items() if type(entry.value) is y.Mapping}


def _check_columns(model: Model, entries: Mapping[str, Mapping[str, y.Entry]], reading: Reading) -> None:
    primary = model.primary_key.columns if model.primary_key else ()
    for column in model.columns:
        keys = entries.get(column.name, {})
        if column.null_rate is not None and not column.nullable:
            hint = "write `nullable: true`, or remove `null_rate`"
            message = f"Column `{column.name}` has a `null_rate` but cannot be NULL"
            reading.add("MD008", "null-rate-of-not-null", message, keys["null_rate"].key, hint)
        if column.generated is not None:
            for other in ("generate", "default", "identity", "serial", "null_rate"):
                if other in keys:
                    _conflict(
                        reading,
                        keys[other].key,
                        f"Column `{column.name}` is computed by `generated`",
                        f"remove `{other}`",
                    )
        if "identity" in keys and "serial" in keys:
            _conflict(
                reading, keys["serial"].key, f"Column `{column.name}` has `identity` and `serial`", "remove one of them"
            )
        if column.identity is not None and column.nullable and column.identity.always:
            _conflict(
                reading,
                keys["nullable"].key,
                f"Column `{column.name}` is an identity and never NULL",
                "remove `nullable`",
            )
        if column.name in primary and column.nullable and "nullable" in keys:
            message = f"Column `{column.name}` is part of the primary key, and NULL is allowed in it"
            reading.add("MD013", "conflict", message, keys["nullable"].key, "remove `nullable: true`", Severity.WARNING)


def _conflict(reading: Reading, node: y.Node, message: str, hint: str) -> None:
    reading.add("MD013", "conflict", message, node, hint)


def _check_types(model: Model, entries: Mapping[str, Mapping[str, y.Entry]], reading: Reading) -> None:
    for column in model.columns:
        if column.type.kind is Kind.OTHER and column.type.text and "type" in entries.get(column.name, {}):
            word = re.match(r"[A-Za-z_][\w ]*", column.type.text)
            near = closest(word[0].strip(), TYPE_WORDS) if word and word[0] == column.type.text else None
            if near is not None and near.lower() != column.type.text.lower():
                message = f"Type `{column.type.text}` is not known and is passed on as it stands"
                reading.add(
                    "MD009", "unknown-type", message, entries[column.name]["type"].value, f"did you mean `{near}`?", Severity.WARNING
                )  # fmt: skip


def _check_filled_once(model: Model, reading: Reading) -> None:
    filled: dict[tuple[str, bool], Location] = {}
    generated = {c.name for c in model.columns if c.generated is not None}
    for generate in model.generators:
        for name in generate.columns:
            place = (name, generate.is_mask)
            if place in filled:
                message = f"Column `{name}` is {'emptied by two patterns' if generate.is_mask else 'filled by two generators'}"
                hint = f"the first is in line {filled[place].line}: remove one of them"
                reading.add("MD014", "filled-twice", message, generate.at, hint)
            elif name in generated and len(generate.columns) > 1:
                message = f"Column `{name}` is computed by `generated`"
                reading.add("MD013", "conflict", message, generate.at, f"take `{name}` out of `columns`")
            filled.setdefault(place, generate.at)


def _check_references(model: Model, reading: Reading) -> None:
    for key in model.foreign_keys:
        if len(key.columns) != len(key.to_columns):
            message = f"{len(key.columns)} columns refer to {len(key.to_columns)} columns of `{key.to_table}`"
            reading.add("MD004", "bad-value", message, key.at, "write as many columns there as here")
        if key.on_delete and key.on_delete.startswith("set null") and not key.not_valid:
            _check_set_null(model, key.columns, key.on_delete, key.at, reading)


def _check_set_null(model: Model, columns: tuple[str, ...], action: str, at: Location, reading: Reading) -> None:
    named = re.search(r"\((.+)\)", action, re.DOTALL)
    wanted = [part.strip().strip('"') for part in named[1].split(",")] if named else list(columns)
    nullable = {c.name for c in model.columns if c.nullable}
    known = {c.name for c in model.columns}
    if wanted and not any(name in nullable for name in wanted) and all(name in known for name in wanted):
        message = f"`on_delete: set null`, but `{wanted[0]}` cannot be NULL"
        reading.add(
            "MD013", "conflict", message, at, "write `nullable: true`, or another `on_delete`", Severity.WARNING
        )


def _check_names(model: Model, reading: Reading) -> None:
    constraints = [
        c for c in (model.primary_key, *model.unique, *model.foreign_keys, *model.checks, *model.exclusions) if c
    ]
    for group in (constraints, model.indexes):
        counted = Counter(c.name for c in group if c.name is not None)
        for item in reversed(group):
            if item.name is not None and counted[item.name] > 1:
                counted[item.name] -= 1
                reading.add(
                    "MD010",
                    "duplicate",
                    f"The name `{item.name}` is used twice in this table",
                    item.at,
                    "give one another name",
                )


def _check_vocabulary(model: Model, reading: Reading) -> None:
    for generate in model.generators:
        message = f"A vocabulary is copied: nothing is generated for `{generate.columns[0]}`"
        reading.add("MD013", "conflict", message, generate.at, "remove the generator, or `vocabulary`")
    vocabulary = model.vocabulary
    if vocabulary is not None and vocabulary.columns and {c.name for c in model.columns}.issuperset(vocabulary.columns):
        for column in model.columns:
            filled = (
                column.nullable
                or column.default is not None
                or column.generated is not None
                or column.identity is not None
            )
            if column.name not in vocabulary.columns and not filled:
                message = f"Column `{column.name}` is not copied, and cannot be NULL"
                hint = f"add `{column.name}` to the vocabulary's `columns`, or write `nullable: true` or a `default`"
                reading.add("MD013", "conflict", message, column.at, hint)


def _texts(model: Model) -> Iterator[tuple[str, Location]]:
    for check in model.checks:
        yield check.sql, check.at
    for column in model.columns:
        if column.generated is not None:
            yield column.generated, column.at
    for index in model.indexes:
        if index.where is not None:
            yield index.where, index.at
        for part in index.parts:
            if part.expression is not None:
                yield part.expression, index.at


def _check_sql(model: Model, reading: Reading, around: Surroundings) -> None:
    """SQL texts name columns of this table. A text that cannot be read is left alone: it may be right where it comes from."""
    columns = [c.name for c in model.columns]
    if not columns:
        return
    for sql, at in _texts(model):
        for name in unknown_columns(sql, columns, model.table.name, around.dialect):
            near = closest(name, columns)
            message = f"Table `{model.table}` has no column `{name}`, which an SQL text names"
            severity = Severity.ERROR if near is not None else Severity.WARNING
            reading.add("MD007", "unknown-column", message, at, suggestion(name, columns), severity)
