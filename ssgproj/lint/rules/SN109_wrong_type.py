"""## What it does

Checks that SUM, AVG, VAR and STDDEV are over numbers.

## Why it matters

SmartNoise sums columns of type `int` and `float` only; not even booleans.

## Example

```sql
SELECT AVG(booked) AS share FROM query_result
```

## Use instead

```sql
WITH query_result AS (SELECT user_id, CASE WHEN booked THEN 1 ELSE 0 END AS booked FROM users)
SELECT AVG(booked) AS share FROM query_result   -- booked: {type: int, lower: 0, upper: 1}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "function-type": Says("`{about}` is called with a {instead}", "convert in query_result"),
        "text-as-condition": Says(
            "`{about}` is a {instead}, which is neither true nor false", "compare it with a value"
        ),
        "wrong-type": Says(
            "`{about}` is over a column of type {instead}",
            "make it a number in query_result, such as CASE WHEN ... THEN 1 ELSE 0 END, and declare it `type: int` with bounds",
        ),
    }
)

RULE = Rule("SN109", "wrong-type", stat=check)
