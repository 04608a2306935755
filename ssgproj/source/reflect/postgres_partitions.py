"""What is particular to a partition of a PostgreSQL table, as statements after it is made like its parent."""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.source.reflect.postgres_names import default_name
from ssgproj.source.reflect.postgres_rows import Row, Rows
from ssgproj.source.reflect.postgres_text import expression
from ssgproj.source.reflect.postgres_vendor import table_statements


def partition_statements(rows: Rows, table: Row) -> Iterator[str]:
    """The statements for every partition under a table, and for the partitions under those."""
    for partition in rows.partitions_of(table):
        yield from _renamed_indexes(rows, partition)
        yield from _own_columns(rows, table, partition)
        yield from _own_constraints(rows, partition)
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


def _own_constraints(rows: Rows, partition: Row) -> Iterator[str]:
    name, quote = rows.sql(partition), rows.names.quote
    for row in rows.constraints.get(partition["oid"], ()):
        if row["parent"] or row["inherited"]:
            continue
        if row["type"] in ("p", "u", "x"):
            yield f"ALTER TABLE ONLY {name} ADD CONSTRAINT {quote(row['name'])} {expression(row['definition'])}"
        elif row["type"] == "f":
            rows.notes.append(
                f"The reference `{row['name']}` of partition `{name}` is left out: it is not its parent's"
            )
