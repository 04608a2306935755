"""## What it does

Checks that one column of the header is the `private_id`.

## Why it matters

Everything that is promised, is promised to whom this column names: how many rows a person may add, and how far one person can
move an answer.

## Example

```yaml
columns:
  id: {type: string}
```

## Use instead

```yaml
columns:
  id: {type: string, private_id: true}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    if stat.stat.private and stat.stat.query is not None and not any(c.private_id for c in stat.stat.columns):
        unit = stat.project.settings.privacy.unit or "the private id"
        yield stat.in_header(
            "columns", "No column is the private id", f"mark the column that comes from `{unit}`: private_id: true"
        )


RULE = Rule("DP202", "missing-private-id", stat=check)
