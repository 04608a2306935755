"""What models have no words for, as PostgreSQL's own statements."""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.source.reflect.postgres_names import default_name, literal
from ssgproj.source.reflect.postgres_rows import Row, Rows
from ssgproj.source.reflect.postgres_sequences import is_serial
from ssgproj.source.reflect.postgres_text import expression

_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "m": "MAIN", "x": "EXTENDED"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}
_COLUMN_OPTIONS = ("n_distinct", "n_distinct_inherited")


def storage(table: Row) -> str | None:
    """`WITH (...)`, or None if nothing is set."""
    settings = [*(table["options"] or ()), *(f"toast.{o}" for o in table["toast_options"] or ())]
    return f"WITH ({', '.join(settings)})" if settings else None


def table_statements(rows: Rows, table: Row, is_model: bool) -> Iterator[str]:
    """The statements that finish a table or (`is_model` False) a partition, whose comments have no other place."""
    name, quote = rows.sql(table), rows.names.quote
    if table["persistence"] == "u":
        yield from (f"ALTER TABLE {rows.sql(t)} SET UNLOGGED" for t in _unlogged_first(rows, table, []))
    if not is_model:
        if (text := storage(table)) is not None:
            yield f"ALTER TABLE {name} SET {text.removeprefix('WITH ')}"
        if table["comment"]:
            yield f"COMMENT ON TABLE {name} IS {literal(table['comment'])}"
    if is_model and not table["is_partition"]:
        for parent in table["parents"]:
            if (found := rows.relations.get(parent)) is not None and rows.is_table(found):
                yield f"ALTER TABLE {name} INHERIT {rows.sql(found)}"
    if table["of_type"]:
        yield f"ALTER TABLE {name} OF {table['of_type']}"
    for column in rows.columns.get(table["oid"], ()):
        yield from _column_statements(name, quote(column["name"]), column, is_model)
    for row in rows.constraints.get(table["oid"], ()):
        yield from _constraint_statements(rows, table, row)
    for row in rows.indexes.get(table["oid"], ()):
        yield from _index_statements(rows, name, row)
    if table["replica_identity"] in ("f", "n"):
        yield f"ALTER TABLE {name} REPLICA IDENTITY {'FULL' if table['replica_identity'] == 'f' else 'NOTHING'}"
    for row in rows.statistics.get(table["oid"], ()):
        yield from _statistics_statements(rows, row)
    yield from _sequence_statements(rows, table, name)
    yield from _security_statements(rows, table, name)


def _unlogged_first(rows: Rows, table: Row, seen: list[int]) -> Iterator[Row]:
    """The unlogged tables that refer to an unlogged one, and then itself: logged ones may not refer to unlogged ones."""
    seen.append(table["oid"])
    for constraints in rows.constraints.values():
        for row in constraints:
            other = rows.relations[row["table"]]
            refers = row["type"] == "f" and row["to_table"] == table["oid"] and other["persistence"] == "u"
            if refers and other["oid"] not in seen:
                yield from _unlogged_first(rows, other, seen)
    yield table


def _column_statements(name: str, column: str, row: Row, is_model: bool) -> Iterator[str]:
    alter = f"ALTER TABLE ONLY {name} ALTER COLUMN {column}"
    if row["storage"]:
        yield f"{alter} SET STORAGE {_STORAGE[row['storage']]}"
    if row["compression"] in _COMPRESSION:
        yield f"{alter} SET COMPRESSION {_COMPRESSION[row['compression']]}"
    if row["statistics"] >= 0:
        yield f"{alter} SET STATISTICS {row['statistics']}"
    # Some builds of the server keep marks of their own here, which no other server accepts.
    if options := [o for o in row["options"] or () if o.partition("=")[0] in _COLUMN_OPTIONS]:
        yield f"{alter} SET ({', '.join(options)})"
    if row["comment"] and not is_model:
        yield f"COMMENT ON COLUMN {name}.{column} IS {literal(row['comment'])}"


def _constraint_statements(rows: Rows, table: Row, row: Row) -> Iterator[str]:
    quote, name = rows.names.quote, rows.sql(table)
    if row["type"] == "n":
        labels = rows.labels(table["oid"])
        plain = default_not_null(table["name"], labels.get(row["columns"][0], ""))
        # An inherited one cannot be renamed.
        if row["name"] != plain and row["is_local"] and not row["inherited"]:
            yield f"ALTER TABLE {name} RENAME CONSTRAINT {quote(plain)} TO {quote(row['name'])}"
    elif needs_vendor(row):
        yield f"ALTER TABLE {name} ADD CONSTRAINT {quote(row['name'])} {expression(row['definition'])}"
    if row["comment"] and row["type"] != "t":
        yield f"COMMENT ON CONSTRAINT {quote(row['name'])} ON {name} IS {literal(row['comment'])}"


def default_not_null(table: str, column: str) -> str:
    """The name that PostgreSQL 18 gives to a NOT NULL."""
    return default_name(table, [column], "not_null")


def needs_vendor(row: Row) -> bool:
    """Whether a constraint can only be kept as text: not enforced, or over periods."""
    return (row["type"] == "c" and not row["enforced"]) or (row["type"] in ("p", "u") and row["period"])


def _index_statements(rows: Rows, table: str, row: Row) -> Iterator[str]:
    quote, name = rows.names.quote, rows.names.qualified(row["schema"], row["name"])
    if row["constraint"] and row["options"] and row["constraint_type"] in ("p", "u"):
        yield f"ALTER INDEX {name} SET ({', '.join(row['options'])})"
    for entry in row["statistics"]:
        number, target = entry.split(" ")
        yield f"ALTER INDEX {name} ALTER COLUMN {number} SET STATISTICS {target}"
    if row["is_clustered"]:
        yield f"ALTER TABLE {table} CLUSTER ON {quote(row['name'])}"
    if row["is_replica_identity"]:
        yield f"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {quote(row['name'])}"
    if row["comment"]:
        yield f"COMMENT ON INDEX {name} IS {literal(row['comment'])}"


def _statistics_statements(rows: Rows, row: Row) -> Iterator[str]:
    name = rows.names.qualified(row["schema"], row["name"])
    prefix = f"CREATE STATISTICS {rows.names.quote(row['schema'])}.{rows.names.quote(row['name'])} "
    yield row["definition"].replace(prefix, f"CREATE STATISTICS {name} ", 1)
    if row["target"] is not None and row["target"] >= 0:
        yield f"ALTER STATISTICS {name} SET STATISTICS {row['target']}"
    if row["comment"]:
        yield f"COMMENT ON STATISTICS {name} IS {literal(row['comment'])}"


def _sequence_statements(rows: Rows, table: Row, name: str) -> Iterator[str]:
    for column in rows.columns.get(table["oid"], ()):
        for sequence in rows.owned.get((table["oid"], column["number"]), ()):
            yield from _owned_statements(rows, name, column, sequence)


def _owned_statements(rows: Rows, name: str, column: Row, sequence: Row) -> Iterator[str]:
    written = rows.names.qualified(sequence["schema"], sequence["name"])
    if sequence["deptype"] == "i" or is_serial(sequence, column, rows.names):
        if sequence["comment"]:
            yield f"COMMENT ON SEQUENCE {written} IS {literal(sequence['comment'])}"
    else:
        yield f"ALTER SEQUENCE {written} OWNED BY {name}.{rows.names.quote(column['name'])}"


def _security_statements(rows: Rows, table: Row, name: str) -> Iterator[str]:
    has_policies = any(r["kind"] == "Policy" for r in rows.left_out.get(table["oid"], ()))
    if table["row_security"]:
        yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    # Forced without its policies, it would hide the rows from the owner as well.
    if table["force_security"] and not has_policies:
        yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    elif table["force_security"]:
        rows.notes.append(
            f"Row security of table `{name}` is enabled but not forced on its owner, since policies are left out"
        )
