"""What the generators of a table read of other tables: rows by reference, and keys without a foreign key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ssgproj.diagnostics import Diagnostic, Location
from ssgproj.generators import GENERATORS
from ssgproj.generators.lookup import Columns, Link, NotFoundError, ParentColumn
from ssgproj.graph.references import find_model
from ssgproj.project.model import ForeignKey, Generate, Model, TableName
from ssgproj.project.names import table_text
from ssgproj.project.suggest import suggestion

_REFERENCES = "references"


@dataclass(frozen=True, slots=True)
class Reading:
    """A table's generator takes values from `parent`. `key`: the parent's columns by which its rows are found; `column`: what is read
    of them, None if it is the key itself, taken by row number. `via` are the reading table's columns, `at` the place in its model.
    """

    parent: TableName
    via: tuple[str, ...]
    key: tuple[str, ...]
    column: str | None
    at: Location


def links_of(
    model: Model, keys: Sequence[ForeignKey], models: Mapping[TableName, Model], default_schema: str | None
) -> tuple[Link, ...]:
    """The references by which rows of a table find their parents: its foreign keys, and its `references` generators without one."""
    links = [Link(k.columns, models[k.to_table], k.to_columns) for k in keys]
    known = {(k.columns, k.to_table) for k in keys}
    for generate in model.generators:
        if generate.kind == _REFERENCES and (found := _referred(generate, models, default_schema)) is not None:
            parent, columns = found
            if (generate.columns, parent.table) not in known and len(columns) == len(generate.columns):
                links.append(Link(generate.columns, parent, columns))
    return tuple(links)


def _names(generate: Generate) -> list[str]:
    to = generate.options.get("", generate.options.get("to", ()))
    return [str(n) for n in (to if isinstance(to, list | tuple) else [to])]


def _referred(
    generate: Generate, models: Mapping[TableName, Model], default_schema: str | None
) -> tuple[Model, tuple[str, ...]] | None:
    """The table and the columns that a `references` generator names, if they are there."""
    names = _names(generate)
    tables = {n.rpartition(".")[0] for n in names}
    if len(tables) != 1:
        return None
    model = find_table(tables.pop(), models, default_schema)
    columns = tuple(n.rpartition(".")[2] for n in names)
    return None if model is None or not {c.name for c in model.columns}.issuperset(columns) else (model, columns)


def find_table(text: str, models: Mapping[TableName, Model], default_schema: str | None) -> Model | None:
    """The model of a table by its name, with or without the default schema."""
    from ssgproj.project.names import parse_table_name

    name = parse_table_name(text)
    return None if name is None else find_model(name, models, default_schema)


def readings(
    model: Model, links: Sequence[Link], models: Mapping[TableName, Model], default_schema: str | None
) -> tuple[list[Reading], list[Diagnostic]]:
    """What the generators of a table read of other tables, and the names among it that lead nowhere."""
    found: list[Reading] = []
    problems: list[Diagnostic] = []
    columns = Columns.of(model, links)
    for generate in model.generators:
        if generate.kind == _REFERENCES:
            at = generate.option_places.get("", generate.option_places.get("to", generate.at))
            referred = _referred(generate, models, default_schema)
            if referred is None:
                problems += _unknown(generate, models, default_schema, at)
            elif referred[0].table != model.table:
                found.append(Reading(referred[0].table, generate.columns, referred[1], None, at))
            continue
        for text, at in _texts(generate):
            try:
                column = columns.find(text)
            except NotFoundError as error:
                problems.append(Diagnostic("GR301", "unknown-reference", error.message, at, error.hint))
                continue
            if isinstance(column, ParentColumn):
                link = next(k for k in links if k.columns == column.via and k.parent.node_id == column.node)
                found.append(Reading(link.parent.table, column.via, column.key, column.name, at))
    return found, problems


def _texts(generate: Generate) -> Iterator[tuple[str, Location]]:
    """The columns that a generator says it reads, with their places. What is wrong with its options is said elsewhere."""
    kind: Any = GENERATORS.get(generate.kind, None)
    if not hasattr(kind, "reads"):
        return
    from ssgproj.generators.build import build_spec

    spec: Any = build_spec(generate)[0]
    for text in spec.reads() if spec is not None else ():
        yield text, _place(generate, {text, f"column.{text}"})


def _place(generate: Generate, texts: set[str]) -> Location:
    """Where one of these texts stands in the options."""
    for name, value in generate.options.items():
        if isinstance(value, Mapping):
            inner = [f"{name}.{key}" for key, item in value.items() if texts & _strings(item)]
            if inner:
                return generate.place(inner[0])
        elif texts & _strings(value):
            return generate.place(name)
    return generate.at


def _strings(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return {s for v in value.values() for s in _strings(v)}
    if isinstance(value, list | tuple):
        return {s for v in value for s in _strings(v)}
    return {str(value)}


def _unknown(
    generate: Generate, models: Mapping[TableName, Model], default_schema: str | None, at: Location
) -> Iterator[Diagnostic]:
    for name in _names(generate):
        table, _, column = name.rpartition(".")
        if not table:
            return  # the generator says so
        parent = find_table(table, models, default_schema)
        if parent is None:
            message = f"`references` names table `{table}`, for which there is no model"
            yield Diagnostic(
                "GR301", "unknown-reference", message, at, suggestion(table, [table_text(t) for t in models])
            )
            return
        names = [c.name for c in parent.columns]
        if column not in names:
            message = f"Table `{table}` has no column `{column}`"
            yield Diagnostic("GR301", "unknown-reference", message, at, suggestion(column, names))
