"""The answer of a statistic without noise.

With differential privacy it is what SmartNoise would answer if its noise were nothing: rows that the final SELECT filters, values clamped to
the header's bounds, at most `max_ids` rows of a person, then the aggregates, on DuckDB. Where the answer depends on which rows of a person
are taken, there is none. Groups of few people stay, since what drops them is a number with noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ssgproj.errors import SsgError
from ssgproj.privacy.people import PEOPLE
from ssgproj.targets.ddl.names import quote
from ssgproj.unit_tests.tables import first_line

if TYPE_CHECKING:
    import duckdb

    from ssgproj.project.stat import Stat
    from ssgproj.project.stat_header import StatColumn

_TYPES = {"int": "BIGINT", "float": "DOUBLE", "string": "VARCHAR", "boolean": "BOOLEAN", "datetime": "TIMESTAMP"}
_QUERY_RESULT = "query_result"
_HELD = "ssg_held"
_DRAWS = 12
"""Ways of taking `max_ids` rows of each person that are compared."""
_NUMBER = "ssg_number"
_PLACE = "ssg_place"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the names of their columns. `ordered`: the query says in which order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing is released: a row rests on fewer than `min_people` people."""

    fewest: int


def run_sql(connection: duckdb.DuckDBPyConnection, sql: str, what: str, *, ordered: bool = False) -> Table:
    """The rows of a query. Raises SsgError with DuckDB's reason."""
    import duckdb

    try:
        result = connection.execute(sql)
    except duckdb.Error as error:
        raise SsgError(f"{what} cannot be run on DuckDB: {first_line(error)}", "ssg lint stats") from None
    names = tuple(d[0] for d in result.description or ())
    try:
        return Table(names, tuple(map(tuple, result.fetchall())), ordered)
    except duckdb.Error as error:
        raise SsgError(f"{what} cannot be run on DuckDB: {first_line(error)}", "ssg lint stats") from None


def private_answer(connection: duckdb.DuckDBPyConnection, stat: Stat, sql: str) -> Table:
    """The answer of a differentially private statistic; `sql` is its query_result in DuckDB's words. Raises SsgError."""
    import duckdb

    columns = stat.columns
    given = run_sql(connection, f"SELECT * FROM ({sql}) AS q LIMIT 0", "`query_result`").columns
    selected = ", ".join(
        f"CAST({quote(_named(c, given))} AS {_TYPES[c.type or 'string']}) AS {quote(c.name)}" for c in columns
    )
    try:
        connection.execute(
            f"CREATE OR REPLACE TABLE {_HELD} AS SELECT {selected}, row_number() OVER () AS {_NUMBER} FROM ({sql}) AS q"
        )
    except duckdb.Error as error:
        raise SsgError(
            f"`query_result` does not have the types of the header: {first_line(error)}",
            f"look at the header of {stat.path}",
        ) from None
    final, where, ordered = _final(stat)
    rows = f"SELECT * FROM {_HELD}" + (f" WHERE {where}" if where else "")
    clamped = ", ".join(_clamped(c) for c in columns if c.bounded and c.is_numeric)
    rows = f"SELECT * {f'REPLACE ({clamped}) ' if clamped else ''}FROM ({rows}) AS q"
    person, most = stat.private_id, stat.max_ids
    if person is None or most is None or _most_rows(connection, rows, person) <= most:
        return _answer(connection, final, rows, ordered)
    found = None
    for draw in range(_DRAWS):
        order = _NUMBER if draw == 0 else f"{_NUMBER} DESC" if draw == 1 else f"hash({_NUMBER}, {draw})"
        place = f"row_number() OVER (PARTITION BY {quote(person.name)} ORDER BY {order}) AS {_PLACE}"
        taken = f"SELECT * FROM (SELECT *, {place} FROM ({rows}) AS q) AS q WHERE {_PLACE} <= {most}"
        answer = _answer(connection, final, taken, ordered)
        if found is not None and sorted(map(repr, found.rows)) != sorted(map(repr, answer.rows)):
            raise SsgError(
                f"A person has more than `max_ids: {most}` rows in `query_result`, and the answer depends on which SmartNoise takes",
                "give each person fewer rows, or rows that are alike",
            )
        found = answer
    assert found is not None  # noqa: S101 - there is at least one draw
    return found


def _named(column: StatColumn, given: Sequence[str]) -> str:
    exact = [n for n in given if n == column.name] or [n for n in given if n.lower() == column.name.lower()]
    if len(exact) != 1:
        raise SsgError(
            f"`query_result` gives no column `{column.name}`, which the header declares",
            f"select it: ... AS {column.name}",
        )
    return exact[0]


def _clamped(column: StatColumn) -> str:
    name, type_ = quote(column.name), _TYPES[column.type or "string"]
    bounds = f"CAST({column.lower!r} AS DOUBLE), CAST({column.upper!r} AS DOUBLE)"
    low, high = bounds.split(", ")
    # LEAST and GREATEST would pass NULL over.
    return f"CASE WHEN {name} < {low} THEN CAST({low} AS {type_}) WHEN {name} > {high} THEN CAST({high} AS {type_}) ELSE {name} END AS {name}"


def _final(stat: Stat) -> tuple[Any, str | None, bool]:
    """The final SELECT as a tree, without its WHERE; the WHERE; whether there is an ORDER BY."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(stat.dp, dialect="duckdb")
    except (SqlglotError, RecursionError):
        tree = None
    if not isinstance(tree, exp.Select):
        raise SsgError(f"The final SELECT of `{stat.name}` cannot be read", f"ssg lint {stat.path}")
    where = tree.args.get("where")
    tree.set("where", None)
    # SmartNoise's VAR is DuckDB's VARIANCE.
    for call in list(tree.find_all(exp.Anonymous)):
        if call.name.upper() in ("VAR", "STD", "STDEV"):
            call.set("this", "VAR_SAMP" if call.name.upper() == "VAR" else "STDDEV_SAMP")
    return tree, where.this.sql("duckdb") if where else None, bool(tree.args.get("order"))


def _answer(connection: duckdb.DuckDBPyConnection, final: Any, rows: str, ordered: bool) -> Table:
    sql = f"WITH {_QUERY_RESULT} AS ({rows}) {final.sql('duckdb', comments=False)}"
    return run_sql(connection, sql, "The final SELECT", ordered=ordered)


def _most_rows(connection: duckdb.DuckDBPyConnection, rows: str, person: StatColumn) -> int:
    sql = f"SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM ({rows}) AS q GROUP BY {quote(person.name)})"
    return int(run_sql(connection, sql, "`query_result`").rows[0][0])


def plain_answer(connection: duckdb.DuckDBPyConnection, stat: Stat, sql: str, min_people: int) -> Table | Refused:
    """The answer of a statistic without differential privacy; `sql` is its query in DuckDB's words, with the count of people."""
    found = run_sql(connection, sql, "The query", ordered="order by" in " ".join(stat.query_result.lower().split()))
    people = next(i for i, n in enumerate(found.columns) if n.lower() == PEOPLE)
    few = [row[people] or 0 for row in found.rows if (row[people] or 0) < min_people]
    if few and stat.on_small != "suppress":
        return Refused(min(few))
    kept = [row for row in found.rows if (row[people] or 0) >= min_people]
    return Table(_without(found.columns, people), tuple(_without(row, people) for row in kept), found.ordered)


def _without(row: tuple[Any, ...], place: int) -> tuple[Any, ...]:
    return row[:place] + row[place + 1 :]
