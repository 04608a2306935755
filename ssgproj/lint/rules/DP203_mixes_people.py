"""## What it does

Checks that each row of `query_result` depends on one person only.

## Why it matters

SmartNoise reckons with one person changing that person's rows. A window, DISTINCT, LIMIT, a set operation, a subquery, or an
aggregate over several people lets one person change everybody's rows, and then no noise is enough. Projections, row filters,
joins on the private id, lookups in tables without people, and what is grouped or partitioned by the private id stay within one
person. This is a check, not a proof.

## Example

```sql
WITH query_result AS (
    SELECT id, age - AVG(age) OVER () AS difference FROM users
)
```

## Use instead

```sql
WITH query_result AS (
    SELECT id, age FROM users
)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    if not stat.stat.private or stat.query_result is None:
        return
    for mixing in stat.people.mixings(stat.source):
        yield stat.in_source(mixing.node, f"Not local to one person: {mixing.what}", mixing.instead)


RULE = Rule("DP203", "mixes-people", stat=check)
