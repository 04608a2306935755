"""Which destination a URL names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssgproj.errors import SsgError
from ssgproj.targets import open_destination


@pytest.mark.parametrize(
    ("url", "name", "dialect"),
    [
        ("duckdb:///x.duckdb", "duckdb", "duckdb"),
        ("postgres://h/d", "postgres", "postgres"),
        ("postgresql+psycopg://h/d", "postgres", "postgres"),
        ("parquet:///out", "parquet", "duckdb"),
        ("sqlite:///x.db", "sqlite", "sqlite"),
        ("mysql+pymysql://h/d", "mysql", "mysql"),
        ("mysql://h/d", "mysql", "mysql"),
        ("mariadb://h/d", "mariadb", "mysql"),
        ("mariadb+pymysql://h/d", "mariadb", "mysql"),
        ("mssql+pyodbc://h/d", "mssql", "tsql"),
        ("oracle+oracledb://h/d", "oracle", "oracle"),
    ],
)
def test_the_scheme_decides(url: str, name: str, dialect: str, tmp_path: Path) -> None:
    destination = open_destination(url, tmp_path)
    assert (destination.name, destination.dialect) == (name, dialect)
    assert list(tmp_path.iterdir()) == []


def test_paths_are_relative_to_the_project(tmp_path: Path) -> None:
    inside, outside = tmp_path / "project", tmp_path / "x.file"
    for scheme in ("duckdb", "sqlite", "parquet"):
        assert open_destination(f"{scheme}:///x.file", inside).identity() == f"file:{inside / 'x.file'}"
        assert open_destination(f"{scheme}:///{outside}", inside).identity() == f"file:{outside}"


def test_mariadb_needs_no_driver_in_its_url(tmp_path: Path) -> None:
    with pytest.raises(SsgError, match="nothing answers there"):
        open_destination("mariadb://u:s3cret@127.0.0.1:1/x", tmp_path).identity()


@pytest.mark.parametrize("url", ["x.duckdb", "", "nothing-known://h/d"])
def test_what_names_none(url: str, tmp_path: Path) -> None:
    with pytest.raises(SsgError) as caught:
        open_destination(url, tmp_path).identity()
    assert caught.value.hint


def test_identity_is_the_same_by_any_path(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    (tmp_path / "y.db").symlink_to(tmp_path / "x.db")
    first, second = (open_destination(f"sqlite:///{n}.db", tmp_path).identity() for n in "xy")
    assert first == second
