"""## What it does

Checks that a statistic without differential privacy does not single out rows: no test of an identifier against a value, no
subquery in the SELECT list.

## Why it matters

`WHERE id = 7` asks about one person, and the difference of two sums is one person's value, however large both groups are.

## Example

```sql
SELECT SUM(age) - (SELECT SUM(age) FROM users WHERE id <> 'u7') AS x FROM users
```

## Use instead

```sql
SELECT SUM(age) AS x FROM users
```
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ssgproj.lint.context import StatContext
from ssgproj.lint.plain import literal_tests
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    if (
        stat.stat.private
        or stat.query_result is None
        or not isinstance(stat.query_result[0], exp.Select | exp.SetOperation)
    ):
        return
    yield from literal_tests(stat, stat.query_result[0])


RULE = Rule("DP233", "literal-test", stat=check)
