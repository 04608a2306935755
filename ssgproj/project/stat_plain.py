"""What a statistic without differential privacy releases: names and types of the columns of its SELECT, by sqlglot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat, StatOutput


def parse_source_sql(sql: str, dialect: str) -> Any:
    """sqlglot's tree of one statement. Raises `ValueError`, whose `args` are a message and an offset into `sql`, if it cannot be read."""
    import sqlglot
    from sqlglot.errors import ParseError, SqlglotError

    try:
        trees = [t for t in sqlglot.parse(sql, dialect=dialect) if t is not None]
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        raise ValueError(_first_line(str(first.get("description") or error)), _offset(sql, first)) from None
    except (SqlglotError, RecursionError) as error:
        raise ValueError(
            _first_line(str(error)) if not isinstance(error, RecursionError) else "nested too deep", 0
        ) from None
    if len(trees) != 1:
        raise ValueError("one SELECT is expected", 0)
    return trees[0]


def _first_line(text: str) -> str:
    return text.splitlines()[0].rstrip(".") if text.strip() else "not valid SQL"


def _offset(sql: str, error: dict[str, Any]) -> int:
    """sqlglot gives the line and the column where the token ends."""
    line, column = error.get("line"), error.get("col")
    if not isinstance(line, int) or not isinstance(column, int):
        return 0
    lines = sql.splitlines(keepends=True)
    start = sum(len(text) for text in lines[: line - 1])
    highlight = error.get("highlight") or ""
    return max(0, min(len(sql), start + column - len(highlight)))


def plain_outputs(stat: Stat) -> tuple[StatOutput, ...]:
    """The columns of the SELECT, or nothing where it cannot be read; the rules say why."""
    from sqlglot import exp

    from ssgproj.project.sql_text import Places
    from ssgproj.project.stat import StatOutput

    try:
        tree = parse_source_sql(stat.query_result, stat.dialect)
    except ValueError:
        return ()
    if not isinstance(tree, exp.Select):
        return ()
    grouped = {e.sql(dialect=stat.dialect) for e in (tree.args["group"].expressions if tree.args.get("group") else [])}
    places = Places(stat.path, stat.text)
    found = []
    for position, item in enumerate(tree.expressions, 1):
        name = item.alias if isinstance(item, exp.Alias) else item.name if isinstance(item, exp.Column) else ""
        value = item.unalias()
        key = value.sql(dialect=stat.dialect) in grouped or str(position) in grouped or name in grouped
        if name and name != "*":
            span = _span(item)
            at = places.at(span[0] + stat.sql_start, span[1] + stat.sql_start) if span else stat.at
            found.append(StatOutput(name, _type(value), key, at))
    return tuple(found)


def _span(node: Any) -> tuple[int, int] | None:
    """Where the node's identifiers are, from the first to the last."""
    metas = [n.meta for n in node.walk() if "start" in n.meta]
    if not metas:
        return None
    return min(m["start"] for m in metas), max(m["end"] for m in metas) + 1


def _type(value: Any) -> str | None:
    from sqlglot import exp

    if isinstance(value, exp.Count | exp.CountIf | exp.ApproxDistinct):
        return "int"
    if isinstance(
        value, exp.Avg | exp.Stddev | exp.StddevPop | exp.StddevSamp | exp.Variance | exp.VariancePop | exp.Corr
    ):
        return "float"
    if isinstance(value, exp.Div | exp.PercentileCont | exp.Median):
        return "float"
    if isinstance(value, exp.Round | exp.Paren | exp.Coalesce | exp.Nullif):
        return _type(value.this)
    if isinstance(value, exp.Cast):
        return _cast_type(value)
    if isinstance(value, exp.Literal):
        return "string" if value.is_string else "int" if value.is_int else "float"
    if isinstance(value, exp.Boolean | exp.Condition) and isinstance(value, exp.Boolean | exp.Predicate):
        return "boolean"
    if isinstance(value, exp.Case):
        kinds = {_type(i.args["true"]) for i in value.args["ifs"]} | (
            {_type(value.args["default"])} if value.args.get("default") else set()
        )
        return kinds.pop() if len(kinds) == 1 else None
    if isinstance(value, exp.Extract | exp.Year | exp.Month | exp.Day | exp.Floor | exp.Ceil):
        return "int"
    if isinstance(value, exp.Upper | exp.Lower | exp.Concat | exp.DPipe | exp.Substring | exp.TimeToStr):
        return "string"
    return None


def _cast_type(value: Any) -> str | None:
    from sqlglot import exp

    kind = value.to
    if kind.is_type(*exp.DataType.INTEGER_TYPES):
        return "int"
    if kind.is_type(*exp.DataType.REAL_TYPES):
        return "float"
    if kind.is_type(*exp.DataType.TEXT_TYPES):
        return "string"
    if kind.is_type("boolean"):
        return "boolean"
    return "datetime" if kind.is_type(*exp.DataType.TEMPORAL_TYPES) else None
