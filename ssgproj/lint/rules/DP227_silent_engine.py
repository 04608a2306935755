"""## What it does

Checks for expressions whose value depends on the database that SmartNoise runs them in.

## Why it matters

`age / 10` is whole in one database and a fraction in another; a negative digit of ROUND is ignored; a cast to DATE is the year's
number; a date that is not written `2024-01-31` is compared as text.

## Example

```sql
SELECT age / 10 AS decade, COUNT(*) AS n FROM query_result GROUP BY age / 10
```

## Use instead

```sql
SELECT FLOOR(age / 10) AS decade, COUNT(*) AS n FROM query_result GROUP BY FLOOR(age / 10)
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "key-division": Says("`{about}` is whole in one database and a fraction in another", "write {instead}"),
        "whole-division": Says(
            "`{about}` is whole in one database and a fraction in another",
            "multiply the other side instead, or divide in query_result",
            severity=Severity.WARNING,
        ),
        "key-round": Says(
            "What `{about}` gives depends on the database, and comes back as text",
            "write FLOOR(x / 10), or round in query_result",
        ),
        "date-cast": Says("What a cast to {about} gives depends on the database", "cast in query_result"),
        "date-text": Says("`{about}` is compared as text", "write dates as '2024-01-31'"),
    }
)

RULE = Rule("DP227", "silent-engine", stat=check)
