"""## What it does

Checks that the header says how many rows `query_result` may have for one person.

## Why it matters

SmartNoise's default is 1: it keeps one row of each person, drawn at random, without a word. Too small a number loses rows, too
large a number multiplies the noise. It is known from the subject or made true by `query_result`, never measured in the data.

## Example

```yaml
epsilon: 0.5
delta: 1.0e-6
```

## Use instead

```yaml
epsilon: 0.5
delta: 1.0e-6
max_ids: 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ssgproj.lint.context import StatContext
from ssgproj.lint.rule import Found, Rule


def check(stat: StatContext) -> Iterator[Found]:
    if stat.stat.private and stat.stat.max_ids is None and "max_ids" not in stat.stat.places and stat.stat.places:
        hint = "write the most rows that query_result may hold for one person: max_ids: 1"
        yield stat.in_header("epsilon", "The header does not say `max_ids`", hint)


RULE = Rule("DP230", "missing-max-ids", stat=check)
