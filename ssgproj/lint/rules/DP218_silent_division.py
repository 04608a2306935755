"""## What it does

Checks that nothing is divided by what may lie between -1 and 1.

## Why it matters

SmartNoise returns 0 for every division by a number whose whole part is 0.

## Example

```sql
SELECT COUNT(*) / 0.5 AS x FROM query_result
```

## Use instead

```sql
SELECT COUNT(*) * 2 AS x FROM query_result
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "small-divisor": Says(
            "SmartNoise returns 0, since `{about}` lies between -1 and 1",
            "multiply instead, or calculate where the statistic is used",
        ),
        "perhaps-small-divisor": Says(
            "SmartNoise returns 0 where `{about}` lies between -1 and 1",
            "calculate where the statistic is used",
            severity=Severity.WARNING,
        ),
    }
)

RULE = Rule("DP218", "silent-division", stat=check)
