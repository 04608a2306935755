"""## What it does

Checks for conditions that mean something else in SmartNoise's HAVING.

## Why it matters

BETWEEN leaves out both ends, and IS TRUE is never true.

## Example

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country HAVING n BETWEEN 100 AND 200
```

## Use instead

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country HAVING n >= 100 AND n <= 200
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "having-between": Says("BETWEEN leaves out both ends in HAVING", "write {instead}", severity=Severity.WARNING),
        "having-is": Says("IS {about} is never true in HAVING", "compare with a value"),
    }
)

RULE = Rule("DP226", "silent-having", stat=check)
