"""The way into the source database: read-only, in one transaction that is always rolled back."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ssgproj.errors import SsgError
from ssgproj.project.refusals import why_refused

DIALECTS: Mapping[str, str] = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "duckdb": "duckdb",
    "sqlite": "sqlite",
    "mysql": "mysql",
    "mariadb": "mysql",
}
"""The URL schemes that can be read, each with sqlglot's name of its SQL."""

DEFAULT_SCHEMAS: Mapping[str, str | None] = {"postgres": "public", "duckdb": "main", "sqlite": None, "mysql": None}
"""The schema whose tables need no `schema:` in their models."""

EXTRAS: Mapping[str, tuple[str, str]] = {
    "postgres": ("psycopg", "postgres"),
    "mysql": ("pymysql", "mariadb"),
}
"""The driver and the extra that installs it, for databases whose driver does not come with ssg."""


@dataclass(frozen=True, slots=True)
class SourceConnection:
    """An open source. `raw` is the driver's own connection, inside a read-only transaction.

    `database` is the name of what it is connected to, without secrets.
    """

    dialect: str
    raw: Any
    database: str

    @property
    def default_schema(self) -> str | None:
        return DEFAULT_SCHEMAS[self.dialect]

    def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """All rows of a query as dictionaries. Placeholders are the driver's (`%s`, or `?` in DuckDB and SQLite); a
        query without parameters is sent as it stands. Raises SsgError without the database's text."""
        try:
            cursor = self.raw.cursor()
            try:
                if parameters:
                    cursor.execute(sql, parameters)
                else:
                    cursor.execute(sql)
                names = [d[0] for d in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            finally:
                cursor.close()
        except Exception as error:
            raise SsgError(f"The source did not answer a query ({describe_error(error)})") from None

    def identity(self) -> str:
        """What tells this database from every other, whatever the spelling of its URL. No secrets in it."""
        if self.dialect == "postgres":
            database = self.fetch("SELECT oid::text AS oid FROM pg_database WHERE datname = current_database()")[0][
                "oid"
            ]
            return f"postgres:{_postgres_server(self)}:{database}"
        if self.dialect == "mysql":
            # As the destination spells it (`targets/alchemy_mysql.py`): a difference would hide that both are one.
            rows = self.fetch(
                "SHOW VARIABLES WHERE Variable_name IN ('server_uid', 'server_uuid', 'hostname', 'port', 'datadir')"
            )
            found = {r["Variable_name"]: r["Value"] for r in rows}
            server = (
                found.get("server_uid") or found.get("server_uuid") or f"{found.get('hostname')}:{found.get('datadir')}"
            )
            return f"mysql:{server}:{found.get('port')}:{self.fetch('SELECT DATABASE() AS name')[0]['name']}"
        return file_identity(Path(self.database))


def file_identity(path: Path) -> str:
    """The identity of a database that is a file: follows links, so that two names of one file are one database."""
    try:
        found = path.stat()
    except OSError:
        return f"file:{path.resolve()}"
    return f"file:{found.st_dev}:{found.st_ino}"


def _postgres_server(connection: SourceConnection) -> str:
    allowed = connection.fetch("SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS allowed")[0][
        "allowed"
    ]
    if allowed:
        row = connection.fetch("SELECT system_identifier::text AS system FROM pg_control_system()")[0]
        return str(row["system"])
    row = connection.fetch("SELECT inet_server_addr()::text AS address, current_setting('port') AS port")[0]
    return f"{row['address'] or 'local'}:{row['port']}"


def describe_error(error: BaseException) -> str:
    """A database error without its text, which may hold values of rows or a password: class and SQLSTATE or number."""
    state = getattr(error, "sqlstate", None)
    if state is None and type(error).__module__.startswith("pymysql") and error.args and isinstance(error.args[0], int):
        state = error.args[0]
    state = state or getattr(error, "sqlite_errorname", None)
    return f"`{type(error).__name__}`, {state}" if state else f"`{type(error).__name__}`"


def dialect_of(url: str) -> str:
    """sqlglot's name of the SQL that the database behind a URL speaks. Raises SsgError for one that cannot be read."""
    scheme = url.partition(":")[0].partition("+")[0].strip().lower()
    if "://" not in url or scheme not in DIALECTS:
        raise SsgError(
            "The source's URL names no database that ssg can read",
            hint="Write a URL such as `postgresql://user@host/database`, `duckdb:///file.duckdb`, `sqlite:///file.sqlite` "
            "or `mysql+pymysql://user@host/database`",
        )
    return DIALECTS[scheme]


@contextmanager
def connect(url: str) -> Iterator[SourceConnection]:
    """Open the source behind a URL. Nothing can be written through it, and leaving rolls back.

    Raises SsgError if the driver is missing or the database does not answer.
    """
    dialect = dialect_of(url)
    opener = {"postgres": _postgres, "duckdb": _duckdb, "sqlite": _sqlite, "mysql": _mysql}[dialect]
    try:
        connection = opener(url)
    except SsgError:
        raise
    except ModuleNotFoundError:
        raise missing_driver(dialect) from None
    except Exception as error:
        raise SsgError(
            f"Cannot connect to the source: {why_refused(error)}",
            hint="correct the URL (`profiles.yml` says which variable holds it), then: ssg debug",
        ) from None
    try:
        yield connection
    finally:
        _close(connection)


def missing_driver(dialect: str) -> SsgError:
    """What to say when a database's driver is not installed."""
    driver, extra = EXTRAS.get(dialect, (dialect, "all"))
    return SsgError(f"The driver `{driver}` is not installed", hint=f"Install it: `pip install 'ssgproj[{extra}]'`")


def _close(connection: SourceConnection) -> None:
    # The transaction may be broken or the server gone; either way nothing was written.
    for step in ("rollback", "close"):
        try:
            getattr(connection.raw, step)()
        except Exception:  # noqa: S112
            continue


def _postgres(url: str) -> SourceConnection:
    import psycopg

    connection = psycopg.connect(
        "postgresql:" + url.partition(":")[2], autocommit=True, application_name="ssg", client_encoding="utf8"
    )
    # Prepared statements go by the extended protocol, which takes one statement at a time.
    connection.prepare_threshold = 0
    for statement in (
        "SET standard_conforming_strings = on",
        "SET default_transaction_read_only = on",
    ):
        connection.execute(statement)
    connection.autocommit = False
    connection.read_only = True
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return SourceConnection("postgres", connection, connection.info.dbname)


def file_of(url: str) -> Path:
    """The file that a `duckdb:///` or `sqlite:///` URL names; a relative one is relative to the working directory."""
    rest = re.sub(r"^[^:]+://", "", url).partition("?")[0]
    path = unquote(rest.removeprefix("/"))
    if path in ("", ":memory:"):
        raise SsgError(
            "The source is a database in memory, which is always empty",
            hint="Name a file: `duckdb:///file.duckdb` or `sqlite:///file.sqlite`",
        )
    return Path(path).expanduser()


def _existing_file(url: str) -> Path:
    path = file_of(url)
    if not path.is_file():
        raise SsgError(
            "The source's file is not there", hint="Check the source's path in `profiles.yml`, then run `ssg debug`"
        )
    return path


def _duckdb(url: str) -> SourceConnection:
    import duckdb

    path = _existing_file(url)
    # Without these settings a query may read and write files, and read this process's variables.
    settings: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "python_enable_replacements": "false",
    }
    connection = duckdb.connect(str(path), read_only=True, config=settings)
    # The progress bar would be drawn on standard output, which is for data; the zone decides what `::date` means. Connections of one
    # process to one file share their settings, so where they are locked another thread has made them already.
    for setting in ("enable_progress_bar = false", "TimeZone = 'UTC'", "lock_configuration = true"):
        with suppress(duckdb.InvalidInputException):
            connection.execute(f"SET {setting}")
    connection.begin()
    return SourceConnection("duckdb", connection, os.fspath(path))


def _sqlite(url: str) -> SourceConnection:
    import sqlite3

    path = _existing_file(url)
    connection = sqlite3.connect(f"file:{quote(os.fspath(path.resolve()))}?mode=ro", uri=True, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return SourceConnection("sqlite", connection, os.fspath(path))


def _mysql(url: str) -> SourceConnection:
    import pymysql

    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    settings: dict[str, Any] = {
        "host": unquote(parts.hostname or "127.0.0.1"),
        "port": parts.port or 3306,
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.strip("/")) or None,
        "charset": query.get("charset", "utf8mb4"),
        "unix_socket": query.get("unix_socket"),
        "autocommit": False,
    }
    for name in ("ssl_ca", "ssl_cert", "ssl_key"):
        if name in query:
            settings[name] = query[name]
    if not settings["database"]:
        raise SsgError(
            "The source's URL names no database", hint="Write it after the host: `mysql+pymysql://user@host/database`"
        )
    connection = pymysql.connect(**settings)
    with connection.cursor() as cursor:
        # Settings such as ANSI_QUOTES change how the catalog spells statements.
        cursor.execute("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute("START TRANSACTION READ ONLY")
    return SourceConnection("mysql", connection, settings["database"])
