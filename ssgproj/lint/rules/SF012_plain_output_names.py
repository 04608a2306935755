"""## What it does

Checks that every column of a statistic without differential privacy has a name of its own.

## Why it matters

Models refer to it as `stat.NAME.COLUMN`, and databases differ in what they call a column without a name.

## Example

```sql
SELECT device, COUNT(*) FROM sessions GROUP BY device
```

## Use instead

```sql
SELECT device, COUNT(*) AS n FROM sessions GROUP BY device
```
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.privacy.lineage import output_name
from ssgproj.privacy.people import PEOPLE


def check(stat: StatContext) -> Iterator[Found]:
    if stat.stat.private or stat.query_result is None or not isinstance(stat.query_result[0], exp.Select):
        return
    seen: set[str] = set()
    for item in stat.query_result[0].expressions:
        name = output_name(item)
        if item.is_star:
            continue
        if not name:
            yield stat.in_source(item, "The column has no name", "write ... AS name")
        elif name.casefold() in seen:
            yield stat.in_source(item, f"Two columns are called `{name}`", "give one of them another name")
        elif name.casefold() == PEOPLE:
            yield stat.in_source(item, f"ssg adds a column `{PEOPLE}` itself", "give it another name")
        seen.add(name.casefold())


RULE = Rule("SF012", "plain-output-names", stat=check)
