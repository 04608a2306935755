"""## What it does

Checks that a column of GROUP BY is not summed or averaged as well.

## Why it matters

SmartNoise does not clamp a column that it groups by: the sum of true values is released with noise made for the bounds. The
guarantee is void.

## Example

```sql
SELECT age, SUM(age) AS total FROM query_result GROUP BY age
```

## Use instead

```sql
SELECT age, COUNT(*) AS n FROM query_result GROUP BY age
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "grouped-summed": Says(
            "`{about}` is a key of GROUP BY, so SmartNoise does not clamp it here",
            "count instead: the sum is the key times the count",
        ),
    }
)

RULE = Rule("DP216", "grouped-and-summed", stat=check)
