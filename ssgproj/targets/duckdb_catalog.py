"""What stands in a DuckDB database, and talking to it without its errors' texts getting out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import duckdb

from ssgproj.project.model import Model, TableName
from ssgproj.targets.ddl.names import literal, qualified, quote, quoted_list
from ssgproj.targets.errors import reduce_duckdb, violated_check

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class DuckdbCatalog:
    """The catalogue of one connection. `place` gives the schema to names that have none."""

    def __init__(self, connection: DuckDBPyConnection, place: Callable[[TableName], TableName]) -> None:
        self.connection = connection
        self.place = place

    def execute(self, sql: str, doing: str, model: Model | None = None) -> None:
        """Run a statement; `doing` and the model are what an error says."""
        try:
            self.connection.execute(sql)
        except duckdb.Error as error:
            found = _CHECK.search(str(error))
            if model and found:
                raise violated_check(model, "duckdb", found["check"], doing) from None
            raise reduce_duckdb(error, str(model.table) if model else None, doing) from None

    def rows(self, sql: str, doing: str, model: Model | None = None) -> list[tuple[Any, ...]]:
        try:
            return list(self.connection.execute(sql).fetchall())
        except duckdb.Error as error:
            raise reduce_duckdb(error, str(model.table) if model else None, doing) from None

    def _where(self, name: TableName, column: str = "table_name") -> str:
        place = self.place(name)
        return (
            f"database_name = current_database() AND schema_name = {literal(place.schema or '')} "
            f"AND {column} = {literal(place.name)}"
        )

    def stands(self, table: TableName) -> bool:
        return bool(self.rows(f"SELECT 1 FROM duckdb_tables() WHERE {self._where(table)}", "looking for tables"))

    def size(self, table: TableName) -> int:
        """About how many rows a table has; 0 if it does not stand."""
        found = self.rows(
            f"SELECT estimated_size FROM duckdb_tables() WHERE {self._where(table)}", "looking for tables"
        )
        return int(found[0][0]) if found else 0

    def type_stands(self, name: TableName) -> bool:
        return bool(
            self.rows(f"SELECT 1 FROM duckdb_types() WHERE {self._where(name, 'type_name')}", "looking for types")
        )

    def sequence(self, name: TableName) -> tuple[int | None, int, int, int] | None:
        """(last value, least, greatest, increment) of a sequence, or None."""
        found = self.rows(
            "SELECT last_value, min_value, max_value, increment_by FROM duckdb_sequences() "
            f"WHERE {self._where(name, 'sequence_name')}",
            "looking for sequences",
        )
        return (found[0][0], found[0][1], found[0][2], found[0][3]) if found else None

    def columns(self, table: TableName) -> dict[str, str]:
        """The columns of a table with their types."""
        return dict(
            self.rows(f"SELECT column_name, data_type FROM duckdb_columns() WHERE {self._where(table)}", "looking")
        )

    def computed(self, table: TableName, names: Iterable[str]) -> set[str]:
        """Those of its columns that DuckDB computes."""
        found = self.rows(f"SELECT sql FROM duckdb_tables() WHERE {self._where(table)}", "looking at")
        text = found[0][0] if found else ""
        written = {n: rf'(?:{re.escape(quote(n))}|(?<![\w"]){re.escape(n)}(?!\w))' for n in names}
        return {
            n
            for n, w in written.items()
            if re.search(rf"{w}(?:[^,(]|\([^)]*\))*?\bGENERATED\s+ALWAYS\s+AS\b", text, re.IGNORECASE)
        }

    def keys(self, table: TableName) -> list[tuple[str, ...]]:
        """The columns of its primary key and of its unique constraints."""
        found = self.rows(
            f"SELECT constraint_column_names FROM duckdb_constraints() WHERE {self._where(table)} "
            "AND constraint_type IN ('PRIMARY KEY', 'UNIQUE')",
            "looking at keys",
        )
        return [tuple(row[0]) for row in found]

    def references(self) -> list[tuple[TableName, TableName]]:
        """(child, parent) of every foreign key."""
        rows = self.rows(
            "SELECT schema_name, table_name, referenced_table, constraint_text FROM duckdb_constraints() "
            "WHERE database_name = current_database() AND constraint_type = 'FOREIGN KEY'",
            "looking at references",
        )
        found = []
        for schema, table, parent, text in rows:
            match = _REFERENCED.search(text)
            above = match["schema"].strip('"').replace('""', '"') if match and match["schema"] else schema
            found.append((TableName(table, schema), TableName(parent, above)))
        return found

    def refers_to_itself(self, table: TableName) -> bool:
        place = self.place(table)
        return any(child == parent == place for child, parent in self.references())

    def definition(self, place: TableName) -> list[str]:
        """The statements that make a standing table again: itself, its comments, its indexes."""
        where, doing = self._where(place), f"looking at table `{place.name}`"
        sql, comment = self.rows(f"SELECT sql, comment FROM duckdb_tables() WHERE {where}", doing)[0]
        # Before version 2 the catalogue's text leaves out a table's references to itself.
        for own, to in self.rows(
            f"SELECT constraint_column_names, referenced_column_names FROM duckdb_constraints() WHERE {where} "
            "AND constraint_type = 'FOREIGN KEY' AND constraint_text = ''",
            doing,
        ):
            key = f"FOREIGN KEY ({quoted_list(own)}) REFERENCES {qualified(place)} ({quoted_list(to)})"
            sql = f"{sql.rstrip().removesuffix(';').removesuffix(')').rstrip().removesuffix(',')}, {key});"
        statements = [sql]
        if comment:
            statements.append(f"COMMENT ON TABLE {qualified(place)} IS {literal(comment)}")
        for name, text in self.rows(
            f"SELECT column_name, comment FROM duckdb_columns() WHERE {where} AND comment IS NOT NULL", doing
        ):
            statements.append(f"COMMENT ON COLUMN {qualified(place)}.{quote(name)} IS {literal(text)}")
        indexes = self.rows(f"SELECT sql FROM duckdb_indexes() WHERE {where} AND sql IS NOT NULL", doing)
        return [*statements, *(row[0] for row in indexes)]


_REFERENCED = re.compile(r'REFERENCES (?:(?P<schema>"(?:[^"]|"")+"|\w+)\.)?(?:"(?:[^"]|"")+"|\w+)\s*\(')


_CHECK = re.compile(r"CHECK constraint failed.*?with expression CHECK\((?P<check>.*)\)", re.DOTALL)


def children_first(places: Iterable[TableName], references: Iterable[tuple[TableName, TableName]]) -> list[TableName]:
    """Order tables so that each comes before those it refers to. DuckDB's references have no cycles but to oneself."""
    left = set(places)
    edges = {(c, p) for c, p in references if c != p}
    ordered: list[TableName] = []
    while left:
        free = sorted(t for t in left if not any(p == t and c in left for c, p in edges))
        ordered += free or sorted(left)
        left -= set(ordered)
    return ordered


def enum_used(labels: tuple[str, ...], types: Iterable[str]) -> bool:
    shown = "ENUM(" + ", ".join(literal(label) for label in labels) + ")"
    return any(shown in str(t) for t in types)
