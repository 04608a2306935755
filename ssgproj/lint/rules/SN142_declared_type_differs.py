"""## What it does

Warns where a type of the header does not fit the model's column that it comes from.

## Why it matters

SmartNoise believes the header: a text declared as a number is clamped to its upper bound, a number declared as boolean becomes
True, and a text key declared as a number fails with a value of the data in the message.

## Example

```yaml
columns:
  country: {type: int}
```

## Use instead

```yaml
columns:
  country: {type: string}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.diagnostics import Severity
from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule
from ssgproj.project.types import Kind

_FITS = {
    "int": {Kind.INTEGER, Kind.YEAR, Kind.BIT},
    "float": {Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL, Kind.MONEY, Kind.YEAR, Kind.INTERVAL},
    "boolean": {Kind.BOOLEAN},
    "datetime": {Kind.DATE, Kind.TIMESTAMP, Kind.TIME},
}
_BETTER = {
    Kind.INTEGER: "int",
    Kind.YEAR: "int",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "datetime",
    Kind.TIMESTAMP: "datetime",
} | dict.fromkeys((Kind.FLOAT, Kind.DECIMAL, Kind.MONEY), "float")
_ANY = {Kind.OTHER, Kind.JSON}


def check(stat: StatContext) -> Iterator[Found]:
    for column in stat.stat.columns:
        origin = stat.origin(column.name) if column.type is not None and not stat.casts(column.name) else None
        if origin is None or column.type is None:
            continue
        kind = origin.model.column(origin.column).type.kind
        fits = kind in _FITS[column.type] if column.type in _FITS else kind not in _BETTER or kind in _ANY
        if column.private_id or fits or kind in _ANY:
            continue
        better = _BETTER.get(kind, "string")
        at = column.places.get("type", column.at)
        yield Found(
            at,
            f"`{column.name}` comes from `{origin}`, which is {kind.value}, not {column.type}",
            f"write `type: {better}`, or cast in query_result",
        )


RULE = Rule("SN142", "declared-type-differs", stat=check, severity=Severity.WARNING)
