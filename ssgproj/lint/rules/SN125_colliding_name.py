"""## What it does

Checks that no column has a name that SmartNoise uses itself.

## Why it matters

SmartNoise calls its inner columns `keycount`, `row_num`, `star`, `sum_x`, `count_x`. A column of the same name is overwritten, or
overwrites them: the query fails, or two columns show one number.

## Example

```sql
SELECT sum_cost, SUM(cost) AS total FROM query_result GROUP BY sum_cost
```

## Use instead

```sql
WITH query_result AS (SELECT user_id, sum_cost AS cost_group, cost FROM orders)
SELECT cost_group, SUM(cost) AS total FROM query_result GROUP BY cost_group
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "colliding-name": Says("SmartNoise calls a column of its own `{about}`", "rename it in query_result"),
    }
)

RULE = Rule("SN125", "colliding-name", stat=check)
