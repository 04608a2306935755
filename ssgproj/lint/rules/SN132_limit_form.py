"""## What it does

Checks that LIMIT is a whole number from 0 on.

## Why it matters

SmartNoise fails on others, a negative one only after the budget is spent.

## Example

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country LIMIT -1
```

## Use instead

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country LIMIT 10
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "limit": Says("LIMIT must be a whole number from 0 on", "write LIMIT 10"),
    }
)

RULE = Rule("SN132", "limit-form", stat=check)
