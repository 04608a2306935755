"""## What it does

Checks that ORDER BY names outputs, not positions.

## Why it matters

SmartNoise sorts by the number itself, which is the same for all rows; with LIMIT the wrong rows come out.

## Example

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country ORDER BY 2 DESC LIMIT 3
```

## Use instead

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country ORDER BY n DESC LIMIT 3
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "order-constant": Says(
            "SmartNoise sorts by the constant `{about}`, that is, not at all", "write the output's name"
        ),
    }
)

RULE = Rule("DP225", "silent-order", stat=check)
