"""The reason is told, the driver's text is not."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

import duckdb
import psycopg
import pytest

from ssgproj.project.refusals import why_refused


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://u:s3cret@127.0.0.1:1/x", "nothing answers there"),
        ("postgresql://u:s3cret@127.0.0.1:port/x", "the port is not a number from 1 to 65535"),
        ("postgresql://u:s3cret@127.0.0.1:99999/x", "the port is not a number from 1 to 65535"),
        ("postgresql://u:s3%cret@[::1/x", "the URL cannot be read"),
    ],
)
def test_postgres(url: str, reason: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        psycopg.connect(url)
    assert why_refused(caught.value) == reason


def test_no_such_database(fresh_postgres: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        psycopg.connect(fresh_postgres, dbname="not_there")
    assert why_refused(caught.value) == "there is no such database"


def test_files(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("not a database" * 1000)
    with pytest.raises(duckdb.Error) as caught:
        duckdb.connect(str(tmp_path / "x"))
    assert why_refused(caught.value) == "the file is not a DuckDB database"
    with pytest.raises(sqlite3.Error) as refused:
        sqlite3.connect(str(tmp_path / "x")).execute("SELECT * FROM sqlite_master")
    assert why_refused(refused.value) == "the file is not a SQLite database"


def test_unknown_reasons_have_their_class_alone() -> None:
    assert why_refused(ValueError("s3cret")) == "`ValueError`"
    assert why_refused(socket.gaierror(-2, "Name or service not known")) == "there is no such host"
