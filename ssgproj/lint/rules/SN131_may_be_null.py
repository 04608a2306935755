"""## What it does

Warns where a NULL in the data would make SmartNoise fail: in FLOOR, and in a key that is sorted by.

## Why it matters

SmartNoise's FLOOR fails on NULL, and it cannot sort a group whose key is NULL. The failure comes when the query has run. A column
counts as free of NULL if the header says `nullable: false`; `ssg stats` looks whether that is true before it runs SmartNoise.

## Example

```sql
SELECT device, COUNT(*) AS n FROM query_result GROUP BY device ORDER BY device
```

## Use instead

```sql
WITH query_result AS (SELECT user_id, COALESCE(device, 'unknown') AS device FROM sessions)
SELECT device, COUNT(*) AS n FROM query_result GROUP BY device ORDER BY device   -- device: {type: string, nullable: false}
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "floor-null": Says(
            "FLOOR fails if `{about}` is NULL in one row",
            "write `nullable: false` in the header if it never is, or COALESCE({about}, ...) in query_result",
        ),
        "order-null": Says(
            "Sorting by `{about}` fails if it is NULL in one group",
            "write `nullable: false` in the header if it never is, or COALESCE({about}, ...) in query_result",
        ),
    }
)

RULE = Rule("SN131", "may-be-null", stat=check, severity=Severity.WARNING)
