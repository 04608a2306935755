"""## What it does

Checks that no two outputs have one name.

## Why it matters

SmartNoise refuses it, and names the wrong column.

## Example

```sql
SELECT COUNT(*) AS n, AVG(age) AS n FROM query_result
```

## Use instead

```sql
SELECT COUNT(*) AS n, AVG(age) AS mean FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "duplicate-output": Says("Two outputs are called `{about}`", "give one of them another name"),
    }
)

RULE = Rule("SN120", "duplicate-output", stat=check)
