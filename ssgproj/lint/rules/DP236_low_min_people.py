"""## What it does

Warns where `min_people` is below 10.

## Why it matters

Ten people is what statistical offices and research environments ask for behind every published number.

## Example

```yaml
privacy: none
min_people: 3
```

## Use instead

```yaml
privacy: none
min_people: 10
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.project.stat_header import DEFAULT_MIN_PEOPLE


def check(stat: StatContext) -> Iterator[Found]:
    if not stat.stat.private and stat.stat.min_people < DEFAULT_MIN_PEOPLE:
        message = f"Rows of {stat.stat.min_people} people can be recognised"
        yield stat.in_header("min_people", message, f"write min_people: {DEFAULT_MIN_PEOPLE}, the usual least number")


RULE = Rule("DP236", "low-min-people", stat=check, severity=Severity.WARNING)
