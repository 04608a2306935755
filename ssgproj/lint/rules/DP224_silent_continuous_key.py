"""## What it does

Checks that GROUP BY is over values that many people share.

## Why it matters

A group with few people is dropped. Over fractions, dates or numbers with many values nearly every group is: the budget is spent
and the result is empty.

## Example

```sql
SELECT secs, COUNT(*) AS n FROM query_result GROUP BY secs
```

## Use instead

```sql
SELECT FLOOR(secs / 60) AS minutes, COUNT(*) AS n FROM query_result GROUP BY FLOOR(secs / 60)
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "continuous-key": Says("`{about}` has a group for nearly every row", "group by bands: {instead}"),
        "datetime-key": Says(
            "`{about}` may have a group for nearly every row, and groups with few people are dropped",
            "extract the year or month in query_result, as an int, and group by that",
            severity=Severity.WARNING,
        ),
        "many-values": Says(
            "`{about}` can have {instead} values, and groups with few people are dropped",
            "group by bands: FLOOR({about} / 10)",
            severity=Severity.WARNING,
        ),
    }
)

RULE = Rule("DP224", "silent-continuous-key", stat=check)
