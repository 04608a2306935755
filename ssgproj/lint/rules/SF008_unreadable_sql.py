"""## What it does

Checks that what the source runs can be read in the project's dialect.

## Why it matters

What cannot be read cannot be checked, so it is not sent. The dialect is `source: {dialect: ...}` in ssg_project.yml.

## Example

```sql
WITH query_result AS (SELECT id, FROM WHERE age FROM users)
```

## Use instead

```sql
WITH query_result AS (SELECT id, age FROM users)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    if not stat.stat.readable:
        return
    if stat.source_error is not None and not stat.source_error[0].startswith("one SELECT"):
        message, offset = stat.source_error
        at = stat.places.at(stat.stat.sql_start + offset)
        yield Found(
            at,
            f"This is not {stat.stat.dialect} SQL: {message}",
            "correct it, or set the dialect in ssg_project.yml: source: {dialect: ...}",
        )
    elif stat.source is None:
        yield Found(stat.stat.at, "The file has no SQL", "write the SELECT behind the header")
    elif stat.stat.private and stat.query_result is not None and not isinstance(stat.query_result[0], exp.Query):
        yield stat.in_source(
            stat.query_result[0], "`query_result` is not a SELECT", "write WITH query_result AS (SELECT ...)"
        )


RULE = Rule("SF008", "unreadable-sql", stat=check)
