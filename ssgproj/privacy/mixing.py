"""Whose rows a query mixes, and how many rows one person has in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ssgproj.privacy.lineage import Lineage, Origin, Source

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Mixing:
    """Something in `query_result` that lets one person change another's row. `node` is where."""

    what: str
    node: Any
    instead: str


class People:
    """Reads one parsed query with regard to the privacy unit."""

    def __init__(self, lineage: Lineage) -> None:
        self.lineage = lineage
        self.tables = lineage.tables

    # -- mixing ----------------------------------------------------------------------------------------------------------------

    def mixings(self, query: Any) -> Iterator[Mixing]:
        """Everything in a query, its CTEs and subqueries that is not local to one person's rows."""
        from sqlglot import exp

        for select, ctes in self.selects(query, {}):
            yield from self._select(select, ctes)
        for node in query.find_all(exp.SetOperation):
            word = type(node).__name__.upper()
            yield Mixing(
                f"{word} puts rows of several queries together", node, "write one SELECT; use OR or CASE instead"
            )
        if any(w.args.get("recursive") for w in query.find_all(exp.With)):
            yield Mixing("a recursive query follows other people's rows", query, "write it without RECURSIVE")

    def selects(self, query: Any, ctes: Mapping[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Every SELECT that takes part through FROM, with the CTEs in its scope."""
        from sqlglot import exp

        if isinstance(query, exp.Subquery):
            yield from self.selects(query.this, ctes)
            return
        inner = self.lineage.environment(query, ctes)
        for cte in query.ctes if hasattr(query, "ctes") else []:
            yield from self.selects(cte.this, inner[cte.alias.casefold()][1])
        if isinstance(query, exp.SetOperation):
            yield from self.selects(query.left, inner)
            yield from self.selects(query.right, inner)
        elif isinstance(query, exp.Select):
            yield query, inner
            for source in self.lineage.sources(query, inner).values():
                if isinstance(source.node, exp.Subquery):
                    yield from self.selects(source.node.this, inner)

    def _select(self, select: exp.Select, ctes: Mapping[str, Any]) -> Iterator[Mixing]:
        from sqlglot import exp

        for key, word in (("limit", "LIMIT"), ("offset", "OFFSET"), ("sample", "TABLESAMPLE"), ("fetch", "FETCH")):
            if node := select.args.get(key):
                yield Mixing(
                    f"{word} keeps a person's row or not depending on the others",
                    node,
                    "remove it; filter rows with WHERE",
                )
        if node := select.args.get("distinct"):
            yield Mixing("DISTINCT merges rows", node, "GROUP BY the private id and the other columns")
        if (group := select.args.get("group")) is not None and not self.groups_by_person(select, ctes):
            yield Mixing(
                "GROUP BY without the private id puts people together", group, "add the private id to GROUP BY"
            )
        for source in self.lineage.sources(select, ctes).values():
            for key in ("sample", "pivots", "joins"):
                if (found := source.node.args.get(key)) and isinstance(source.node, exp.Table):
                    node = found[0] if isinstance(found, list) else found
                    yield Mixing(
                        f"{type(node).__name__.upper()} on a table is outside what can be checked", node, "remove it"
                    )
        for node in own_nodes(select):
            if isinstance(node, exp.Window):
                if not self._own_window(node, select, ctes):
                    yield Mixing(
                        "a window looks at other people's rows",
                        node,
                        "add PARTITION BY the private id, or leave it out",
                    )
            elif (
                isinstance(node, exp.AggFunc) and group is None and not isinstance(node.parent, exp.Window | exp.Filter)
            ):
                yield Mixing(
                    "an aggregate goes over all people",
                    node,
                    "GROUP BY the private id, or aggregate in the final SELECT",
                )
            elif isinstance(node, exp.Subquery | exp.Exists | exp.Select | exp.SetOperation):
                yield Mixing("a subquery looks up other people's rows", node, "join on a key in FROM instead")
            elif isinstance(node, exp.Rand | exp.Uuid):
                yield Mixing("a random value makes every run another query", node, "leave it out")
            elif isinstance(node, exp.TableSample):
                yield Mixing("TABLESAMPLE keeps rows at random", node, "remove it; filter rows with WHERE")
            elif isinstance(node, exp.Pivot | exp.Lateral | exp.MatchRecognize):
                yield Mixing(
                    f"{type(node).__name__.upper()} is outside what can be checked",
                    node,
                    "write plain columns and joins",
                )
        yield from self._joins(select, ctes)

    def groups_by_person(self, select: exp.Select, ctes: Mapping[str, Any]) -> bool:
        """Whether GROUP BY has a column that holds the privacy unit."""
        group = select.args.get("group")
        if group is None or several_groupings(group):
            return False
        return any(self.is_person(group_key(k, select), select, ctes) for k in group.expressions)

    def is_person(self, node: Any, select: exp.Select, ctes: Mapping[str, Any]) -> bool:
        """Whether an expression carries the privacy unit. Without a unit in the project nothing does."""
        origin = self.lineage.value(node, select, ctes)
        return origin is not None and self.tables.is_unit(origin.model, origin.column)

    def _own_window(self, window: Any, select: exp.Select, ctes: Mapping[str, Any]) -> bool:
        return any(self.is_person(p, select, ctes) for p in window.args.get("partition_by") or [])

    def _joins(self, select: exp.Select, ctes: Mapping[str, Any]) -> Iterator[Mixing]:
        sources = self.lineage.sources(select, ctes)
        for join in select.args.get("joins") or []:
            name = join.this.alias_or_name
            joined = sources.get(name.casefold(), Source())
            if not self.has_people(joined):
                continue
            others = [s for k, s in sources.items() if k != name.casefold()]
            if any(self.has_people(s) for s in others) and not self._joins_person(join, select, ctes):
                yield Mixing(
                    f"the join with `{name}` is not on the private id, so it pairs people",
                    join.this,
                    "join on the private id",
                )

    def has_people(self, source: Source) -> bool:
        """Whether a source holds rows of people: a column of it leads to the privacy unit."""
        if source.model is not None:
            return bool(self.tables.unit_columns(source.model))
        if source.query is not None:
            query, ctes = source.query
            return any(
                (o := self.lineage.output(query, c, ctes)) is not None and self.tables.is_unit(o.model, o.column)
                for c in self.lineage.column_names(query, ctes) or ()
            )
        return False

    def _joins_person(self, join: Any, select: exp.Select, ctes: Mapping[str, Any]) -> bool:
        """Whether a join's condition equates the unit on both sides, or follows a foreign key to its own parent row."""
        for left, right in self.equalities(join, select):
            first, second = self.lineage.column(left, select, ctes), self.lineage.column(right, select, ctes)
            if first is None or second is None:
                continue
            if self.tables.is_unit(first.model, first.column) and self.tables.is_unit(second.model, second.column):
                return True
            if self._same_person(first, second) or self._same_person(second, first):
                return True
        return False

    def _same_person(self, child: Origin, parent: Origin) -> bool:
        """A child row and the parent row that it belongs to are of one person, where the parent leads to the unit."""
        for key in child.model.foreign_keys:
            target = self.tables.find(key.to_table.name, key.to_table.schema)
            if child.column in key.columns and target is parent.model and parent.column in key.to_columns:
                return target is not child.model and bool(self.tables.unit_columns(target))
        return False

    def equalities(self, join: Any, select: exp.Select) -> list[tuple[Any, Any]]:
        """The pairs of columns that a join's condition makes equal; for one without a condition, WHERE's."""
        from sqlglot import exp

        name = join.this.alias_or_name
        from_: Any = select.args.get("from_") or select.args.get("from")
        pairs: list[tuple[Any, Any]] = [
            (exp.column(u.name, table=name), exp.column(u.name, table=from_.this.alias_or_name))
            for u in join.args.get("using") or []
        ]
        condition = join.args.get("on")
        where = select.args.get("where")
        if condition is None and where is not None and not pairs:
            condition = where.this
        equal = [p for p in conjuncts(condition) if isinstance(p, exp.EQ)]
        return pairs + [
            (p.left, p.right) for p in equal if isinstance(p.left, exp.Column) and isinstance(p.right, exp.Column)
        ]

    # -- rows per person -------------------------------------------------------------------------------------------------------

    def one_row_each(self, query: Any, ctes: Mapping[str, Any] | None = None) -> bool | None:
        """Whether a query has at most one row per person. None where it cannot be told."""
        from sqlglot import exp

        if isinstance(query, exp.Subquery):
            return self.one_row_each(query.this, ctes)
        if not isinstance(query, exp.Select):
            return None
        inner = self.lineage.environment(query, ctes)
        group = query.args.get("group")
        if group is not None:
            keys = [group_key(k, query) for k in group.expressions]
            people = [k for k in keys if self.is_person(k, query, inner)]
            return len(keys) == len(people) if people else None
        sources = self.lineage.sources(query, inner)
        if not sources:
            return None
        first = self._source_one_row(next(iter(sources.values())))
        if first is not True:
            return first
        for join in query.args.get("joins") or []:
            name = join.this.alias_or_name.casefold()
            if not self._to_one(join, sources.get(name, Source()), query):
                return False
        return True

    def _source_one_row(self, source: Source) -> bool | None:
        if source.query is not None:
            return self.one_row_each(*source.query)
        if source.model is None:
            return None
        columns = self.tables.unit_columns(source.model)
        return any(self.tables.is_unique(source.model, [c]) for c in columns) if columns else None

    def _to_one(self, join: Any, joined: Source, select: exp.Select) -> bool:
        """Whether each row finds at most one partner: the condition covers a unique key of the joined table."""
        name = join.this.alias_or_name.casefold()
        columns = []
        for pair in self.equalities(join, select):
            columns += [c.name for c in pair if (c.table or "").casefold() == name]
            columns += [c.name for c in pair if not c.table and self.lineage.has_column(joined, c.name)]
        if joined.model is not None:
            own = {c.name.casefold(): c.name for c in joined.model.columns}
            return self.tables.is_unique(joined.model, [own.get(c.casefold(), c) for c in columns])
        if joined.query is not None:
            query, inner = joined.query
            origins = [self.lineage.output(query, c, inner) for c in columns]
            person = any(o is not None and self.tables.is_unit(o.model, o.column) for o in origins)
            return person and self.one_row_each(query, inner) is True
        return False


def several_groupings(group: Any) -> bool:
    """Whether a GROUP BY makes more than one set of groups: ROLLUP, CUBE, GROUPING SETS, ALL."""
    from sqlglot import exp

    marked = any(group.args.get(k) for k in ("rollup", "cube", "grouping_sets", "all", "totals"))
    return marked or any(isinstance(k, exp.Rollup | exp.Cube | exp.GroupingSets) for k in group.expressions)


def group_key(key: Any, select: exp.Select) -> Any:
    """The expression that an ordinal or an alias in GROUP BY stands for."""
    from sqlglot import exp

    if isinstance(key, exp.Literal) and key.is_int and 0 < int(key.name) <= len(select.expressions):
        return select.expressions[int(key.name) - 1].unalias()
    if isinstance(key, exp.Column) and not key.table:
        for item in select.expressions:
            if isinstance(item, exp.Alias) and item.alias.casefold() == key.name.casefold():
                return item.this
    return key


def conjuncts(condition: Any) -> list[Any]:
    """The parts of a condition that must all hold, without brackets."""
    from sqlglot import exp

    if condition is None:
        return []
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if isinstance(condition, exp.And):
        return [*conjuncts(condition.left), *conjuncts(condition.right)]
    return [condition]


def own_nodes(select: Any) -> Iterator[Any]:
    """The nodes of one SELECT's own clauses; a subquery is one node, and FROM, joined tables and WITH are left out."""
    from sqlglot import exp

    def walk(node: Any) -> Iterator[Any]:
        yield node
        if isinstance(node, exp.Subquery | exp.Exists | exp.Select | exp.SetOperation):
            return
        for child in node.iter_expressions():
            yield from walk(child)

    for key, value in select.args.items():
        if key in ("with_", "with", "from_", "from"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, exp.Join):
                if isinstance(child.this, exp.Lateral):
                    yield child.this
                if (condition := child.args.get("on")) is not None:
                    yield from walk(condition)
            elif isinstance(child, exp.Expression):
                yield from walk(child)
