"""What rules look at: one statistic, or the project, with everything derived from it computed once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from ssgproj.diagnostics import Location, Severity
from ssgproj.lint.allow import Cause, DpQuery, causes
from ssgproj.lint.rule import Edit, Found
from ssgproj.privacy.lineage import Lineage, Origin, Tables, output_name
from ssgproj.privacy.mixing import People, conjuncts
from ssgproj.project.smartnoise import tree
from ssgproj.project.sql_text import Places
from ssgproj.project.stat_header import StatColumn

if TYPE_CHECKING:
    from ssgproj.project.project import Project
    from ssgproj.project.stat import Stat


class HasSpan(Protocol):
    """Anything with offsets."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


@dataclass(frozen=True)
class ProjectContext:
    """The project, for rules that look at all of it."""

    project: Project

    @cached_property
    def tables(self) -> Tables:
        return Tables(self.project)

    @cached_property
    def stats(self) -> tuple[StatContext, ...]:
        return tuple(StatContext(s, self) for s in self.project.stats)

    @cached_property
    def released(self) -> Mapping[float, str]:
        """The numbers that statistics without differential privacy released, each with the name of one that did."""
        from ssgproj.results.status import result_status

        found: dict[float, str] = {}
        for stat in self.project.stats:
            result = None if stat.private else result_status(self.project.root, stat).result
            for row in result.rows if result is not None else ():
                for value in row:
                    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                        found.setdefault(float(value), stat.name)
        return found

    def place(self, key: str) -> Location:
        """Where a key of `ssg_project.yml` stands, or the nearest key above it."""
        places = self.project.settings.places
        while key:
            if key in places:
                return places[key]
            key = key.rpartition(".")[0]
        return Location("ssg_project.yml")


@dataclass(frozen=True)
class StatContext:
    """One statistic, for rules that look at one."""

    stat: Stat
    context: ProjectContext

    @property
    def project(self) -> Project:
        return self.context.project

    @property
    def tables(self) -> Tables:
        return self.context.tables

    @cached_property
    def places(self) -> Places:
        return Places(self.stat.path, self.stat.text)

    # -- SmartNoise's half -----------------------------------------------------------------------------------------------------

    @cached_property
    def columns(self) -> Mapping[str, StatColumn]:
        return {c.name: c for c in self.stat.columns}

    @cached_property
    def dp(self) -> DpQuery | None:
        """The allow-list's view of SmartNoise's half; None for a plain statistic."""
        if self.stat.query is None:
            return None
        return DpQuery(self.stat.query, self.columns, self.never_null)

    @cached_property
    def never_null(self) -> frozenset[str]:
        """Columns that hold no NULL: the header says so, and `ssg stats` looks whether it is true."""
        return frozenset(c.name for c in self.stat.columns if c.nullable is False)

    @cached_property
    def _causes(self) -> Mapping[str, list[Cause]]:
        found: dict[str, list[Cause]] = {}
        for cause in causes(self.dp) if self.dp is not None else []:
            found.setdefault(cause.kind, []).append(cause)
        return found

    def causes(self, *kinds: str) -> list[Cause]:
        """The causes of these kinds, in the order of the text."""
        return sorted((c for k in kinds for c in self._causes.get(k, ())), key=lambda c: (c.start, c.end))

    @property
    def all_kinds(self) -> Iterable[str]:
        return self._causes

    def aggregates(self) -> list[tree.Aggregate]:
        """Every aggregate of the final SELECT list."""
        if self.stat.query is None:
            return []
        return [n for o in self.stat.query.outputs for n in o.walk() if isinstance(n, tree.Aggregate)]

    def in_dp(
        self,
        span: HasSpan,
        message: str,
        hint: str | None = None,
        *,
        severity: Severity | None = None,
        replacement: str | None = None,
    ) -> Found:
        """A finding in SmartNoise's half."""
        start, end = span.start + self.stat.dp_start, span.end + self.stat.dp_start
        edit = Edit(self.stat.path, start, end, replacement) if replacement is not None else None
        return Found(self.places.at(start, end), message, hint, severity, edit)

    def in_header(self, key: str, message: str, hint: str | None = None, *, severity: Severity | None = None) -> Found:
        """A finding at a key of the header, such as `columns.age.lower`."""
        return Found(self.stat.place(key), message, hint, severity)

    # -- the source's half -----------------------------------------------------------------------------------------------------

    @cached_property
    def source_sql(self) -> str:
        """What sqlglot reads: the file's SQL up to the end of query_result, made a whole statement."""
        text = self.stat.text[self.stat.sql_start : self.stat.sql_end]
        return f"{text}\nSELECT * FROM query_result" if self.stat.private else text

    @cached_property
    def _parsed(self) -> tuple[Any, tuple[str, int] | None]:
        from ssgproj.project.stat_plain import parse_source_sql

        if not self.stat.readable or not self.source_sql.strip():
            return None, None
        try:
            parsed = parse_source_sql(self.source_sql, self.stat.dialect)
        except ValueError as error:
            message, offset = error.args
            return None, (message, min(offset, max(0, self.stat.sql_end - self.stat.sql_start - 1)))
        parsed.meta["dialect"] = self.stat.dialect
        return parsed, None

    @property
    def source_error(self) -> tuple[str, int] | None:
        """Why the source's half cannot be read, and at which offset of `source_sql`."""
        return self._parsed[1]

    @property
    def source(self) -> Any:
        """sqlglot's tree of the source's half: the plain SELECT, or `SELECT * FROM query_result` with its CTEs. None if unreadable."""
        return self._parsed[0]

    @cached_property
    def query_result(self) -> tuple[Any, dict[str, Any]] | None:
        """The tree of query_result and the CTEs before it; for a plain statistic the whole query."""
        if self.source is None:
            return None
        if not self.stat.private:
            return self.source, {}
        environment: dict[str, Any] = self.lineage.environment(self.source)
        found: tuple[Any, dict[str, Any]] | None = environment.get("query_result")
        return found

    @cached_property
    def lineage(self) -> Lineage:
        return Lineage(self.tables)

    @cached_property
    def people(self) -> People:
        return People(self.lineage)

    @cached_property
    def query_result_columns(self) -> list[str] | None:
        """The names of query_result's columns; None where a `*` cannot be resolved."""
        if self.query_result is None:
            return None
        return self.lineage.column_names(*self.query_result)

    @cached_property
    def _origins(self) -> dict[str, Origin | None]:
        return {}

    def origin(self, column: str) -> Origin | None:
        """The model's column that a column of query_result comes from."""
        if self.query_result is None or not self.stat.private:
            return None
        if column not in self._origins:
            query, ctes = self.query_result
            self._origins[column] = self.lineage.output(query, column, ctes)
        return self._origins[column]

    def casts(self, column: str) -> bool:
        """Whether a column of query_result is cast on its way from its model."""
        origin = self.origin(column)
        return origin is not None and origin.cast

    @cached_property
    def unknown_tables(self) -> list[tuple[Any, str]]:
        """Tables that are read but have no model: the node and the name."""
        from sqlglot import exp

        if self.source is None:
            return []
        ctes = {c.alias.casefold() for c in self.source.find_all(exp.CTE)} | (
            {"query_result"} if self.stat.private else set()
        )
        found = []
        for node in self.source.find_all(exp.Table):
            if not isinstance(node.this, exp.Identifier) or (node.name.casefold() in ctes and not node.db):
                continue
            if node.catalog or self.tables.find(node.name, node.db or None) is None:
                found.append((node, ".".join(p for p in (node.catalog, node.db, node.name) if p)))
        return found

    def filters_null(self, column: str) -> bool:
        """Whether query_result keeps only rows in which a column is not NULL."""
        from sqlglot import exp

        if self.query_result is None or not isinstance(self.query_result[0], exp.Select):
            return False
        query, ctes = self.query_result
        item = next((i for i in query.expressions if output_name(i).casefold() == column.casefold()), None)
        where: Any = query.args.get("where")
        if item is None or where is None:
            return False
        wanted = str(self.lineage.value(item.unalias(), query, ctes))
        kept: set[str] = set()
        for part in conjuncts(where.this):
            tested = part.this if isinstance(part, exp.Not) else part if part.args.get("negate") else None
            if isinstance(tested, exp.Is) and isinstance(tested.expression, exp.Null):
                kept.add(str(self.lineage.value(tested.this, query, ctes)))
        return wanted in kept

    def text_at(self, at: Location) -> str:
        """The text of the file at a place within one line."""
        line = self.stat.text.split("\n")[at.line - 1]
        return (
            line[at.column - 1 : at.end_column - 1]
            if at.end_column and at.end_line == at.line
            else line[at.column - 1 :]
        )

    def in_source(self, node: Any, message: str, hint: str | None = None, *, severity: Severity | None = None) -> Found:
        """A finding at a node of sqlglot's tree."""
        return Found(self.source_place(node), message, hint, severity)

    def source_place(self, node: Any) -> Location:
        """Where a node is: from the first to the last of its parts that sqlglot knows the place of."""
        spans = [(n.meta["start"], n.meta["end"] + 1) for n in node.walk() if "start" in n.meta]
        limit = self.stat.sql_end - self.stat.sql_start
        spans = [(s, e) for s, e in spans if e <= limit]
        if not spans:
            parent = node.parent
            return self.source_place(parent) if parent is not None else self.places.at(self.stat.sql_start)
        start, end = min(s for s, _ in spans), max(e for _, e in spans)
        return self.places.at(start + self.stat.sql_start, end + self.stat.sql_start)
