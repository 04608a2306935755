"""## What it does

Checks that a statistic without differential privacy is one SELECT of aggregates that hide single rows, not grouped by an
identifier.

## Why it matters

COUNT, SUM, AVG, standard deviations and variances, correlations and interpolated percentiles are allowed. MIN, MAX, MODE,
STRING_AGG, ARRAY_AGG, FIRST and the like hand out values of single rows, whatever the size of the group.

## Example

```sql
SELECT country, MAX(age) AS oldest FROM users GROUP BY country
```

## Use instead

```sql
SELECT country, AVG(age) AS mean, COUNT(*) AS n FROM users GROUP BY country
```
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ssgproj.lint.context import StatContext
from ssgproj.lint.plain import row_level
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    if stat.stat.private or stat.query_result is None:
        return
    query, _ = stat.query_result
    if not isinstance(query, exp.Select):
        yield stat.in_source(
            query, f"A statistic is one SELECT, not {type(query).__name__.upper()}", "write SELECT ... GROUP BY ..."
        )
        return
    yield from row_level(stat, query)


RULE = Rule("DP210", "row-level", stat=check)
