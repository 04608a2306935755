"""What the schema itself says: keys in words, and the texts that can carry data (checks, defaults, labels, comments)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssgproj.project.names import join_name, table_text
from ssgproj.report.committee.document import SchemaText

if TYPE_CHECKING:
    from ssgproj.graph.graph import Graph
    from ssgproj.project.model import Model, Partition
    from ssgproj.project.project import Project


def keys(graph: Graph, model: Model) -> Iterator[str]:
    """The keys, references and checks of a table, one line each."""
    if model.primary_key is not None:
        yield f"primary key ({', '.join(model.primary_key.columns)})"
    for unique in model.unique:
        yield f"unique ({', '.join(unique.columns)})"
    for key in graph.foreign_keys(model):
        yield f"({', '.join(key.columns)}) refers to {table_text(key.to_table)} ({', '.join(key.to_columns)})"
    for check in model.checks:
        yield f"check {check.sql}"
    for exclusion in model.exclusions:
        yield f"exclude {exclusion.sql}"


def schema_texts(project: Project) -> Iterator[SchemaText]:
    """Every text of the schema that can hold more than names, in the order of the files."""
    objects = project.objects
    for name, comment in objects.schemas:
        if comment:
            yield SchemaText("comment", name, comment)
    for kind in objects.types:
        where = table_text(kind.name)
        if kind.labels:
            yield SchemaText("labels of a type", where, ", ".join(kind.labels))
        for check in kind.checks:
            yield SchemaText("check", where, check.sql)
        for said, text in (("default", kind.default), ("type", kind.sql), ("comment", kind.description)):
            if text:
                yield SchemaText(said, where, text)
    for sequence in objects.sequences:
        for option, value in sequence.options:
            yield SchemaText("sequence", table_text(sequence.name), f"{option} {value}")
    for function in objects.functions:
        yield SchemaText("function", table_text(function.name), function.sql)
    for model in project.models:
        yield from _of_model(model)


def _of_model(model: Model) -> Iterator[SchemaText]:
    table = table_text(model.table)
    if model.description:
        yield SchemaText("comment", table, model.description)
    for column in model.columns:
        where = f"{table}.{join_name(column.name)}"
        for said, text in (
            ("default", column.default),
            ("generated", column.generated),
            ("comment", column.description),
        ):
            if text:
                yield SchemaText(said, where, text)
        if column.type.labels and column.type.name is None:
            yield SchemaText("labels", where, ", ".join(column.type.labels))
        for option, value in column.identity.options if column.identity else ():
            if option not in ("sequence", "cache", "cycle"):
                yield SchemaText("identity", where, f"{option} {value}")
    for check in model.checks:
        yield SchemaText("check", table, check.sql)
    for exclusion in model.exclusions:
        yield SchemaText("exclusion", table, exclusion.sql)
    for index in model.indexes:
        parts = [p.expression for p in index.parts if p.expression] + [t for t in (index.where, index.sql) if t]
        for text in parts:
            yield SchemaText("index", table, text)
    if model.partition_by:
        yield SchemaText("partitions", table, model.partition_by)
    yield from _of_partitions(model.partitions)
    for statement in (model.options, *model.vendor):
        if statement:
            yield SchemaText("statement", table, statement)


def _of_partitions(partitions: tuple[Partition, ...]) -> Iterator[SchemaText]:
    for partition in partitions:
        yield SchemaText("partition", table_text(partition.table), partition.bound)
        for check in partition.checks:
            yield SchemaText("check", table_text(partition.table), check.sql)
        yield from _of_partitions(partition.partitions)
