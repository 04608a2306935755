"""## What it does

Checks that the final SELECT has no subquery.

## Why it matters

SmartNoise has none, and an answer that depends on a second, exact query would have no guarantee.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE age > (SELECT AVG(age) FROM query_result)
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result WHERE age > 40
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "subquery": Says(
            "SmartNoise has no subqueries",
            "write a plain value; what does not depend on people can be joined in query_result",
        ),
    }
)

RULE = Rule("SN117", "subquery", stat=check)
