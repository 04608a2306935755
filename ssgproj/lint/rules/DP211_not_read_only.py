"""## What it does

Checks that what is sent to the source only reads: one SELECT, of functions that are known to do nothing but calculate.

## Why it matters

Databases have functions that read files, open connections, wait, or write, and call them from SELECT. Functions are allowed by a
list; what is not on it is refused, whatever it does. Commands, several statements, locks, INTO, parameters, table functions and
comments that MySQL executes are refused as well.

## Example

```sql
WITH query_result AS (SELECT id, pg_read_file('/etc/passwd') AS age FROM users)
```

## Use instead

```sql
WITH query_result AS (SELECT id, age FROM users)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.readonly import executable_comments, not_read_only
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    for start, end in executable_comments(stat):
        yield Found(stat.places.at(start, end), "MySQL executes this comment", "remove it")
    if stat.source_error is not None and not stat.source_error[0].startswith("one SELECT"):
        return
    if stat.source is None:
        if stat.source_error is not None:
            yield Found(
                stat.places.at(stat.stat.sql_start),
                "A statistic sends one SELECT to the source",
                "put each statement into a file of its own",
            )
        return
    for node, message, hint in not_read_only(stat.source):
        yield stat.in_source(node, message, hint)


RULE = Rule("DP211", "not-read-only", stat=check)
