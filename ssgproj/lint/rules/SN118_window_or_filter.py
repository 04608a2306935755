"""## What it does

Checks that no aggregate has OVER, FILTER or WITHIN GROUP.

## Why it matters

SmartNoise's grammar has none of them for aggregates.

## Example

```sql
SELECT COUNT(*) FILTER (WHERE booked) AS booked FROM query_result
```

## Use instead

```sql
SELECT booked, COUNT(*) AS n FROM query_result GROUP BY booked
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "window": Says("SmartNoise has no window functions", "GROUP BY instead"),
        "filter": Says("SmartNoise has no FILTER", "filter in WHERE, or GROUP BY the condition"),
        "within-group": Says("SmartNoise has no WITHIN GROUP", "release a histogram: GROUP BY FLOOR(x / 10)"),
    }
)

RULE = Rule("SN118", "window-or-filter", stat=check)
