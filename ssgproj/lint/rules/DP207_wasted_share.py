"""## What it does

Warns where the same answer would cost less, or come with less noise.

## Why it matters

The file's epsilon is divided among all noisy numbers. Where rare groups are censored, SmartNoise counts people in secret, and
COUNT(DISTINCT private_id) reuses that count for nothing; with one row per person it equals COUNT(*). A `max_ids` above the real
number of rows multiplies the noise.

## Example

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country        -- max_ids: 1
```

## Use instead

```sql
SELECT country, COUNT(DISTINCT id) AS n FROM query_result GROUP BY country
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.privacy.cost import stat_cost
from ssgproj.project.smartnoise import tree


def check(stat: StatContext) -> Iterator[Found]:
    query, private_id, max_ids = stat.stat.query, stat.stat.private_id, stat.stat.max_ids
    if query is None or private_id is None or max_ids is None:
        return
    if max_ids > 1 and stat.query_result is not None and stat.people.one_row_each(*stat.query_result) is True:
        message = (
            f"`query_result` has one row per person, and `max_ids: {max_ids}` makes the noise {max_ids} times as large"
        )
        yield stat.in_header("max_ids", message, "write max_ids: 1")
    if max_ids != 1 or not query.group:
        return
    counts = [a for a in stat.aggregates() if a.name == "COUNT"]
    if any(
        a.quantifier == "DISTINCT" and isinstance(a.argument, tree.Column) and a.argument.name == private_id.name
        for a in counts
    ):
        return
    number = stat_cost(stat.stat).number
    for count in counts:
        if isinstance(count.argument, tree.Star):
            message = f"COUNT(*) takes one of {number} shares of epsilon; with one row per person the people are counted anyway"
            yield stat.in_dp(count, message, f"write COUNT(DISTINCT {private_id.name})")
            return


RULE = Rule("DP207", "wasted-share", stat=check, severity=Severity.WARNING)
