"""## What it does

Checks that the header of a statistic with differential privacy has `epsilon`, `delta` and `columns`, and one without has none of
them.

## Why it matters

What is spent should be written down, not left to a default.

## Example

```sql
/* ssg:stat
epsilon: 0.5
*/
```

## Use instead

```sql
/* ssg:stat
epsilon: 0.5
delta: 1.0e-6
max_ids: 1
columns:
  id: {type: string, private_id: true}
*/
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.project.stat_header import PLAIN_ONLY, PRIVATE_ONLY

_EXAMPLES = {
    "epsilon": "epsilon: 0.5",
    "delta": "delta: 1.0e-6",
    "columns": "columns: {id: {type: string, private_id: true}}",
}


def check(stat: StatContext) -> Iterator[Found]:
    if stat.stat.parts is None or stat.stat.parts.header is None:
        return
    if stat.stat.private:
        for key, example in _EXAMPLES.items():
            if key not in stat.stat.places:
                yield Found(stat.stat.at, f"The header has no `{key}`", f"write {example}")
        for key in PLAIN_ONLY:
            if key in stat.stat.places:
                yield stat.in_header(
                    key, f"`{key}` belongs to a statistic with `privacy: none`", "remove it, or write `privacy: none`"
                )
    else:
        for key in PRIVATE_ONLY:
            if key in stat.stat.places:
                yield stat.in_header(key, f"`{key}` means nothing with `privacy: none`", "remove it")


RULE = Rule("SF007", "missing-key", stat=check)
