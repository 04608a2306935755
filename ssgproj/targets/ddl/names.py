"""Quoted names. Every name in a statement goes through here: a table may be called `select`, `a"b` or `100%`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from ssgproj.errors import SsgError
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


@dataclass(frozen=True, slots=True)
class NameLimit:
    """How long a database lets a name be."""

    database: str
    most: int
    unit: str = "characters"

    def length(self, name: str) -> int:
        return len(name.encode() if self.unit == "bytes" else name)

    def fit(self, name: str) -> str:
        """The name, or its beginning and eight digits that depend on all of it. For names that nothing else refers to: of keys and indexes."""
        if self.length(name) <= self.most:
            return name
        digits = hashlib.sha256(name.encode()).hexdigest()[:8]
        kept = name
        while self.length(kept) > self.most - 9:
            kept = kept[:-1]
        return f"{kept}_{digits}"

    def refuse(self, models: Iterable[Model], called: dict[TableName, str] | None = None) -> None:
        """Raise SsgError for a table or column whose name is too long: it cannot be called otherwise in secret."""
        for model in models:
            names = [(f"table `{model.table}`", (called or {}).get(model.table, model.table.name))]
            names += [(f"column `{model.table}.{c.name}`", c.name) for c in model.columns]
            for what, name in names:
                if self.length(name) > self.most:
                    raise SsgError(
                        f"The name of {what} has {self.length(name)} {self.unit}; {self.database} takes {self.most}",
                        f"shorten it in {model.path}, then: ssg lint",
                    )


@dataclass(slots=True)
class FreeNames:
    """Names for indexes and keys where they belong to a whole schema or database, and elsewhere to their table."""

    limit: NameLimit | None = None
    taken: set[tuple[str | None, str]] = field(default_factory=set)

    def take(self, name: str, table: str, place: str | None = None) -> str:
        """The name if it is free in `place`, else one with the table's name before it."""
        wanted = name
        for other in (name, f"{table}_{name}", *(f"{table}_{name}_{n}" for n in range(2, 100))):
            wanted = self.limit.fit(other) if self.limit else other
            if (place, wanted.lower()) not in self.taken:
                break
        self.taken.add((place, wanted.lower()))
        return wanted
