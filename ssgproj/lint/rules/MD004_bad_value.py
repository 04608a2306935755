"""## What it does

Checks that values of a model are among those that make sense.

## Why it matters

The message says which do.

## Example

```yaml
columns:
  age: {type: integer, null_rate: 7}
```

## Use instead

```yaml
columns:
  age: {type: integer, nullable: true, null_rate: 0.07}
```
"""

from __future__ import annotations

from ssgproj.lint.rule import Rule

RULE = Rule("MD004", "bad-value")
