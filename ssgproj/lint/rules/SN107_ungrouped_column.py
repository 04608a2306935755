"""## What it does

Checks that every column outside an aggregate stands in GROUP BY, written in the same way.

## Why it matters

Without it the query would release rows of people. SmartNoise compares the two texts: `(country)` and `country`, `1 + age` and
`age + 1` are not the same to it.

## Example

```sql
SELECT country, COUNT(*) AS n FROM query_result
```

## Use instead

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "ungrouped": Says(
            "`{about}` is neither an aggregate nor written so in GROUP BY", "add GROUP BY {about}, or aggregate it"
        ),
        "star": Says("`{about}` would release rows", "name aggregates and the columns of GROUP BY"),
    }
)

RULE = Rule("SN107", "ungrouped-column", stat=check)
