"""The example from end to end: its scripts, and every step that its README tells people to take."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ssgproj.templating import data_directory

TABLES = ("countries", "age_gender_bkts", "users", "sessions")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example with a small source."""
    directory = tmp_path_factory.mktemp("example") / "airbnb"
    ignore = shutil.ignore_patterns("target", "*.duckdb", ".env")
    shutil.copytree(data_directory("example_project"), directory, ignore=ignore)
    script(directory, "build_source.py", "--users", "400")
    return directory


def script(directory: Path, name: str, *arguments: str) -> None:
    subprocess.run([sys.executable, str(directory / "scripts" / name), *arguments], check=True, capture_output=True)


def ssg(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SSG_")}
    command = [sys.executable, "-m", "ssgproj.cli.main", *arguments]
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


def digest(path: Path) -> str:
    """A hash of every row of every table."""
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = [connection.execute(f"SELECT t::text FROM {table} AS t ORDER BY 1").fetchall() for table in TABLES]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_the_source_is_always_the_same(example: Path, tmp_path: Path) -> None:
    script(example, "build_source.py", "--users", "400", "--output", str(tmp_path / "again.duckdb"))
    assert digest(tmp_path / "again.duckdb") == digest(example / "source.duckdb")


def test_the_models_are_those_of_the_source(example: Path) -> None:
    result = ssg(example, "reflect", "--check")
    assert (result.returncode, result.stdout) == (0, "")


def test_the_vocabulary_is_what_the_source_gives(example: Path) -> None:
    before = (example / "vocabularies" / "countries.csv").read_bytes()
    assert ssg(example, "vocab").returncode == 0
    assert (example / "vocabularies" / "countries.csv").read_bytes() == before


def test_it_runs_without_the_source(example: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(example, outside, ignore=shutil.ignore_patterns("*.duckdb"))
    assert ssg(outside, "compile").returncode == 0
    result = ssg(outside, "run")
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    with duckdb.connect(str(outside / "target" / "airbnb.duckdb"), read_only=True) as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES]
        own = connection.execute(
            "SELECT count(*), count(DISTINCT device_type) > 3 FROM sessions WHERE id <= 10000"
        ).fetchone()
        per_user = connection.execute(
            """SELECT u.id, count(*), avg((s.device_type = u.first_device_type)::int) FROM sessions s JOIN users u ON u.id = s.user_id
               WHERE s.id > 10000 AND s.device_type IN ('Mac Desktop', 'Windows Desktop') GROUP BY u.id"""
        ).fetchall()
        late = connection.execute(
            "SELECT count(*) FROM users WHERE date_first_booking < date_account_created"
        ).fetchone()
    assert counts[:3] == [(10,), (200,), (1050,)]
    assert counts[3][0] >= 10000 + 50 * 10
    assert own == (10000, True)
    assert len(per_user) > 20
    assert late == (0,)


def test_the_real_data_can_be_loaded(example: Path, tmp_path: Path) -> None:
    """Files of the public data's form, made from the invented ones."""
    with duckdb.connect(str(example / "source.duckdb"), read_only=True) as connection:
        users = (
            "id, date_account_created, strftime(timestamp_first_active, '%Y%m%d%H%M%S') AS timestamp_first_active, "
            "date_first_booking, gender, age::double AS age, * EXCLUDE (id, date_account_created, timestamp_first_active, "
            "date_first_booking, gender, age, country_destination)"
        )
        queries = {
            "countries": 'SELECT * RENAME (destination_language AS "destination_language ") FROM countries',
            "age_gender_bkts": "SELECT * REPLACE (year::double AS year) FROM age_gender_bkts",
            "train_users_2": f"SELECT {users}, coalesce(country_destination, 'NDF') AS country_destination FROM users LIMIT 300",
            "test_users": f"SELECT {users} FROM users OFFSET 300",
            "sessions": "SELECT * EXCLUDE (id) FROM sessions UNION ALL SELECT NULL, 'show', NULL, NULL, 'iPhone', NULL",
        }
        for name, query in queries.items():
            connection.sql(query).write_csv(str(tmp_path / f"{name}.csv"))
    script(example, "load_kaggle.py", str(tmp_path), "--output", str(tmp_path / "kaggle.duckdb"))
    with duckdb.connect(str(tmp_path / "kaggle.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (400,)
        assert connection.execute("SELECT count(*) FROM users WHERE country_destination = 'NDF'").fetchone() == (0,)
