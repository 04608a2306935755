"""## What it does

Checks that every output is an aggregate or a key.

## Why it matters

A constant says nothing about the data. By itself it is no query to SmartNoise; beside others it is returned as text or fails, as
NULL, PI() and RANDOM() do.

## Example

```sql
SELECT 'all' AS country, COUNT(*) AS n FROM query_result
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
        "constant-output": Says(
            "`{about}` is neither an aggregate nor a key", "remove it; models can use constants of their own"
        ),
        "constant-beside": Says(
            "`{about}` is neither an aggregate nor a key",
            "remove it; models can use constants of their own",
            severity=Severity.WARNING,
        ),
    }
)

RULE = Rule("SN134", "constant-output", stat=check)
