from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
import pytest

from tests.cli.conftest import Ssg


def files(directory: Path) -> dict[str, bytes]:
    return {p.relative_to(directory).as_posix(): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


@pytest.mark.parametrize("template", ["minimal", "airbnb"])
def test_makes_a_project_and_says_what_to_type_next(ssg: Ssg, work: Path, template: str) -> None:
    result = ssg("init", "my shop", "--template", template)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.endswith("Next:\n  cd 'my shop'\n  ssg compile\n  ssg run\n")
    made = files(work / "my shop")
    for path in (
        ".env.example",
        ".gitignore",
        ".pre-commit-config.yaml",
        ".sqlfluff",
        "README.md",
        "profiles.yml",
        "ssg_project.yml",
    ):
        assert path in made
    assert b"name: my_shop\n" in made["ssg_project.yml"]
    assert b"duckdb:///target/my_shop.duckdb" in made["profiles.yml"]
    assert b"[[" not in b"".join(made[p] for p in made if not p.startswith("scripts/"))


def test_the_name_can_be_given(ssg: Ssg, work: Path) -> None:
    assert ssg("init", "x", "--name", "hospital").exit_code == 0
    assert b"name: hospital\n" in files(work / "x")["ssg_project.yml"]


def test_a_name_that_cannot_be_is_answered_with_one_that_can(ssg: Ssg, work: Path) -> None:
    result = ssg("init", "x", "--name", "Bad Name")
    assert result.exit_code == 2
    assert "hint: --name bad_name" in result.stderr
    assert not (work / "x").exists()


@pytest.mark.parametrize(("directory", "name"), [("2024", "project_2024"), ("Größe", "gr_e"), ("a/b/c-d", "c_d")])
def test_the_name_comes_from_the_directory(ssg: Ssg, work: Path, directory: str, name: str) -> None:
    assert ssg("init", directory).exit_code == 0
    assert f"name: {name}\n".encode() in files(work / directory)["ssg_project.yml"]


def test_refuses_a_directory_with_files(ssg: Ssg, work: Path) -> None:
    (work / "x").mkdir()
    (work / "x" / "notes.txt").write_text("mine")
    result = ssg("init", "x")
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert files(work / "x") == {"notes.txt": b"mine"}


def test_force_keeps_other_files(ssg: Ssg, work: Path) -> None:
    (work / "x").mkdir()
    (work / "x" / "notes.txt").write_text("mine")
    (work / "x" / "README.md").write_text("old")
    assert ssg("init", "x", "--force").exit_code == 0
    made = files(work / "x")
    assert made["notes.txt"] == b"mine"
    assert made["README.md"] != b"old"


def test_refuses_a_file(ssg: Ssg, work: Path) -> None:
    (work / "x").write_text("")
    assert ssg("init", "x").exit_code == 2


def test_a_new_repository_counts_as_empty_and_here_needs_no_cd(ssg: Ssg, work: Path) -> None:
    (work / ".git").mkdir()
    result = ssg("init", ".", "--name", "shop")
    assert result.exit_code == 0
    assert result.stderr.endswith("Next:\n  ssg compile\n  ssg run\n")


def test_all_files_or_none(ssg: Ssg, work: Path) -> None:
    """A file stands where `models/` should be, which shows only while files are moved into place."""
    (work / "x").mkdir()
    (work / "x" / "README.md").write_text("old")
    (work / "x" / "models").write_text("a file")
    result = ssg("init", "x", "--force")
    assert result.exit_code == 2
    assert files(work / "x") == {"README.md": b"old", "models": b"a file"}
    assert sorted(p.name for p in (work / "x").iterdir()) == ["README.md", "models"]


def test_quiet_says_nothing(ssg: Ssg) -> None:
    result = ssg("init", "x", "--quiet")
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--template", "airbnb", "--from", "sqlite:///x"),
        ("--schema", "a"),
        ("--template", "other"),
        ("--from", "env:NOT_SET"),
    ],
)
def test_what_makes_no_sense_is_refused(ssg: Ssg, work: Path, arguments: tuple[str, ...]) -> None:
    result = ssg("init", "x", *arguments)
    assert result.exit_code == 2
    assert "hint: " in result.stderr
    assert not (work / "x").exists()


class TestFrom:
    """Models from the schema of a database. Its rows and its URL are in no file."""

    def test_sqlite(self, ssg: Ssg, work: Path) -> None:
        with closing(sqlite3.connect(work / "private.sqlite")) as connection:
            connection.executescript(
                "CREATE TABLE person (id integer PRIMARY KEY, name text NOT NULL);"
                "CREATE TABLE visit (id integer PRIMARY KEY, person_id integer REFERENCES person (id), day date);"
                "INSERT INTO person VALUES (1, 'zq7-jane')"
            )
        result = ssg("init", "clinic", "--from", f"sqlite:///{work}/private.sqlite")
        assert result.exit_code == 0, result.output
        made = files(work / "clinic")
        assert sorted(p for p in made if p.startswith("models/")) == ["models/person.yml", "models/visit.yml"]
        assert b"dialect: sqlite" in made["ssg_project.yml"]
        assert all(b"\nrows: 1000\n" in made[p] for p in ("models/person.yml", "models/visit.yml"))
        everything = b"".join(made.values())
        assert b"zq7" not in everything
        assert b"private.sqlite" not in everything
        assert "SSG_SOURCE_URL" in result.stderr

    def test_duckdb_by_a_variable(self, ssg: Ssg, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with duckdb.connect(str(work / "private.duckdb")) as connection:
            connection.execute(
                "CREATE SCHEMA shop; CREATE TABLE shop.item (id integer PRIMARY KEY); CREATE TABLE t (a int)"
            )
        monkeypatch.setenv("OURS", f"duckdb:///{work}/private.duckdb")
        assert ssg("init", "x", "--from", "env:OURS", "--schema", "shop").exit_code == 0
        assert sorted(p for p in files(work / "x") if p.startswith("models/")) == [
            "models/_schema.yml",
            "models/shop.item.yml",
        ]

    def test_the_variable_may_stand_in_dotenv(self, ssg: Ssg, work: Path) -> None:
        duckdb.connect(str(work / "private.duckdb")).close()
        (work / ".env").write_text(f"OURS=duckdb:///{work}/private.duckdb\n")
        result = ssg("init", "x", "--from", "env:OURS")
        assert result.exit_code == 2
        assert "no tables" in result.stderr

    def test_postgres(self, ssg: Ssg, work: Path, fresh_postgres: str) -> None:
        with psycopg.connect(fresh_postgres, autocommit=True) as connection:
            connection.execute(
                "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TABLE person (id serial PRIMARY KEY, m mood)"
            )
            connection.execute("CREATE VIEW happy AS SELECT * FROM person WHERE m = 'happy'")
        result = ssg("init", "x", "--from", fresh_postgres)
        assert result.exit_code == 0, result.output
        assert "note: " in result.stderr
        assert b"mood" in files(work / "x")["models/_schema.yml"]
        assert b"dialect = postgres" in files(work / "x")[".sqlfluff"]

    @pytest.mark.parametrize(
        "url", ["oracle://u:zq7@h/x", "postgresql://u:zq7@127.0.0.1:1/x", "sqlite:////nowhere/zq7.db", "nonsense"]
    )
    def test_a_database_that_cannot_be_read_leaves_nothing(self, ssg: Ssg, work: Path, url: str) -> None:
        result = ssg("init", "x", "--from", url)
        assert result.exit_code == 2
        assert "zq7" not in result.output
        assert not (work / "x").exists()
