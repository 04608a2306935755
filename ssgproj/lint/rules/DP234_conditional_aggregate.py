"""## What it does

Checks that a statistic without differential privacy has no condition inside an aggregate.

## Why it matters

`min_people` counts the people behind each row. A FILTER or a CASE inside an aggregate makes a smaller group that nobody counts.

## Example

```sql
SELECT COUNT(*) FILTER (WHERE age > 110) AS old, COUNT(*) AS n FROM users
```

## Use instead

```sql
SELECT CASE WHEN age > 110 THEN 'old' ELSE 'other' END AS band, COUNT(*) AS n FROM users GROUP BY 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    if stat.stat.private or stat.query_result is None:
        return
    for node in stat.query_result[0].walk():
        branch = isinstance(node, exp.If) and isinstance(node.parent, exp.Case)
        condition = isinstance(node, exp.Case | exp.If | exp.Nullif) and not branch and _inside_aggregate(node)
        if condition or isinstance(node, exp.Filter | exp.CountIf):
            yield stat.in_source(
                node, "A condition inside an aggregate makes a group that nobody counts", "GROUP BY the condition"
            )


def _inside_aggregate(node: exp.Expression) -> bool:
    parent = node.parent
    while parent is not None and not isinstance(parent, exp.Select):
        if isinstance(parent, exp.AggFunc):
            return True
        parent = parent.parent
    return False


RULE = Rule("DP234", "conditional-aggregate", stat=check)
