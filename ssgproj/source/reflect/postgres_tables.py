"""PostgreSQL's tables as models, partitions inside the table they are part of."""

from __future__ import annotations

from collections.abc import Mapping

from ssgproj.project.model import Check, Column, ForeignKey, Index, Model, Partition, TableName
from ssgproj.project.names import join_name
from ssgproj.project.types import Kind, SqlType, parse_type
from ssgproj.source.reflect import postgres_keys as keys
from ssgproj.source.reflect import postgres_sequences as sequences
from ssgproj.source.reflect.postgres_indexes import index as read_index
from ssgproj.source.reflect.postgres_partitions import lifted_references, partition_statements
from ssgproj.source.reflect.postgres_rows import Row, Rows
from ssgproj.source.reflect.postgres_text import expression, short_type
from ssgproj.source.reflect.postgres_vendor import needs_vendor, storage, table_statements


def model(rows: Rows, table: Row, path: str, named: Mapping[str, SqlType]) -> Model:
    """One table."""
    name = table["name"]
    labels = rows.labels(table["oid"])
    behind = {r["oid"]: r for r in rows.indexes.get(table["oid"], ())}
    constraints = [c for c in rows.constraints.get(table["oid"], ()) if not needs_vendor(c)]
    primary = [c for c in constraints if c["type"] == "p"]
    partitions = tuple(_partition(rows, p) for p in rows.partitions_of(table))
    vendor = [*table_statements(rows, table, is_model=True), *partition_statements(rows, table)]
    _note_oddities(rows, table)
    return Model(
        table=rows.names.table(table["schema"], name),
        path=path,
        columns=tuple(_column(rows, table, c, named) for c in rows.columns.get(table["oid"], ())),
        description=table["comment"],
        primary_key=keys.primary_key(primary[0], name, labels, behind[primary[0]["index"]]) if primary else None,
        unique=tuple(keys.unique_key(c, name, labels, behind[c["index"]]) for c in constraints if c["type"] == "u"),
        foreign_keys=_foreign_keys(rows, table, labels),
        checks=_checks(rows, table, labels, of_partition=False),
        indexes=_indexes(rows, table, labels),
        exclusions=tuple(keys.exclusion(c, name, labels, behind[c["index"]]) for c in constraints if c["type"] == "x"),
        partition_by=expression(table["partition_key"]) if table["partition_key"] else None,
        partitions=partitions,
        options=storage(table),
        vendor=tuple(vendor),
    )


def _column(rows: Rows, table: Row, row: Row, named: Mapping[str, SqlType]) -> Column:
    kind = parse_type(short_type(row["type"]), named, "postgres")
    if kind.kind is Kind.OTHER:
        rows.notes.append(
            f"Column `{rows.sql(table)}.{row['name']}` has the type `{kind.text}`, which ssg does not know"
        )
    candidates = rows.owned.get((table["oid"], row["number"]), ())
    owned = next((s for s in candidates if s["deptype"] == "i" or sequences.is_serial(s, row, rows.names)), None)
    text = expression(row["expression"]) if row["expression"] is not None else None
    collation = row["collation"] and join_name(collation_schema(rows, row), row["collation"])
    return Column(
        name=row["name"],
        type=kind,
        nullable=not row["not_null"],
        default=text if not row["generated"] and owned is None else None,
        identity=sequences.identity(owned, row, table) if owned else None,
        generated=text if row["generated"] else None,
        stored=row["generated"] != "v",
        collation=collation,
        description=row["comment"],
    )


def collation_schema(rows: Rows, row: Row) -> str | None:
    """The schema of a collation, where its name alone does not find it."""
    schema = row["collation_schema"]
    return None if schema in ("pg_catalog", rows.names.default_schema) else schema


def _foreign_keys(rows: Rows, table: Row, labels: Mapping[int, str]) -> tuple[ForeignKey, ...]:
    found = []
    for row in rows.constraints.get(table["oid"], ()):
        if row["type"] != "f" or row["parent"]:
            continue
        target = rows.relations.get(row["to_table"])
        about = f"The reference `{row['name']}` of table `{rows.sql(table)}`"
        if target is None or not rows.is_table(target):
            where = f"`{rows.sql(target)}`, which is no model" if target else "a table that cannot be read"
            rows.notes.append(f"{about} is left out: it points to {where}")
        elif row["period"] or not row["enforced"]:
            rows.notes.append(f"{about} is left out: it is {'over a period' if row['period'] else 'not enforced'}")
        else:
            to_labels = rows.labels(target["oid"])
            found.append(keys.foreign_key(row, table["name"], labels, target, to_labels, rows.names))
    return (*found, *lifted_references(rows, table))


def _checks(rows: Rows, table: Row, labels: Mapping[int, str], of_partition: bool) -> tuple[Check, ...]:
    return tuple(
        keys.check(c, table["name"], labels)
        for c in rows.constraints.get(table["oid"], ())
        if c["type"] == "c" and not needs_vendor(c) and (c["inherited"] == 0 or not of_partition)
    )


def _indexes(rows: Rows, table: Row, labels: Mapping[int, str]) -> tuple[Index, ...]:
    found = []
    for row in rows.indexes.get(table["oid"], ()):
        if row["constraint"] or row["parent"]:
            continue
        if not row["is_valid"] and row["kind"] != "I":
            rows.notes.append(f"Index `{row['name']}` of table `{rows.sql(table)}` is left out: it is not valid")
            continue
        found.append(read_index(row, table, labels, rows.names))
    return tuple(found)


def _partition(rows: Rows, table: Row) -> Partition:
    labels = rows.labels(table["oid"])
    return Partition(
        table=TableName(table["name"], None if table["schema"] == rows.names.default_schema else table["schema"]),
        bound=table["bound"],
        by=expression(table["partition_key"]) if table["partition_key"] else None,
        partitions=tuple(_partition(rows, p) for p in rows.partitions_of(table)),
        indexes=_indexes(rows, table, labels),
        checks=_checks(rows, table, labels, of_partition=True),
    )


def _note_oddities(rows: Rows, table: Row) -> None:
    name = rows.sql(table)
    for row in rows.left_out.get(table["oid"], ()):
        rows.notes.append(f"{row['kind']} `{row['name']}` of table `{name}` is left out")
    if table["tablespace"]:
        rows.notes.append(f"The tablespace of table `{name}` is left out")
    if table["method"] not in (None, "heap"):
        rows.notes.append(f"The access method `{table['method']}` of table `{name}` is left out")
    if table["is_partition"]:
        rows.notes.append(f"Table `{name}` is a partition of a table that is not reflected, and stands alone")
