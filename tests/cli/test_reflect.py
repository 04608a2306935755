from __future__ import annotations

from pathlib import Path

import duckdb
import psycopg
import pytest

from tests.cli.conftest import Ssg


@pytest.fixture
def shop(ssg: Ssg, work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project made from a DuckDB file beside it."""
    change(
        work,
        "CREATE TABLE customer (id integer PRIMARY KEY, name varchar NOT NULL);"
        "CREATE TABLE purchase (id integer PRIMARY KEY, customer_id integer REFERENCES customer (id), day date);"
        "INSERT INTO customer VALUES (1, 'zq7-jane')",
    )
    monkeypatch.setenv("SSG_SOURCE_URL", f"duckdb:///{work}/private.duckdb")
    assert ssg("init", "shop", "--from", "env:SSG_SOURCE_URL").exit_code == 0
    monkeypatch.chdir(work / "shop")
    return work / "shop"


def change(work: Path, sql: str) -> None:
    with duckdb.connect(str(work / "private.duckdb")) as connection:
        connection.execute(sql)


def texts(shop: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in (shop / "models").iterdir()}


def test_nothing_has_changed(ssg: Ssg, shop: Path) -> None:
    before = texts(shop)
    check = ssg("reflect", "--check")
    assert (check.exit_code, check.stdout) == (0, "")
    assert ssg("reflect").exit_code == 0
    assert texts(shop) == before


def test_check_shows_what_changed_and_changes_nothing(ssg: Ssg, shop: Path) -> None:
    change(shop.parent, "ALTER TABLE purchase ADD COLUMN total decimal(10, 2); CREATE TABLE extra (a int)")
    before = texts(shop)
    result = ssg("reflect", "--check")
    assert result.exit_code == 1
    assert result.stdout == "extra: added, 1 column\npurchase.total: added, decimal(10, 2), nullable\n"
    assert texts(shop) == before


def test_hand_edits_stay(ssg: Ssg, shop: Path) -> None:
    model = shop / "models" / "customer.yml"
    text = model.read_text().replace("rows: 1000", "rows: 7  # seven")
    text = text.replace("{type: varchar}", "{type: varchar(20), generate: {mimesis: person.name}}")
    assert "mimesis" in text
    model.write_text(text)
    change(shop.parent, "ALTER TABLE customer ADD COLUMN born date")
    result = ssg("reflect")
    assert result.exit_code == 0, result.output
    after = model.read_text()
    assert "rows: 7  # seven\n" in after
    assert "varchar(20)" in after
    assert "mimesis: person.name" in after
    assert "born:" in after
    assert ssg("reflect", "--check").exit_code == 0


def test_a_table_that_is_gone_is_told_and_only_pruned_on_request(ssg: Ssg, shop: Path) -> None:
    change(shop.parent, "DROP TABLE purchase")
    assert ssg("reflect", "--check").exit_code == 1
    result = ssg("reflect")
    assert result.exit_code == 0
    assert "`purchase` is gone from the source" in result.stderr
    assert "purchase.yml" in texts(shop)
    assert ssg("reflect", "--prune").exit_code == 0
    assert "purchase.yml" not in texts(shop)
    assert ssg("reflect", "--check").exit_code == 0


def test_an_ignored_table_is_left_alone(ssg: Ssg, shop: Path) -> None:
    (shop / "models" / "customer.yml").write_text(
        "table: customer\nignore: true\ncolumns: {id: {type: integer, primary_key: true}}\n"
    )
    before = texts(shop)
    assert ssg("reflect", "--check").exit_code == 0
    assert ssg("reflect").exit_code == 0
    assert texts(shop) == before


def test_a_new_table_does_not_take_the_file_of_another(ssg: Ssg, shop: Path) -> None:
    (shop / "models" / "customer.yml").rename(shop / "models" / "extra.yml")
    change(shop.parent, "CREATE TABLE extra (a int)")
    assert ssg("reflect").exit_code == 0
    assert sorted(texts(shop)) == ["extra.yml", "extra_2.yml", "purchase.yml"]
    assert ssg("reflect", "--check").exit_code == 0


def test_other_schemas_stay_out_until_asked_for(ssg: Ssg, shop: Path) -> None:
    change(shop.parent, "CREATE SCHEMA stock; CREATE TABLE stock.item (id integer PRIMARY KEY)")
    assert ssg("reflect", "--check").exit_code == 0
    assert ssg("reflect", "--schema", "stock").exit_code == 0
    assert "stock.item.yml" in texts(shop)
    assert sorted(texts(shop)) == ["_schema.yml", "customer.yml", "purchase.yml", "stock.item.yml"]
    assert ssg("reflect", "--check").exit_code == 0


def test_no_row_and_no_url_is_written(ssg: Ssg, shop: Path) -> None:
    change(shop.parent, "ALTER TABLE customer ADD COLUMN born date")
    result = ssg("reflect")
    everything = result.output + "".join(p.read_text() for p in shop.rglob("*") if p.is_file())
    assert "zq7" not in everything
    assert "private.duckdb" not in everything


def test_without_a_source(ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSG_SOURCE_URL")
    result = ssg("reflect")
    assert result.exit_code == 2
    assert ".env" in result.stderr


def test_a_source_of_another_dialect(
    ssg: Ssg, shop: Path, monkeypatch: pytest.MonkeyPatch, fresh_postgres: str
) -> None:
    monkeypatch.setenv("SSG_SOURCE_URL", fresh_postgres)
    result = ssg("reflect")
    assert result.exit_code == 2
    assert "hint: write `source: {dialect: postgres}` in ssg_project.yml" in result.stderr


def test_check_and_prune_exclude_each_other(ssg: Ssg, shop: Path) -> None:
    assert ssg("reflect", "--check", "--prune").exit_code == 2


def test_postgres_types_follow_in_the_schema_file(
    ssg: Ssg, work: Path, monkeypatch: pytest.MonkeyPatch, fresh_postgres: str
) -> None:
    monkeypatch.setenv("SSG_SOURCE_URL", fresh_postgres)
    with psycopg.connect(fresh_postgres, autocommit=True) as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE person (id serial PRIMARY KEY, m mood)")
        assert ssg("init", "x", "--from", "env:SSG_SOURCE_URL").exit_code == 0
        monkeypatch.chdir(work / "x")
        assert ssg("reflect", "--check").exit_code == 0
        connection.execute("ALTER TYPE mood ADD VALUE 'happy'")
    assert ssg("reflect", "--check").exit_code == 1
    assert ssg("reflect").exit_code == 0
    assert "happy" in (work / "x" / "models" / "_schema.yml").read_text()
    assert ssg("reflect", "--check").exit_code == 0
