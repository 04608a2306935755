"""## What it does

Warns where a key of GROUP BY is not in the SELECT list.

## Why it matters

The rows come back without their labels, and nothing can say which is which.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result GROUP BY country
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
        "key-not-selected": Says("`{about}` is grouped by but not released", "add it to the SELECT list"),
    }
)

RULE = Rule("SN136", "key-not-selected", stat=check, severity=Severity.WARNING)
