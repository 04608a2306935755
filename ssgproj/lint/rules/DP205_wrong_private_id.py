"""## What it does

Checks that the private id comes from the project's `privacy.unit`, unchanged.

## Why it matters

If the column names sessions or rows instead of people, the guarantee is for sessions: a person with many of them is not
protected. The column is traced through CTEs, joins and aliases; a foreign key to the unit counts as the unit.

## Example

```sql
SELECT sessions.id, secs FROM sessions         -- unit: users.id
```

## Use instead

```sql
SELECT sessions.user_id AS id, secs FROM sessions
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    private_id = stat.stat.private_id
    if private_id is None or stat.query_result is None or stat.query_result_columns is None:
        return
    unit = stat.project.settings.privacy.unit
    if unit is None or stat.tables.unit is None:
        return
    if private_id.name.casefold() not in {c.casefold() for c in stat.query_result_columns}:
        return
    origin = stat.origin(private_id.name)
    hint = f"select `{unit}`, or a column that refers to it, AS {private_id.name}"
    if origin is None:
        if not stat.unknown_tables:
            yield Found(private_id.at, f"`{private_id.name}` cannot be traced back to `{unit}`", hint)
    elif not stat.tables.is_unit(origin.model, origin.column):
        yield Found(private_id.at, f"`{private_id.name}` comes from `{origin}`, not from `{unit}`", hint)


RULE = Rule("DP205", "wrong-private-id", stat=check)
