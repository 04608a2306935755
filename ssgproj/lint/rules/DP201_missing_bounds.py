"""## What it does

Checks that every column that is summed or averaged has `lower` and `upper` in the header.

## Why it matters

The noise hides one person because a sum cannot change by more than the bounds allow. The bounds are what is possible, known from
the subject, not what the data happen to hold.

## Example

```yaml
columns:
  age: {type: float}
```

## Use instead

```yaml
columns:
  age: {type: float, lower: 0, upper: 100}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    seen = set()
    for cause in stat.causes("unbounded"):
        column = stat.columns[cause.about]
        if cause.about in seen:
            continue
        seen.add(cause.about)
        missing = " and ".join(f"`{k}`" for k in ("lower", "upper") if getattr(column, k) is None)
        hint = f"write {cause.about}: {{type: {column.type}, lower: 0, upper: 100}}, with the values that are possible"
        yield Found(column.at, f"`{cause.about}` is summed, but has no {missing}", hint)


RULE = Rule("DP201", "missing-bounds", stat=check)
