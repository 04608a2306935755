"""The DP half: SmartNoise over the spool. Its parser, validator, rewriter, clamping, sampling and noise; only the engine is DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from ssgproj.errors import RunError, SsgError
from ssgproj.privacy.cost import share
from ssgproj.privacy.metadata import smartnoise_metadata
from ssgproj.source.stats.duckdb_sql import SAMPLED, duckdb_sql
from ssgproj.source.stats.intake import IIF, TABLE

if TYPE_CHECKING:
    from ssgproj.project.stat import Stat

_ONE_AT_A_TIME = Lock()
"""SmartNoise says nothing about threads."""
ROWS_OF_A_PART = 1_000_000
_TOLERANCE = 1 + 1e-6
_DUCKDB = {"int": "BIGINT", "float": "DOUBLE", "string": "VARCHAR", "boolean": "BOOLEAN", "datetime": "TIMESTAMP"}


def check_query(stat: Stat) -> tuple[float, float]:
    """Let SmartNoise parse, validate, rewrite and price the query, without data; returns what it will charge.

    Raises RunError if it refuses the query, or would charge more than the file says.
    """
    with _ONE_AT_A_TIME:
        reader = _reader(stat, _NoData())
        try:
            epsilon, delta = reader.get_privacy_cost(stat.dp)
        except Exception as e:
            # No data was there to be quoted: the text is about the query and the header.
            said = str(e).strip().splitlines()
            raise RunError(
                f"SmartNoise refuses the query of `{stat.name}`: {said[0].rstrip('.') if said else type(e).__name__}",
                hint=f"ssg lint {stat.path}",
            ) from None
        _rehearse(stat)
    if epsilon > (stat.epsilon or 0.0) * _TOLERANCE or delta > (stat.delta or 0.0) * _TOLERANCE:
        raise RunError(
            f"SmartNoise would charge epsilon {epsilon:g} and delta {delta:g} for `{stat.name}`, more than its file says",
            hint=f"write `epsilon: {epsilon:g}` and `delta: {delta:g}` if that is what it may spend",
        )
    return float(epsilon), float(delta)


def _rehearse(stat: Stat) -> None:
    """Run what is inside the query over one row of NULLs of the header's types: what fails there would fail after it was paid for."""
    import duckdb

    columns = ", ".join(f'"{c.name}" {_DUCKDB[c.type or "string"]}' for c in stat.columns)
    spool = duckdb.connect()
    try:
        spool.execute(f"{IIF}; CREATE TABLE {TABLE} ({columns})")
        spool.execute(f"INSERT INTO {TABLE} VALUES ({', '.join('NULL' for _ in stat.columns)})")
        reader = _reader(stat, _Connection(spool, [c.name for c in stat.columns], sampled=True))
        subquery, _ = reader._rewrite(stat.dp)
        reader._get_reader(subquery)._execute_ast(subquery)
    except Exception as e:
        said = str(e).strip().splitlines()
        raise RunError(
            f"The query of `{stat.name}` cannot be run over columns of its header's types: {said[0].rstrip('.') if said else type(e).__name__}",
            hint="see whether every condition and key is of its column's type in the header",
        ) from None
    finally:
        spool.close()


def run_query(stat: Stat, spool: Any, *, most_rows: int) -> tuple[list[str], list[list[Any]]]:
    """Run the query with noise over the table `query_result` in `spool`: names and rows, as SmartNoise gives them.

    `most_rows` is how many rows any person has, so that nothing is sampled where there is nothing to leave out. The budget is spent by
    this call, also if it fails. Raises RunError without SmartNoise's text, which may quote rows.
    """
    sampled = most_rows > (stat.max_ids or 1)
    with _ONE_AT_A_TIME:
        reader = _reader(stat, _Connection(spool, [c.name for c in stat.columns], sampled))
        try:
            found = list(reader.execute(stat.dp))
        except Exception as e:
            raise RunError(
                f"SmartNoise failed on `{stat.name}` (`{type(e).__name__}`); its text is not shown, because it may quote rows",
                hint="see whether every condition and key is of its column's type in the header",
            ) from None
    return [str(n) for n in found[0]], [list(row) for row in found[1:]]


def _reader(stat: Stat, connection: Any) -> Any:
    try:
        from snsql import Privacy, from_connection
    except ModuleNotFoundError:
        raise SsgError("SmartNoise is not installed", hint="pip install 'ssgproj[dp]'") from None
    given = share(stat)
    if given is None:
        raise RunError(
            f"`{stat.name}` has no noisy output, or its header no `epsilon` and `delta`", hint=f"ssg lint {stat.path}"
        )
    privacy = Privacy(epsilon=given.epsilon, delta=given.delta)
    return from_connection(connection, privacy=privacy, metadata=smartnoise_metadata(stat), engine="postgres")


class _NoData:
    """A connection for checks: nothing can be run on it."""

    def cursor(self) -> Any:
        raise RunError("A check of the query must not run it")

    def commit(self) -> None: ...

    def rollback(self) -> None: ...


class _Connection:
    """The spool as SmartNoise's PostgreSQL reader expects a connection to be."""

    def __init__(self, spool: Any, columns: Sequence[str], sampled: bool) -> None:
        self.spool = spool
        self.columns = columns
        self.sampled = sampled

    def cursor(self) -> _Cursor:
        return _Cursor(self)

    def commit(self) -> None: ...

    def rollback(self) -> None: ...


class _Cursor:
    def __init__(self, connection: _Connection) -> None:
        self.connection = connection
        self.description: Any = None
        self.rows: list[tuple[Any, ...]] = []

    def execute(self, sql: str) -> None:
        spool = self.connection.spool
        held = spool.execute(f"SELECT count(*) FROM {TABLE}").fetchone()[0] if self.connection.sampled else 0
        parts = 1 + held // ROWS_OF_A_PART
        for statement in duckdb_sql(sql, self.connection.columns, sampled=self.connection.sampled, parts=parts):
            spool.execute(statement)
        self.description = spool.description
        self.rows = spool.fetchall()
        spool.execute(f"DROP TABLE IF EXISTS {SAMPLED}")

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)
