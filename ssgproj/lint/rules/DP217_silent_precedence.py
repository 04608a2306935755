"""## What it does

Checks that arithmetic means the same to SmartNoise as in SQL.

## Why it matters

SmartNoise gives each operator a precedence of its own, `*` before `/` before `%` before `+` before `-`. `COUNT(*) / 4 * 100` is
divided by 400, and `a - b + c` is `a - (b + c)`. Brackets help.

## Example

```sql
SELECT SUM(n_actions) / COUNT(n_actions) * 100 AS percent FROM query_result
```

## Use instead

```sql
SELECT (SUM(n_actions) / COUNT(n_actions)) * 100 AS percent FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "precedence": Says(
            "SmartNoise reads `{about}` otherwise than SQL", "write {instead}", edit=lambda cause: cause.instead
        ),
    }
)

RULE = Rule("DP217", "silent-precedence", stat=check, fixable=True)
