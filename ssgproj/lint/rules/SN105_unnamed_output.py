"""## What it does

Checks that everything that is not a bare column has a name.

## Why it matters

SmartNoise calls a column without a name `???`, and nothing can refer to it.

## Example

```sql
SELECT COUNT(*) FROM query_result
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "unnamed": Says(
            "`{about}` has no name",
            "write {about} AS {instead}",
            edit=lambda cause: f"{cause.about} AS {cause.instead}",
        ),
    }
)

RULE = Rule("SN105", "unnamed-output", stat=check, fixable=True)
