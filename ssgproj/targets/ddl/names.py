"""Quoted names. Every name in a statement goes through here: a table may be called `select`, `a"b` or `100%`."""

from __future__ import annotations

from collections.abc import Iterable

from ssgproj.project.model import Model, TableName


def quote(name: str) -> str:
    """One identifier in standard SQL (PostgreSQL, DuckDB, SQLite)."""
    return '"' + name.replace('"', '""') + '"'


def quote_backtick(name: str) -> str:
    """One identifier in MySQL's and MariaDB's way."""
    return "`" + name.replace("`", "``") + "`"


def qualified(table: TableName) -> str:
    """A table, with its schema where it has one."""
    return f"{quote(table.schema)}.{quote(table.name)}" if table.schema else quote(table.name)


def quoted_list(names: Iterable[str]) -> str:
    return ", ".join(quote(n) for n in names)


def literal(text: str) -> str:
    """A string literal in standard SQL."""
    return "'" + text.replace("'", "''") + "'"


def flat_names(models: Iterable[Model]) -> dict[TableName, str]:
    """Names for databases without schemas: `shop.orders` becomes `shop_orders`, or keeps its dot where that is taken."""
    tables = [m.table for m in models]
    taken = {t.name for t in tables if t.schema is None}
    names: dict[TableName, str] = {}
    for table in tables:
        joined = table.name if table.schema is None else f"{table.schema}_{table.name}"
        if table.schema is not None and joined in taken:
            joined = f"{table.schema}.{table.name}"
        taken.add(joined)
        names[table] = joined
    return names
