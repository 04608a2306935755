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


def _carriers(unit: str, models: Iterable[Model]) -> Mapping[str, set[str]]:
    """For each table (lower case, with and without schema): the columns whose values are the unit's, as they are written."""
    models = list(models)
    table, _, column = unit.rpartition(".")
    found: dict[str, set[str]] = {}
    for model in models:
        if table.lower() in (str(model.table).lower(), model.table.name.lower()):
            found[str(model.table).lower()] = {
                next((c.name for c in model.columns if c.name.lower() == column.lower()), column)
            }
    if not found:
        found[table.lower()] = {column}
    # Of the unit's own table only the unit says whose row it is; a reference there is to another person.
    persons = set(found)
    grown = True
    while grown:
        grown = False
        for model in models:
            own = found.setdefault(str(model.table).lower(), set())
            for key in model.foreign_keys if str(model.table).lower() not in persons else ():
                parents = {p.lower() for p in found.get(str(key.to_table).lower(), set())}
                for name, to in zip(key.columns, key.to_columns, strict=True):
                    if to.lower() in parents and name not in own:
                        own.add(name)
                        grown = True
    for model in models:
        found.setdefault(model.table.name.lower(), found.get(str(model.table).lower(), set()))
    return found


def _people_column(tree: Any, carriers: Mapping[str, set[str]]) -> Any:
    """The column to count in the outermost SELECT, as an sqlglot expression; None if there is none."""
    from sqlglot import exp
    from sqlglot.optimizer.scope import build_scope

    scope = build_scope(tree) if isinstance(tree, exp.Select) else None
    if scope is None:
        return None
    for alias, source in scope.sources.items():
        for name in sorted(_exposed(source, carriers)):
            if alias in scope.selected_sources:
                return exp.column(exp.to_identifier(name, quoted=True), table=_alias(scope, alias))
    return None


def _alias(scope: Any, alias: str) -> Any:
    from sqlglot import exp

    node = scope.selected_sources[alias][0]
    found = node.args.get("alias")
    identifier = found.this if isinstance(found, exp.TableAlias) else node.this if isinstance(node, exp.Table) else None
    return exp.to_identifier(alias, quoted=bool(isinstance(identifier, exp.Identifier) and identifier.quoted))


def _exposed(source: Any, carriers: Mapping[str, set[str]]) -> set[str]:
    """The columns of a table, CTE or subquery whose values are the unit's, in the case in which they are to be written."""
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

    if isinstance(source, exp.Table):
        full = f"{source.db}.{source.name}" if source.db else source.name
        return carriers.get(full.lower()) or carriers.get(source.name.lower()) or set()
    if not isinstance(source, Scope) or not isinstance(source.expression, exp.Select):
        return set()
    inner = {alias: _exposed(s, carriers) for alias, s in source.sources.items() if alias in source.selected_sources}
    found: set[str] = set()
    for item in source.expression.expressions:
        value = item.unalias()
        if isinstance(value, exp.Star) or (isinstance(value, exp.Column) and isinstance(value.this, exp.Star)):
            tables = [value.table] if isinstance(value, exp.Column) and value.table else list(inner)
            found.update(*(inner.get(t, set()) for t in tables))
        elif isinstance(value, exp.Column):
            sources = [value.table] if value.table else list(inner)
            if any(value.name.lower() in {n.lower() for n in inner.get(t, set())} for t in sources):
                found.add(item.alias_or_name)
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
