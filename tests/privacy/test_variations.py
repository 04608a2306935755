"""296 more queries, put together at random from the parts of the corpus's, and labelled by SmartNoise 1.0.10 without its noise.

`refused` it refuses; `wrong` it answers otherwise than SQLite and DuckDB; `right` as they do.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from ssgproj.diagnostics import Diagnostic
from ssgproj.lint.linter import lint_result
from ssgproj.project.project import PrivacySettings, Project, Settings
from ssgproj.project.stat import parse_stat
from tests.privacy.corpus import HERE

HEADER = """/* ssg:stat
epsilon: 1
delta: 1.0e-5
max_ids: 1
columns:
  pid: {type: string, private_id: true}
  age: {type: int, lower: 18, upper: 80, nullable: false}
  score: {type: float, lower: 0, upper: 50}
  city: {type: string}
  ward: {type: int, lower: 1, upper: 6, nullable: false}
  ok: {type: boolean, nullable: false}
  seen: {type: datetime}
  bmi: {type: float, lower: 10, upper: 60}
  visits: {type: int, lower: 0, upper: 20, nullable: false}
*/
WITH query_result AS (
    SELECT pid, age, score, city, ward, ok, seen, bmi, visits FROM patients
)
"""


@cache
def linted() -> list[tuple[dict[str, Any], list[Diagnostic]]]:
    """Each query with its findings, in a project that has nothing but statistics."""
    rows = [json.loads(line) for line in (HERE / "variations.jsonl").read_text().splitlines()]
    stats, problems = [], []
    for number, row in enumerate(rows):
        stat, found = parse_stat(HEADER + row["sql"] + "\n", f"stats/q{number}.sql", "duckdb")
        stats.append(stat)
        problems += found
    settings = Settings("variations", "variations", dialect="duckdb", privacy=PrivacySettings())
    findings = lint_result(Project(HERE, settings, (), stats=tuple(stats), diagnostics=tuple(problems))).findings
    return [(row, [d for d in findings if d.at.path == s.path]) for row, s in zip(rows, stats, strict=True)]


def test_refused_has_a_finding_of_smartnoises_rules() -> None:
    refused = [(r, f) for r, f in linted() if r["smartnoise"] == "refused"]
    missed = [r["sql"] for r, f in refused if not any(d.code.startswith("SN") for d in f)]
    assert len(refused) == 150 and len(missed) <= 1, missed


def test_wrong_has_a_finding() -> None:
    # DP214 and DP237 only say that the project has no models and no unit.
    missed = [
        r["sql"]
        for r, f in linted()
        if r["smartnoise"] == "wrong"
        and not any(d.code[:2] in ("SN", "DP") and d.code not in ("DP214", "DP237") for d in f)
    ]
    assert not missed


def test_right_has_an_error_for_what_is_outside_the_safe_subset_alone() -> None:
    outside = {
        "DP215", "DP216", "DP217", "DP218", "DP219", "DP220", "DP221", "DP222", "DP223", "DP224", "DP225", "DP226", "DP227",
        "SN105", "SN106", "SN109", "SN119", "SN121", "SN122", "SN126", "SN137",
    }  # fmt: skip
    right = [(r, {d.code for d in f if d.is_error}) for r, f in linted() if r["smartnoise"] == "right"]
    assert not [(r["sql"], codes - outside) for r, codes in right if codes - outside]
    assert sum(not codes for _, codes in right) > 0.6 * len(right)
