"""## What it does

Checks that SmartNoise can read the final SELECT from beginning to end.

## Why it matters

It reads a small part of SQL. Where no other rule knows the cause, this one names the word at which reading stops.

## Example

```sql
SELECT COUNT(*) AS n n FROM query_result
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
        "syntax": Says(
            "SmartNoise cannot read on at `{about}`",
            "write SELECT ... FROM query_result [WHERE ...] [GROUP BY ...] [HAVING ...] [ORDER BY ...] [LIMIT n]",
        ),
        "unfinished": Says("The query breaks off", "finish it"),
        "bad-alias": Says("`{about}` cannot be a name", "write a name of letters, digits and underscores behind AS"),
        "string-alias": Says("A text cannot be a name", "write the name without quotes"),
        "dotted-alias": Says("A name cannot hold a dot", "write an underscore instead"),
        "too-deep": Says("The query is nested too deep", "do a part of it in query_result"),
        "too-many-operands": Says("SmartNoise fails on a chain of {about} conditions", "filter in query_result"),
    }
)

RULE = Rule("SN127", "syntax", stat=check)
