"""## What it does

Checks that the SELECT has only the clauses FROM, WHERE, GROUP BY, HAVING, ORDER BY and LIMIT, in this order.

## Why it matters

SmartNoise has no OFFSET, FETCH, TOP that other tools read, ROLLUP, WINDOW, QUALIFY or NULLS LAST, and no comma behind the last
column.

## Example

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country LIMIT 10 OFFSET 5
```

## Use instead

```sql
SELECT country, COUNT(*) AS n FROM query_result GROUP BY country ORDER BY n DESC LIMIT 10
```
"""

from __future__ import annotations

from ssgproj.diagnostics import Severity
from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "clause": Says("SmartNoise has no clause `{about}`", "remove it, or do it in query_result"),
        "clause-order": Says(
            "`{about}` stands in the wrong place", "write WHERE, GROUP BY, HAVING, ORDER BY, LIMIT in this order"
        ),
        "top": Says("Few tools read `{about}`", "write LIMIT behind ORDER BY", severity=Severity.WARNING),
        "distinct-on": Says("SmartNoise has no DISTINCT ON", "use GROUP BY"),
        "select-all": Says(
            "SELECT ALL means nothing here, and fails with LIMIT", "write SELECT", severity=Severity.WARNING
        ),
        "quantifier-limit": Says("SmartNoise refuses SELECT {about} with LIMIT", "remove {about}"),
        "grouping-sets": Says(
            "SmartNoise has no ROLLUP, CUBE or GROUPING SETS",
            "list the columns in GROUP BY; write a statistic for each grouping",
        ),
        "nulls-order": Says("SmartNoise has no NULLS FIRST or LAST", "remove it, and replace NULLs in query_result"),
        "offset": Says("SmartNoise has no OFFSET", "write LIMIT alone"),
        "trailing-comma": Says("A comma stands before FROM", "remove the comma"),
        "extra-semicolon": Says("A second semicolon", "remove it", edit=lambda cause: ""),
    }
)

RULE = Rule("SN116", "unsupported-clause", stat=check, fixable=True)
