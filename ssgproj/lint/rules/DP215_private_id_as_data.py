"""## What it does

Checks that the private id is only counted: not summed, not filtered by value, not grouped by, nor made a key by an expression.

## Why it matters

SmartNoise never clamps the private id, so a sum of it has no protection. Groups by an expression of it are groups of single
people, and only their size keeps them from being listed. A filter on one id asks about one person.

## Example

```sql
SELECT UPPER(user_id) AS u, COUNT(*) AS n FROM query_result GROUP BY UPPER(user_id)
```

## Use instead

```sql
SELECT country, COUNT(DISTINCT user_id) AS n FROM query_result GROUP BY country
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.plain import literal_tests
from ssgproj.lint.rule import Found, Rule, Says, causes

_causes = causes(
    {
        "private-id-summed": Says(
            "`{about}` is the private id, which SmartNoise does not clamp", "count it: COUNT(DISTINCT {about})"
        ),
        "private-id-key": Says("`{about}` makes groups of single people", "group by what people have in common"),
        "private-id-filter": Says("`{about}` asks about single people", "filter by what people have in common"),
    }
)


def check(stat: StatContext) -> Iterator[Found]:
    yield from _causes(stat)
    if stat.stat.private and stat.source is not None:
        yield from literal_tests(stat, stat.source)


RULE = Rule("DP215", "private-id-as-data", stat=check)
