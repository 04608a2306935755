"""## What it does

Checks that only COUNT, SUM, AVG, VAR (or VARIANCE) and STDDEV are used.

## Why it matters

SmartNoise has no mechanism for other aggregates. MIN and MAX show one person's value; a median can be replaced by a histogram.

## Example

```sql
SELECT MAX(age) AS oldest FROM query_result
```

## Use instead

```sql
SELECT FLOOR(age / 10) AS decade, COUNT(*) AS n FROM query_result GROUP BY FLOOR(age / 10)
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule, Says, causes

check = causes(
    {
        "aggregate": Says(
            "SmartNoise cannot answer `{about}`",
            "use COUNT, SUM, AVG, VAR or STDDEV; for quantiles release a histogram: GROUP BY FLOOR(x / 10)",
        ),
    }
)

RULE = Rule("SN102", "unsupported-aggregate", stat=check)
