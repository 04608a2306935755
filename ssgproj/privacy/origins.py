"""What a query takes from where: for each output the source columns that its values are made of, and those that decide which rows count.

It errs on one side only. What may be read is listed: a name that two tables have is taken from both, a `*` stands for all columns, a part
that no parser resolves is listed as it is written. `privacy.lineage` is for the opposite question, what a column certainly is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ssgproj.privacy.lineage import Tables, output_name
from ssgproj.project.names import join_name, table_text
from ssgproj.project.stat_plain import parse_source_sql

if TYPE_CHECKING:
    from ssgproj.project.model import Model

_CLAUSES = {
    "group": "GROUP BY",
    "joins": "JOIN",
    "from_": "FROM",
    "from": "FROM",
    "order": "ORDER BY",
    "laterals": "FROM",
}
_PURE = frozenset(
    {"generate_series", "range", "unnest", "json_array_elements", "json_array_elements_text", "json_each", "json_each_text"}
    | {"jsonb_array_elements", "jsonb_array_elements_text", "jsonb_each", "jsonb_each_text", "regexp_split_to_table", "string_to_table"}
)  # fmt: skip
"""Functions that may stand in FROM and read nothing but their arguments."""
_Names = Mapping[str, tuple[Any, tuple[str, ...]]]
"""The CTEs in scope by folded name: the query, and its columns' names where the WITH list gives them."""


@dataclass(frozen=True, slots=True, order=True)
class SourceColumn:
    """A column at the source. `known` False: no model of the project has it, so this is the name that the SQL uses."""

    table: str
    column: str
    known: bool = True

    def __str__(self) -> str:
        return f"{self.table}.{join_name(self.column)}" if self.table else self.column


@dataclass(frozen=True, slots=True)
class Origins:
    """What a query reads.

    `outputs`: by output column, in order, what its values are made of. `filters`: what decides which rows count, how often and in
    which group, with the clauses that say so. `read`: every column that the query names, `tables` every table. `unknown` are tables and
    columns that the project does not describe.
    """

    outputs: Mapping[str, frozenset[SourceColumn]]
    filters: Mapping[SourceColumn, tuple[str, ...]]
    read: frozenset[SourceColumn]
    tables: tuple[str, ...]
    unknown: tuple[str, ...]


def query_origins(sql: str, dialect: str, tables: Tables) -> Origins:
    """The origins of one SELECT with everything inside it. Raises ValueError if it cannot be read."""
    tree = parse_source_sql(sql, dialect)
    try:
        return _Tracer(tables).trace(tree)
    except RecursionError:
        raise ValueError("nested too deep") from None


@dataclass(frozen=True, slots=True)
class _Relation:
    """A name in FROM: a model, a query, or something else (a function, a list of values). `aliases`: its columns' new names."""

    name: str
    node: Any
    model: Model | None = None
    query: Any = None
    aliases: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tracer:
    tables: Tables
    scopes: dict[int, _Names] = field(default_factory=dict)
    relations: dict[int, tuple[_Relation, ...]] = field(default_factory=dict)
    known: dict[tuple[int, str], frozenset[SourceColumn]] = field(default_factory=dict)
    waiting: set[tuple[int, str]] = field(default_factory=set)
    unknown: dict[str, None] = field(default_factory=dict)
    read_tables: dict[str, None] = field(default_factory=dict)

    def trace(self, tree: Any) -> Origins:
        from sqlglot import exp

        self.enter(tree, {})
        names = self.names(tree)
        if names is None:
            outputs = {"*": frozenset(self.everything(tree))} if isinstance(tree, exp.Query) else {}
        else:
            outputs = {name: self.output(tree, name) for name in names}
        filters: dict[SourceColumn, dict[str, None]] = {}
        read: set[SourceColumn] = set().union(*outputs.values()) if outputs else set()
        for column in tree.find_all(exp.Column):
            found = self.column(column)
            read |= found
            if (clause := _role(column)) is not None:
                _add(filters, found, clause)
        for clause, found in self.implicit(tree):
            read |= found
            _add(filters, found, clause)
        return Origins(
            outputs,
            {c: tuple(clauses) for c, clauses in sorted(filters.items())},
            frozenset(read),
            tuple(sorted(self.read_tables)),
            tuple(self.unknown),
        )

    def enter(self, node: Any, ctes: _Names) -> None:
        """Note for every SELECT which CTEs it can name and what stands in its FROM."""
        from sqlglot import exp

        inner = dict(ctes)
        with_ = node.args.get("with_") or node.args.get("with")
        for cte in with_.expressions if with_ is not None else ():
            if with_.args.get("recursive"):
                inner[cte.alias.casefold()] = (cte.this, _aliases(cte))
            self.enter(cte.this, inner)
            inner = {**inner, cte.alias.casefold(): (cte.this, _aliases(cte))}
        if isinstance(node, exp.Select):
            self.relations[id(node)] = tuple(self.read_relations(node, inner))
        for child in node.iter_expressions():
            if child is not with_:
                self.enter(child, inner)

    def read_relations(self, select: Any, ctes: _Names) -> Iterator[_Relation]:
        """Everything that the SELECT's FROM, JOINs and LATERALs name, brackets around joins opened."""
        from sqlglot import exp

        from_ = select.args.get("from_") or select.args.get("from")
        waiting = [from_.this] if from_ is not None else []
        waiting += [j.this for j in select.args.get("joins") or []]
        waiting += list(select.args.get("laterals") or [])
        while waiting:
            node = waiting.pop(0)
            waiting += [j.this for j in node.args.get("joins") or []]
            name, aliases = node.alias_or_name.casefold(), _aliases(node)
            if isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Query):
                waiting.append(node.this)
            elif isinstance(node, exp.Subquery):
                yield _Relation(name, node, query=node.this, aliases=aliases)
            elif isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
                yield _Relation(name, node, query=node.this.this, aliases=aliases)
            elif isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
                cte = ctes.get(node.name.casefold()) if not node.db else None
                if cte is not None:
                    yield _Relation(name, node, query=cte[0], aliases=aliases or cte[1])
                    continue
                model = self.tables.find(node.name, node.db or None)
                table = table_text(model.table) if model is not None else join_name(node.db or None, node.name)
                self.read_tables[table] = None
                if model is None:
                    self.unknown[table] = None
                yield _Relation(name, node, model=model, aliases=aliases)
            else:
                if not _is_pure(node):
                    self.unknown[node.sql()] = None
                yield _Relation(name, node, aliases=aliases)

    def names(self, query: Any) -> list[str] | None:
        """The names of a query's outputs in order, unnamed ones as their SQL; None where a `*` cannot be told."""
        from sqlglot import exp

        if isinstance(query, exp.Subquery):
            return self.names(query.this)
        if isinstance(query, exp.SetOperation):
            return self.names(query.this)
        if not isinstance(query, exp.Select):
            return None
        found: list[str] = []
        for item in query.expressions:
            if not _is_star(item):
                found.append(output_name(item) or item.sql())
                continue
            for relation in self.starred(item, query):
                names = self.relation_names(relation)
                if names is None:
                    return None
                found += names
        return found

    def relation_names(self, relation: _Relation) -> list[str] | None:
        if relation.node.args.get("pivots"):
            return None
        names = None
        if relation.model is not None:
            names = [c.name for c in relation.model.columns]
        elif relation.query is not None:
            key = (id(relation.query), "")
            if key in self.waiting:
                return None
            self.waiting.add(key)
            names = self.names(relation.query)
            self.waiting.discard(key)
        if relation.aliases:
            return [*relation.aliases, *(names or [])[len(relation.aliases) :]]
        return names

    def starred(self, item: Any, select: Any) -> list[_Relation]:
        """The relations that `*` or `t.*` stands for."""
        from sqlglot import exp

        relations = self.relations.get(id(select), ())
        if isinstance(item, exp.Column) and item.table:
            return [r for r in relations if r.name == item.table.casefold()]
        return list(relations)

    def output(self, query: Any, name: str) -> frozenset[SourceColumn]:
        """What an output column of a query is made of."""
        key = (id(query), name.casefold())
        if key in self.known:
            return self.known[key]
        if key in self.waiting:
            return frozenset()  # a recursive CTE, whose other half answers
        self.waiting.add(key)
        found = frozenset(self._output(query, name))
        self.waiting.discard(key)
        if not self.waiting:
            self.known[key] = found
        return found

    def _output(self, query: Any, name: str) -> set[SourceColumn]:
        from sqlglot import exp

        if isinstance(query, exp.Subquery):
            return set(self.output(query.this, name))
        if isinstance(query, exp.SetOperation):
            sides = (query.this, query.expression)
            names = self.names(query.this)
            other = self.names(query.expression)
            places = [i for i, n in enumerate(names or ()) if n.casefold() == name.casefold()]
            if not places or other is None or query.args.get("by_name"):
                return {c for side in sides for c in self.everything(side)}
            return {c for i in places for c in self.output(sides[0], names[i]) | self.at(sides[1], other, i)}  # type: ignore[index]
        if not isinstance(query, exp.Select):
            return self.value(query)
        named = [i for i in query.expressions if not _is_star(i)]
        found = [i for i in named if (output_name(i) or i.sql()).casefold() == name.casefold()]
        if found:
            return {c for item in found for c in self.value(item)}
        stars = [i for i in query.expressions if _is_star(i)]
        return {c for i in stars for r in self.starred(i, query) for c in self.from_relation(r, name, missing=False)}

    def at(self, query: Any, names: list[str], place: int) -> frozenset[SourceColumn]:
        return self.output(query, names[place]) if place < len(names) else frozenset()

    def everything(self, query: Any) -> set[SourceColumn]:
        """What all outputs of a query are made of."""
        from sqlglot import exp

        if isinstance(query, exp.Subquery):
            return self.everything(query.this)
        if isinstance(query, exp.SetOperation):
            return self.everything(query.this) | self.everything(query.expression)
        if not isinstance(query, exp.Select):
            return self.value(query)
        key = (id(query), "*")
        if key in self.waiting:
            return set()
        self.waiting.add(key)
        found = {c for item in query.expressions for c in self.value(item)}
        self.waiting.discard(key)
        return found

    def value(self, node: Any) -> set[SourceColumn]:
        """Every column in an expression, those of queries inside it too."""
        from sqlglot import exp

        found: set[SourceColumn] = set()
        for part in node.walk():
            if isinstance(part, exp.Column):
                found |= self.column(part)
            elif isinstance(part, exp.Star) and not isinstance(part.parent, exp.Column | exp.Count):
                found |= self.star(part)
        return found

    def star(self, node: Any) -> set[SourceColumn]:
        from sqlglot import exp

        select = node.find_ancestor(exp.Select)
        return {c for r in self.starred(node, select) for c in self.whole(r)} if select is not None else set()

    def whole(self, relation: _Relation) -> set[SourceColumn]:
        """All columns of a relation."""
        if relation.model is not None:
            return {SourceColumn(table_text(relation.model.table), c.name) for c in relation.model.columns}
        if relation.query is not None:
            return self.everything(relation.query)
        if _is_pure(relation.node):
            return self.value(relation.node)
        return self.value(relation.node) | {SourceColumn(_table_name(relation), "*", known=False)}

    def column(self, node: Any) -> set[SourceColumn]:
        """What a column named somewhere in the query is made of: looked for in its SELECT, then in those around it."""
        from sqlglot import exp

        if isinstance(node.this, exp.Star):
            return self.star_of(node)
        parts = [p.name for p in node.parts]
        select = node.find_ancestor(exp.Select)
        inside = select
        while select is not None:
            found = self.in_select(node, parts, select)
            if found is not None:
                return found
            select = select.find_ancestor(exp.Select)
        if inside is None and (query := node.find_ancestor(exp.SetOperation)) is not None:
            return set(self.output(query, parts[-1]))  # ORDER BY of a UNION
        name = ".".join(parts)
        self.unknown[name] = None
        return {SourceColumn("", name, known=False)}

    def star_of(self, node: Any) -> set[SourceColumn]:
        from sqlglot import exp

        select = node.find_ancestor(exp.Select)
        return {c for r in self.starred(node, select) for c in self.whole(r)} if select is not None else set()

    def in_select(self, node: Any, parts: list[str], select: Any) -> set[SourceColumn] | None:
        relations = self.relations.get(id(select), ())
        for i, part in reversed(list(enumerate(parts[:-1]))):
            # `users.id`, `public.users.id`, and the field of a composite, `users.address.town`.
            if chosen := [r for r in relations if r.name == part.casefold()]:
                return {c for r in chosen for c in self.from_relation(r, parts[i + 1])}
        name = parts[0]
        found: set[SourceColumn] | None = None
        telling = [(r, self.relation_names(r)) for r in relations]
        having = [r for r, names in telling if names and name.casefold() in {n.casefold() for n in names}]
        if having:
            found = {c for r in having for c in self.from_relation(r, name)}
        item = next((i for i in select.expressions if output_name(i).casefold() == name.casefold()), None)
        if item is not None and not _inside(node, item) and len(parts) == 1:
            key = (id(item), "alias")
            if key not in self.waiting:
                self.waiting.add(key)
                found = (found or set()) | self.value(item)
                self.waiting.discard(key)
        if found is None and len(parts) == 1:
            rows = [r for r in relations if r.name == name.casefold()]
            found = {c for r in rows for c in self.whole(r)} if rows else None
        if found is None:
            open_ = [r for r, names in telling if names is None]
            found = {c for r in open_ for c in self.from_relation(r, name)} if open_ else None
        return found

    def from_relation(self, relation: _Relation, name: str, *, missing: bool = True) -> set[SourceColumn]:
        folded = name.casefold()
        for i, alias in enumerate(relation.aliases):
            if alias.casefold() == folded:
                inner = self.relation_names(_Relation(relation.name, relation.node, relation.model, relation.query))
                if inner is None or i >= len(inner):
                    return self.whole(relation)
                name, folded = inner[i], inner[i].casefold()
                break
        if relation.node.args.get("pivots"):
            return self.whole(relation) | self.value(relation.node)
        if relation.model is not None:
            table = table_text(relation.model.table)
            own = [c.name for c in relation.model.columns if c.name.casefold() == folded]
            if own:
                return {SourceColumn(table, own[0])}
            if not missing:
                return set()
            self.unknown[str(SourceColumn(table, name))] = None
            return {SourceColumn(table, name, known=False)}
        if relation.query is not None:
            found = self.output(relation.query, name)
            return set(found)
        return self.whole(relation)

    def implicit(self, tree: Any) -> Iterator[tuple[str, set[SourceColumn]]]:
        """What decides over rows without being named in a condition: DISTINCT, UNION, USING and NATURAL joins."""
        from sqlglot import exp

        for query in tree.find_all(exp.Select, exp.SetOperation):
            if query.args.get("distinct"):
                yield "DISTINCT" if isinstance(query, exp.Select) else query.key.upper(), self.everything(query)
            if not isinstance(query, exp.Select):
                continue
            for clause in ("group", "order"):
                for item in self.meant(query, clause):
                    yield _CLAUSES[clause], self.value(item)
            relations = self.relations.get(id(query), ())
            for join in query.find_all(exp.Join):
                if join.find_ancestor(exp.Select) is not query:
                    continue
                using = [i.name for i in join.args.get("using") or []]
                if (join.method or "").upper() == "NATURAL":
                    listed = [self.relation_names(r) or [] for r in relations]
                    using = [
                        n
                        for n in dict.fromkeys(n for names in listed for n in names)
                        if sum(n in x for x in listed) > 1
                    ]
                for name in using:
                    having = [r for r in relations if self.has(r, name)]
                    yield "JOIN", {c for r in having for c in self.from_relation(r, name)}

    def meant(self, select: Any, clause: str) -> Iterator[Any]:
        """The items of a SELECT that its GROUP BY or ORDER BY means by their number, or by ALL."""
        from sqlglot import exp

        part = select.args.get(clause)
        for key in part.expressions if part is not None else ():
            number = key.this if isinstance(key, exp.Ordered) else key
            if isinstance(number, exp.Literal) and number.is_int and 0 < int(number.name) <= len(select.expressions):
                yield select.expressions[int(number.name) - 1]
        if part is not None and part.args.get("all"):
            yield from (i for i in select.expressions if i.find(exp.AggFunc) is None)

    def has(self, relation: _Relation, name: str) -> bool:
        names = self.relation_names(relation)
        return names is None or name.casefold() in {n.casefold() for n in names}


def _add(filters: dict[SourceColumn, dict[str, None]], found: set[SourceColumn], clause: str) -> None:
    for column in found:
        filters.setdefault(column, {})[clause] = None


def _is_star(item: Any) -> bool:
    from sqlglot import exp

    return isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star))


def _is_pure(node: Any) -> bool:
    """Whether something in FROM makes its rows from its arguments alone, and reads nothing."""
    from sqlglot import exp

    pure = (exp.Values, exp.Unnest, exp.GenerateSeries, exp.GenerateDateArray, exp.Explode, exp.JSONExtract)
    inner = node.this if isinstance(node, exp.Table | exp.Lateral) else node
    return isinstance(node, exp.Values | exp.Unnest) or isinstance(inner, pure) or _called(inner) in _PURE


def _called(node: Any) -> str:
    from sqlglot import exp

    return (
        node.name.lower()
        if isinstance(node, exp.Anonymous)
        else node.sql_name().lower()
        if isinstance(node, exp.Func)
        else ""
    )


def _aliases(node: Any) -> tuple[str, ...]:
    return tuple(getattr(node, "alias_column_names", None) or ())


def _table_name(relation: _Relation) -> str:
    from sqlglot import exp

    node = relation.node
    return join_name(node.db or None, node.name) if isinstance(node, exp.Table) and node.name else str(node.sql())


def _inside(node: Any, ancestor: Any) -> bool:
    while node is not None and node is not ancestor:
        node = node.parent
    return node is ancestor


def _role(node: Any) -> str | None:
    """The clause by which a column decides over rows; None if it only becomes part of a value."""
    from sqlglot import exp

    while node is not None:
        child, parent = node, node.parent
        while parent is not None and not isinstance(parent, exp.Select | exp.SetOperation):
            child, parent = parent, parent.parent
        if parent is None:
            return None
        key = child.arg_key or ""
        operand = isinstance(parent, exp.SetOperation) and key in ("this", "expression")
        if not operand and key not in ("expressions", "with_", "with"):
            return _CLAUSES.get(key, key.upper().replace("_", " ").strip())
        if key in ("with_", "with"):
            return None
        if not _in_expression(parent):
            return None
        node = parent
    return None


def _in_expression(query: Any) -> bool:
    """Whether a query is part of an expression (EXISTS, IN, a scalar), not a CTE, a table in FROM or the whole."""
    from sqlglot import exp

    parent = query.parent
    while isinstance(parent, exp.Subquery | exp.Paren | exp.SetOperation | exp.Lateral):
        parent = parent.parent
    return parent is not None and not isinstance(parent, exp.From | exp.Join | exp.CTE | exp.Select)
