"""## What it does

Checks that nothing is compared with NULL by an operator.

## Why it matters

A comparison with NULL is never true, so the answer is noise around 0.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE device = NULL
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result WHERE device IS NULL
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "null-comparison": Says("`{about}` is never true", "write IS NULL or IS NOT NULL"),
    }
)

RULE = Rule("DP221", "silent-null-comparison", stat=check)
