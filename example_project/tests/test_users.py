"""What the models promise of every user, over a small run into a database of its own."""

from datetime import timedelta
from pathlib import Path

import duckdb

from ssgproj import compile_plan, parse_project, resolve, run_plan
from ssgproj.results import load_results
from ssgproj.targets import open_destination

ROOT = Path(__file__).parents[1]


def test_bookings_come_within_a_year_of_the_account(tmp_path: Path) -> None:
    project = parse_project(ROOT)
    stats = load_results(ROOT, project.stats)
    plan, problems = compile_plan(resolve(project), stats=stats, rows=300)
    assert not problems
    run_plan(plan, open_destination(f"duckdb:///{tmp_path}/users.duckdb", ROOT), workers=1)
    with duckdb.connect(f"{tmp_path}/users.duckdb", read_only=True) as connection:
        rows = connection.execute("SELECT date_account_created, date_first_booking, age FROM users").fetchall()
    assert len(rows) >= 300  # and those that the stories add
    assert all(booked is None or timedelta(0) <= booked - made <= timedelta(days=365) for made, booked, _ in rows)
    assert all(age is None or 0 <= age <= 100 for _, _, age in rows)
