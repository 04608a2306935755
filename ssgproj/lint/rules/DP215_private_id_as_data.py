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

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "private-id-summed": Says(
            "`{about}` is the private id, which SmartNoise does not clamp", "count it: COUNT(DISTINCT {about})"
        ),
        "private-id-key": Says("`{about}` makes groups of single people", "group by what people have in common"),
        "private-id-filter": Says("`{about}` asks about single people", "filter by what people have in common"),
    }
)

RULE = Rule("DP215", "private-id-as-data", stat=check)
