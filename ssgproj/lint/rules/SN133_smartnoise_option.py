"""## What it does

Checks that the header sets no option of SmartNoise's that ssg sets itself.

## Why it matters

`rows`, `rows_exact`, `clamp_counts` and `use_dpsu` change nothing for the better, and the last one makes SmartNoise fail. No
column can be called by one of these names either.

## Example

```yaml
use_dpsu: true
```

## Use instead

```yaml
epsilon: 0.5      # and no such line
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.project.smartnoise.names import TABLE_OPTIONS


def check(stat: StatContext) -> Iterator[Found]:
    for column in stat.stat.columns:
        if column.name in TABLE_OPTIONS:
            yield Found(
                column.at,
                f"SmartNoise takes a column called `{column.name}` for an option",
                "rename it in query_result",
            )


RULE = Rule("SN133", "smartnoise-option", stat=check)
