"""One run against DuckDB.

DuckDB has foreign keys only in CREATE TABLE, and checks them row by row against what stands already. So a table is created when its
first rows come, after its parents; a table that refers to itself is filled from a bare copy, parents before children; and a
reference that cannot be kept (a cycle) is left out, verified by a query at the end, and noted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ssgproj.errors import RunError, SsgError
from ssgproj.project.model import ForeignKey, Model, TableName
from ssgproj.targets.base import Existing, Schema
from ssgproj.targets.ddl.duckdb import DuckdbRenderer
from ssgproj.targets.ddl.names import literal, qualified, quote, quoted_list
from ssgproj.targets.duckdb_catalog import DuckdbCatalog, children_first, enum_used
from ssgproj.targets.duckdb_waves import NOWHERE, ROOT, waves
from ssgproj.targets.keys import integer_keys, missing_parent
from ssgproj.targets.rows import computed_by, regrouped

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

MOST_WAVES = 200
"""How deep a table may refer to itself before its reference is verified by a query instead of kept as a constraint."""

ROWS_A_GROUP = 122_880
"""The rows of a row group of DuckDB, which one of its threads writes alone."""
ROWS_AT_ONCE = 8 * ROWS_A_GROUP
MANY_PARENTS = 100_000
"""The rows of a parent from which its index no longer fits a processor's cache."""


class DuckdbSession:
    """One transaction; or, in a file that is being built and that nobody sees before its end, one statement after the other.

    Building is faster: a table is filled bare and gets its keys afterwards, also where others refer to it. Within one transaction DuckDB
    cannot check a reference against a key that was added to a table.
    """

    def __init__(
        self, connection: DuckDBPyConnection, schema: Schema, default_schema: str | None, *, building: bool = False
    ) -> None:
        self.connection = connection
        self.building = building
        self.schema = schema
        self.sql = DuckdbRenderer(schema, default_schema)
        self.catalog = DuckdbCatalog(connection, self.sql.place)
        self.committed = False
        self._scratch: DuckDBPyConnection | None = None
        self._pending: dict[TableName, Model] = {}
        self._bare_keys: dict[TableName, Model] = {}
        self._made: set[TableName] = set()
        self._verify: list[tuple[Model, ForeignKey]] = []
        self._notes: list[str] = []
        self._stages = 0
        self._able: bool | None = None

    # What stands

    def existing(self, model: Model) -> Existing | None:
        if not self.catalog.stands(model.table):
            return None
        standing = self.catalog.columns(model.table)
        keys = [k for k in integer_keys(model) if k in standing]
        wanted = ", ".join(["count(*)", *(f"max({quote(k)})" for k in keys)])
        row = self.catalog.rows(f"SELECT {wanted} FROM {self.sql.table(model.table)}", "looking at", model)[0]
        return Existing(row[0], {k: int(v) for k, v in zip(keys, row[1:], strict=True) if v is not None})

    # Making

    def create(self, models: Sequence[Model]) -> None:
        schemas = {self.sql.place(m.table).schema for m in models} | {name for name, _ in self.schema.objects.schemas}
        schemas |= {self.sql.place(t.name).schema for t in self.schema.objects.types}
        for name in sorted(s for s in schemas if s and s != "main"):
            self._define(f"CREATE SCHEMA IF NOT EXISTS {quote(name)}", "creating schemas")
        for named in self.schema.objects.types:
            if named.kind == "enum" and not self.catalog.type_stands(named.name):
                self._define(self.sql.enum(named), "creating types")
        for sequence in self.schema.objects.sequences:
            self._create_sequence(sequence.name, sequence.options)
        for model in models:
            if not model.columns:
                self._notes.append(f"Table `{model.table}` is left out: DuckDB has no tables without columns")
                continue
            for column in model.columns:
                if own := self.sql.column_sequence(model, column):
                    self._create_sequence(own.name, own.options)
            self._pending[model.table] = model

    def _define(self, sql: str, doing: str) -> None:
        """Run a statement here and in the empty database that tables are tried in."""
        self.catalog.execute(sql, doing)
        self._try(sql)

    def _create_sequence(self, name: TableName, options: tuple[tuple[str, int | str | bool], ...]) -> None:
        sql = self.sql.sequence(name, options)
        if self.catalog.sequence(name) is None:
            self._define(sql, "creating sequences")
        else:
            self._try(sql)

    def _try(self, sql: str) -> bool:
        if self._scratch is None:
            self._scratch = duckdb.connect(":memory:")
            for name, _ in self.schema.objects.schemas:
                self._scratch.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(name)}")
        try:
            self._scratch.execute(sql)
        except duckdb.Error:
            return False
        return True

    def _make(self, model: Model, self_references: bool = True) -> None:
        """Create a table with what can stand by now."""
        del self._pending[model.table]
        referenced = any(fk.to_table == model.table for other in self.schema.models for fk in other.foreign_keys)
        keep: list[ForeignKey] = []
        for key in model.foreign_keys:
            itself = key.to_table == model.table
            if itself and not self_references:
                self._leave_out(model, key, "its rows refer to one another in a circle, or too deeply")
            elif itself or self._can_refer(key):
                keep.append(key)
            elif key.to_table in self._pending:
                self._leave_out(model, key, "it is part of a cycle")
            elif self.catalog.stands(key.to_table):
                self._leave_out(model, key, "what it refers to is not a key there")
            else:
                self._notes.append(missing_parent(model, key))
        if dropped := [k for k in keep if k.on_delete or k.on_update]:
            listed = ", ".join(f"`{', '.join(k.columns)}`" for k in dropped)
            self._notes.append(f"DuckDB has no ON DELETE or ON UPDATE: they are left out of `{model.table}` ({listed})")
        adds_unique = self._adds_unique()
        bare_until_filled = self.building and adds_unique and not any(k.to_table == model.table for k in keep)
        inline = (referenced and not bare_until_filled) or (bool(model.unique) and not adds_unique)
        plan = self.sql.create(model, inline, keep, self._accepts(model))
        for key in keep:
            if self.sql.reference(key) not in plan.create:
                apart = self.sql.place(key.to_table).schema != self.sql.place(model.table).schema
                self._leave_out(model, key, "it leads to another schema" if apart else "DuckDB does not take it")
        self._notes.extend(plan.notes)
        self._define(plan.create, f"creating table `{model.table}`")
        if not inline and self.sql.keys(model):
            self._bare_keys[model.table] = model
        for comment in self.sql.comments(model):
            self.catalog.execute(comment, f"commenting table `{model.table}`")
        self._made.add(model.table)

    def _adds_unique(self) -> bool:
        """Whether this DuckDB can add a unique constraint to a table: from version 2."""
        if self._able is None:
            self._able = self._try("CREATE TEMP TABLE ssg_probe (a INTEGER); ALTER TABLE ssg_probe ADD UNIQUE (a)")
            self._try("DROP TABLE IF EXISTS ssg_probe")
        return self._able

    def _accepts(self, model: Model) -> Callable[[str], bool]:
        drop = f"DROP TABLE {self.sql.table(model.table)}"
        if (schema := self.sql.place(model.table).schema) and schema != "main":
            self._try(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
        for key in model.foreign_keys:
            if key.to_table != model.table:
                self._mirror(key.to_table)

        def accepts(sql: str) -> bool:
            if not self._try(sql):
                return False
            self._try(drop)
            return True

        return accepts

    def _mirror(self, table: TableName) -> None:
        """A standing table's shape in the scratch database, for references to it."""
        keys = self.catalog.keys(table)
        if keys:
            types = self.catalog.columns(table)
            named = sorted({c for k in keys for c in k})
            columns = ", ".join(f"{quote(c)} {types[c]}" for c in named)
            uniques = ", ".join(f"UNIQUE ({quoted_list(k)})" for k in keys)
            self._try(f"CREATE TABLE {self.sql.table(table)} ({columns}, {uniques})")

    def _can_refer(self, key: ForeignKey) -> bool:
        return key.to_table not in self._pending and any(
            set(k) == set(key.to_columns) for k in self.catalog.keys(key.to_table)
        )

    def _leave_out(self, model: Model, key: ForeignKey, why: str) -> None:
        self._verify.append((model, key))
        place = f"`{model.table}` ({', '.join(key.columns)}) to `{key.to_table}`"
        self._notes.append(f"The reference of {place} holds but does not stand in DuckDB: {why}")

    # Removing

    def empty(self, models: Sequence[Model]) -> None:
        """Tables that others refer to are dropped and made again as they were: DuckDB cannot delete child and parent in one
        transaction."""
        tables = [m.table for m in models]
        self._refuse_outsiders(tables, "emptied")
        referenced = self.catalog.references()
        places = [self.sql.place(t) for t in tables]
        tangled = {p for p in places if any(p == parent for _, parent in referenced)}
        tangled |= {child for child, parent in referenced if parent in tangled}
        for place in places:
            if place not in tangled:
                self.catalog.execute(f"DELETE FROM {qualified(place)}", f"emptying table `{place.name}`")
        ordered = children_first(tangled, referenced)
        remake: list[list[str]] = []
        for place in ordered:
            remake.append(self.catalog.definition(place))
            self.catalog.execute(f"DROP TABLE {qualified(place)}", f"emptying table `{place.name}`")
        for statements in reversed(remake):
            for statement in statements:
                self.catalog.execute(statement, "emptying tables")

    def _refuse_outsiders(self, tables: Iterable[TableName], done: str) -> None:
        places = {self.sql.place(t) for t in tables}
        for child, parent in self.catalog.references():
            if parent in places and child not in places:
                raise SsgError(
                    f"Table `{parent.name}` cannot be {done}: `{child}` refers to it and is not part of this run",
                    f"select it too, or run `DROP TABLE {child}`",
                )

    def drop(self, models: Sequence[Model]) -> None:
        tables = [m.table for m in models if self.catalog.stands(m.table)]
        self._refuse_outsiders(tables, "dropped")
        for place in children_first({self.sql.place(t) for t in tables}, self.catalog.references()):
            self.catalog.execute(f"DROP TABLE {qualified(place)}", f"dropping table `{place.name}`")
        used = " ".join(
            str(r[0]) for r in self.catalog.rows("SELECT sql FROM duckdb_tables() WHERE NOT internal", "looking")
        )
        own = [s.name for m in models for c in m.columns if (s := self.sql.column_sequence(m, c))]
        for name in dict.fromkeys([*own, *(s.name for s in self.schema.objects.sequences)]):
            if quote(name.name) not in used and name.name not in used:
                self.catalog.execute(f"DROP SEQUENCE IF EXISTS {self.sql.table(name)}", "dropping sequences")
        types = {
            r[0] for r in self.catalog.rows("SELECT data_type FROM duckdb_columns() WHERE NOT internal", "looking")
        }
        for named in self.schema.objects.types:
            if named.kind == "enum" and self.catalog.type_stands(named.name) and not enum_used(named.labels, types):
                self.catalog.execute(f"DROP TYPE {self.sql.table(named.name)}", "dropping types")

    # Filling

    def load(self, model: Model, batches: Iterable[pa.RecordBatch]) -> int:
        if not model.columns:
            return sum(b.num_rows for b in batches)
        stream = iter(batches)
        first = next(stream, None)
        if first is None:
            return 0
        batches = itertools.chain((first,), stream)
        itself = [k for k in model.foreign_keys if k.to_table == model.table]
        if itself and (model.table in self._pending or self.catalog.refers_to_itself(model.table)):
            return self._load_in_waves(model, itself, batches)
        if model.table in self._pending:
            self._make(model)
        generated = {c.name for c in model.columns if c.generated is not None}
        computed = self.catalog.computed(model.table, generated) if generated else set()
        kept = computed_by(batches, computed)
        loaded = self._insert(model, self.sql.table(model.table), kept, self._sorted_by(model))
        self._settle(model)
        return loaded

    def _settle(self, model: Model) -> None:
        """While building: give a filled table its keys at once, for those that refer to it."""
        if self.building and model.table in self._bare_keys:
            self._add_keys(model)

    def _insert(self, model: Model, target: str, batches: Iterable[pa.RecordBatch], sort: Sequence[str] = ()) -> int:
        """INSERTs that take the batches as they come: DuckDB's own threads ask for them, and keep their order.

        Where there are many rows, an INSERT takes ROWS_AT_ONCE of them, since DuckDB keeps what an INSERT adds to an index twice until it
        ends; and each takes them in the order of `sort`, since an index is many times faster to use from front to back.
        """
        groups = regrouped((_plain(b) for b in batches), ROWS_A_GROUP)
        loaded = 0
        failed: list[BaseException] = []
        first = next(groups, None)
        while first is not None:
            begin: pa.Table = first
            following: list[pa.Table] = []

            def stream(begin: pa.Table = begin, following: list[pa.Table] = following) -> Iterator[pa.RecordBatch]:
                nonlocal loaded
                try:
                    for number, group in enumerate(itertools.chain((begin,), groups)):
                        if number == ROWS_AT_ONCE // ROWS_A_GROUP:
                            following.append(group)
                            return
                        loaded += group.num_rows
                        yield from group.to_batches()
                except BaseException as error:
                    failed.append(error)  # DuckDB would wrap it, or print it
                    raise

            names = quoted_list(begin.schema.names)
            order = f" ORDER BY {quoted_list(sort)}" if sort and begin.num_rows == ROWS_A_GROUP else ""
            self.connection.register("ssg_batch", pa.RecordBatchReader.from_batches(begin.schema, stream()))
            try:
                sql = f"INSERT INTO {target} ({names}) SELECT {names} FROM ssg_batch{order}"
                self.catalog.execute(sql, "loading", model)
            except SsgError:
                if failed:
                    raise failed[0] from None
                raise
            finally:
                with suppress(duckdb.Error):  # refused in a transaction that has failed
                    self.connection.unregister("ssg_batch")
            first = next(iter(following), None)
        return loaded

    def _sorted_by(self, model: Model) -> tuple[str, ...]:
        """The reference whose check would jump about most: the one to the largest table, if it is large; then the key, so that the
        order of rows is always the same."""
        sizes = [(self.catalog.size(k.to_table), k.columns) for k in model.foreign_keys if k.to_table != model.table]
        rows, columns = max(sizes, default=(0, ()))
        if rows < MANY_PARENTS:
            return ()
        key = model.primary_key.columns if model.primary_key else ()
        return tuple(dict.fromkeys((*columns, *key)))

    def _load_in_waves(self, model: Model, itself: list[ForeignKey], batches: Iterable[pa.RecordBatch]) -> int:
        """Fill a table that refers to itself from a bare copy: rows go in after the rows they refer to."""
        self._stages += 1
        stage = quote(f"ssg_stage_{self._stages}")
        copied = model.vocabulary.columns if model.vocabulary else ()
        rows = [c for c in model.columns if c.generated is None and (not copied or c.name in copied)]
        # Names of its own: a column may be called `rowid`.
        own = {c.name: f"c{number}" for number, c in enumerate(rows)}
        types = ", ".join(f"{own[c.name]} {self.sql.column_type(c.type)}" for c in rows)
        self.catalog.execute(f"CREATE TEMP TABLE {stage} ({types})", "preparing", model)
        wanted = (b.select(list(own)) for b in batches)
        loaded = self._insert(model, stage, (b.rename_columns([own[n] for n in b.schema.names]) for b in wanted))
        target, names, taken = self.sql.table(model.table), quoted_list(own), ", ".join(f"s.{c}" for c in own.values())
        pending = model.table in self._pending
        numbers = self._waves(model, itself, (stage, own), None if pending else target)
        if pending:
            self._make(model, self_references=numbers is not None)
        elif numbers is None:
            raise RunError(
                f"Rows of `{model.table}` refer to no row of it, or to one another in a circle, which DuckDB cannot load"
            )
        if numbers is None:
            self.catalog.execute(
                f"INSERT INTO {target} ({names}) SELECT {taken} FROM {stage} s ORDER BY s.rowid", "loading", model
            )
        else:
            self.connection.register("ssg_waves", numbers)
            for wave in range(pc.max(numbers["wave"]).as_py() + 1 if numbers.num_rows else 0):
                self.catalog.execute(
                    f"INSERT INTO {target} ({names}) SELECT {taken} FROM {stage} s JOIN ssg_waves w ON w.r = s.rowid "
                    f"WHERE w.wave = {wave} ORDER BY s.rowid",
                    "loading",
                    model,
                )
            self.connection.unregister("ssg_waves")
        self.catalog.execute(f"DROP TABLE {stage}", "loading", model)
        return loaded

    def _waves(
        self, model: Model, itself: list[ForeignKey], staged: tuple[str, dict[str, str]], standing: str | None
    ) -> pa.Table | None:
        """(r, wave) of every row of the stage, or None if there is no order that DuckDB takes."""
        stage, own = staged
        if any(c not in own for key in itself for c in (*key.columns, *key.to_columns)):
            return None  # a computed column: DuckDB has no keys on those
        rows: NDArray[np.int64] | None = None
        parents = []
        for key in itself:
            free = " OR ".join(f"s.{own[c]} IS NULL" for c in key.columns)
            pairs = list(zip(key.to_columns, key.columns, strict=True))
            if standing:
                there = " AND ".join(f"e.{quote(to)} = s.{own[child]}" for to, child in pairs)
                free += f" OR EXISTS (SELECT 1 FROM {standing} e WHERE {there})"
            same = " AND ".join(f"p.{own[to]} = s.{own[child]}" for to, child in pairs)
            self.catalog.execute(
                f"SELECT s.r, CASE WHEN bool_or(s.free) THEN {ROOT} ELSE coalesce(min(p.rowid), {NOWHERE}) END AS p "
                f"FROM (SELECT s.rowid AS r, {', '.join(own[c] for c in key.columns)}, {free} AS free FROM {stage} s) s "
                f"LEFT JOIN {stage} p ON {same} GROUP BY s.r ORDER BY s.r",
                "preparing",
                model,
            )
            found = self.connection.fetchnumpy()
            rows = found["r"]
            parents.append(found["p"])
        numbers = waves(rows, parents, MOST_WAVES) if rows is not None else None
        return None if numbers is None else pa.table({"r": rows, "wave": numbers})

    # Finishing

    def finish(self, models: Sequence[Model]) -> tuple[str, ...]:
        while waiting := list(self._pending.values()):
            free = [
                m
                for m in waiting
                if not any(k.to_table in self._pending for k in m.foreign_keys if k.to_table != m.table)
            ]
            self._make((free or waiting)[0])
            self._settle((free or waiting)[0])
        for model in models:
            if model.table in self._bare_keys:
                self._add_keys(model)
            if model.table in self._made:
                self._add_indexes(model)
        for child, key in self._verify:
            self._check_reference(child, key)
        for model in models:
            self._set_sequences(model)
        self._verify.clear()
        return tuple(dict.fromkeys(self._notes))

    def _add_keys(self, model: Model) -> None:
        target = self.sql.table(model.table)
        for piece in self.sql.keys(model):
            statement = f"ALTER TABLE {target} ADD {piece.sql}"
            if not self._try(statement):
                if piece.note:
                    self._notes.append(piece.note)
                continue
            try:
                self.catalog.execute(statement, "adding keys", model)
            except SsgError:
                self._check_keys(model)  # says which key it is
                raise
        if not self.building:
            # In a transaction DuckDB looks for duplicates only on COMMIT, and then names no table.
            self._check_keys(model)
        del self._bare_keys[model.table]

    def _check_keys(self, model: Model) -> None:
        keys = [model.primary_key.columns] if model.primary_key else []
        keys += [u.columns for u in model.unique]
        generated = {c.name for c in model.columns if c.generated is not None}
        for columns in keys:
            if not generated.intersection(columns):
                self._check_unique(model, columns)

    def _check_unique(self, model: Model, columns: tuple[str, ...]) -> None:
        listed = quoted_list(columns)
        present = " AND ".join(f"{quote(c)} IS NOT NULL" for c in columns)
        found = self.catalog.rows(
            f"SELECT 1 FROM {self.sql.table(model.table)} WHERE {present} GROUP BY {listed} HAVING count(*) > 1 LIMIT 1",
            "checking keys",
            model,
        )
        if found:
            raise RunError(f"Values of the key `{', '.join(columns)}` of table `{model.table}` are not unique")

    def _add_indexes(self, model: Model) -> None:
        for number, index in enumerate(model.indexes):
            piece = self.sql.index(model, index, number)
            if piece.sql and self._try(piece.sql):
                self.catalog.execute(piece.sql, "creating indexes", model)
            elif piece.note:
                self._notes.append(piece.note)

    def _check_reference(self, child: Model, key: ForeignKey) -> None:
        present = " AND ".join(f"c.{quote(n)} IS NOT NULL" for n in key.columns)
        same = " AND ".join(
            f"p.{quote(to)} = c.{quote(own)}" for own, to in zip(key.columns, key.to_columns, strict=True)
        )
        found = self.catalog.rows(
            f"SELECT 1 FROM {self.sql.table(child.table)} c WHERE {present} "
            f"AND NOT EXISTS (SELECT 1 FROM {self.sql.table(key.to_table)} p WHERE {same}) LIMIT 1",
            "checking references",
            child,
        )
        if found:
            columns = ", ".join(key.columns)
            raise RunError(f"Table `{child.table}` has rows whose `{columns}` refer to no row of `{key.to_table}`")

    def _set_sequences(self, model: Model) -> None:
        for column in model.columns:
            name = self.sql.default_sequence(model, column)
            if name is None:
                continue
            options = dict(column.identity.options) if column.identity else {}
            shared = next((s for s in self.schema.objects.sequences if s.name == name), None)
            options = options or dict(shared.options if shared else ())
            down = int(options.get("increment", 1)) < 0
            extreme = "min" if down else "max"
            value = self.catalog.rows(
                f"SELECT {extreme}({quote(column.name)}) FROM {self.sql.table(model.table)}", "setting sequences", model
            )[0][0]
            if value is not None:
                self._advance(name, int(value), down)

    def _advance(self, name: TableName, value: int, down: bool) -> None:
        found = self.catalog.sequence(name)
        if found is None:
            return
        last, lowest, highest, step = found
        if not lowest <= value <= highest or (last is not None and (last <= value if down else last >= value)):
            return
        called = literal(self.sql.table(name))
        doing = "setting sequences"
        if self.catalog.rows("SELECT 1 FROM duckdb_functions() WHERE function_name = 'setval' LIMIT 1", doing):
            self.catalog.rows(f"SELECT setval({called}, {value})", doing)
            return
        # Before version 2 a sequence can only be moved by drawing from it.
        current = self.catalog.rows(f"SELECT nextval({called})", doing)[0][0]
        if (more := (value - current + (step - 1 if step > 0 else step + 1)) // step) > 0:
            self.catalog.rows(f"SELECT count(nextval({called})) FROM range({more})", doing)

    def commit(self) -> None:
        self.catalog.execute("CHECKPOINT" if self.building else "COMMIT", "committing")
        self.committed = True

    def rollback(self) -> None:
        try:
            self.connection.execute("ROLLBACK")
        except duckdb.Error:
            return  # the transaction is over already, or the database is gone with it


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Decimals that DuckDB's Arrow reader does not know, as text."""
    if not any(pa.types.is_decimal256(f.type) for f in batch.schema):
        return batch
    arrays = [a.cast(pa.string()) if pa.types.is_decimal256(a.type) else a for a in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
