"""Source and destination are one database, however their URLs are spelled."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ssgproj.project.same_place import same_place


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("postgresql://a:x@127.0.0.1/d", "postgres://b@127.0.0.1:5432/d", True),
        ("postgresql://localhost/d", "postgresql://127.0.0.1/d", True),
        ("postgresql:///d", "postgresql+psycopg://localhost/d", True),
        ("postgresql://h/d?host=/run", "postgresql:///d", True),
        ("postgresql://127.0.0.1/d", "postgresql://127.0.0.1/e", False),
        ("postgresql://127.0.0.1:5433/d", "postgresql://127.0.0.1/d", False),
        ("mysql://127.0.0.1/d", "mariadb+pymysql://localhost:3306/d", True),
        ("mysql://127.0.0.1:5432/d", "postgresql://127.0.0.1/d", False),
        ("duckdb:///x.db", "sqlite:///x.db", True),
        ("duckdb:///x.db", "duckdb:///y.db", False),
        ("duckdb:///:memory:", "duckdb:///:memory:", False),
        ("duckdb:///d", "postgresql://127.0.0.1/d", False),
        ("postgresql://u:p%@[::1/x", "postgresql://u:p%@[::1/x", False),
        ("postgresql://127.0.0.1:port/d", "postgresql://127.0.0.1/d", True),
    ],
)
def test_pairs(one: str, other: str, same: bool, tmp_path: Path) -> None:
    assert same_place(one, other, tmp_path) is same
    assert same_place(other, one, tmp_path) is same


def test_links(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    (tmp_path / "y.db").hardlink_to(tmp_path / "x.db")
    assert same_place("duckdb:///x.db", "duckdb:///y.db", tmp_path)


def test_no_name_is_looked_up_for_two_databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    assert not same_place("postgresql://private.invalid/one", "postgresql://other.invalid/two", tmp_path)
    assert not same_place("postgresql://private.invalid/one", "duckdb:///x.duckdb", tmp_path)
