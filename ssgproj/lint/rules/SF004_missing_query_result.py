"""## What it does

Checks that the last CTE is named `query_result`.

## Why it matters

It is the exact query that runs at the source; the SELECT behind it is what SmartNoise runs over its rows.

## Example

```sql
SELECT AVG(age) AS mean FROM users
```

## Use instead

```sql
WITH query_result AS (SELECT id, age FROM users)
SELECT AVG(age) AS mean FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SF004", "missing-query-result")
