"""Is the error of a released mean what SmartNoise's share of the budget predicts? 200 releases of `age_stats` on 20,000 users.

    python benchmarks/stats_error.py [--runs 200]

The mean is SUM / COUNT, each with Laplace noise of the share: to first order its error has the standard deviation that `ssg stats --dry-run`
announces. The measured one must be within its own sampling error of that, at 99.9 %. No source is kept, nothing is written.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics

import duckdb

from ssgproj.privacy.noise import expected_noise
from ssgproj.project.stat import parse_stat
from ssgproj.source.stats.smartnoise import check_query, run_query

USERS = 20_000
STAT = """/* ssg:stat
epsilon: 0.5
delta: 1.0e-6
max_ids: 1
columns:
  id:  {type: string, private_id: true}
  age: {type: float, lower: 0, upper: 100}
*/
WITH query_result AS (
    SELECT id, age FROM users WHERE age <= 100
)

SELECT AVG(age) AS mean, STDDEV(age) AS std_dev
FROM query_result
"""


def remember_scales() -> None:
    """The search for a scale is deterministic, and most of the time of a query: search once for each."""
    from snsql.sql._mechanisms.laplace import Laplace

    search, known = Laplace._compute_noise_scale, {}

    def remembered(self: object) -> None:
        key = (self.epsilon, self.lower, self.upper, self.max_contrib)  # type: ignore[attr-defined]
        if key in known:
            self.scale = known[key]  # type: ignore[attr-defined]
            return
        search(self)
        known[key] = self.scale  # type: ignore[attr-defined]

    Laplace._compute_noise_scale = remembered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    runs = parser.parse_args().runs
    remember_scales()
    stat, _ = parse_stat(STAT, "stats/age_stats.sql", "duckdb")
    spool = duckdb.connect()
    spool.execute(
        f"CREATE TABLE query_result AS SELECT 'u' || i AS id, 16 + 70 * pow(hash(i)::DOUBLE / 18446744073709551615.0, 1.7) AS age FROM range({USERS}) t(i)"
    )
    exact = spool.execute("SELECT avg(age), stddev_pop(age) FROM query_result").fetchone()
    assert exact
    found = [run_query(stat, spool, most_rows=1)[1][0] for _ in range(runs)]
    errors = [row[0] - exact[0] for row in found]
    predicted = expected_noise(stat, USERS)[0].std_dev
    # The first-order prediction takes the middle of the bounds for the mean; here the mean is known.
    share = 0.5 / 3
    known = math.hypot(100, exact[0]) * math.sqrt(2) / share / USERS
    measured = math.sqrt(statistics.fmean(e * e for e in errors))
    # The variance of a squared Laplace error is 5 times its squared variance, that of a sum of two about 4.
    margin = 3.29 * math.sqrt(4 / runs) / 2
    report = {
        "runs": runs,
        "charged": check_query(stat)[0],
        "predicted std_dev": round(known, 5),
        "announced std_dev": round(predicted, 5),
        "measured std_dev": round(measured, 5),
        "ratio": round(measured / known, 3),
        "allowed": [round(1 - margin, 3), round(1 + margin, 3)],
        "bias": round(statistics.fmean(errors), 5),
        "spread's mean error": round(statistics.fmean(abs(row[1] - exact[1]) for row in found), 5),
    }
    print(json.dumps(report, indent=2))
    assert abs(measured / known - 1) < margin and abs(report["bias"]) < 3.29 * known / math.sqrt(runs)


if __name__ == "__main__":
    main()
