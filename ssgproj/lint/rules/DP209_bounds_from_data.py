"""## What it does

Checks that bounds are known from the subject, not read from the data.

## Why it matters

The smallest and largest value are somebody's values: bounds taken from them give those people away, and the noise is scaled to
them. Bounds are round numbers that someone who has never seen the data could have written.

## Example

```yaml
age: {type: float, lower: 16.94, upper: 93.21}
```

## Use instead

```yaml
age: {type: float, lower: 0, upper: 100}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    for column in stat.stat.columns:
        for key in ("lower", "upper"):
            value = getattr(column, key)
            at = column.places.get(key, column.at)
            if value is None:
                text = stat.text_at(at)
                if re.search(r"stat\.|select|min\s*\(|max\s*\(|quantile|percentile", text, re.IGNORECASE):
                    yield Found(
                        at,
                        f"`{key}` of `{column.name}` is taken from data",
                        "write a number that is known from the subject",
                    )
            elif float(f"{value:.1g}") != value and value in stat.context.released:
                message = f"`{key}: {value:g}` of `{column.name}` is what `{stat.context.released[value]}` released"
                yield Found(
                    at, message, "write a round number that is known from the subject", severity=Severity.WARNING
                )
            elif _looks_measured(value):
                message = f"`{key}: {value:g}` of `{column.name}` looks like a value of the data"
                yield Found(
                    at, message, "write a round number that is known from the subject", severity=Severity.WARNING
                )


def _looks_measured(value: float) -> bool:
    """More than three significant digits behind which there is a fraction."""
    return value != int(value) and float(f"{value:.3g}") != value


RULE = Rule("DP209", "bounds-from-data", stat=check)
