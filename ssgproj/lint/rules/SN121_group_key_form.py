"""## What it does

Checks that what is grouped by is a column, a CASE over simple conditions, FLOOR of a number, or arithmetic over whole numbers.

## Why it matters

SmartNoise carries keys as text through its rewriter, which fails on aliases, positions, IN, IS NULL, COALESCE and CONCAT, and
turns others into text.

## Example

```sql
SELECT CASE WHEN country IN ('US', 'CA') THEN 'near' ELSE 'far' END AS place, COUNT(*) AS n FROM query_result GROUP BY place
```

## Use instead

```sql
WITH query_result AS (SELECT user_id, CASE WHEN country IN ('US', 'CA') THEN 'near' ELSE 'far' END AS place FROM users)
SELECT place, COUNT(*) AS n FROM query_result GROUP BY place
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "key-alias": Says(
            "SmartNoise does not group by the alias `{about}`",
            "write the expression: GROUP BY {instead}",
            edit=lambda cause: cause.instead,
        ),
        "key-ordinal": Says("SmartNoise does not group by position", "write the column's name in GROUP BY"),
        "key-constant": Says("`{about}` puts all rows into one group", "leave GROUP BY out", severity=Severity.WARNING),
        "key-form": Says(
            "SmartNoise cannot group by `{about}`", "make a column of it in query_result, and group by that"
        ),
        "key-in": Says(
            "SmartNoise fails on IN inside a key", "write {instead}, or make a column of it in query_result"
        ),
        "key-is-null": Says("SmartNoise fails on IS NULL inside a key", "write COALESCE({about}, ...) in query_result"),
        "key-is-true": Says(
            "SmartNoise fails on IS TRUE inside a key",
            "write the boolean column alone, or make a column of it in query_result",
        ),
        "key-list": Says(
            "SmartNoise fails on `{about}` inside a key", "make a column of it in query_result, and group by that"
        ),
        "key-function": Says(
            "Whether `{about}` gives equal keys depends on the database",
            "make a column of it in query_result, and group by that",
            severity=Severity.WARNING,
        ),
        "key-aggregate": Says("An aggregate cannot be a key", "group by columns"),
        "key-text": Says(
            "Numbers cast to text are written differently by each database",
            "cast in query_result, and group by that column",
            severity=Severity.WARNING,
        ),
        "key-cast": Says("SmartNoise returns a cast key as text", "cast in query_result, and group by that column"),
        "mixed-case": Says(
            "The values of this CASE have different types", "give them one type: all numbers, or all texts"
        ),
    }
)

RULE = Rule("SN121", "group-key-form", stat=check, fixable=True)
