"""## What it does

Checks that a query is not grouped by the private id alone.

## Why it matters

A group for each person is a row for each person. SmartNoise refuses it.

## Example

```sql
SELECT user_id, COUNT(*) AS n FROM query_result GROUP BY user_id
```

## Use instead

```sql
WITH query_result AS (SELECT user_id, COUNT(*) AS sessions FROM sessions GROUP BY user_id)
SELECT sessions, COUNT(*) AS people FROM query_result GROUP BY sessions
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "private-id-alone": Says(
            "A group for each `{about}` is a row for each person",
            "count rows per person in query_result, and GROUP BY that number",
        ),
    }
)

RULE = Rule("SN108", "group-by-private-id", stat=check)
