"""Every other database: a cursor that streams, and Python values."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from ssgproj.errors import RunError
from ssgproj.source.failures import reduced
from ssgproj.source.values import to_arrow

FETCH = 10_000


def describe(connection: Any, sql: str) -> list[tuple[str, None]]:
    """The names; the types are known when the values come."""
    _one_statement(sql)
    with _cursor(connection, f"SELECT * FROM (\n{_body(sql)}\n) AS q WHERE 1 = 0", "The source refuses the query") as (
        names,
        _,
    ):
        return [(n, None) for n in names]


def stream(connection: Any, sql: str, batch_rows: int) -> Generator[list[Any], None, None]:
    """Batches as one function per column, from its type to its array."""
    with _cursor(connection, _body(sql), "The query failed at the source") as (_, fetch):
        while True:
            try:
                held = fetch(min(batch_rows, FETCH))
            except Exception as e:  # each driver has its own classes; all are reduced
                raise reduced("The query failed at the source", e) from None
            if not held:
                return
            yield [partial(_array, column) for column in zip(*held, strict=True)]


def _array(values: Sequence[Any], type_: Any, target: Any) -> Any:
    return to_arrow(values, type_, target)


@contextmanager
def _cursor(connection: Any, sql: str, what: str) -> Iterator[tuple[list[str], Callable[[int], Sequence[Any]]]]:
    if type(connection).__module__.startswith("sqlalchemy"):
        try:
            result = connection.execution_options(stream_results=True, max_row_buffer=FETCH).exec_driver_sql(sql)
        except Exception as e:
            raise reduced(what, e) from None
        with closing(result):
            yield list(result.keys()), result.fetchmany
        return
    cursor = _open(connection)
    try:
        try:
            cursor.execute(sql)
        except Exception as e:
            raise reduced(what, e) from None
        yield [d[0] for d in cursor.description or ()], cursor.fetchmany
    finally:
        cursor.close()


def _open(connection: Any) -> Any:
    if isinstance(connection, sqlite3.Connection):
        return connection.cursor()
    if type(connection).__module__.startswith("pymysql"):
        from pymysql.cursors import SSCursor

        with connection.cursor() as settings:
            settings.execute("SET time_zone = '+00:00'")
        return connection.cursor(SSCursor)
    return connection.cursor()


def _one_statement(sql: str) -> None:
    """These drivers refuse several statements themselves; a semicolon outside quotes is refused here too."""
    bare = re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|/\*.*?\*/", "", _body(sql), flags=re.DOTALL)
    if ";" in bare:
        raise RunError("The text holds several statements, and one SELECT is allowed")
    if not re.match(r"\s*(SELECT|WITH|\()", bare, re.IGNORECASE):
        raise RunError("The statement is not a SELECT")


def _body(sql: str) -> str:
    return sql.rstrip().rstrip(";")
