"""## What it does

Checks that only functions are called that SmartNoise can read and every database can run, in the form it reads.

## Why it matters

SmartNoise's grammar has few functions, and some of those fail in the database afterwards.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE LENGTH(country) = 2
```

## Use instead

```sql
WITH query_result AS (SELECT user_id, LENGTH(country) AS letters FROM users)
SELECT COUNT(*) AS n FROM query_result WHERE letters = 2
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "function": Says("SmartNoise cannot run `{about}`", "call it in query_result, and use the column it makes"),
        "function-form": Says(
            "SmartNoise reads `{about}` in one form only", "write {instead}, or call it in query_result"
        ),
    }
)

RULE = Rule("SN110", "unsupported-function", stat=check)
