"""## What it does

Checks that nothing depends on chance or on the clock.

## Why it matters

A random filter or key makes every run another query, and none of them repeatable. CURRENT_DATE is allowed with a warning: the
result is of one day.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE RANDOM() > 0
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "random": Says("`{about}` makes every run another query", "leave it out"),
        "random-output": Says("`{about}` says nothing about the data", "leave it out"),
        "current-time": Says(
            "`{about}` makes the answer depend on the day of the run",
            "write the date, such as '2024-01-31'",
            severity=Severity.WARNING,
        ),
    }
)

RULE = Rule("DP223", "silent-random", stat=check)
