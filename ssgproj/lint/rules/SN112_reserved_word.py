"""## What it does

Checks that no column, alias or table is called by a word that SmartNoise reserves.

## Why it matters

Its grammar reserves about 130 words in any case, among them `date`, `year`, `count`, `rank`, `position`, `time`, `sign` and
`log`.

## Example

```sql
SELECT COUNT(*) AS count FROM query_result
```

## Use instead

```sql
SELECT COUNT(*) AS n FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "reserved": Says(
            "`{about}` is a reserved word of SmartNoise",
            "call it otherwise, such as {about}_; rename a column in query_result",
        ),
    }
)

RULE = Rule("SN112", "reserved-word", stat=check)
