"""## What it does

Checks that the people behind a statistic without differential privacy can be counted.

## Why it matters

ssg adds the number of distinct `privacy.unit` to the query, and refuses a result with a row below `min_people`. For that, a table
or CTE in FROM must have a column that leads to the unit.

## Example

```sql
WITH per_device AS (SELECT device FROM sessions) SELECT device, COUNT(*) AS n FROM per_device GROUP BY device
```

## Use instead

```sql
WITH per_device AS (SELECT user_id, device FROM sessions) SELECT device, COUNT(*) AS n FROM per_device GROUP BY device
```
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.privacy.people import NoPeopleError, people_query


def check(stat: StatContext) -> Iterator[Found]:
    unit = stat.project.settings.privacy.unit
    if (
        stat.stat.private
        or unit is None
        or stat.tables.unit is None
        or not isinstance(stat.source, exp.Select)
        or stat.unknown_tables
    ):
        return
    try:
        people_query(stat.stat, unit, stat.project.models)
    except NoPeopleError:
        message = f"The people behind each row cannot be counted: no column in FROM leads to `{unit}`"
        yield stat.in_source(stat.source, message, "carry the column that refers to it through to the last FROM")
    except ValueError:
        return


RULE = Rule("DP235", "people-not-counted", stat=check)
