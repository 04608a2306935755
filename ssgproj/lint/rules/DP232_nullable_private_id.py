"""## What it does

Warns where the private id may be NULL.

## Why it matters

All rows without an id count as one person: of a hundred such rows `max_ids` are kept, and the rest are dropped.

## Example

```sql
SELECT user_id AS id, secs FROM sessions        -- user_id may be NULL
```

## Use instead

```sql
SELECT user_id AS id, secs FROM sessions WHERE user_id IS NOT NULL
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    private_id = stat.stat.private_id
    if private_id is None or private_id.nullable is False or stat.query_result is None:
        return
    origin = stat.origin(private_id.name)
    if origin is None or not origin.may_be_null or stat.filters_null(private_id.name):
        return
    hint = f"add WHERE {origin.column} IS NOT NULL in query_result"
    yield Found(private_id.at, f"`{private_id.name}` may be NULL, and all rows without it count as one person", hint)


RULE = Rule("DP232", "nullable-private-id", stat=check, severity=Severity.WARNING)
