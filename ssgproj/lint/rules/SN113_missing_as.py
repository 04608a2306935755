"""## What it does

Checks that every alias has its AS.

## Why it matters

SmartNoise's grammar requires it, for columns and for the table.

## Example

```sql
SELECT COUNT(*) n FROM query_result q
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result AS q
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "no-as": Says("The alias `{about}` needs AS", "write AS {about}", edit=lambda cause: f"AS {cause.about}"),
    }
)

RULE = Rule("SN113", "missing-as", stat=check, fixable=True)
