"""## What it does

Checks that DISTINCT is used in COUNT only.

## Why it matters

SmartNoise ignores SELECT DISTINCT, and duplicates stay. What a sum of distinct values protects depends on which rows are drawn.

## Example

```sql
SELECT DISTINCT country, COUNT(*) AS n FROM query_result GROUP BY country
```

## Use instead

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "select-distinct": Says("SmartNoise ignores SELECT DISTINCT", "leave it out; GROUP BY makes rows distinct"),
        "needless-distinct": Says(
            "SmartNoise ignores SELECT DISTINCT, and the keys make the rows distinct as it is",
            "leave DISTINCT out",
            severity=Severity.WARNING,
        ),
        "distinct-sum": Says(
            "`{about}` of distinct values is not on the list of what SmartNoise answers rightly",
            "use COUNT(DISTINCT x), or {about} without DISTINCT",
            severity=Severity.WARNING,
        ),
    }
)

RULE = Rule("DP222", "silent-distinct", stat=check)
