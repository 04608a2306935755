"""## What it does

Checks that `epsilon`, `delta`, `max_ids`, the bounds and the flags of the header are what SmartNoise can use.

## Why it matters

SmartNoise fails on an epsilon of 0, on a negative `max_ids` and on texts, and quietly cuts or misreads others: a quoted `"false"`
is true, a `max_ids` of 2.9 is 2.

## Example

```yaml
epsilon: 0
max_ids: "3"
```

## Use instead

```yaml
epsilon: 0.5
max_ids: 3
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SN129", "refused-parameter")
