"""## What it does

Checks that columns are written without their table.

## Why it matters

SmartNoise loses the table's name when it rewrites the query, and then does not find the column.

## Example

```sql
SELECT AVG(query_result.age) AS mean FROM query_result
```

## Use instead

```sql
SELECT AVG(age) AS mean FROM query_result
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "qualified": Says("SmartNoise does not find `{about}`", "write {instead}", edit=lambda cause: cause.instead),
        "unknown-qualifier": Says("`{about}` is no table of this query", "write {instead}"),
        "dotted-column": Says("`{about}` has too many parts", "write the column's name alone"),
        "spaced-dot": Says("No blank may stand around the dot", "write the column's name alone"),
    }
)

RULE = Rule("SN104", "qualified-column", stat=check, fixable=True)
