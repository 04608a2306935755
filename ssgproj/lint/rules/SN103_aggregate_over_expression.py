"""## What it does

Checks that an aggregate is over one bare column, or `*` for COUNT.

## Why it matters

SmartNoise must know the bounds of what it sums, and only columns have bounds.

## Example

```sql
SELECT SUM(price * n_actions) AS total FROM query_result
```

## Use instead

```sql
WITH query_result AS (SELECT user_id, price * n_actions AS cost FROM orders)
SELECT SUM(cost) AS total FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "aggregate-expression": Says(
            "SmartNoise aggregates bare columns, not `{about}`",
            "write {about} AS x in query_result, give x bounds, and aggregate x",
        ),
        "aggregate-arguments": Says(
            "`{about}` needs exactly one column", "write COUNT(*) or an aggregate of one column"
        ),
        "count-constant": Says(
            "SmartNoise counts columns or `*`, so not `{about}`", "write COUNT(*)", edit=lambda cause: "COUNT(*)"
        ),
        "aggregate-brackets": Says(
            "SmartNoise takes the brackets in `{about}` for a calculation",
            "write {instead}",
            edit=lambda cause: cause.instead,
        ),
        "aggregate-star": Says(
            "Only COUNT takes `*`, and without DISTINCT", "write COUNT(*), or COUNT(DISTINCT column)"
        ),
    }
)

RULE = Rule("SN103", "aggregate-over-expression", stat=check, fixable=True)
