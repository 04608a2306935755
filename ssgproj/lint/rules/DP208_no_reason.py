"""## What it does

Checks that a statistic with `privacy: none` gives its reason.

## Why it matters

Without differential privacy only people's judgement protects people. The reason is what the steward decides by; every report
lists these statistics first.

## Example

```yaml
privacy: none
```

## Use instead

```yaml
privacy: none
reason: Device types are published by the company every year.
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    if not stat.stat.private and not (stat.stat.reason or "").strip():
        yield stat.in_header(
            "privacy", "`privacy: none` has no reason", "write `reason: ...`, for the steward who decides"
        )


RULE = Rule("DP208", "no-reason", stat=check)
