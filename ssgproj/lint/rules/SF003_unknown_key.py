"""## What it does

Checks that the header has only keys that mean something.

## Why it matters

A key that nobody reads is a promise that nobody keeps: `lowr: 0` would leave a column without its bound.

## Example

```yaml
age: {type: float, lowr: 0, upper: 100}
```

## Use instead

```yaml
age: {type: float, lower: 0, upper: 100}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("SF003", "unknown-key")
