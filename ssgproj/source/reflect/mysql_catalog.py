"""What MariaDB's and MySQL's `information_schema` says, as rows."""

from __future__ import annotations

from typing import Any

from ssgproj.errors import SsgError
from ssgproj.source.connect import SourceConnection
from ssgproj.source.reflect.mysql_text import quoted

Row = dict[str, Any]

_SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")


def databases(connection: SourceConnection) -> list[str]:
    """The databases that are not the server's own."""
    rows = connection.fetch("SELECT schema_name AS name FROM information_schema.schemata ORDER BY schema_name")
    return [r["name"] for r in rows if r["name"] not in _SYSTEM]


def tables(connection: SourceConnection, database: str) -> list[Row]:
    """Tables, views and sequences."""
    return connection.fetch(
        """
        SELECT table_name AS name, table_type AS type, table_collation AS collation, table_comment AS comment
        FROM information_schema.tables WHERE table_schema = %s ORDER BY table_name
        """,
        (database,),
    )


def columns(connection: SourceConnection, database: str) -> list[Row]:
    """Columns in order."""
    return connection.fetch(
        """
        SELECT table_name AS table_name, column_name AS name, column_default AS column_default, is_nullable AS nullable,
               column_type AS column_type, extra AS extra, generation_expression AS generation,
               collation_name AS collation, column_comment AS comment
        FROM information_schema.columns WHERE table_schema = %s ORDER BY table_name, ordinal_position
        """,
        (database,),
    )


def checks(connection: SourceConnection, database: str, is_mariadb: bool) -> list[Row]:
    """CHECK constraints of columns and tables."""
    if is_mariadb:
        return connection.fetch(
            """
            SELECT table_name AS table_name, constraint_name AS name, level AS level, check_clause AS clause
            FROM information_schema.check_constraints WHERE constraint_schema = %s ORDER BY table_name, constraint_name
            """,
            (database,),
        )
    if not _has(connection, "CHECK_CONSTRAINTS", "CHECK_CLAUSE"):
        return []
    return connection.fetch(
        """
        SELECT t.table_name AS table_name, c.constraint_name AS name, 'Table' AS level, c.check_clause AS clause
        FROM information_schema.check_constraints c
        JOIN information_schema.table_constraints t
          ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name
        WHERE c.constraint_schema = %s AND t.constraint_type = 'CHECK' ORDER BY t.table_name, c.constraint_name
        """,
        (database,),
    )


def _has(connection: SourceConnection, view: str, column: str) -> bool:
    rows = connection.fetch(
        "SELECT 1 AS found FROM information_schema.columns WHERE table_schema = 'information_schema' "
        "AND upper(table_name) = %s AND upper(column_name) = %s",
        (view, column),
    )
    return bool(rows)


def indexes(connection: SourceConnection, database: str) -> list[Row]:
    """The parts of indexes in order."""
    expression = "expression" if _has(connection, "STATISTICS", "EXPRESSION") else "NULL"
    return connection.fetch(
        f"""
        SELECT table_name AS table_name, index_name AS name, non_unique AS non_unique, column_name AS column_name,
               collation AS direction, sub_part AS prefix, index_type AS type, index_comment AS comment,
               {expression} AS expression
        FROM information_schema.statistics WHERE table_schema = %s ORDER BY table_name, index_name, seq_in_index
        """,
        (database,),
    )


def references(connection: SourceConnection, database: str) -> list[Row]:
    """The columns of references in order."""
    return connection.fetch(
        """
        SELECT k.table_name AS table_name, k.constraint_name AS name, k.column_name AS column_name,
               k.referenced_table_schema AS to_schema, k.referenced_table_name AS to_table,
               k.referenced_column_name AS to_column, r.update_rule AS on_update, r.delete_rule AS on_delete
        FROM information_schema.key_column_usage k
        JOIN information_schema.referential_constraints r
          ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name
         AND r.table_name = k.table_name
        WHERE k.table_schema = %s AND k.referenced_table_name IS NOT NULL
        ORDER BY k.table_name, k.constraint_name, k.ordinal_position
        """,
        (database,),
    )


def create_table(connection: SourceConnection, database: str, name: str, kind: str = "TABLE") -> str:
    """The text of SHOW CREATE."""
    row = connection.fetch(f"SHOW CREATE {kind} {quoted(database)}.{quoted(name)}")[0]
    text = next((v for k, v in row.items() if k.lower().startswith("create")), None) or list(row.values())[-1]
    return str(text)


def left_out(connection: SourceConnection, database: str) -> list[str]:
    """What is not reflected, as notes."""
    notes = []
    for sql, text in (
        (
            "SELECT trigger_name AS name, event_object_table AS place FROM information_schema.triggers "
            "WHERE trigger_schema = %s ORDER BY 1",
            "Trigger `{name}` of table `{place}` is left out",
        ),
        (
            "SELECT routine_name AS name, lower(routine_type) AS place FROM information_schema.routines "
            "WHERE routine_schema = %s ORDER BY 1",
            "The {place} `{name}` is left out",
        ),
        (
            "SELECT event_name AS name, '' AS place FROM information_schema.events WHERE event_schema = %s ORDER BY 1",
            "Event `{name}` is left out",
        ),
    ):
        try:
            rows = connection.fetch(sql, (database,))
        except SsgError:
            # No right to see them: nothing to say about them.
            continue
        notes += [text.format(name=r["name"], place=r["place"]) for r in rows]
    return notes
