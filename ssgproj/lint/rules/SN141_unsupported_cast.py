"""## What it does

Checks that casts are to types that SmartNoise reads.

## Why it matters

It reads INTEGER, FLOAT, BOOLEAN, CHAR(n), VARCHAR without a length, DATE, TIME and TIMESTAMP.

## Example

```sql
SELECT COUNT(*) AS n FROM query_result WHERE CAST(code AS INT) > 30
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result WHERE CAST(code AS INTEGER) > 30
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "cast-type": Says(
            "SmartNoise does not read `{about}`",
            "write CAST(x AS INTEGER) or CAST(x AS FLOAT), or cast in query_result",
        ),
    }
)

RULE = Rule("SN141", "unsupported-cast", stat=check)
