"""A limit on how long a statement may run, kept by this side too: a query can switch off the database's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ssgproj.source.connect import SourceConnection

DEFAULT_SECONDS = 3600.0


@contextmanager
def time_limit(connection: SourceConnection, seconds: float) -> Iterator[None]:
    """Statements on this connection are cancelled after `seconds`, by the database where it has a timeout and by this process."""
    _ask_database(connection, seconds)
    timer = threading.Timer(seconds + 1.0, cancel, (connection,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _ask_database(connection: SourceConnection, seconds: float) -> None:
    if connection.dialect == "postgres":
        connection.raw.execute(f"SET statement_timeout = {max(1, int(seconds * 1000))}")
    elif connection.dialect == "mysql":
        # MariaDB's name, then MySQL's; a server knows one of them.
        for setting in (f"max_statement_time = {seconds:f}", f"max_execution_time = {int(seconds * 1000)}"):
            with suppress(Exception), connection.raw.cursor() as cursor:
                cursor.execute(f"SET SESSION {setting}")
                return


def cancel(connection: SourceConnection) -> None:
    """End what the connection is doing, from another thread."""
    raw: Any = connection.raw
    with suppress(Exception):  # the statement may have ended in the meantime
        if connection.dialect == "postgres":
            raw.cancel()
        elif connection.dialect == "mysql":
            raw._force_close()
        else:
            raw.interrupt()
