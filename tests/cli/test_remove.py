from __future__ import annotations

from pathlib import Path

import duckdb
import psycopg
import pytest

from tests.cli.conftest import Ssg

MODEL = """\
table: thing
rows: 3
columns:
  id: {type: integer, primary_key: true, identity: by default}
  kind: {type: text, references: kinds.name}
"""
KINDS = """\
table: kinds
vocabulary: {reason: public codes}
columns:
  name: {type: text, primary_key: true}
"""


@pytest.fixture
def shop(ssg: Ssg, work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one table and one vocabulary that has been run, as the working directory."""
    assert ssg("init", "shop").exit_code == 0
    shop = work / "shop"
    monkeypatch.chdir(shop)
    for path in (shop / "models").iterdir():
        path.unlink()
    (shop / "models" / "thing.yml").write_text(MODEL)
    (shop / "models" / "kinds.yml").write_text(KINDS)
    (shop / "vocabularies").mkdir()
    (shop / "vocabularies" / "kinds.csv").write_text("name\na\nb\n")
    return shop


def count(shop: Path, table: str) -> int:
    with duckdb.connect(str(shop / "target" / "shop.duckdb"), read_only=True) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert row
        return int(row[0])


def test_data_alone(ssg: Ssg, shop: Path) -> None:
    assert ssg("run").exit_code == 0
    result = ssg("remove", "--data", "--yes")
    assert result.exit_code == 0, result.output
    assert (count(shop, "thing"), count(shop, "kinds")) == (0, 2)


def test_vocabularies_need_their_children_gone(ssg: Ssg, shop: Path) -> None:
    assert ssg("run").exit_code == 0
    assert ssg("remove", "--data", "--vocabularies", "--yes").exit_code == 0
    assert (count(shop, "thing"), count(shop, "kinds")) == (0, 0)
    assert ssg("run").exit_code == 0
    assert (count(shop, "thing"), count(shop, "kinds")) == (3, 2)


def test_tables(ssg: Ssg, shop: Path) -> None:
    assert ssg("run").exit_code == 0
    assert ssg("remove", "--tables", "--yes").exit_code == 0
    with duckdb.connect(str(shop / "target" / "shop.duckdb")) as connection:
        assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]
    assert "Nothing to remove" in ssg("remove", "--tables", "--yes").stderr


def test_sequences_begin_again(ssg: Ssg, shop: Path, fresh_postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSG_DESTINATION_URL", fresh_postgres)
    assert ssg("run").exit_code == 0
    assert ssg("remove", "--data", "--yes").exit_code == 0
    with psycopg.connect(fresh_postgres) as connection:
        assert connection.execute("INSERT INTO thing (kind) VALUES ('a') RETURNING id").fetchall() == [(1,)]


def test_nobody_to_ask(ssg: Ssg, shop: Path) -> None:
    assert ssg("run").exit_code == 0
    result = ssg("remove", "--data")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert count(shop, "thing") == 3


def test_it_must_be_said_what(ssg: Ssg, shop: Path) -> None:
    assert ssg("remove").exit_code == 2
