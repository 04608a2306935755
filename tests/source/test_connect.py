from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from ssgproj.errors import SsgError
from ssgproj.source.connect import connect, dialect_of, file_of, missing_driver
from ssgproj.targets import open_destination


@pytest.fixture
def duck(tmp_path: Path) -> str:
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
    return f"duckdb:///{path}"


@pytest.fixture
def lite(tmp_path: Path) -> str:
    path = tmp_path / "with space #1?.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1);")
    connection.close()
    return f"sqlite:///{str(path).replace('?', '%3F')}"


@pytest.mark.parametrize(
    ("url", "dialect"),
    [
        ("postgresql://h/d", "postgres"),
        ("postgresql+psycopg://h/d", "postgres"),
        ("postgres://h/d", "postgres"),
        ("duckdb:///a", "duckdb"),
        ("sqlite:///a", "sqlite"),
        ("mysql+pymysql://h/d", "mysql"),
        ("mariadb://h/d", "mysql"),
        ("mariadb+pymysql://h/d", "mysql"),
    ],
)
def test_dialects(url: str, dialect: str) -> None:
    assert dialect_of(url) == dialect


@pytest.mark.parametrize("url", ["", "airbnb", "oracle://h/d", "postgresql:h", "parquet:///out"])
def test_what_cannot_be_read_is_refused(url: str) -> None:
    with pytest.raises(SsgError) as caught:
        dialect_of(url)
    assert url == "" or url not in caught.value.message
    assert "postgresql://" in (caught.value.hint or "")


def test_postgres_reads_and_does_not_write(fresh_postgres: str) -> None:
    with connect(fresh_postgres) as source:
        assert source.fetch("SELECT %s::int AS a", (1,)) == [{"a": 1}]
        assert source.fetch("SHOW transaction_read_only") == [{"transaction_read_only": "on"}]
        with pytest.raises(SsgError, match="25006"):
            source.fetch("CREATE TABLE t (a int)")
    for attack in ("SELECT 1; COMMIT; CREATE TABLE t (a int)", "COMMIT; SET default_transaction_read_only = off"):
        with connect(fresh_postgres) as source, pytest.raises(SsgError, match="42601"):
            source.fetch(attack)


def test_duckdb_reads_this_file_and_nothing_else(duck: str, tmp_path: Path) -> None:
    leak = [1]
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with connect(duck) as source:
        assert source.fetch("SELECT a FROM t WHERE a = ?", (1,)) == [{"a": 1}]
        for attack in (
            "INSERT INTO t VALUES (2)",
            f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
            f"COPY t TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/other.duckdb'",
            "SET enable_external_access = true",
            "SELECT * FROM leak",
        ):
            with pytest.raises(SsgError):
                source.fetch(attack)
    assert leak == [1]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.duckdb", "secret.csv"]


def test_sqlite_reads_and_does_not_write(lite: str) -> None:
    with connect(lite) as source:
        assert source.fetch("SELECT a FROM t WHERE a = ?", (1,)) == [{"a": 1}]
        for attack in ("INSERT INTO t VALUES (2)", "CREATE TABLE u (a)", "ATTACH 'other.db' AS o; SELECT 1"):
            with pytest.raises(SsgError):
                source.fetch(attack)


def test_mariadb_reads_and_does_not_write(fresh_mariadb: str) -> None:
    with connect(fresh_mariadb) as source:
        assert source.fetch("SELECT %s AS a", (1,)) == [{"a": 1}]
        for attack in ("CREATE TABLE t (a int)", "SELECT 1; CREATE TABLE t (a int)"):
            with pytest.raises(SsgError):
                source.fetch(attack)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://someone:hunter2@127.0.0.1:1/hunter3",
        "postgresql://someone:hunter2@127.0.0.1:port/hunter3",
        "mysql+pymysql://someone:hunter2@127.0.0.1:1/hunter3",
        "mysql+pymysql://someone:hunter2@127.0.0.1:port/hunter3",
        "mysql://someone:hunter2@127.0.0.1",
        "duckdb:////nowhere/hunter3.duckdb",
        "sqlite:////nowhere/hunter3.sqlite",
        "sqlite://",
        "duckdb:///:memory:",
    ],
)
def test_no_secret_is_in_the_error(url: str) -> None:
    with pytest.raises(SsgError) as caught, connect(url):
        pass
    assert "hunter" not in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert caught.value.hint


def test_an_error_does_not_quote_a_row(lite: str, duck: str) -> None:
    with connect(duck) as source, pytest.raises(SsgError) as caught:
        source.fetch("SELECT CAST('very private' AS INTEGER)")
    assert "private" not in str(caught.value)


def test_identity_is_the_destinations(duck: str, lite: str, fresh_postgres: str, tmp_path: Path) -> None:
    (tmp_path / "link.duckdb").symlink_to(tmp_path / "a.duckdb")
    for url, other in ((duck, f"duckdb:///{tmp_path}/link.duckdb"), (lite, lite), (fresh_postgres, fresh_postgres)):
        with connect(url) as source:
            identity = source.identity()
        assert identity == open_destination(other, tmp_path).identity()


def test_identity_in_mariadb(fresh_mariadb: str, tmp_path: Path) -> None:
    with connect(fresh_mariadb) as source:
        assert source.identity() == open_destination(fresh_mariadb, tmp_path).identity()


def test_files(monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_of("duckdb:///data/a%20b.duckdb") == Path("data/a b.duckdb")
    assert file_of("sqlite:////var/a.sqlite?mode=ro") == Path("/var/a.sqlite")


def test_a_missing_driver_says_what_to_install() -> None:
    assert missing_driver("postgres").hint == "Install it: `pip install 'ssgproj[postgres]'`"
    assert missing_driver("mysql").hint == "Install it: `pip install 'ssgproj[mariadb]'`"
