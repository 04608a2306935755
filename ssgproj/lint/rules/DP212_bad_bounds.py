"""## What it does

Checks that `lower` is below `upper`, that both are finite, and that they belong to a column of numbers.

## Why it matters

SmartNoise accepts swapped and equal bounds, clamps every value to one number, and returns that. It ignores the bounds of a text.
It cuts the bounds of a whole number to whole numbers.

## Example

```yaml
age: {type: int, lower: 80, upper: 18}
```

## Use instead

```yaml
age: {type: int, lower: 18, upper: 80}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    for column in stat.stat.columns:
        lower, upper = column.lower, column.upper
        at = column.places.get("lower", column.at)
        if column.type is not None and not column.is_numeric and (lower is not None or upper is not None):
            yield Found(
                at,
                f"Bounds mean nothing for `{column.name}`, which is of type {column.type}",
                "remove them, or write `type: float`",
            )
        elif lower is not None and upper is not None and lower >= upper:
            message = f"`lower: {lower:g}` of `{column.name}` is not below `upper: {upper:g}`"
            yield Found(
                at,
                message,
                f"write lower: {min(lower, upper):g}, upper: {max(lower, upper) if lower != upper else upper + 1:g}",
            )
        elif column.type == "int":
            for key, value in (("lower", lower), ("upper", upper)):
                if value is not None and value != int(value):
                    at = column.places.get(key, column.at)
                    message = f"`{column.name}` is a whole number, and its bound {value:g} is cut to {int(value)}"
                    yield Found(at, message, "write a whole number", severity=Severity.WARNING)


RULE = Rule("DP212", "bad-bounds", stat=check)
