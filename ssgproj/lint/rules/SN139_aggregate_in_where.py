"""## What it does

Checks that WHERE holds no aggregate.

## Why it matters

WHERE looks at single rows; the database refuses an aggregate there.

## Example

```sql
SELECT country, COUNT(*) AS n FROM query_result WHERE COUNT(*) > 10 GROUP BY country
```

## Use instead

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country HAVING n > 10
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "aggregate-in-where": Says(
            "WHERE cannot hold the aggregate `{about}`", "filter groups with HAVING and an output's name"
        ),
    }
)

RULE = Rule("SN139", "aggregate-in-where", stat=check)
