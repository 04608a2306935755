"""Tables that stand already: what slows a large load down is taken away and restored in the run's one transaction.

Adding a million rows to an index costs three times of building it anew, checking a million references one by one ten times of checking them at
once. So once a load has brought enough rows, measured by those that stood before, the references, then the indexes and keys are dropped, each only
if its definition says all there is to say about it; they come back by that definition, with their names and comments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import psycopg

from ssgproj.targets.ddl.names import literal, qualified, quote

if TYPE_CHECKING:
    from psycopg import Connection

    from ssgproj.project.model import Model

SEGMENT = 100_000
"""Rows after which a load is reconsidered; then after twice as many, and so on."""
REFERENCES_PAY = 10
"""Rows that stood, for each new one, up to which checking all references anew is faster."""
INDEXES_PAY = 2
"""The same for building indexes and keys anew."""
STATISTICS_PAY = 10
"""The same for the planner's statistics, as PostgreSQL's `autovacuum_analyze_scale_factor` has it."""

_FREE = """
    x.reltablespace = 0 AND NOT x.relispartition AND x.relkind = 'i' AND i.indisvalid AND i.indisready AND i.indislive
    AND NOT i.indisclustered AND NOT i.indisreplident AND NOT i.indisexclusion
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = x.oid AND d.deptype = 'x')
    AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = x.oid AND a.attstattarget >= 0)
"""
"""Indexes that are what their definition says: no tablespace, clustering, replica identity, extension or statistics target of their own."""

_REFERENCES = """
    SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint')
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class p ON p.oid = c.confrelid
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.coninhcount = 0 AND c.conislocal AND c.convalidated
    AND t.relkind = 'r' AND NOT t.relispartition AND p.relkind = 'r' AND pg_has_role(t.relowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = c.oid AND g.tgenabled <> 'O')
    AND c.conname <> ALL (%s::text[])
"""


@dataclass(frozen=True, slots=True)
class _Taken:
    """Something dropped, and the statements that bring it back."""

    what: str
    table: str
    drop: str
    statements: tuple[str, ...]


@dataclass(slots=True)
class Standing:
    """The tables of one session that stood before it. `deferred` names the constraints that must not be touched."""

    connection: Connection[Any]
    models: Sequence[Model]
    deferred: Callable[[], list[str]]
    _rows: dict[str, int] = field(default_factory=dict)
    _brought: dict[str, int] = field(default_factory=dict)
    _done: set[tuple[str, str]] = field(default_factory=set)
    _keys: list[_Taken] = field(default_factory=list)
    _indexes: list[_Taken] = field(default_factory=list)
    _references: list[_Taken] = field(default_factory=list)

    def count(self, table: str, rows: int) -> None:
        """How many rows a table held."""
        self._rows[table] = rows

    def brought(self, table: str, rows: int) -> None:
        """So many more rows have come to a table."""
        self._brought[table] = self._brought.get(table, 0) + rows

    def hardly_grew(self, table: str) -> bool:
        """Whether the rows that came are so few that PostgreSQL would not look at the table again by itself."""
        return 0 < self._brought.get(table, 0) * STATISTICS_PAY < self._rows.get(table, 0)

    def going_on(self, table: str) -> None:
        """More rows are to come to a table."""
        before, rows = self._rows.get(table), self._brought.get(table, 0)
        if before is None or rows < SEGMENT:
            return
        for way, pays, take in (
            ("references", REFERENCES_PAY, self._take_references),
            ("indexes", INDEXES_PAY, self._take_indexes),
        ):
            if before <= pays * rows and (table, way) not in self._done:
                self._done.add((table, way))
                if self._may_change(table):
                    take(table, rows)

    def _may_change(self, table: str) -> bool:
        """The role owns a plain table, on which no trigger of its users runs a query for each row that comes."""
        return bool(
            self.connection.execute(
                "SELECT 1 FROM pg_class t WHERE oid = to_regclass(%s) AND relkind = 'r' AND NOT relispartition "
                "AND NOT relhassubclass AND pg_has_role(relowner, 'USAGE') AND NOT EXISTS (SELECT FROM pg_trigger g "
                "WHERE g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgenabled <> 'D')",
                [table],
            ).fetchone()
        )

    def _take_references(self, table: str, _: int) -> None:
        found = self._found_references("c.conrelid = to_regclass(%s)", table)
        self._references += [each for each in found if self._drop([each.drop])]

    def _found_references(self, where: str, table: str) -> list[_Taken]:
        found = self.connection.execute(f"{_REFERENCES} AND {where}".encode(), [self.deferred(), table]).fetchall()
        return [_constraint(f"the reference `{row[1]}`", *row) for row in found]

    def _take_indexes(self, table: str, rows: int) -> None:
        keys = self.connection.execute(
            "SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid), "
            "obj_description(c.oid, 'pg_constraint'), x.oid::regclass::text, obj_description(x.oid, 'pg_class'), c.conindid "
            "FROM pg_constraint c JOIN pg_index i ON i.indexrelid = c.conindid JOIN pg_class x ON x.oid = i.indexrelid "
            "WHERE c.conrelid = to_regclass(%s) AND c.contype IN ('p', 'u') AND c.conparentid = 0 AND c.coninhcount = 0 "
            f"AND x.reloptions IS NULL AND {_FREE}".encode(),
            [table],
        ).fetchall()
        for child, name, definition, comment, index, index_comment, oid in keys:
            below = self._found_references(f"c.conindid = {int(oid)} AND to_regclass(%s) IS NOT NULL", table)
            if len(below) < self._referring(oid) or not all(self._small(b.table, rows) for b in below):
                continue
            key = _constraint(f"the key `{name}`", child, name, definition, comment)
            if index_comment:
                more = f"COMMENT ON INDEX {index} IS {literal(index_comment)}"
                key = replace(key, statements=(*key.statements, more))
            if self._drop([*(b.drop for b in below), key.drop]):
                self._references += below
                self._keys.append(key)
        plain = self.connection.execute(
            "SELECT x.oid::regclass::text, pg_get_indexdef(x.oid), obj_description(x.oid, 'pg_class') "
            "FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = to_regclass(%s) "
            f"AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.oid) AND {_FREE}".encode(),
            [table],
        ).fetchall()
        for index, definition, comment in plain:
            back = [definition, *([f"COMMENT ON INDEX {index} IS {literal(comment)}"] if comment else [])]
            taken = _Taken(f"index `{index}`", table, f"DROP INDEX {index}", tuple(back))
            if self._drop([taken.drop]):
                self._indexes.append(taken)

    def _referring(self, index: int) -> int:
        row = self.connection.execute(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conindid = %s AND conparentid = 0", [index]
        ).fetchone()
        return int(row[0]) if row else 0

    def _small(self, table: str, rows: int) -> bool:
        """Whether a table that refers to another may be checked anew: it is part of the run, and not much larger than what is loaded."""
        row = self.connection.execute(
            "SELECT reltuples FROM pg_class WHERE oid = to_regclass(%s) AND oid = ANY (SELECT to_regclass(t) FROM unnest(%s::text[]) t)",
            [table, [qualified(m.table) for m in self.models]],
        ).fetchone()
        return row is not None and int(row[0]) <= REFERENCES_PAY * rows

    def _drop(self, statements: Sequence[str]) -> bool:
        """All of them or none: what something else depends on, or a table that somebody reads right now, is left as it is."""
        try:
            with self.connection.transaction():
                self.connection.execute("SET LOCAL lock_timeout = '2s'")
                for statement in statements:
                    self.connection.execute(statement.encode())
                self.connection.execute("SET LOCAL lock_timeout = 0")
        except psycopg.Error:
            return False
        return True

    def restore(self, execute: Callable[[str, str], None]) -> None:
        """Bring everything back, in the order in which one needs the other."""
        if not (self._keys or self._indexes or self._references):
            return
        row = self.connection.execute("SELECT current_setting('default_tablespace')").fetchone()
        execute("SET LOCAL default_tablespace = ''", "restoring keys")
        for each in [*self._keys, *self._indexes, *self._references]:
            for statement in each.statements:
                execute(statement, f"restoring {each.what}")
        execute(f"SET LOCAL default_tablespace = {literal(row[0] if row else '')}", "restoring keys")
        self._keys.clear()
        self._indexes.clear()
        self._references.clear()


def _constraint(what: str, table: str, name: str, definition: str, comment: str | None) -> _Taken:
    statements = [f"ALTER TABLE {table} ADD CONSTRAINT {quote(name)} {definition}"]
    if comment:
        statements.append(f"COMMENT ON CONSTRAINT {quote(name)} ON {table} IS {literal(comment)}")
    return _Taken(what, table, f"ALTER TABLE {table} DROP CONSTRAINT {quote(name)}", tuple(statements))
