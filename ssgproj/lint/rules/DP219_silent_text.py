"""## What it does

Checks that no output comes back as text, or cut to a whole number.

## Why it matters

SmartNoise does not know the type of ROUND, TRUNC, CAST, IIF, CHOOSE and EXTRACT, and returns their values as text; ORDER BY then
sorts texts. A remainder of a fraction is cut to a whole number.

## Example

```sql
SELECT ROUND(AVG(age), 1) AS mean FROM query_result
```

## Use instead

```sql
SELECT AVG(age) AS mean FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "text-result": Says(
            "`{about}` makes SmartNoise return a text", "leave it out; round where the statistic is used"
        ),
        "modulo-float": Says("SmartNoise cuts `{about}` to a whole number", "calculate where the statistic is used"),
    }
)

RULE = Rule("DP219", "silent-text", stat=check)
