"""`ssg stats`: what runs, what it spends, and what stops it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import Ssg

STAT = """/* ssg:stat
description: Mean age
epsilon: 0.5
delta: 1.0e-6
max_ids: 1
columns:
  id: {type: string, private_id: true}
  age: {type: float, lower: 0, upper: 100}
*/
WITH query_result AS (
    SELECT id, age FROM users
)

SELECT AVG(age) AS mean
FROM query_result
"""


@pytest.fixture
def shop(work: Path) -> Path:
    (work / "ssg_project.yml").write_text(
        "name: shop\nconfig_version: 1\nprofile: shop\nsource: {dialect: duckdb}\nprivacy: {unit: users.id, budget: {epsilon: 1.2, delta: 1.0e-4}}\n"
    )
    (work / "profiles.yml").write_text(
        "shop:\n  target: dev\n  outputs:\n    dev: {source: 'duckdb:///source.duckdb', destination: 'duckdb:///target/shop.duckdb'}\n"
    )
    (work / "models").mkdir()
    (work / "models/users.yml").write_text(
        "table: users\ncolumns:\n  id: {type: varchar, primary_key: true}\n"
        "  age: {type: integer, generate: {normal: {mean: stat.ages.mean, std_dev: 1}}}\n"
    )
    (work / "stats").mkdir()
    (work / "stats/ages.sql").write_text(STAT)
    with duckdb.connect(str(work / "source.duckdb")) as c:
        c.execute("CREATE TABLE users AS SELECT 'u' || i AS id, 20 + i % 40 AS age FROM range(3000) t(i)")
    return work


def test_once(shop: Path, ssg: Ssg) -> None:
    planned = ssg("stats", "--dry-run")
    assert planned.exit_code == 0 and "would spend epsilon 0.5" in planned.stdout and not (shop / "results").exists()
    first = ssg("stats", "--yes")
    assert first.exit_code == 0, first.output
    assert "epsilon 0.5 spent" in first.stderr
    again = ssg("stats")
    assert again.exit_code == 0 and "fresh" in again.stderr
    assert ssg("run").exit_code == 0


def test_nobody_to_ask(shop: Path, ssg: Ssg) -> None:
    result = ssg("stats")
    assert result.exit_code == 2 and "ssg stats --yes" in result.stderr and not (shop / "results/ages.yml").exists()


def test_the_budget_is_for_all_releases_ever(shop: Path, ssg: Ssg) -> None:
    assert ssg("stats", "--yes").exit_code == 0
    assert ssg("stats", "--yes", "--full-refresh").exit_code == 0
    (shop / "results/ages.yml").unlink()
    (shop / "source.duckdb").unlink()
    over = ssg("stats", "--yes")
    assert over.exit_code == 1 and "budget is 1.2" in over.stderr


def test_edited_results_and_ledgers_stop_it_and_run(shop: Path, ssg: Ssg) -> None:
    assert ssg("stats", "--yes").exit_code == 0
    path = shop / "results/ages.yml"
    text = path.read_text()
    path.write_text(text.replace("  - [", "  - [1"))
    for command in ("stats", "run"):
        edited = ssg(command)
        assert edited.exit_code == 1 and "git checkout results/ages.yml" in edited.stderr, edited.output
    path.write_text(text)
    ledger = shop / "results/ledger.csv"
    lines = ledger.read_text().splitlines(keepends=True)
    ledger.write_text("".join(lines[:1] + lines[2:]))
    broken = ssg("stats")
    assert broken.exit_code == 1 and "results/ledger.csv:2" in broken.stderr


def test_missing_and_stale_results_stop_run(shop: Path, ssg: Ssg) -> None:
    missing = ssg("run")
    assert missing.exit_code == 1 and "ssg stats --select stat.ages" in missing.stderr
    assert ssg("stats", "--yes").exit_code == 0
    (shop / "stats/ages.sql").write_text(STAT.replace("upper: 100", "upper: 90"))
    stale = ssg("run")
    assert stale.exit_code == 1 and "ssg stats --select stat.ages" in stale.stderr
    assert ssg("stats", "--yes").exit_code == 0 and ssg("run").exit_code == 0


def test_findings_stop_it_before_the_source(shop: Path, ssg: Ssg) -> None:
    (shop / "source.duckdb").unlink()
    (shop / "stats/ages.sql").write_text(STAT.replace("epsilon: 0.5", "epsilon: -1"))
    result = ssg("stats", "--yes")
    assert result.exit_code == 1 and "stats/ages.sql:3" in result.stderr


def test_a_failure_at_the_source(shop: Path, ssg: Ssg) -> None:
    with duckdb.connect(str(shop / "source.duckdb")) as c:
        c.execute("ALTER TABLE users RENAME TO people")
    result = ssg("stats", "--yes")
    assert result.exit_code == 1 and "refuses the query" in result.stderr and "epsilon 0 spent" in result.stderr
    assert not (shop / "results/ages.yml").exists()


def test_no_source(shop: Path, ssg: Ssg) -> None:
    (shop / "profiles.yml").write_text("shop:\n  outputs:\n    dev: {destination: 'duckdb:///target/shop.duckdb'}\n")
    result = ssg("stats", "--yes")
    assert result.exit_code == 2 and "SSG_SOURCE_URL" in result.stderr


def test_nothing_of_the_rows_is_written(shop: Path, ssg: Ssg) -> None:
    with duckdb.connect(str(shop / "source.duckdb")) as c:
        c.execute("INSERT INTO users SELECT 'zq7canary', 55")
    assert ssg("stats", "--yes").exit_code == 0
    for path in shop.rglob("*"):
        if path.is_file() and path.name != "source.duckdb":
            assert b"zq7canary" not in path.read_bytes()
