"""A black-box audit: can two neighbouring databases be told apart better than the declared epsilon allows?

    python benchmarks/privacy_audit.py [--runs 5000] [--epsilon 1.0]

Two databases that differ in one person, COUNT and AVG released many times from each, through everything `ssg stats` does after the
source. On one half of the draws the event that tells them apart best is chosen; on the other half its two probabilities are bounded
(Clopper-Pearson, 99 % together), which gives a lower bound on epsilon that holds whatever the mechanism is. It must not exceed the declared
total. With `--planted` the noise is a fifth of what it should be, and the audit must say so: a control of the audit itself.
"""

from __future__ import annotations

import argparse
import json
import math
from bisect import bisect_left
from collections.abc import Sequence

import duckdb
from stats_error import remember_scales

from ssgproj.project.stat import Stat, parse_stat
from ssgproj.source.stats.smartnoise import run_query

STAT = """/* ssg:stat
epsilon: {epsilon}
delta: 1.0e-6
max_ids: 1
columns:
  id: {{type: string, private_id: true}}
  x:  {{type: float, lower: 0, upper: 100}}
*/
WITH query_result AS (
    SELECT id, x FROM people
)

SELECT {what} AS y
FROM query_result
"""
PEOPLE = 50


def draws(stat: Stat, people: int, runs: int) -> list[float]:
    """Releases from `people` at 0, and one more at 100 if there are more than PEOPLE."""
    spool = duckdb.connect()
    spool.execute(
        f"CREATE TABLE query_result AS SELECT 'p' || i AS id, CASE WHEN i < {PEOPLE} THEN 0.0 ELSE 100.0 END::DOUBLE AS x FROM range({people}) t(i)"
    )
    return [float(run_query(stat, spool, most_rows=1)[1][0][0]) for _ in range(runs)]


def lower_bound(a: Sequence[float], b: Sequence[float], delta: float, confidence: float = 0.99) -> float:
    """The greatest epsilon that the draws prove with this confidence; 0 if they prove none."""
    half = len(a) // 2
    chosen = _best_event(sorted(a[:half]), sorted(b[:half]), delta)
    if chosen is None:
        return 0.0
    threshold, above, swapped = chosen
    first, second = (b[half:], a[half:]) if swapped else (a[half:], b[half:])
    hits = [sum((v >= threshold) == above for v in values) for values in (first, second)]
    error = (1 - confidence) / 2
    p = _clopper_low(hits[0], len(first), error)
    q = _clopper_high(hits[1], len(second), error)
    return max(0.0, math.log((p - delta) / q)) if p > delta and q > 0 else 0.0


def _best_event(a: Sequence[float], b: Sequence[float], delta: float) -> tuple[float, bool, bool] | None:
    best, found = 0.0, None
    for threshold in {*a[:: max(1, len(a) // 400)], *b[:: max(1, len(b) // 400)]}:
        for above in (True, False):
            shares = []
            for values in (a, b):
                below = bisect_left(values, threshold) / len(values)
                shares.append(1 - below if above else below)
            for swapped in (False, True):
                p, q = (shares[1], shares[0]) if swapped else (shares[0], shares[1])
                # Rare events look best by chance: what counts is what would be left after bounding both.
                p, q = _shrunk(p, len(a), -1), _shrunk(q, len(a), 1)
                if p > delta and q > 0 and math.log((p - delta) / q) > best:
                    best, found = math.log((p - delta) / q), (threshold, above, swapped)
    return found


def _shrunk(share: float, count: int, sign: int) -> float:
    return share + sign * (2.6 * math.sqrt(max(share * (1 - share), 1 / count) / count))


def _binomial_tail(k: int, n: int, p: float) -> float:
    """P(X >= k)."""
    if p <= 0:
        return 0.0 if k > 0 else 1.0
    logs = [
        math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(p) + (n - i) * math.log1p(-p)
        for i in range(k, n + 1)
    ]
    top = max(logs)
    return min(1.0, math.exp(top) * sum(math.exp(v - top) for v in logs))


def _search(good: float, bad: float, holds: object) -> float:
    for _ in range(40):
        middle = (good + bad) / 2
        if holds(middle):  # type: ignore[operator]
            good = middle
        else:
            bad = middle
    return good


def _clopper_low(k: int, n: int, error: float) -> float:
    return 0.0 if k == 0 else _search(0.0, k / n, lambda p: _binomial_tail(k, n, p) <= error)


def _clopper_high(k: int, n: int, error: float) -> float:
    return 1.0 if k == n else _search(1.0, k / n, lambda p: 1 - _binomial_tail(k + 1, n, p) <= error)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--epsilon", type=float, default=1.0)
    parser.add_argument("--planted", action="store_true")
    chosen = parser.parse_args()
    remember_scales()
    if chosen.planted:
        from snsql.sql._mechanisms.laplace import Laplace

        honest = Laplace._compute_noise_scale

        def too_small(self: object) -> None:
            honest(self)
            self.scale = self.scale / 5  # type: ignore[attr-defined]

        Laplace._compute_noise_scale = too_small
    over = False
    for what in ("COUNT(*)", "AVG(x)"):
        stat, _ = parse_stat(STAT.format(epsilon=chosen.epsilon, what=what), "stats/s.sql", "duckdb")
        a, b = (draws(stat, people, chosen.runs) for people in (PEOPLE, PEOPLE + 1))
        bound = lower_bound(a, b, 1e-6)
        over = over or bound > chosen.epsilon
        print(
            json.dumps(
                {
                    "query": what,
                    "declared": chosen.epsilon,
                    "runs a side": chosen.runs,
                    "lower bound at 99 %": round(bound, 3),
                }
            )
        )
    assert over == chosen.planted


if __name__ == "__main__":
    main()
