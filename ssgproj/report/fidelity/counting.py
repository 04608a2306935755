"""Questions to DuckDB about spooled rows (`rows.py`), each one scan of a column or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ssgproj.report.fidelity.axis import Range
from ssgproj.report.fidelity.shape import Looked, Shape

SAMPLE_ROWS = 200_000
SHOWN = 15
_HUGE = "1e150"


@dataclass(frozen=True, slots=True)
class Summary:
    """One column in figures. `range` is None where nothing can be said of it."""

    values: int
    distinct: int | None = None
    mean: float | None = None
    std_dev: float | None = None
    low: float | None = None
    high: float | None = None
    range: Range | None = None


def expression(looked: Looked, shape: Shape) -> str:
    """The SQL of what is measured: the column, or the length of its text."""
    return f"length(c{looked.place})" if shape is Shape.TEXT else f"c{looked.place}"


def summaries(connection: Any, table: str, looked: Sequence[Looked]) -> tuple[int, dict[str, Summary]]:
    """The rows, and a summary of every column, in one scan. Texts have only their number and how many differ."""
    parts = ["count(*)"]
    for column in looked:
        c = f"c{column.place}"
        parts.append(f"count({c})")
        if column.shape.is_measured:
            parts.append(_measures(c))
        elif column.shape in (Shape.CATEGORY, Shape.TEXT):
            parts.append(f"approx_count_distinct({c})")
    row = list(connection.execute(f"SELECT {', '.join(parts)} FROM {table}").fetchall()[0])
    rows = int(row.pop(0))
    found = {}
    for column in looked:
        values = int(row.pop(0))
        if column.shape.is_measured:
            found[column.name] = _summary(values, *(row.pop(0) for _ in range(5)))
        elif column.shape in (Shape.CATEGORY, Shape.TEXT):
            found[column.name] = Summary(values, distinct=min(int(row.pop(0)), values))
        else:
            found[column.name] = Summary(values)
    return rows, found


def measured_summary(connection: Any, table: str, sql: str) -> Summary:
    """A summary of one expression that gives numbers."""
    row = connection.execute(f"SELECT count({sql}), {_measures(sql)} FROM {table}").fetchall()[0]
    return _summary(int(row[0]), *row[1:])


def _measures(sql: str) -> str:
    return (
        f"avg({sql}), stddev_samp(CASE WHEN abs({sql}) < {_HUGE} THEN {sql} END), min({sql}), max({sql}), "
        f"approx_quantile({sql}, [0.01, 0.25, 0.95, 0.99])"
    )


def _summary(values: int, mean: Any, spread: Any, low: Any, high: Any, quantiles: Any) -> Summary:
    if not values:
        return Summary(0)
    q01, q25, q95, q99 = (min(max(float(q), float(low)), float(high)) for q in quantiles)
    return Summary(
        values, None, float(mean), None if spread is None else float(spread), float(low), float(high),
        Range(float(low), float(high), q01, q25, q95, q99, values),
    )  # fmt: skip


def cells(connection: Any, table: str, sql: str, edges: Sequence[float]) -> list[int]:
    """How many values lie below the first edge, between each two, and from the last on."""
    return [n for n, _ in people_in_cells(connection, table, sql, edges, None)]


def people_in_cells(
    connection: Any, table: str, sql: str, edges: Sequence[float], people: str | None
) -> list[tuple[int, int]]:
    """As `cells`, each with the people its rows belong to (`people` is the SQL of one; None: every row is one)."""
    cases = " ".join(f"WHEN {sql} < {float(e)!r} THEN {i}" for i, e in enumerate(edges))
    heads = f"count(DISTINCT {people})" if people else "count(*)"
    query = f"SELECT CASE {cases} ELSE {len(edges)} END AS cell, count(*), {heads} FROM {table} WHERE {sql} IS NOT NULL GROUP BY cell"
    found = {int(c): (int(n), int(p)) for c, n, p in connection.execute(query).fetchall()}
    return [found.get(i, (0, 0)) for i in range(len(edges) + 1)]


def enough(connection: Any, table: str, condition: str, people: str | None, least: int) -> bool:
    """Whether rows that meet a condition belong to so many people; stops at that number."""
    wanted = f"DISTINCT {people}" if people else "1"
    known = f" AND {people} IS NOT NULL" if people else ""
    query = f"SELECT count(*) FROM (SELECT {wanted} FROM {table} WHERE {condition}{known} LIMIT {least})"
    return bool(connection.execute(query).fetchall()[0][0] >= least)


def log_moments(connection: Any, table: str, sql: str) -> dict[str, float]:
    """Mean and standard deviation of the logarithms of the values above 0."""
    row = connection.execute(f"SELECT avg(ln({sql})), stddev_samp(ln({sql})) FROM {table} WHERE {sql} > 0").fetchall()[
        0
    ]
    return {n: float(v) for n, v in zip(("mean", "std_dev"), row, strict=True) if v is not None}


def sample(connection: Any, table: str, rows: int, selected: Sequence[str]) -> Any:
    """An Arrow table of these expressions: all rows, or about `SAMPLE_ROWS` of them, chosen by their place alone."""
    from ssgproj.spool import read_batches

    names = ", ".join(f"{s} AS x{i}" for i, s in enumerate(selected))
    chosen = "" if rows <= SAMPLE_ROWS else f" WHERE hash(rowid) % 1000000 < {SAMPLE_ROWS * 1_000_000 // rows}"
    return read_batches(connection, f"SELECT {names} FROM {table}{chosen}", 100_000).read_all()


def rows_per_key(connection: Any, table: str, key: str) -> list[tuple[int, int]]:
    """How many keys have how many rows, by the number of rows."""
    query = f"SELECT n, count(*) FROM (SELECT count(*) AS n FROM {table} WHERE {key} IS NOT NULL GROUP BY {key}) GROUP BY n ORDER BY n"
    return [(int(n), int(c)) for n, c in connection.execute(query).fetchall()]
