"""## What it does

Checks that `query_result` has at most one row per person where `max_ids` is 1.

## Why it matters

With `max_ids: 1` SmartNoise keeps one row of each person, drawn at random, and says nothing: counts become counts of people, and
means are over a sample. By the models' keys this query has several rows for a person.

## Example

```sql
/* max_ids: 1 */
SELECT u.id, s.secs FROM users AS u JOIN sessions AS s ON s.user_id = u.id
```

## Use instead

```sql
/* max_ids: 1 */
SELECT user_id AS id, SUM(secs) AS secs FROM sessions GROUP BY user_id
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    if stat.stat.max_ids != 1 or not stat.stat.private or stat.query_result is None:
        return
    if stat.people.one_row_each(*stat.query_result) is False:
        hint = "GROUP BY the private id in query_result, or write the most rows that one person may have: max_ids: 20"
        yield stat.in_header(
            "max_ids",
            "`query_result` can have several rows for one person, and `max_ids: 1` keeps one of them at random",
            hint,
        )


RULE = Rule("DP204", "join-multiplies", stat=check)
