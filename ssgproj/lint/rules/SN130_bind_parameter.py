"""## What it does

Checks that no text of the final SELECT holds a colon before a word.

## Why it matters

SmartNoise hands the query to SQLAlchemy, which takes `:word` for a parameter, even inside a text.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE note <> ' :late'
```

## Use instead

```sql
WITH query_result AS (SELECT user_id FROM visits WHERE note <> ' :late')
SELECT COUNT(*) AS n FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "bind-parameter": Says("`{about}` holds a colon that is taken for a parameter", "compare in query_result"),
    }
)

RULE = Rule("SN130", "bind-parameter", stat=check)
