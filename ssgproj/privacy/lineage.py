"""Where the columns of a query come from: through CTEs, subqueries, joins and aliases back to columns of models.

Names are compared as databases compare unquoted ones, without regard to case. What cannot be traced with certainty has no origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlglot import exp

    from ssgproj.project.model import Model
    from ssgproj.project.project import Project

DEFAULT_SCHEMAS = frozenset({"public", "main", "dbo"})
_MAX_HOPS = 20


@dataclass(frozen=True, slots=True)
class Origin:
    """A column of a model. `may_be_null`: because of the column itself or of an outer join on the way. `cast`: its type was changed."""

    model: Model
    column: str
    may_be_null: bool
    cast: bool = False

    def __str__(self) -> str:
        return f"{self.model.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class Source:
    """What a name in FROM stands for: a model, a query, or neither (`model` and `query` None)."""

    model: Model | None = None
    query: Any = None
    outer: bool = False
    node: Any = None


class Tables:
    """The models of a project, found as SQL names them."""

    def __init__(self, project: Project) -> None:
        self.project = project
        default = project.settings.default_schema
        self.default = DEFAULT_SCHEMAS | ({default.casefold()} if default else set())
        self._models = {self._key(m.table.name, m.table.schema): m for m in project.models}

    def _key(self, name: str, schema: str | None) -> tuple[str, str]:
        folded = (schema or "").casefold()
        return name.casefold(), "" if folded in self.default else folded

    def find(self, name: str, schema: str | None = None) -> Model | None:
        """The model of a table; a name without a schema is the default schema's, or else the only one of that name."""
        found = self._models.get(self._key(name, schema))
        if found is None and not schema:
            same = [m for (n, _), m in self._models.items() if n == name.casefold()]
            found = same[0] if len(same) == 1 else None
        return found

    @property
    def unit(self) -> tuple[Model, str] | None:
        """The model and column of `privacy.unit`; None if it is not set or names nothing."""
        from ssgproj.project.names import split_name

        parts = split_name(self.project.settings.privacy.unit or "") or ()
        if len(parts) < 2:
            return None
        model = self.find(parts[-2], parts[-3] if len(parts) > 2 else None)
        column = _own_name(model, parts[-1]) if model else None
        return (model, column) if model and column else None

    def is_unit(self, model: Model, column: str, hops: int = 0) -> bool:
        """Whether a column holds the privacy unit: it is the unit, or a foreign key leads from it to the unit."""
        unit = self.unit
        if unit is None or hops > _MAX_HOPS:
            return False
        if model is unit[0]:
            # A reference from one person to another (a referrer, a manager) does not say whose row it is.
            return column == unit[1]
        for key in model.foreign_keys:
            for own, other in zip(key.columns, key.to_columns, strict=False):
                target = self.find(key.to_table.name, key.to_table.schema) if own == column else None
                if (
                    target is not None
                    and (target is not model or other != column)
                    and self.is_unit(target, other, hops + 1)
                ):
                    return True
        return False

    def unit_columns(self, model: Model) -> list[str]:
        """The columns of a model that hold the privacy unit."""
        return [c.name for c in model.columns if self.is_unit(model, c.name)]

    def is_unique(self, model: Model, columns: Iterable[str]) -> bool:
        """Whether no two rows of the model agree on these columns: they hold its primary key or a unique set."""
        have = set(columns)
        keys = [model.primary_key.columns] if model.primary_key else []
        keys += [u.columns for u in model.unique]
        keys += [i.columns for i in model.indexes if i.unique and i.where is None and i.columns]
        return any(set(key) <= have for key in keys)


def _own_name(model: Model, name: str) -> str | None:
    return next((c.name for c in model.columns if c.name.casefold() == name.casefold()), None)


def output_name(item: Any) -> str:
    """The name of an item of a SELECT list: its alias, or a bare column's own; empty for an expression without one."""
    from sqlglot import exp

    if isinstance(item, exp.Alias):
        return item.alias
    return item.name if isinstance(item, exp.Column) and not item.is_star else ""


class Lineage:
    """Traces columns of one parsed query. `ctes` are those in scope, by folded name."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def environment(self, query: Any, outer: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The CTEs that a query's own body can name."""
        found = dict(outer or {})
        for cte in query.ctes if hasattr(query, "ctes") else []:
            found[cte.alias.casefold()] = (cte.this, dict(found))
        return found

    def sources(self, select: exp.Select, ctes: Mapping[str, Any]) -> dict[str, Source]:
        """What each name in FROM and JOIN stands for."""
        from_ = select.args.get("from_") or select.args.get("from")
        found: dict[str, Source] = {}
        first = from_.this if from_ is not None else None
        joins = select.args.get("joins") or []
        sides = [(j.side or "").upper() for j in joins]
        if first is not None:
            self._add(found, first, ctes, outer="RIGHT" in sides or "FULL" in sides)
        for join, side in zip(joins, sides, strict=True):
            self._add(found, join.this, ctes, outer=side in ("LEFT", "FULL"))
        return found

    def _add(self, found: dict[str, Source], node: Any, ctes: Mapping[str, Any], *, outer: bool) -> None:
        from sqlglot import exp

        name = node.alias_or_name.casefold()
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            cte = ctes.get(node.name.casefold()) if not node.db else None
            if cte is not None:
                found[name] = Source(query=cte, outer=outer, node=node)
            else:
                found[name] = Source(model=self.tables.find(node.name, node.db or None), outer=outer, node=node)
        elif isinstance(node, exp.Subquery):
            found[name] = Source(query=(node.this, dict(ctes)), outer=outer, node=node)
        else:
            found[name] = Source(outer=outer, node=node)

    def output(self, query: Any, name: str, ctes: Mapping[str, Any]) -> Origin | None:
        """Where an output column of a query comes from."""
        from sqlglot import exp

        if isinstance(query, exp.Subquery):
            return self.output(query.this, name, ctes)
        if isinstance(query, exp.SetOperation):
            left, right = (self.output(side, name, ctes) for side in (query.left, query.right))
            if left is None or right is None or str(left) != str(right):
                return None
            return Origin(left.model, left.column, left.may_be_null or right.may_be_null, left.cast or right.cast)
        if not isinstance(query, exp.Select):
            return None
        inner = self.environment(query, ctes)
        stars = []
        for item in query.expressions:
            if item.is_star:
                stars.append(item)
            elif output_name(item).casefold() == name.casefold():
                return self.value(item.unalias(), query, inner)
        for star in stars:
            qualifier = star.table if isinstance(star, exp.Column) else ""
            found = self.column(exp.column(name, table=qualifier or None), query, inner)
            if found is not None:
                return found
        return None

    def value(self, node: Any, select: exp.Select, ctes: Mapping[str, Any]) -> Origin | None:
        """The column that an expression carries through unchanged: itself, in brackets or in a cast."""
        from sqlglot import exp

        cast = False
        while isinstance(node, exp.Paren | exp.Cast | exp.TryCast | exp.Alias):
            cast = cast or isinstance(node, exp.Cast | exp.TryCast)
            node = node.this
        found = self.column(node, select, ctes) if isinstance(node, exp.Column) else None
        return replace(found, cast=True) if found is not None and cast else found

    def column(self, node: Any, select: exp.Select, ctes: Mapping[str, Any]) -> Origin | None:
        """Where a column named inside a SELECT comes from."""
        sources = self.sources(select, ctes)
        name, qualifier = node.name, (node.table or "").casefold()
        if qualifier:
            chosen = [sources[qualifier]] if qualifier in sources else []
        else:
            chosen = [s for s in sources.values() if self.has_column(s, name)]
            chosen = chosen or (list(sources.values()) if len(sources) == 1 else [])
        if len(chosen) != 1:
            return self._using(node, select, chosen, ctes)
        return self._from_source(chosen[0], name)

    def _using(self, node: Any, select: exp.Select, chosen: list[Source], ctes: Mapping[str, Any]) -> Origin | None:
        """A column of `JOIN ... USING (x)` is the same in both tables: take the first that is not optional."""
        using = {i.name.casefold() for j in select.args.get("joins") or [] for i in j.args.get("using") or []}
        if node.name.casefold() in using and chosen:
            best = next((s for s in chosen if not s.outer), chosen[0])
            return self._from_source(best, node.name)
        return None

    def _from_source(self, source: Source, name: str) -> Origin | None:
        if source.model is not None:
            own = _own_name(source.model, name)
            if own is None:
                return None
            nullable = source.model.column(own).nullable and not _in_primary_key(source.model, own)
            return Origin(source.model, own, nullable or source.outer)
        if source.query is not None:
            query, ctes = source.query
            found = self.output(query, name, ctes)
            return replace(found, may_be_null=found.may_be_null or source.outer) if found else None
        return None

    def has_column(self, source: Source, name: str) -> bool:
        """Whether a source has a column of this name, as far as can be told."""
        if source.model is not None:
            return _own_name(source.model, name) is not None
        if source.query is not None:
            return name.casefold() in {c.casefold() for c in self.column_names(*source.query) or ()}
        return False

    def column_names(self, query: Any, ctes: Mapping[str, Any]) -> list[str] | None:
        """The names of a query's output columns; None where a `*` cannot be resolved."""
        from sqlglot import exp

        if isinstance(query, exp.Subquery):
            return self.column_names(query.this, ctes)
        if isinstance(query, exp.SetOperation):
            return self.column_names(query.left, ctes)
        if not isinstance(query, exp.Select):
            return None
        inner = self.environment(query, ctes)
        found: list[str] = []
        for item in query.expressions:
            if not item.is_star:
                found.append(output_name(item))
                continue
            qualifier = item.table.casefold() if isinstance(item, exp.Column) else ""
            for alias, source in self.sources(query, inner).items():
                if qualifier in ("", alias):
                    names = self._source_columns(source)
                    if names is None:
                        return None
                    found += names
        return found

    def _source_columns(self, source: Source) -> list[str] | None:
        if source.model is not None:
            return [c.name for c in source.model.columns]
        return self.column_names(*source.query) if source.query is not None else None


def _in_primary_key(model: Model, column: str) -> bool:
    return model.primary_key is not None and column in model.primary_key.columns
