"""What is particular to a partition of a PostgreSQL table, as statements after it is made like its parent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ssgproj.project.model import ForeignKey
from ssgproj.source.reflect.postgres_keys import foreign_key
from ssgproj.source.reflect.postgres_names import default_name
from ssgproj.source.reflect.postgres_rows import Row, Rows
from ssgproj.source.reflect.postgres_text import expression
from ssgproj.source.reflect.postgres_vendor import table_statements


def partition_statements(rows: Rows, table: Row) -> Iterator[str]:
    """The statements for every partition under a table, and for the partitions under those."""
    if not table["is_partition"]:
        yield from _unlifted(rows, table)
    for partition in rows.partitions_of(table):
        yield from _renamed_indexes(rows, partition)
        yield from _own_columns(rows, table, partition)
        yield from _own_constraints(rows, table, partition)
        yield from table_statements(rows, partition, is_model=False)
        for row in rows.left_out.get(partition["oid"], ()):
            rows.notes.append(f"{row['kind']} `{row['name']}` of table `{rows.sql(partition)}` is left out")
        yield from partition_statements(rows, partition)


def _renamed_indexes(rows: Rows, partition: Row) -> Iterator[str]:
    """Indexes that come with the parent's get a name from the server; these have another one."""
    taken: set[str] = set()
    for row in sorted(rows.indexes.get(partition["oid"], ()), key=lambda r: (_label(r) != "pkey", r["name"])):
        if not row["parent"]:
            continue
        label = _label(row)
        columns = [] if label == "pkey" else row["labels"]
        plain, number = default_name(partition["name"], columns, label), 0
        while plain in taken:
            number += 1
            plain = default_name(partition["name"], columns, f"{label}{number}")
        taken.add(plain)
        if plain != row["name"]:
            source = rows.names.qualified(partition["schema"], plain)
            yield f"ALTER INDEX {source} RENAME TO {rows.names.quote(row['name'])}"


def _label(row: Row) -> str:
    return {"p": "pkey", "u": "key", "x": "excl"}.get(row["constraint_type"] or "", "idx")


def _own_columns(rows: Rows, table: Row, partition: Row) -> Iterator[str]:
    name, quote = rows.sql(partition), rows.names.quote
    parents = {c["name"]: c for c in rows.columns.get(table["oid"], ())}
    own = rows.columns.get(partition["oid"], ())
    if [c["name"] for c in own] != list(parents):
        rows.notes.append(f"The order of columns in partition `{name}` becomes that of `{rows.sql(table)}`")
    for column in own:
        parent = parents[column["name"]]
        if column["expression"] != parent["expression"] and not column["generated"]:
            change = f"SET DEFAULT {expression(column['expression'])}" if column["expression"] else "DROP DEFAULT"
            yield f"ALTER TABLE ONLY {name} ALTER COLUMN {quote(column['name'])} {change}"
        if column["not_null"] and not parent["not_null"]:
            rows.notes.append(f"Column `{column['name']}` is NOT NULL in partition `{name}` only, which is left out")


def _own_constraints(rows: Rows, table: Row, partition: Row) -> Iterator[str]:
    name, quote = rows.sql(partition), rows.names.quote
    labels = rows.labels(partition["oid"])
    for row in own_constraints(rows, partition):
        add = f"ALTER TABLE ONLY {name} ADD CONSTRAINT {quote(row['name'])} {expression(row['definition'])}"
        is_key = row["type"] in ("p", "u")
        if is_reference_to_model(rows, row) or (
            is_key and _is_numbered(rows, table, [labels[n] for n in row["columns"]])
        ):
            yield add
        elif is_key or row["type"] in ("x", "f"):
            rows.notes.append(
                f"The constraint `{row['name']}` of partition `{name}` is left out: it is not its parent's"
            )


def _is_numbered(rows: Rows, table: Row, columns: list[str]) -> bool:
    """Whether a sequence keeps a key of the partition unique in the whole table, so that the rows made will hold it."""
    return any(
        c["name"] in columns and (c["identity"] or (c["expression"] or "").startswith("nextval("))
        for c in rows.columns.get(table["oid"], ())
    )


def own_constraints(rows: Rows, partition: Row) -> list[Row]:
    """The constraints that a partition does not have from its parent."""
    return [r for r in rows.constraints.get(partition["oid"], ()) if not r["parent"] and not r["inherited"]]


def is_reference_to_model(rows: Rows, row: Row) -> bool:
    """Whether a reference can be kept: it is enforced, and what it points to is a model."""
    target = rows.relations.get(row["to_table"]) if row["type"] == "f" else None
    return target is not None and rows.is_table(target) and row["enforced"] and not row["period"]


def all_partitions(rows: Rows, table: Row) -> Iterator[Row]:
    """Every partition under a table, at whatever depth."""
    for partition in rows.partitions_of(table):
        yield partition
        yield from all_partitions(rows, partition)


def lifted_references(rows: Rows, table: Row) -> list[ForeignKey]:
    """References that only partitions declare, as the table's own: so that its rows point to something."""
    found: dict[tuple[object, ...], ForeignKey] = {}
    for row in (
        r for r in rows.constraints.get(table["oid"], ()) if r["type"] == "f" and is_reference_to_model(rows, r)
    ):
        key = _reference(rows, table, row)
        found[key.columns, key.to_table, key.to_columns] = key
    declared = set(found)
    for partition in all_partitions(rows, table):
        for row in own_constraints(rows, partition):
            if row["type"] == "f" and is_reference_to_model(rows, row):
                key = replace(_reference(rows, partition, row), name=None)
                found.setdefault((key.columns, key.to_table, key.to_columns), key)
    return [key for place, key in found.items() if place not in declared]


def _reference(rows: Rows, table: Row, row: Row) -> ForeignKey:
    target = rows.relations[row["to_table"]]
    labels = rows.labels(table["oid"])
    return foreign_key(row, table["name"], labels, target, rows.labels(target["oid"]), rows.names)


def _unlifted(rows: Rows, table: Row) -> Iterator[str]:
    """Once the rows are there, lifted references give way to those of the partitions."""
    for key in lifted_references(rows, table):
        name = default_name(table["name"], key.columns, "fkey")
        yield f"ALTER TABLE {rows.sql(table)} DROP CONSTRAINT {rows.names.quote(name)}"
