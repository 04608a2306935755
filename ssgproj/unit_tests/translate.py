"""A statistic's SQL for the source, in DuckDB's words: tables become those of the test, and the clock stands still."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from ssgproj.errors import SsgError
from ssgproj.project.model import Model, TableName
from ssgproj.project.stat_plain import parse_source_sql
from ssgproj.unit_tests.tables import table_type

if TYPE_CHECKING:
    from sqlglot import exp

    from ssgproj.project.project import Project


def translated(sql: str, project: Project, now: datetime, names: Mapping[TableName, str]) -> tuple[str, list[Model]]:
    """DuckDB's SQL, and the models whose tables it reads. `names` are the tables' names in DuckDB, by those of the models.

    Raises SsgError if it cannot be read, or reads a table without a model.
    """
    dialect = project.settings.dialect
    try:
        tree = parse_source_sql(sql, dialect)
    except ValueError as error:
        raise SsgError(f"The SQL cannot be read: {error.args[0]}", "ssg lint stats") from None
    models = _own_tables(tree, project, names)
    tree = _typed(tree, models, names, dialect)
    tree = tree.transform(_standing_still(now, dialect)).transform(_passed_units(dialect))
    tree = _divide(tree)
    return tree.sql("duckdb", comments=False), models


def _own_tables(tree: exp.Expr, project: Project, names: Mapping[TableName, str]) -> list[Model]:
    """Let every table that is no CTE be the test's; columns qualified by its name still find it."""
    from sqlglot import exp
    from sqlglot.optimizer.scope import traverse_scope

    found: dict[str, Model] = {}
    tables = {id(s): s for scope in traverse_scope(tree) for s in scope.sources.values() if isinstance(s, exp.Table)}
    for table in tables.values():
        if not isinstance(table.this, exp.Identifier):
            continue
        model = _model(table, project)
        if model is None:
            shown = f"{table.db}.{table.name}" if table.db else table.name
            raise SsgError(f"It reads `{shown}`, and there is no model of that table", "ssg ls --select 'model:*'")
        name = names[model.table]
        found[name] = model
        alias = table.args.get("alias")
        if not alias or not alias.this:
            table.set("alias", exp.TableAlias(this=table.this.copy()))
        table.set("this", exp.to_identifier(name, quoted=True))
        table.set("db", None)
        table.set("catalog", None)
    for column in tree.find_all(exp.Column):
        column.set("db", None)
        column.set("catalog", None)
    return list(found.values())


def _model(table: exp.Table, project: Project) -> Model | None:
    """Names that are not quoted are matched in any case, since each database folds them in its own way."""
    default = project.settings.default_schema

    def fits(model: Model, same: Callable[[str, str], bool]) -> bool:
        schema = model.table.schema or default
        return same(model.table.name, table.name) and (not table.db or not schema or same(schema, table.db))

    for same in (str.__eq__, lambda a, b: a.lower() == b.lower()):
        found = [m for m in project.models if fits(m, same)]
        near = [m for m in found if (m.table.schema or default) == (table.db or default)]
        if near or len(found) == 1:
            return (near or found)[0]
    return None


def _typed(tree: exp.Expr, models: list[Model], names: Mapping[TableName, str], dialect: str) -> exp.Expr:
    """With the types of columns known, so that what depends on them (a division of whole numbers) is translated rightly."""
    from sqlglot import MappingSchema
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.annotate_types import annotate_types
    from sqlglot.optimizer.qualify_columns import qualify_columns

    schema = MappingSchema(dialect="duckdb", normalize=False)
    for model in models:
        columns = {c.name: table_type(c.type) for c in model.columns}
        schema.add_table(names[model.table], columns, match_depth=False)
    try:
        known = qualify_columns(tree.copy(), schema, expand_alias_refs=False, expand_stars=False)
        return annotate_types(known, schema=schema, dialect=dialect or None)
    except (SqlglotError, ValueError, KeyError, RecursionError):
        return tree


def _divide(tree: exp.Expr) -> exp.Expr:
    """Whole numbers divided by whole numbers, where the source cuts the fraction off: sqlglot's cast would round it."""
    from sqlglot import exp

    for node in reversed([n for n in tree.walk() if isinstance(n, exp.Div) and n.args.get("typed")]):
        left, right = node.this, node.expression
        if _is_whole(left) and _is_whole(right):
            whole = exp.IntDiv(this=left.copy(), expression=right.copy())
            whole.type = exp.DataType.build("bigint")
            node.replace(whole)
        else:
            node.set("typed", False)
    return tree


def _is_whole(node: exp.Expr) -> bool:
    from sqlglot import exp

    if isinstance(node, exp.Paren | exp.Neg):
        return _is_whole(node.this)
    if isinstance(node, exp.Literal):
        return bool(node.is_int)
    return isinstance(node, exp.Count | exp.IntDiv) or bool(
        node.type and node.type.is_type(*exp.DataType.INTEGER_TYPES)
    )


def _standing_still(now: datetime, dialect: str) -> Callable[[exp.Expr], exp.Expr]:
    from sqlglot import exp

    moment, day = now.isoformat(sep=" "), now.date().isoformat()

    def literal(text: str, type_: str) -> exp.Expr:
        return exp.cast(exp.Literal.string(text), type_)

    def change(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.CurrentDate):
            return literal(day, "date")
        if isinstance(node, exp.CurrentTimestamp):
            return (
                literal(moment + "+00", "timestamptz")
                if dialect in ("postgres", "duckdb")
                else literal(moment, "timestamp")
            )
        if isinstance(node, exp.CurrentDatetime) or type(node).__name__ == "Localtimestamp":
            return literal(moment, "timestamp")
        if isinstance(node, exp.CurrentTime):
            return literal(now.time().isoformat(), "time")
        if dialect == "sqlite" and isinstance(node, exp.Literal) and node.is_string and node.this.lower() == "now":
            return exp.Literal.string(moment) if isinstance(node.parent, exp.Func) else node
        return node

    return change


def _passed_units(dialect: str) -> Callable[[exp.Expr], exp.Expr]:
    """MySQL's TIMESTAMPDIFF counts whole units that have passed, and DuckDB's DATE_DIFF borders that were crossed."""
    from sqlglot import exp

    def change(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.TimestampDiff) or dialect not in ("mysql", "singlestore", "doris", "starrocks"):
            return node
        unit = exp.Literal.string(str(node.args.get("unit") or "DAY"))
        moments = [exp.cast(e.copy(), "timestamp") for e in (node.expression, node.this)]
        return exp.Anonymous(this="DATE_SUB", expressions=[unit, *moments])

    return change
