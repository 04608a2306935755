"""## What it does

Checks that no column has a `missing_value`.

## Why it matters

SmartNoise adds no noise at all to the sum of a column with a `missing_value`, and charges nothing for it: the exact sum is
released. ssg does not hand it on. Replace NULLs in `query_result`.

## Example

```sql
age: {type: float, lower: 0, upper: 100, missing_value: 40}
```

## Use instead

```sql
WITH query_result AS (SELECT id, COALESCE(age, 40) AS age FROM users)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    for column in stat.stat.columns:
        if column.missing_value is not None:
            at = column.places.get("missing_value", column.at)
            hint = f"remove it, and write COALESCE({column.name}, {column.missing_value:g}) AS {column.name} in query_result"
            yield Found(at, f"SmartNoise adds no noise to a sum over `{column.name}` with a `missing_value`", hint)


RULE = Rule("DP229", "missing-value", stat=check)
