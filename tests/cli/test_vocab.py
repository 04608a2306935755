"""`ssg vocab`: what it copies and what it refuses."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import Ssg


@pytest.fixture
def shop(work: Path) -> Path:
    (work / "ssg_project.yml").write_text("name: shop\nconfig_version: 1\nprofile: shop\nsource: {dialect: duckdb}\n")
    (work / "profiles.yml").write_text(
        "shop:\n  target: dev\n  outputs:\n    dev: {source: 'duckdb:///source.duckdb', destination: 'duckdb:///target/shop.duckdb'}\n"
    )
    (work / "models").mkdir()
    (work / "models/kinds.yml").write_text(
        "table: kinds\nvocabulary: {reason: public codes}\ncolumns:\n  id: {type: integer, primary_key: true}\n  name: {type: varchar, nullable: true}\n"
    )
    (work / "models/users.yml").write_text(
        "table: users\ncolumns:\n  id: {type: integer, primary_key: true}\n  kind: {type: integer, references: kinds.id}\n"
    )
    with duckdb.connect(str(work / "source.duckdb")) as c:
        c.execute("CREATE TABLE kinds (id integer PRIMARY KEY, name varchar)")
        c.execute("INSERT INTO kinds VALUES (2, ''), (1, NULL)")
        c.execute("CREATE TABLE users (id integer PRIMARY KEY, kind integer)")
    return work


def test_copies_and_run_loads(shop: Path, ssg: Ssg) -> None:
    shown = ssg("vocab", "--dry-run")
    assert shown.exit_code == 0 and 'FROM "main"."kinds"' in shown.stdout and not (shop / "vocabularies").exists()
    missing = ssg("run")
    assert missing.exit_code == 1 and "ssg vocab --select vocabulary.kinds" in missing.stderr
    result = ssg("vocab")
    assert result.exit_code == 0, result.output
    assert (shop / "vocabularies/kinds.csv").read_text() == 'id,name\n1,\n2,""\n'
    assert ssg("run").exit_code == 0
    with duckdb.connect(str(shop / "target/shop.duckdb")) as c:
        assert c.execute("SELECT * FROM kinds ORDER BY id").fetchall() == [(1, None), (2, "")]


def test_tables_without_the_mark(shop: Path, ssg: Ssg) -> None:
    result = ssg("vocab", "--select", "users")
    assert result.exit_code == 2 and "vocabulary: {reason: ...}" in result.stderr


def test_references_to_private_tables(shop: Path, ssg: Ssg) -> None:
    path = shop / "models/kinds.yml"
    path.write_text(path.read_text() + "  made_by: {type: integer, nullable: true, references: users.id}\n")
    result = ssg("vocab")
    assert result.exit_code == 1 and "PJ031" in result.stderr and not (shop / "vocabularies").exists()


def test_columns_that_look_private(shop: Path, ssg: Ssg) -> None:
    path = shop / "models/kinds.yml"
    path.write_text(path.read_text().replace("name: {", "email: {"))
    assert "PJ032" in ssg("vocab", "--dry-run").stderr


def test_no_vocabulary(shop: Path, ssg: Ssg) -> None:
    path = shop / "models/kinds.yml"
    path.write_text(path.read_text().replace("vocabulary: {reason: public codes}\n", ""))
    result = ssg("vocab")
    assert result.exit_code == 0 and "no vocabulary" in result.stderr


def test_another_dialect(shop: Path, ssg: Ssg) -> None:
    path = shop / "ssg_project.yml"
    path.write_text(path.read_text().replace("duckdb", "postgres"))
    result = ssg("vocab")
    assert result.exit_code == 2 and "source: {dialect: duckdb}" in result.stderr
