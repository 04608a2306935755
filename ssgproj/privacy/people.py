"""How many people stand behind each row of a statistic without differential privacy: the count that ssg adds to its query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ssgproj.project.sql_text import Kind, lexis, words
from ssgproj.project.stat_text import split

if TYPE_CHECKING:
    from ssgproj.project.model import Model
    from ssgproj.project.stat import Stat

PEOPLE = "ssg_people"
"""The name of the added column. It is checked and dropped, and never written anywhere."""


class NoPeopleError(ValueError):
    """The query's last SELECT has no column that says whose row it is. The message says which it needs."""


def people_query(stat: Stat, unit: str, models: Iterable[Model]) -> str:
    """The statistic's query with `COUNT(DISTINCT ...) AS ssg_people` as its last column; nothing else in the text changes.

    `unit` is the project's `privacy.unit` (`users.id`). The column counted is the unit itself or one that refers to it,
    along the models' references and through CTEs and subqueries. Raises NoPeopleError, and ValueError if the SQL cannot be read.
    """
    from ssgproj.project.stat_plain import parse_source_sql

    tree = parse_source_sql(stat.query_result, stat.dialect)
    column = _people_column(tree, _carriers(unit, models))
    if column is None:
        raise NoPeopleError(
            f"No column of the last SELECT leads to `{unit}`, so the people behind each row cannot be counted: "
            f"join the table that has it, or select it in the CTE"
        )
    return _insert(
        stat.query_result, f", COUNT(DISTINCT {column.sql(dialect=stat.dialect)}) AS {PEOPLE}\n", stat.dialect
    )


def sent_query(stat: Stat, unit: str | None, models: Iterable[Model]) -> str:
    """What the source is sent for a statistic, exactly: its `query_result`, and without differential privacy with the count of people.

    The file's own query where people cannot be counted: `ssg lint` and `ssg stats` say why, and it is never sent.
    """
    if stat.private or unit is None:
        return stat.query_result
    try:
        return people_query(stat, unit, models)
    except ValueError:
        return stat.query_result


_Names = dict[str, str]
"""Columns as they are written, by their names in lower case."""


def _carriers(unit: str, models: Iterable[Model]) -> Mapping[str, _Names]:
    """For each table (lower case, with and without schema): the columns whose values are the unit's."""
    models = list(models)
    table, _, column = unit.rpartition(".")
    found: dict[str, _Names] = {}
    for model in models:
        if table.lower() in (str(model.table).lower(), model.table.name.lower()):
            exact = [c.name for c in model.columns if c.name.lower() == column.lower()] or [column]
            found[str(model.table).lower()] = {column.lower(): exact[0]}
    if not found:
        found[table.lower()] = {column.lower(): column}
    # Of the unit's own table only the unit says whose row it is; a reference there is to another person.
    persons = set(found)
    grown = True
    while grown:
        grown = False
        for model in models:
            own = found.setdefault(str(model.table).lower(), {})
            for key in model.foreign_keys if str(model.table).lower() not in persons else ():
                parents = found.get(str(key.to_table).lower(), {})
                for name, to in zip(key.columns, key.to_columns, strict=True):
                    if to.lower() in parents and name.lower() not in own:
                        own[name.lower()] = name
                        grown = True
    for model in models:
        found.setdefault(model.table.name.lower(), found.get(str(model.table).lower(), {}))
    return found


def _people_column(tree: Any, carriers: Mapping[str, _Names]) -> Any:
    """The column to count in the outermost SELECT, as an sqlglot expression; None if there is none."""
    from sqlglot import exp
    from sqlglot.optimizer.scope import build_scope

    scope = build_scope(tree) if isinstance(tree, exp.Select) else None
    if scope is None:
        return None
    for alias, source in scope.sources.items():
        if alias in scope.selected_sources:
            for _, name in sorted(_exposed(source, carriers).items(), key=lambda item: item[0]):
                return exp.column(name.copy(), table=_alias(scope, alias))
    return None


def _alias(scope: Any, alias: str) -> Any:
    from sqlglot import exp

    node = scope.selected_sources[alias][0]
    found = node.args.get("alias")
    identifier = found.this if isinstance(found, exp.TableAlias) else node.this if isinstance(node, exp.Table) else None
    return exp.to_identifier(alias, quoted=bool(isinstance(identifier, exp.Identifier) and identifier.quoted))


def _exposed(source: Any, carriers: Mapping[str, _Names]) -> dict[str, Any]:
    """The columns of a table, CTE or subquery whose values are the unit's: identifiers, by their names in lower case."""
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

    if isinstance(source, exp.Table):
        full = f"{source.db}.{source.name}" if source.db else source.name
        names = carriers.get(full.lower()) or carriers.get(source.name.lower()) or {}
        # Models have the database's own spelling.
        return {lower: exp.to_identifier(exact, quoted=True) for lower, exact in names.items()}
    if not isinstance(source, Scope) or not isinstance(source.expression, exp.Select):
        return {}
    inner = {alias: _exposed(s, carriers) for alias, s in source.sources.items() if alias in source.selected_sources}
    found: dict[str, Any] = {}
    for item in source.expression.expressions:
        value = item.unalias()
        if isinstance(value, exp.Star) or (isinstance(value, exp.Column) and isinstance(value.this, exp.Star)):
            for table in [value.table] if isinstance(value, exp.Column) and value.table else list(inner):
                found |= inner.get(table, {})
        elif isinstance(value, exp.Column):
            tables = [value.table] if value.table else list(inner)
            if any(value.name.lower() in inner.get(t, {}) for t in tables):
                written = item.args["alias"] if isinstance(item, exp.Alias) else value.this
                found[item.alias_or_name.lower()] = written
    return found


def _insert(sql: str, text: str, dialect: str) -> str:
    """Put `text` before the FROM of the outermost SELECT."""
    rules = lexis(dialect)
    depth, before = 0, ""
    for piece in words(sql, rules, split(sql, rules).rest):
        said = sql[piece.start : piece.end].lower()
        if piece.kind is Kind.PUNCTUATION:
            depth += {"(": 1, ")": -1}.get(said, 0)
        elif piece.kind is Kind.WORD and said == "from" and depth == 0 and before != "distinct":
            return f"{sql[: piece.start]}{text}{sql[piece.start :]}"
        before = said
    raise NoPeopleError("The last SELECT has no FROM, so there are no people to count")
