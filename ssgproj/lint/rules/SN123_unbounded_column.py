"""## What it does

Checks that a column that is summed or averaged has a `lower` and an `upper`.

## Why it matters

SmartNoise scales its noise to the bounds, and refuses a column without them, after the query has run. DP201 says the same at the
header.

## Example

```sql
SELECT AVG(price) AS mean FROM query_result      -- price: {type: float}
```

## Use instead

```sql
SELECT AVG(price) AS mean FROM query_result      -- price: {type: float, lower: 0, upper: 500}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "unbounded": Says(
            "`{instead}({about})` needs bounds, and the header gives `{about}` none",
            "write {about}: {{type: float, lower: 0, upper: 100}} in the header",
        ),
    }
)

RULE = Rule("SN123", "unbounded-column", stat=check)
